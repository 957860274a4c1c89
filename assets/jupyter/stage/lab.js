// The stage in jupyterlab-rise: what stage.js asks for, in the words of JupyterLab, and what the variant lacks.
import { begin } from "./stage.js";

export { showCloud } from "./stage.js";

const slide = () => document.querySelector(".reveal .slides section.present section.present");
const onSlide = (element) => slide().contains(element) && !element.closest("aside, .reveal-skip, .fragment:not(.visible)");

// reveal.js is hidden in jupyterlab-rise's own modules, but it hears messages: https://revealjs.com/postmessage/
const reveal = (method, ...args) => window.dispatchEvent(new MessageEvent("message", { data: JSON.stringify({ method, args }) }));

const deck = (panel, { notebook, base }) => {
  const select = ({ cell }) => (panel.content.activeCellIndex = panel.content.widgets.indexOf(cell));
  const focus = () => {
    panel.content.mode = "command";
    const { activeCell, node } = panel.content;
    (activeCell && onSlide(activeCell.node) ? activeCell.node : node).focus({ preventScroll: true });
  };
  const asCell = (c) => ({ id: c.model.id, source: c.model.sharedModel.getSource(), node: c.node, cell: c });

  const cells = () => panel.content.widgets.filter((c) => onSlide(c.node) && c.model.type === "code").map(asCell);

  function cell() {
    const now = panel.content.activeCell;
    const typed = now && onSlide(now.node) && panel.content.mode === "edit";
    return typed ? asCell(now) : cells().find((c) => c.cell === now) ?? cells()[0];
  }

  // In the variant's own way the slide would move on with the cell. And without a kernel it would do nothing, and not say so.
  async function run(chosen) {
    await panel.sessionContext.ready;
    select(chosen);
    notebook.NotebookActions.run(panel.content, panel.sessionContext);
    const next = cells()[cells().findIndex((c) => c.cell === chosen.cell) + 1];
    if (next) select(next);
    focus();
  }

  return {
    recordings: `${base}lambdadeck/recordings/${panel.context.path}`,
    root: () => panel.content.node,
    onStage: () => document.body.classList.contains("rise-enabled") && Boolean(slide()),
    slide, cells, cell, select, reveal, focus, run,
    wrap: (on) => cells().forEach(({ cell }) => cell.editor?.setOption("lineWrap", on)),
  };
};

// The page has no notebook around the slides: leaving them means JupyterLab.
const leave = (panel, base) => (event) => {
  if (!event.altKey || event.code !== "KeyR" || window.top !== window) return;
  event.stopImmediatePropagation();
  location.assign(`${base}lab/tree/${panel.context.path}`);
};

// The page does not say which cell runs; its style sheet wants to.
function markRunning({ NotebookActions }) {
  NotebookActions.executionScheduled.connect((_, { cell }) => cell.node.classList.add("running"));
  NotebookActions.executed.connect((_, { cell }) => cell.node.classList.remove("running"));
}

// Nothing is saved by itself: what a talk tries out on a slide is gone with it. The settings would turn it on again.
const neverSave = (documents) => Object.defineProperty(documents, "autosave", { get: () => false, set: () => {} });

export function start(modules) {
  neverSave(modules.documents);
  markRunning(modules.notebook);
  modules.tracker.widgetAdded.connect((_, panel) => {
    window.addEventListener("keydown", leave(panel, modules.base), { capture: true });
    panel.context.ready.then(() => begin(deck(panel, modules)));
  });
}
