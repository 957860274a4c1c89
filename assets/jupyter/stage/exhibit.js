// The output takes the room of its slide: few printed lines become rows, and a table that scrolls says how many rows are below.

const BOX = ".output_wrapper, .jp-Cell-outputWrapper, .recorded";
const NOT_PRINTED = "table, img, svg, canvas, .badge, .widget-area *, .jupyter-widgets";
const ROW_PX = 64, LEAST_PX = 40;
const COLUMNS = { large: 60, rows: 80 }; // of 32 and of 24 px, across a slide

const scale = () => Math.min(innerWidth, (innerHeight * 16) / 9) / 1280;

/**
 * Write on a box how its printed lines are set, if it holds nothing else.
 * @param {HTMLElement} box
 */
function setLines(box) {
  const printed = [...box.querySelectorAll("pre")].flatMap((pre) => pre.textContent.replace(/\n$/, "").split("\n"));
  const longest = Math.max(0, ...printed.map((line) => line.length));
  const label = box.querySelector(".recorded-label")?.clientHeight ?? 0;
  const row = Math.min(ROW_PX, Math.floor((box.clientHeight - label) / scale() / Math.max(printed.length, 1)));
  const isAlone = printed.length > 0 && printed.every((line) => line.trim()) && !box.querySelector(NOT_PRINTED) && row >= LEAST_PX;
  const form = !isAlone ? "" : longest <= COLUMNS.large ? "large" : longest <= COLUMNS.rows ? "rows" : "";
  if ((box.dataset.lines ?? "") !== form) box.dataset.lines = form;
  box.style.setProperty("--row", `${row}px`);
  box.style.setProperty("--columns", String(longest));
}

/**
 * Write on a box that scrolls how many rows of its table are below.
 * @param {HTMLElement} box
 */
function countBelow(box) {
  const rows = [...box.querySelectorAll("tbody tr")], bottom = box.getBoundingClientRect().bottom;
  const below = (/** @type {number} */ edge) => rows.filter((row) => row.getBoundingClientRect().bottom > edge + 2).length;
  const hint = (3 * ROW_PX * scale()) / 4;
  const count = box.dataset.below || below(bottom) ? below(bottom - hint) : 0;
  if (count) box.dataset.below = `${count} more ↓`;
  else delete box.dataset.below;
}

/** @param {Element} slide */
export function fill(slide) {
  for (const box of /** @type {NodeListOf<HTMLElement>} */ (slide.querySelectorAll(BOX))) {
    setLines(box);
    countBelow(box);
  }
}

document.addEventListener("scroll", ({ target }) => target instanceof HTMLElement && target.matches(BOX) && countBelow(target), true);
