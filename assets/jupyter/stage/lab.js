// The stage in jupyterlab-rise: implements SlideShow with JupyterLab's API, and adds what this variant lacks.
import { begin } from "./stage.js";

export { showCloud } from "./stage.js";

/** @typedef {StageCell<LabCell>} Cell */

const SLIDE = ".reveal .slides section.present section.present";
const slide = () => /** @type {HTMLElement} */ (document.querySelector(SLIDE));
/** @param {Element} element */
const onSlide = (element) => slide().contains(element) && !element.closest("aside, .reveal-skip, .fragment:not(.visible)");

/**
 * Call reveal.js, which jupyterlab-rise hides in its own modules, by message: https://revealjs.com/postmessage/
 * @type {SlideShow["reveal"]}
 */
const reveal = (method, ...args) => void window.dispatchEvent(new MessageEvent("message", { data: JSON.stringify({ method, args }) }));

/** @type {(panel: LabPanel, modules: LabModules) => SlideShow<LabCell>} */
const deck = (panel, { notebook, base }) => {
  /** @param {Cell} cell */
  const select = ({ cell }) => { panel.content.activeCellIndex = panel.content.widgets.indexOf(cell); };
  const focus = () => {
    panel.content.mode = "command";
    const { activeCell, node } = panel.content;
    (activeCell && onSlide(activeCell.node) ? activeCell.node : node).focus({ preventScroll: true });
  };
  /** @type {(cell: LabCell) => Cell} */
  const asCell = (c) => ({ id: c.model.id, source: c.model.sharedModel.getSource(), node: c.node, cell: c });

  const cells = () => panel.content.widgets.filter((c) => onSlide(c.node) && c.model.type === "code").map(asCell);

  const parts = () => panel.content.widgets.filter((c) => slide().contains(c.node))
    .map((c) => ({ question: c.model.getMetadata("slideshow")?.question, outputs: c.model.type === "code" ? c.model.outputs.toJSON() : [] }));

  function cell() {
    const now = panel.content.activeCell;
    if (now && onSlide(now.node) && panel.content.mode === "edit") return asCell(now);
    return cells().find((c) => c.cell === now) ?? cells()[0];
  }

  /**
   * Run the cell when there is a kernel. The slide stays: the variant's own command would move on with the cell.
   * @param {Cell} chosen
   */
  async function run(chosen) {
    await panel.sessionContext.ready;
    select(chosen);
    notebook.NotebookActions.run(panel.content, panel.sessionContext);
    const next = cells()[cells().findIndex((c) => c.cell === chosen.cell) + 1];
    if (next) select(next);
    focus();
  }

  /**
   * Start a new kernel, then run the first code cell of the notebook. A restart of one that has died could come together with
   * Jupyter's own: then the page's new connection has the identity of its old one, and the kernel never answers it.
   */
  async function restart() {
    await panel.sessionContext.changeKernel({ name: "python3" });
    const first = panel.content.widgets.find((c) => c.model.type === "code");
    if (first) await notebook.NotebookActions.runCells(panel.content, [first], panel.sessionContext);
  }

  /** @param {string} model */
  async function hasWidget(model) {
    await panel.sessionContext.ready;
    const info = await panel.sessionContext.session?.kernel?.requestCommInfo({ target_name: "jupyter.widget" });
    return info !== undefined && model in info.content.comms;
  }

  return {
    recordings: `${base}lambdadeck/recordings/${panel.context.path}`,
    talk: `${base}lambdadeck/talk/${panel.context.path}`,
    console: `${base}lambdadeck/console`,
    root: () => panel.content.node,
    onStage: () => document.body.classList.contains("rise-enabled") && document.querySelector(SLIDE) !== null,
    planned: (slide) => panel.content.widgets.find((c) => slide.contains(c.node))?.model.getMetadata("talk"),
    slide, parts, cells, cell, select, reveal, focus, run, restart, hasWidget,
    addWidget: ({ cell: { model } }, output) => {
      model.trusted = true; // as that of a run
      model.outputs.add(output);
    },
    onRan: (listener) => notebook.NotebookActions.executed.connect((_, { cell }) => listener(asCell(cell), cell.model.toJSON().outputs)),
    wrap: (on) => cells().forEach(({ cell }) => cell.editor?.setOption("lineWrap", on)),
  };
};

/**
 * Return a listener for Alt-R: the page has no notebook around the slides, so leaving them opens JupyterLab.
 * @type {(panel: LabPanel, base: string) => (event: KeyboardEvent) => void}
 */
const leave = (panel, base) => (event) => {
  if (!event.altKey || event.code !== "KeyR" || window.top !== window) return;
  event.stopImmediatePropagation();
  location.assign(`${base}lab/tree/${panel.context.path}`);
};

/**
 * Mark the running cells for the style sheet.
 * @param {LabModules["notebook"]} notebook
 */
function markRunning({ NotebookActions }) {
  NotebookActions.executionScheduled.connect((_, { cell }) => cell.node.classList.add("running"));
  NotebookActions.executed.connect((_, { cell }) => cell.node.classList.remove("running"));
}

/**
 * Turn autosave off, so that edits made on stage do not persist. The settings would turn it on again.
 * @param {object} documents
 */
const neverSave = (documents) => Object.defineProperty(documents, "autosave", { get: () => false, set: () => {} });

/** @param {LabModules} modules */
export function start(modules) {
  neverSave(modules.documents);
  markRunning(modules.notebook);
  modules.tracker.widgetAdded.connect((_, panel) => {
    window.addEventListener("keydown", leave(panel, modules.base), { capture: true });
    panel.context.ready.then(() => begin(deck(panel, modules)));
  });
}
