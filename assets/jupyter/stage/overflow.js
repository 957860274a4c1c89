// An output that is taller than its slide stays on the slide, in a box of its own that scrolls.
const BOX = ".output_wrapper, .jp-Cell-outputWrapper, .recorded-output";
const SHOWN_WHOLE = "table, img, svg"; // its beginning stays in sight
const STREAM = ".output_stream, [data-mime-type^='application/vnd.jupyter.std']";
const TALL_PX = 200;

/** @param {Element} slide */
const boxes = (slide) => [...slide.querySelectorAll(BOX)].filter((box) => box.clientHeight);
/** @param {Element} box */
const room = (box) => box.scrollHeight - box.clientHeight;

/**
 * Scroll one step down (1) or up (-1); return false if nothing more is hidden in that direction.
 * @type {(slide: Element, by: number) => boolean}
 */
export function scroll(slide, by) {
  const box = [...boxes(slide), slide].find((e) => room(e) > 2 && (by > 0 ? e.scrollTop < room(e) - 2 : e.scrollTop > 2));
  box?.scrollBy({ top: by * 0.7 * box.clientHeight });
  return Boolean(box);
}

/**
 * Show the last line of a full box to which a running cell adds lines.
 * @type {(slide: Element, changed: Node[]) => void}
 */
function follow(slide, changed) {
  for (const box of boxes(slide)) {
    box.classList.toggle("tall", box.scrollHeight > TALL_PX);
    if (box.querySelector(STREAM) && !box.querySelector(SHOWN_WHOLE) && changed.some((node) => box.contains(node))) box.scrollTop = box.scrollHeight;
  }
}

/** @param {SlideShow} deck */
export function watch(deck) {
  /** @type {Node[]} */
  let changed = [];
  new MutationObserver((records) => {
    const first = !changed.length;
    changed.push(...records.map((record) => record.target));
    if (!first) return;
    requestAnimationFrame(() => {
      if (deck.onStage()) follow(deck.slide(), changed);
      changed = [];
    });
  }).observe(deck.root(), { childList: true, subtree: true, characterData: true });
}
