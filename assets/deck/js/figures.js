// On a small screen a figure is wider than the screen, so that its text can be read: it scrolls, and a tap opens it large.
(() => {
  "use strict";
  const root = document.documentElement;
  const large = /** @type {HTMLDialogElement} */ (deck.one("#large"));
  const boxes = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".drawing .picture"));

  /** @param {HTMLElement} box */
  function open(box) {
    const copy = /** @type {HTMLElement} */ (deck.one("img", box).cloneNode());
    deck.one(".sheet", large).replaceChildren(copy);
    large.showModal();
  }

  function letScroll() {
    for (const box of boxes) {
      if (root.hasAttribute("data-narrow")) box.tabIndex = 0; else box.removeAttribute("tabindex");
    }
  }

  boxes.forEach((box) => {
    box.addEventListener("click", () => { if (root.hasAttribute("data-narrow")) open(box); });
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      open(box);
    });
  });
  letScroll();
  addEventListener("resize", letScroll);
})();
