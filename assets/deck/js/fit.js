// Nothing overflows: what is too tall is scaled down to what can still be read, and beyond that it scrolls.
deck.fit = (() => {
  "use strict";
  const LEAST = 0.7;
  const LEAST_CODE_PX = 11; // on the glass
  const CODE_PX = 21;
  const SLACK = 1;

  const isTooTall = (slide) => slide.scrollHeight > slide.clientHeight + SLACK;
  const isTooWide = (slide) => slide.scrollWidth > slide.clientWidth + SLACK;
  const least = (scale) => Math.min(1, Math.max(LEAST, LEAST_CODE_PX / (CODE_PX * scale)));

  function search(slide, box, low) { // the largest zoom at which all of it shows
    let high = 1;
    for (let step = 0; step < 7; step += 1) {
      const middle = (low + high) / 2;
      box.style.zoom = middle;
      if (isTooTall(slide) || isTooWide(slide)) high = middle; else low = middle;
    }
    box.style.zoom = low;
  }

  function scrolls(slide, wide) {
    slide.classList.add("scrolls");
    slide.classList.toggle("wide", wide);
    slide.tabIndex = 0;
  }

  function reset(slide, box) {
    box.style.zoom = "";
    slide.classList.remove("scrolls", "wide", "breaks");
    slide.removeAttribute("tabindex");
  }

  // Fit one slide that is laid out (not display: none); `scale` is how much the whole stage is scaled.
  function fit(slide, scale) {
    const box = slide.querySelector(":scope > .fit");
    if (!box || slide.clientHeight === 0) return;
    reset(slide, box);
    if (!isTooTall(slide) && !isTooWide(slide)) return;
    const low = least(scale);
    box.style.zoom = low;
    if (isTooWide(slide)) slide.classList.add("breaks"); // only then may a word in a table be broken
    if (isTooTall(slide) || isTooWide(slide)) scrolls(slide, isTooWide(slide));
    else search(slide, box, low);
  }

  return fit;
})();
