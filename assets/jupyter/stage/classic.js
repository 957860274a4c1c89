// The stage in RISE on nbclassic: implements SlideShow with the classic notebook's API.
import { begin, showCloud } from "./stage.js";

/** @typedef {StageCell<ClassicCell>} Cell */

const notebook = () => Jupyter.notebook;
const slide = () => Reveal.getCurrentSlide();
/** @param {Element} element */
const onSlide = (element) => slide().contains(element) && !element.closest("aside, .reveal-skip, .fragment:not(.visible)");

/** @type {(cell: ClassicCell) => Cell} */
const asCell = (cell) => ({ id: cell.id ?? "", source: cell.get_text(), node: cell.element[0], cell });

const cells = () => notebook().get_cells().filter((c) => c.cell_type === "code" && onSlide(c.element[0])).map(asCell);

function cell() {
  const now = notebook().get_selected_cell();
  if (now && onSlide(now.element[0]) && now.mode === "edit") return asCell(now);
  return cells().find((c) => c.cell === now) ?? cells()[0];
}

/**
 * Call `go` as soon as the cell has a kernel: without one a cell does nothing and reports nothing.
 * @type {(cell: ClassicCell, go: () => void) => void}
 */
const withKernel = (cell, go) => (cell.kernel ? go() : notebook().events.one("kernel_ready.Kernel", go));

const parts = () => notebook().get_cells().filter((c) => slide().contains(c.element[0]))
  .map((c) => ({ question: c.metadata.slideshow?.question, outputs: c.cell_type === "code" ? c.output_area.outputs : [] }));

/**
 * Return whether the kernel has a widget, as soon as the notebook knows it.
 * @param {string} model
 */
async function hasWidget(model) {
  for (let tries = 0; tries < 100; tries++) {
    if (notebook().kernel?.widget_manager?.has_model(model)) return true;
    await new Promise((done) => setTimeout(done, 100));
  }
  return false;
}

/** @type {(address: (part: string) => string) => SlideShow<ClassicCell>} */
const deck = (address) => ({
  recordings: address("recordings"),
  talk: address("talk"),
  console: `${baseUrl}lambdadeck/console`,
  root: () => /** @type {HTMLElement} */ (document.getElementById("notebook-container")),
  onStage: () => document.body.classList.contains("rise-enabled") && Boolean(window.Reveal?.getCurrentSlide?.()),
  slide,
  parts,
  cells,
  cell,
  planned: (slide) => notebook().get_cells().find((c) => slide.contains(c.element[0]))?.metadata.talk,
  reveal: (method, h = 0, v = 0, fragment) => (method === "slide" ? Reveal.slide(h, v, fragment) : Reveal[method]()),
  select: ({ cell }) => notebook().select(notebook().find_cell_index(cell)),
  focus: () => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    notebook().command_mode();
  },
  wrap: (on) => cells().forEach(({ cell }) => {
    cell.code_mirror.setOption("lineWrapping", on);
    cell.code_mirror.refresh();
  }),
  run: ({ cell }) => withKernel(cell, () => {
    notebook().select(notebook().find_cell_index(cell));
    Jupyter.actions.call("RISE:smart-exec");
    notebook().command_mode();
  }),
  // A new session, as in lab.js: a restart of a kernel that has died could come together with Jupyter's own.
  restart: async () => {
    const ready = new Promise((resolve) => notebook().events.one("kernel_ready.Kernel", () => resolve(undefined)));
    if (!notebook()._session_starting) notebook().start_session("python3");
    await ready;
    notebook().get_cells().find((c) => c.cell_type === "code")?.execute();
  },
  hasWidget,
  addWidget: ({ cell }, output) => {
    cell.output_area.clear_output(); // an empty output is trusted, as that of a run
    cell.output_area.append_output(output);
  },
  onRan: (listener) => notebook().events.on("finished_execute.CodeCell", (_, { cell }) => listener(asCell(cell), cell.toJSON().outputs)),
});

// During the slides nothing is saved automatically, so edits made on stage do not persist. Below the slides autosave is on.
const AUTOSAVE_MS = 120_000;
let saves = true;
new MutationObserver(() => {
  const wanted = !document.body.classList.contains("rise-enabled");
  if (wanted !== saves) notebook().set_autosave_interval(wanted ? AUTOSAVE_MS : 0);
  saves = wanted;
}).observe(document.body, { attributes: true, attributeFilter: ["class"] });

const { baseUrl = "/", notebookPath } = document.body.dataset;
showCloud(baseUrl);
begin(deck((part) => `${baseUrl}lambdadeck/${part}/${notebookPath}`));
