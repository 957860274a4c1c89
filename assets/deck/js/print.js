// On paper: one slide a sheet, all fragments out; what is longer than a sheet goes on to the next.
(() => {
  "use strict";
  const root = document.documentElement;

  function paginate() {
    const slides = [...document.querySelectorAll(".slide:not(.unshown)")];
    slides.forEach((slide, index) => {
      slide.dataset.place = `${index + 1} / ${slides.length}`;
      slide.classList.remove("long"); // it would have room for anything
      deck.fit(slide, 1);
      slide.classList.toggle("long", slide.classList.contains("scrolls"));
      slide.classList.remove("scrolls", "wide");
      slide.removeAttribute("tabindex");
    });
  }

  if (deck.view() === "print") {
    paginate();
    const pictures = [...document.querySelectorAll("main img")].map((picture) => picture.decode().catch(() => undefined));
    Promise.all(pictures).then(() => { paginate(); root.dataset.ready = "true"; if (location.hash === "#now") print(); });
  }
})();
