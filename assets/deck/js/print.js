// On paper: one slide a page, with all its fragments. What is longer than a page continues on the next.
(() => {
  "use strict";
  const root = document.documentElement;
  const PAPER_PX = 640; // A4 within its margins

  function paginate() {
    const slides = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".slides .slide:not(.unshown)"));
    slides.forEach((slide, index) => {
      slide.dataset.place = `${index + 1} / ${slides.length}`;
      slide.classList.remove("long"); // a long slide has room for anything
      deck.fit(slide, 1);
      slide.classList.toggle("long", slide.classList.contains("scrolls"));
      slide.classList.remove("scrolls", "wide");
      slide.removeAttribute("tabindex");
    });
  }

  // Only in a table that is wider than the paper is a word broken.
  function breakTables() {
    root.dataset.measures = "";
    const tables = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#deck table"));
    tables.forEach((table) => table.classList.toggle("breaks", table.offsetWidth > PAPER_PX));
    delete root.dataset.measures;
  }

  if (deck.view() === "article") addEventListener("beforeprint", breakTables);

  // However printing starts, the slides go to paper as in ?print-pdf, and come back as they were.
  if (deck.stage) {
    const { leave, enter } = deck.stage;
    addEventListener("beforeprint", () => {
      leave();
      root.dataset.view = "print";
      root.removeAttribute("data-narrow");
      paginate();
    });
    addEventListener("afterprint", () => {
      deck.apply();
      enter();
    });
  }

  if (deck.view() === "print") {
    paginate();
    const images = /** @type {NodeListOf<HTMLImageElement>} */ (document.querySelectorAll("main img"));
    const decoded = [...images].map((image) => image.decode().catch(() => undefined));
    Promise.all(decoded).then(() => {
      paginate();
      root.dataset.ready = "true";
    });
  }
})();
