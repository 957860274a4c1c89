// The stage in RISE on nbclassic: what stage.js asks for, in the words of the classic notebook.
import { begin, showCloud } from "./stage.js";

const notebook = () => window.Jupyter.notebook;
const slide = () => window.Reveal.getCurrentSlide();
const onSlide = (element) => slide().contains(element) && !element.closest("aside, .reveal-skip, .fragment:not(.visible)");

const asCell = (cell) => ({ id: cell.id, source: cell.get_text(), node: cell.element[0], cell });

const cells = () => notebook().get_cells().filter((c) => c.cell_type === "code" && onSlide(c.element[0])).map(asCell);

function cell() {
  const now = notebook().get_selected_cell();
  const typed = now && onSlide(now.element[0]) && now.mode === "edit";
  return typed ? asCell(now) : cells().find((c) => c.cell === now) ?? cells()[0];
}

// Without a kernel a cell does nothing, and says so to nobody: whoever is faster than the kernel waits for it.
const withKernel = (cell, go) => (cell.kernel ? go() : notebook().events.one("kernel_ready.Kernel", go));

const deck = (recordings) => ({
  recordings,
  root: () => document.getElementById("notebook-container"),
  onStage: () => document.body.classList.contains("rise-enabled") && Boolean(window.Reveal?.getCurrentSlide?.()),
  slide,
  cells,
  cell,
  reveal: (method, ...given) => window.Reveal[method](...given),
  select: ({ cell }) => notebook().select(notebook().find_cell_index(cell)),
  focus: () => {
    document.activeElement?.blur();
    notebook().command_mode();
  },
  wrap: (on) => cells().forEach(({ cell }) => {
    cell.code_mirror.setOption("lineWrapping", on);
    cell.code_mirror.refresh();
  }),
  run: ({ cell }) => withKernel(cell, () => {
    notebook().select(notebook().find_cell_index(cell));
    window.Jupyter.actions.call("RISE:smart-exec");
    notebook().command_mode();
  }),
});

// Nothing is saved by itself: what a talk tries out on a slide is gone with it. Below the slides it is as ever.
const AUTOSAVE_MS = 120_000;
let saves = true;
new MutationObserver(() => {
  const wanted = !document.body.classList.contains("rise-enabled");
  if (wanted !== saves) notebook().set_autosave_interval(wanted ? AUTOSAVE_MS : 0);
  saves = wanted;
}).observe(document.body, { attributes: true, attributeFilter: ["class"] });

const { baseUrl, notebookPath } = document.body.dataset;
showCloud(baseUrl);
begin(deck(`${baseUrl}lambdadeck/recordings/${notebookPath}`));
