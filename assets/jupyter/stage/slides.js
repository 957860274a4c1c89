// The slides of the page, in the deck's order, and their titles.
export const slides = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".reveal .slides > section > section")]);

/** @param {Element} slide */
export const title = (slide) => slide.querySelector("h1, h2")?.textContent.replace("¶", "").trim() ?? "";

/**
 * Return the index of a slide among those below one another.
 * @param {Element} slide
 */
export const place = (slide) => [...(slide.parentElement?.querySelectorAll(":scope > section") ?? [])].indexOf(slide);

/** @type {(deck: SlideShow, slide: Element | undefined) => void} */
export function goto(deck, slide) {
  if (slide?.parentElement) deck.reveal("slide", place(slide.parentElement), place(slide));
}

/** @type {WeakMap<Element, object | undefined>} Plans by slide: to find one means to search all cells. */
const plans = new WeakMap();

/** @type {(deck: SlideShow, slide: Element) => object | undefined} */
function planned(deck, slide) {
  if (!plans.has(slide)) plans.set(slide, deck.planned(slide));
  return plans.get(slide);
}

/**
 * Return the slides as stops of a route; a notebook without minutes and routes has one route.
 * @type {(deck: SlideShow) => Stop[]}
 */
export const stops = (deck) => slides().map((slide) => ({
  title: title(slide), isSection: slide.previousElementSibling === null, minutes: 0, route: "15", ...planned(deck, slide),
}));

/**
 * Return the index of the slide on stage.
 * @param {SlideShow} deck
 */
export const now = (deck) => slides().indexOf(deck.slide());

/**
 * Look once in a frame in which something on the slides has changed, or the size of the stage.
 * @type {(deck: SlideShow, look: () => void) => void}
 */
export function watch(deck, look) {
  let isWaiting = false;
  const wait = () => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      look();
    });
  };
  new MutationObserver(wait).observe(deck.root(), { childList: true, subtree: true });
  window.addEventListener("resize", wait); // another stage has room for other rows
}
