// Which key does what while slides are on stage: pure, so that both variants agree and a test can ask.
//
// A presenter's remote is a keyboard of a few keys: PageDown and PageUp, F5 and Esc for its "start" button, "b" or "." for
// its "black" button. Those work wherever the focus is, as far as that is safe: in a text only what types nothing.

// What the focus is in: "text" (an editor, a text field), "control" (a slider, a list, a button), "slide" (anything else).
const TEXT = ".CodeMirror, .cm-editor, textarea, [contenteditable='true'], input:not([type=checkbox], [type=radio], [type=range], [type=button])";
const CONTROL = ".jupyter-widgets, .jupyter-widget, button, select, input, summary, a[href]";
const PRESSED_BY_SPACE = "button, select, input, summary, a[href], [role=listbox]";

export const place = (element) => (element?.closest?.(TEXT) ? "text" : element?.closest?.(CONTROL) ? "control" : "slide");

const ANYWHERE = { PageDown: "next", PageUp: "previous", F5: "fullscreen" };
const NO_TEXT = { b: "black", ".": "black", "/": "black", g: "recorded", "+": "bigger", "=": "bigger", "-": "smaller", "?": "help", f: "fullscreen", t: "notes", w: "overview" };
const ON_A_SLIDE = { ArrowRight: "next", ArrowLeft: "previous", ArrowDown: "down", ArrowUp: "up", Home: "first", End: "last" };
const WITH_CONTROL = { "+": "bigger", "=": "bigger", "-": "smaller", 0: "normal" };
// In a notebook these cut, paste, insert, merge or turn cells into text. A stray touch must not: the deck saves itself.
const ASLEEP = new Set([..."adhjklmoprvxyzBGIMUV123456"]);

export function action(event, where) {
  const { key } = event;
  if (event.altKey) return key === "Enter" ? "run" : null;
  if (key === "Enter" && event.shiftKey) return "run";
  if (event.ctrlKey || event.metaKey) return key === "Enter" && where === "control" ? "run" : WITH_CONTROL[key] ?? null;
  if (ANYWHERE[key]) return ANYWHERE[key];
  if (where === "text") return null;
  if (key === "Escape" && where === "control") return "slide";
  if (key === " " && !event.target?.closest?.(PRESSED_BY_SPACE)) return event.shiftKey ? "previous" : "next";
  if (NO_TEXT[key]) return NO_TEXT[key];
  if (where === "control") return null;
  if (ON_A_SLIDE[key] && !event.shiftKey) return ON_A_SLIDE[key];
  return ASLEEP.has(key) ? "nothing" : null;
}

// What "?" shows.
export const HELP = [
  ["Space  PageDown  →", "on"],
  ["Shift-Space  PageUp  ←", "back"],
  ["Shift-Enter", "run the cell, also after a slider was moved"],
  ["↓  ↑", "scroll a long output; else on and back"],
  ["g", "RECORDED: the cell's last good output and its date; again: live"],
  ["+  −", "bigger, smaller code; while typing with Ctrl; Ctrl-0: normal"],
  ["b  .  /", "black screen"],
  ["F5  f", "full screen"],
  ["t", "speaker notes in a window of their own"],
  ["Home  End", "first slide, last slide"],
  ["w", "all slides by title: ↓ ↑ or a number, then Enter"],
  ["Enter  Esc", "edit the cell, leave it"],
  ["Alt-R", "leave the slides"],
];
