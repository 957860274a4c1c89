// Keeps slides from overflowing: scales down what is too tall as long as it stays readable; beyond that the slide scrolls.
deck.fit = (() => {
  "use strict";
  const LEAST = 0.7;
  const LEAST_CODE_PX = 11; // on the screen
  const CODE_PX = 21;
  const SLACK = 1;

  /** @param {HTMLElement} slide */
  const isTooTall = (slide) => slide.scrollHeight > slide.clientHeight + SLACK;
  /** @param {HTMLElement} slide */
  const isTooWide = (slide) => slide.scrollWidth > slide.clientWidth + SLACK;
  /** @param {number} scale */
  const leastZoom = (scale) => Math.min(1, Math.max(LEAST, LEAST_CODE_PX / (CODE_PX * scale)));

  /**
   * Set the largest zoom from `low` to 1 at which everything shows.
   * @type {(slide: HTMLElement, box: HTMLElement, low: number) => void}
   */
  function search(slide, box, low) {
    let high = 1;
    for (let step = 0; step < 7; step += 1) {
      const middle = (low + high) / 2;
      box.style.zoom = String(middle);
      if (isTooTall(slide) || isTooWide(slide)) high = middle; else low = middle;
    }
    box.style.zoom = String(low);
  }

  /** @type {(slide: HTMLElement, wide: boolean) => void} */
  function letScroll(slide, wide) {
    slide.classList.add("scrolls");
    slide.classList.toggle("wide", wide);
    slide.tabIndex = 0;
  }

  /** @type {(slide: HTMLElement, box: HTMLElement) => void} */
  function reset(slide, box) {
    box.style.zoom = "";
    slide.classList.remove("scrolls", "wide", "breaks");
    slide.removeAttribute("tabindex");
  }

  /**
   * Fit a slide that is laid out (not display: none); `scale` is the scale of the whole stage.
   * @type {Deck["fit"]}
   */
  function fit(slide, scale) {
    deck.exhibit(slide);
    const box = slide.querySelector(":scope > .fit");
    if (!(box instanceof HTMLElement) || slide.clientHeight === 0) return;
    reset(slide, box);
    if (!isTooTall(slide) && !isTooWide(slide)) return;
    const low = leastZoom(scale);
    box.style.zoom = String(low);
    if (isTooWide(slide)) slide.classList.add("breaks"); // only then may a word in a table be broken
    if (isTooTall(slide) || isTooWide(slide)) letScroll(slide, isTooWide(slide));
    else search(slide, box, low);
  }

  return fit;
})();
