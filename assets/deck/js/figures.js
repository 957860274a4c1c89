// On a small screen a figure is wider than the screen, so that its text can be read: it scrolls, and a tap opens it large.
(() => {
  "use strict";
  const root = document.documentElement;
  const large = /** @type {HTMLDialogElement} */ (deck.one("#large"));
  const boxes = () => /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".drawing .picture"));

  /** @param {HTMLElement} box */
  function open(box) {
    const picture = /** @type {Element} */ (box.firstElementChild);
    deck.one(".sheet", large).replaceChildren(picture); // the picture itself: a copy of a drawing would repeat its ids
    large.addEventListener("close", () => box.append(picture), { once: true });
    large.showModal();
  }

  /** @param {HTMLElement} box */
  function letScroll(box) {
    if (root.hasAttribute("data-narrow")) box.tabIndex = 0; else box.removeAttribute("tabindex");
  }

  deck.letOpen = (box) => {
    box.addEventListener("click", () => { if (root.hasAttribute("data-narrow")) open(box); });
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      open(box);
    });
    letScroll(box);
  };

  boxes().forEach(deck.letOpen);
  addEventListener("resize", () => boxes().forEach(letScroll));
})();
