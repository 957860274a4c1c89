// Which key does what on stage: pure functions, the same for both variants.
//
// A presenter's remote is a keyboard with few keys: PageDown and PageUp, F5 and Esc for its "start" button, "b" or "." for
// its "black" button. They work wherever the focus is, as far as that is safe: in a text field only keys that type nothing.

const TEXT = ".CodeMirror, .cm-editor, textarea, [contenteditable='true'], input:not([type=checkbox], [type=radio], [type=range], [type=button])";
const CONTROL = ".jupyter-widgets, .jupyter-widget, button, select, input, summary, a[href]";
const PRESSED_BY_SPACE = "button, select, input, summary, a[href], [role=listbox]";

/** @typedef {"text" | "control" | "slide"} Focus An editor or text field; a slider, list or button; anything else. */

/** @type {(target: EventTarget | null) => Focus} */
export function focusIn(target) {
  if (!(target instanceof Element)) return "slide";
  return target.closest(TEXT) ? "text" : target.closest(CONTROL) ? "control" : "slide";
}

/**
 * @typedef {"next" | "previous" | "down" | "up" | "first" | "last" | "overview" | "run" | "recorded" | "bigger" | "smaller"
 *   | "normal" | "alone" | "black" | "fullscreen" | "help" | "notes" | "restart" | "zero" | "route" | "clock" | "slide"
 *   | "nothing" | "right" | "left"} Action
 */
/** @typedef {Record<string, Action>} Bindings */

/** @type {Set<Action>} Moves, and run: they wait until the page knows the slide that the talk is on. */
export const WAITING = new Set(["next", "previous", "right", "left", "down", "up", "first", "last", "run"]);

/** @type {Bindings} */
const ANYWHERE = { PageDown: "next", PageUp: "previous", F5: "fullscreen" };
/** @type {Bindings} */
const NO_TEXT = { b: "black", ".": "black", "/": "black", g: "recorded", "+": "bigger", "=": "bigger", "-": "smaller", "?": "help", f: "fullscreen", t: "notes", w: "overview", k: "restart", 0: "zero", z: "alone", r: "route", c: "clock" };
/** @type {Bindings} */
const ON_A_SLIDE = { ArrowRight: "right", ArrowLeft: "left", ArrowDown: "down", ArrowUp: "up", Home: "first", End: "last" };
/** @type {Bindings} */
const WITH_CONTROL = { "+": "bigger", "=": "bigger", "-": "smaller", 0: "normal" };
// In a notebook these cut, paste, insert, merge or convert cells. A stray key on stage must not.
const DISABLED = new Set([..."adhjlmopvxyBGIMUV123456"]);

/**
 * Return the action of a key; null leaves the key to the page.
 * @type {(event: KeyboardEvent, focus: Focus) => Action | null}
 */
export function action(event, focus) {
  const { key } = event;
  if (event.altKey) return key === "Enter" ? "run" : null;
  if (key === "Enter" && event.shiftKey) return "run";
  if (event.ctrlKey || event.metaKey) return key === "Enter" && focus === "control" ? "run" : WITH_CONTROL[key] ?? null;
  if (ANYWHERE[key]) return ANYWHERE[key];
  if (key === "Escape" && (focus === "control" || isField(event.target))) return "slide";
  if (focus === "text") return null;
  if (key === " " && !isPressedBySpace(event.target)) return event.shiftKey ? "previous" : "next";
  if (NO_TEXT[key]) return NO_TEXT[key];
  if (focus === "control") return null;
  if (ON_A_SLIDE[key] && !event.shiftKey) return ON_A_SLIDE[key];
  return DISABLED.has(key) ? "nothing" : null;
}

/** @param {EventTarget | null} target */
const isPressedBySpace = (target) => target instanceof Element && target.closest(PRESSED_BY_SPACE) !== null;

/**
 * Return whether it is a field of an output: no notebook takes the focus out of it.
 * @param {EventTarget | null} target
 */
const isField = (target) => target instanceof HTMLInputElement && !target.closest(".CodeMirror, .cm-editor");

/** What "?" shows: keys, and what they do. */
export const HELP = [
  ["Space  PageDown", "forward on the route"],
  ["Shift-Space  PageUp", "back on the route"],
  ["→  ←", "the slide beside this one, also off the route"],
  ["Shift-Enter", "run the cell, also after moving a slider"],
  ["↓  ↑", "scroll a long output; otherwise forward and back"],
  ["g", "RECORDED: the cell's last good output and its date; press again for live"],
  ["+  −", "bigger, smaller code; while typing with Ctrl; Ctrl-0: normal"],
  ["z", "the output alone, over the whole stage; press again for the slide"],
  ["b  .  /", "black screen"],
  ["F5  f", "full screen"],
  ["t", "the presenter's console: notes, time, next slide, in a window of its own"],
  ["r", "the route: 15 minutes, 35 minutes, all slides"],
  ["c", "start the clock again"],
  ["Home  End", "first slide, last slide"],
  ["k  0 0", "restart the kernel and run the first cell; the slide stays"],
  ["w", "all slides by title: ↓ ↑ or a number, then Enter"],
  ["Enter  Esc", "edit the cell, whose code unfolds; leave it"],
  ["Alt-R", "leave the slides"],
];
