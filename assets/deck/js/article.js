// The article: the table of contents follows the reader; an address of a slide leads to its place.
deck.article = (() => {
  "use strict";
  if (deck.view() !== "article") return null;
  const anchors = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll(".contents a"));
  const links = new Map([...anchors].map((link) => [link.hash.slice(1), link]));
  let now = deck.goal() || [...links.keys()][0];

  /** @param {string} id */
  function mark(id) {
    links.get(now)?.removeAttribute("aria-current");
    now = id;
    links.get(now)?.setAttribute("aria-current", "location");
  }

  function follow() {
    const slides = [...document.querySelectorAll(".slide")];
    const read = slides.filter((slide) => slide.getBoundingClientRect().top < innerHeight / 3);
    mark((read.at(-1) ?? slides[0]).id);
  }

  // Make a table that is wider than the column scroll with the keyboard.
  function letTablesScroll() {
    const boxes = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("main .scroller"));
    boxes.forEach((box, index) => {
      if (box.scrollWidth <= box.clientWidth) { box.removeAttribute("tabindex"); return; }
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", `Table ${index + 1}, wider than the page`);
    });
  }

  letTablesScroll();
  addEventListener("resize", letTablesScroll);
  // The slide in the address stays current until the reader scrolls: near the end it cannot reach the top.
  const goal = document.getElementById(deck.goal());
  let isSettled = !goal;
  goal?.scrollIntoView();
  document.addEventListener("scroll", () => { if (isSettled) follow(); isSettled = true; }, { passive: true });
  if (goal) mark(goal.id); else follow();
  document.documentElement.dataset.ready = "true";
  return { current: () => now };
})();
