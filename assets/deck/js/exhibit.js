// Lets the output of a slide with a question take its room: few printed lines become rows, and a table that scrolls says how many rows are below.
deck.exhibit = (() => {
  "use strict";
  const ROW_PX = 64, LEAST_PX = 40, HINT_PX = 48;
  const COLUMNS = { large: 60, rows: 80 }; // of 32 and of 24 px, across a slide

  /** @param {HTMLElement} outputs */
  function setLines(outputs) {
    const printed = [...outputs.querySelectorAll(".terminal")].flatMap((pre) => (pre.textContent ?? "").trimEnd().split("\n"));
    const longest = Math.max(0, ...printed.map((line) => line.length));
    const row = Math.min(ROW_PX, Math.floor(outputs.clientHeight / Math.max(printed.length, 1)));
    const isAlone = printed.length > 0 && printed.every((line) => line.trim()) && row >= LEAST_PX && !outputs.querySelector("table, figure, img, .badge, .error");
    outputs.dataset.lines = !isAlone ? "" : longest <= COLUMNS.large ? "large" : longest <= COLUMNS.rows ? "rows" : "";
    outputs.style.setProperty("--row", `${row}px`);
  }

  /** @param {HTMLElement} outputs */
  function countBelow(outputs) {
    const rows = [...outputs.querySelectorAll(".lambdadeck-table tbody tr")], { bottom, height } = outputs.getBoundingClientRect();
    const below = (/** @type {number} */ edge) => rows.filter((row) => row.getBoundingClientRect().bottom > edge + 2).length;
    const hint = (HINT_PX * height) / outputs.clientHeight; // the slide is scaled
    const count = outputs.dataset.below || below(bottom) ? below(bottom - hint) : 0;
    if (count) outputs.dataset.below = `${count} more ↓`;
    else delete outputs.dataset.below;
  }

  addEventListener("scroll", ({ target }) => { if (target instanceof HTMLElement && target.matches(".answered .outputs")) countBelow(target); }, true);

  /** @param {HTMLElement} slide */
  return (slide) => {
    for (const outputs of /** @type {NodeListOf<HTMLElement>} */ (slide.querySelectorAll(":scope.answered .outputs"))) {
      setLines(outputs);
      countBelow(outputs);
      if (outputs.scrollHeight > outputs.clientHeight + 1) outputs.tabIndex = 0;
      else outputs.removeAttribute("tabindex");
    }
  };
})();
