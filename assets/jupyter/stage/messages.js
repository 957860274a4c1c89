// What the stage itself shows: a line that disappears after a while, and the list of keys; and Enter in dialogs of the notebook.
import { HELP } from "./keys.js";

/** @type {HTMLElement | null} */
let line = null;
/** @type {HTMLElement | null} */
let list = null;
let timer = 0;
/** @type {(text: string) => boolean} */
let elsewhere = () => false;

/**
 * Show lines elsewhere from now on, if that returns true: the room need not read them.
 * @param {typeof elsewhere} show
 */
export function redirect(show) {
  elsewhere = show;
}

/** @param {string} text */
export function say(text) {
  if (elsewhere(text)) return;
  const status = line ??= document.body.appendChild(Object.assign(document.createElement("div"), { id: "stage-line", role: "status" }));
  status.textContent = text;
  clearTimeout(timer);
  timer = setTimeout(() => { status.textContent = ""; }, 1000 + 60 * text.length);
}

export function closeHelp() {
  list?.remove();
  list = null;
}

export function toggleHelp() {
  if (list) return closeHelp();
  list = document.createElement("div");
  list.id = "stage-help";
  list.setAttribute("role", "dialog");
  list.setAttribute("aria-label", "Keys on stage");
  const rows = HELP.map(([keys, does]) => `<tr><th scope="row">${keys.split("  ").map((k) => `<kbd>${k}</kbd>`).join(" ")}</th><td>${does}</td></tr>`);
  list.innerHTML = `<h2>Keys on stage</h2><table>${rows.join("")}</table>`;
  document.body.append(list);
}

/**
 * Leave the keys to a dialog of the notebook. Enter, which reveal.js would swallow, presses its main button if none has the
 * focus: the dialog that says that the kernel died does not take it.
 * @param {KeyboardEvent} event
 */
export function inDialog(event) {
  const dialog = document.querySelector(".modal.in");
  if (!dialog || event.key !== "Enter") return;
  event.stopPropagation();
  if (document.activeElement?.matches(".modal.in :is(button, a, input, textarea)")) return;
  event.preventDefault();
  /** @type {HTMLElement | null} */ (dialog.querySelector(".btn-primary") ?? dialog.querySelector(".modal-footer .btn"))?.click();
}
