// On paper: one slide a sheet, with all its fragments. What is longer than a sheet continues on the next.
(() => {
  "use strict";
  const slides = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".slide:not(.unshown)"));

  function paginate() {
    slides.forEach((slide, index) => {
      slide.dataset.place = `${index + 1} / ${slides.length}`;
      slide.classList.remove("long"); // a long slide has room for anything
      deck.fit(slide, 1);
      slide.classList.toggle("long", slide.classList.contains("scrolls"));
      slide.classList.remove("scrolls", "wide");
      slide.removeAttribute("tabindex");
    });
  }

  if (deck.view() === "print") {
    paginate();
    const images = /** @type {NodeListOf<HTMLImageElement>} */ (document.querySelectorAll("main img"));
    const decoded = [...images].map((image) => image.decode().catch(() => undefined));
    Promise.all(decoded).then(() => {
      paginate();
      document.documentElement.dataset.ready = "true";
      if (location.hash === "#now") print();
    });
  }
})();
