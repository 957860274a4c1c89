// Cells that run: a button, the source as a text that can be edited, and what the kernel shows.
(() => {
  "use strict";
  if (deck.view() === "print") return;
  const CANNOT = "This browser cannot run the cells of this page (it lacks WebAssembly's JavaScript Promise Integration), so you see recorded outputs.";
  const engine = /** @type {Engine} */ (deck.engine);
  const cells = [...document.querySelectorAll("#deck .code-cell")].filter((cell) => cell.querySelector(".source pre"))
    .map((cell) => /** @type {HTMLElement} */ (cell));
  /** @type {Set<string>} */
  const ran = new Set(); // in this kernel
  /** @type {HTMLElement | null} */
  let busy = null;
  let isStopped = false;

  /** @param {string} tag @param {string} className @param {string} [text] */
  function element(tag, className, text = "") {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = text;
    return made;
  }

  /** @param {string} text @param {string} label @param {() => void} action */
  function button(text, label, action) {
    const made = /** @type {HTMLButtonElement} */ (element("button", "run-button", text));
    made.type = "button";
    made.setAttribute("aria-label", label);
    made.addEventListener("click", action);
    return made;
  }

  const nameOf = (/** @type {HTMLElement} */ cell) => cell.dataset.cell ?? "";
  const sourceOf = (/** @type {HTMLElement} */ cell) => {
    const edited = cell.querySelector("textarea");
    return (edited ? edited.value : deck.one(".source pre", cell).textContent ?? "").replace(/\n+$/, "");
  };

  /** @param {HTMLElement} cell */
  function refit(cell) {
    const slide = cell.closest(".slide");
    if (slide instanceof HTMLElement) deck.stage?.refit(slide);
  }

  // ---- output ----

  const FOREIGN = "script, link, meta, base, iframe, object, embed, form";

  /** Show markup as the exported page does: tables scroll.
   * @param {HTMLElement} into @param {string} text */
  function markup(into, text) {
    into.innerHTML = text; // the policy lets none of its scripts run
    into.querySelectorAll(FOREIGN).forEach((one) => one.remove());
    into.querySelectorAll("table").forEach((table) => {
      const box = element("div", "scroller");
      table.replaceWith(box);
      box.append(table);
    });
    into.querySelectorAll(".picture").forEach((one) => deck.letOpen(/** @type {HTMLElement} */ (one)));
    into.querySelectorAll("details.numbers").forEach((one) => deck.letClose(/** @type {HTMLDetailsElement} */ (one)));
  }

  /** Write what a cell measured at the end of its slide's title, in place of what was recorded.
   * @param {HTMLElement} cell @param {string} number */
  function entitle(cell, number) {
    const measured = cell.closest(".slide")?.querySelector(`.measured[data-by="${CSS.escape(nameOf(cell))}"]`);
    if (measured) measured.textContent = number && `: ${number}`;
  }

  /** @param {HTMLElement} cell */
  function emptied(cell) {
    cell.querySelector(".outputs")?.remove();
    const outputs = element("div", "outputs");
    outputs.setAttribute("role", "group");
    outputs.setAttribute("aria-label", `Output of ${nameOf(cell)}`);
    cell.append(outputs);
    return outputs;
  }

  /** @param {HTMLElement} outputs @param {string} kind @param {string} text */
  function append(outputs, kind, text) {
    const last = outputs.lastElementChild?.firstElementChild;
    if (["stdout", "stderr"].includes(kind) && last?.classList.contains(kind)) {
      last.append(text);
      return;
    }
    const output = element("div", "output");
    const shown = kind === "html" ? element("div", "html") : element("pre", `terminal ${kind}`);
    output.append(shown);
    outputs.append(output);
    if (kind === "html") markup(shown, text); else shown.textContent = text;
  }

  /** @param {HTMLElement} outputs @param {number} ms */
  function sign(outputs, ms) {
    const time = new Date().toISOString().slice(0, 16).replace("T", " ");
    const words = element("p", "ran");
    words.append(element("strong", "place", "BROWSER"), ` · ${(ms / 1000).toFixed(ms < 1000 ? 3 : 1)} s · ${time} UTC`);
    outputs.append(words);
  }

  /** On a slide with a question: the whole code covers the output, or is folded.
   * @param {HTMLElement} cell @param {boolean} folded */
  function fold(cell, folded) {
    const button = cell.querySelector(folded ? ".source.whole .more" : ".source:not(.whole) .more");
    if (button instanceof HTMLElement) button.click();
  }

  // ---- running ----

  /** @param {HTMLElement} cell @param {string} words @param {number} [share] */
  function tell(cell, words, share) {
    const status = deck.one(".run-status", cell);
    status.textContent = words ? `${words}${share === undefined ? "" : `: ${Math.round(share * 100)} %`}` : "";
    const bar = /** @type {HTMLProgressElement} */ (cell.querySelector("progress"));
    bar.hidden = share === undefined;
    bar.value = share ?? 0;
  }

  /** @param {HTMLElement} cell */
  async function runOne(cell) {
    const outputs = emptied(cell);
    const begun = performance.now();
    entitle(cell, "");
    const succeeded = await engine.run(sourceOf(cell), nameOf(cell), (kind, text) => {
      if (kind === "number") entitle(cell, text); else append(outputs, kind, text);
    });
    sign(outputs, performance.now() - begun);
    ran.add(nameOf(cell));
    refit(cell);
    return succeeded;
  }

  /** @param {HTMLElement} cell */
  async function start(cell) {
    try {
      await engine.start((words, share) => tell(cell, words, share));
    } catch (problem) {
      if (isStopped) throw problem;
      throw new Error(`this browser could not start Python, so you see recorded outputs (${problem instanceof Error ? problem.message : problem})`);
    }
  }

  /** Start the engine if it does not run, then the first cell, then this one.
   * @param {HTMLElement} cell */
  async function runAll(cell) {
    if (!engine.isRunning()) await start(cell);
    const first = cells.find((one) => !one.dataset.recorded);
    if (first && cell !== first && !ran.has(nameOf(first))) {
      tell(cell, "Running the first cell");
      if (!await runOne(first)) throw new Error("the first cell failed");
    }
    tell(cell, "Running");
    await runOne(cell);
  }

  /** @param {HTMLElement} cell */
  async function run(cell) {
    if (busy) return;
    const own = /** @type {HTMLButtonElement} */ (deck.one(".run-button", cell));
    [busy, isStopped] = [cell, false];
    own.textContent = "Stop";
    fold(cell, true);
    try {
      await runAll(cell);
      tell(cell, "");
    } catch (problem) {
      tell(cell, isStopped ? "Stopped. The kernel was restarted: names are gone, functions are still there." : `It could not run: ${problem instanceof Error ? problem.message : problem}`);
    } finally {
      busy = null;
      own.textContent = "Run";
      refit(cell);
    }
  }

  function stop() {
    isStopped = true;
    ran.clear();
    engine.stop();
  }

  // ---- editing ----

  /** @param {HTMLElement} cell */
  function edit(cell) {
    fold(cell, false);
    const listing = deck.one(".source pre", cell);
    const area = /** @type {HTMLTextAreaElement} */ (element("textarea", "editor"));
    area.value = sourceOf(cell);
    area.rows = area.value.split("\n").length + 1;
    area.spellcheck = false;
    area.setAttribute("aria-label", `Code of ${nameOf(cell)}; Shift-Enter runs it, Escape leaves it`);
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.shiftKey || event.ctrlKey)) { event.preventDefault(); run(cell); }
      if (event.key === "Escape") { event.stopPropagation(); deck.one(".run-button", cell).focus(); }
    });
    listing.replaceWith(area);
    area.focus();
    refit(cell);
  }

  // ---- the page ----

  /** @param {HTMLElement} cell */
  function equip(cell) {
    const bar = element("div", "run-bar");
    const name = nameOf(cell);
    const reason = cell.dataset.recorded;
    if (reason) {
      bar.append(element("span", "run-status", `Recorded: ${reason}`));
    } else {
      const bars = document.createElement("progress");
      bars.hidden = true;
      bars.setAttribute("aria-label", `Progress of ${name}`);
      const status = element("span", "run-status");
      status.setAttribute("role", "status");
      const starts = button("Run", `Run ${name}`, () => { if (busy === cell) stop(); else run(cell); });
      const edits = button("Edit", `Edit ${name}`, () => { edit(cell); edits.remove(); });
      bar.append(starts, edits, bars, status);
    }
    deck.one(".source", cell).append(bar);
    const more = cell.querySelector(".more"); // the bar takes the place of the last line
    if (more) more.textContent = `+ ${sourceOf(cell).split("\n").length} lines`;
  }

  if (engine.canRun()) {
    cells.forEach(equip);
  } else {
    const said = element("p", "run-cannot", CANNOT);
    said.setAttribute("role", "note");
    deck.one("#deck").prepend(said);
  }
})();
