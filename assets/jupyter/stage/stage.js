// The stage, the same in both variants: keys, code size, recorded outputs, long outputs. What differs is in classic.js and
// lab.js: how to move, which cell is meant, how to run it, how to draw an output.
import * as codeSize from "./code-size.js";
import { action, place } from "./keys.js";
import * as notes from "./notes.js";
import * as overflow from "./overflow.js";
import * as overview from "./overview.js";
import * as recorded from "./recorded.js";
import { closeHelp, say, toggleHelp } from "./messages.js";

const isBlack = () => Boolean(document.querySelector(".reveal.paused"));
const percent = (size) => say(`Code ${Math.round(100 * size)} %`);

const fullscreen = () => (document.fullscreenElement ? null : document.documentElement.requestFullscreen().catch(() => say("No full screen here")));

function move(deck, method) {
  deck.reveal(isBlack() ? "togglePause" : method); // after a black screen comes the slide that was there
}

function goto(deck, slide) {
  const stack = slide.parentElement;
  deck.reveal("slide", [...stack.parentElement.querySelectorAll(":scope > section")].indexOf(stack), [...stack.querySelectorAll(":scope > section")].indexOf(slide));
}

const slides = () => [...document.querySelectorAll(".reveal .slides > section > section")];

function run(deck) {
  const cell = deck.cell();
  if (!cell) return;
  recorded.hide(cell);
  deck.run(cell);
}

const resize = (deck, by) => {
  percent(codeSize.step(by));
  deck.wrap(codeSize.now() > 1);
};

const ACTIONS = {
  next: (deck) => move(deck, "next"),
  previous: (deck) => move(deck, "prev"),
  down: (deck) => overflow.scroll(deck.slide(), 1) || move(deck, "next"),
  up: (deck) => overflow.scroll(deck.slide(), -1) || move(deck, "prev"),
  overview: overview.open,
  first: (deck) => goto(deck, slides()[0]),
  last: (deck) => goto(deck, slides().at(-1)),
  run,
  recorded: recorded.toggle,
  bigger: (deck) => resize(deck, 1),
  smaller: (deck) => resize(deck, -1),
  normal: (deck) => resize(deck, 0),
  black: (deck) => deck.reveal("togglePause"),
  fullscreen,
  help: toggleHelp,
  notes: (deck) => notes.open(deck, (event) => press(deck, event)) === false && say("The browser keeps the window of notes closed: allow pop-ups for this page"),
  slide: (deck) => deck.focus(),
  nothing: () => {},
};

function press(deck, event) {
  if (!deck.onStage() || document.querySelector(".modal.in, .jp-Dialog")) return;
  if (overview.press(event, (slide) => goto(deck, slide))) {
    event.preventDefault();
    return event.stopImmediatePropagation();
  }
  const name = action(event, place(event.target)) ?? (event.key === "Escape" && document.getElementById("stage-help") ? "nothing" : null);
  if (name !== "help") closeHelp();
  if (!name) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  ACTIONS[name](deck);
}

// A key that a widget needs is the widget's alone: arrow keys move the slider, not the slide.
function keep(event) {
  if (event.target.closest(".jupyter-widgets")) event.stopPropagation();
}

// The cell that Shift-Enter will run is chosen as soon as its slide is there, and the keys go to the slide.
function arrive(deck) {
  if (!deck.onStage()) return;
  const part = [...deck.slide().querySelectorAll(".fragment.visible")].at(-1) ?? deck.slide();
  const cell = deck.cells().find(({ node }) => part.contains(node)) ?? deck.cell();
  if (cell) deck.select(cell);
  deck.wrap(codeSize.now() > 1); // bigger code may be wider than the slide
  deck.focus();
  notes.update(deck);
}

// "running …" is rise.css's; after a second it says for how long.
const since = new WeakMap();

function countSeconds() {
  for (const cell of document.querySelectorAll(".reveal .running")) {
    if (!since.has(cell)) since.set(cell, Date.now());
    const s = Math.floor((Date.now() - since.get(cell)) / 1000);
    cell.style.setProperty("--running", s ? `"running … ${s} s"` : "");
  }
  for (const cell of document.querySelectorAll(".reveal [style*='--running']:not(.running)")) {
    cell.style.removeProperty("--running");
    since.delete(cell);
  }
}

export function begin(deck) {
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL("stage.css", import.meta.url).href }));
  codeSize.apply();
  overflow.watch(deck);
  recorded.load(deck);
  window.addEventListener("keydown", (event) => press(deck, event), { capture: true });
  document.body.addEventListener("keydown", keep);
  for (const name of ["ready", "slidechanged", "fragmentshown", "fragmenthidden"]) document.addEventListener(name, () => arrive(deck));
  setInterval(countSeconds, 250);
  arrive(deck);
}

// While the cells reach AWS, that stays in sight on every page; elsewhere the style sheet is empty.
export function showCloud(base) {
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${base}lambdadeck/cloud.css` }));
}
