// The article: the contents list follows the reader; addresses of slides lead to their place.
deck.article = (() => {
  "use strict";
  if (deck.view() !== "article") return null;
  const links = new Map([...document.querySelectorAll(".contents a")].map((link) => [link.hash.slice(1), link]));
  let now = deck.goal() || [...links.keys()][0];

  function mark(id) {
    links.get(now)?.removeAttribute("aria-current");
    now = id;
    links.get(now)?.setAttribute("aria-current", "location");
  }

  function follow() {
    const read = [...document.querySelectorAll(".slide")].filter((slide) => slide.getBoundingClientRect().top < innerHeight / 3);
    mark((read.at(-1) ?? document.querySelector(".slide")).id);
  }

  function letTablesScroll() { // a table that is wider than the column can be scrolled with the keyboard
    document.querySelectorAll("main .scroller").forEach((box, index) => {
      if (box.scrollWidth <= box.clientWidth) { box.removeAttribute("tabindex"); return; }
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", `Table ${index + 1}, wider than the page`);
    });
  }

  letTablesScroll();
  addEventListener("resize", letTablesScroll);
  // A slide that was asked for stays the current one until the reader scrolls: near the end it cannot come to the top.
  const goal = document.getElementById(deck.goal());
  let isSettled = !goal;
  goal?.scrollIntoView();
  document.addEventListener("scroll", () => { if (isSettled) follow(); isSettled = true; }, { passive: true });
  if (goal) mark(goal.id); else follow();
  document.documentElement.dataset.ready = "true";
  return { current: () => now };
})();
