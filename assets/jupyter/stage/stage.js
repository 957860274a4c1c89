// The stage, the same in both variants: keys, code size, recorded outputs, long outputs. What differs is in classic.js and
// lab.js, which implement SlideShow: how to move, which cell a key means, how to run it.
import * as codeSize from "./code-size.js";
import { action, focusIn } from "./keys.js";
import { closeHelp, say, toggleHelp } from "./messages.js";
import * as notes from "./notes.js";
import * as overflow from "./overflow.js";
import * as overview from "./overview.js";
import * as recorded from "./recorded.js";

const isBlack = () => Boolean(document.querySelector(".reveal.paused"));

function fullscreen() {
  if (!document.fullscreenElement) document.documentElement.requestFullscreen().catch(() => say("No full screen here"));
}

/** @type {(deck: SlideShow, method: "next" | "prev") => void} */
function move(deck, method) {
  deck.reveal(isBlack() ? "togglePause" : method); // a black screen gives way to the same slide
}

/** @param {Element} slide */
const place = (slide) => [...(slide.parentElement?.querySelectorAll(":scope > section") ?? [])].indexOf(slide);

/** @type {(deck: SlideShow, slide: Element | undefined) => void} */
function goto(deck, slide) {
  if (slide?.parentElement) deck.reveal("slide", place(slide.parentElement), place(slide));
}

const slides = () => [...document.querySelectorAll(".reveal .slides > section > section")];

/** @param {SlideShow} deck */
function run(deck) {
  const cell = deck.cell();
  if (!cell) return;
  recorded.hide(cell);
  deck.run(cell);
}

/** @type {(deck: SlideShow, by: number) => void} */
function resize(deck, by) {
  say(`Code ${Math.round(100 * codeSize.step(by))} %`);
  deck.wrap(codeSize.now() > 1);
}

/** @param {SlideShow} deck */
function openNotes(deck) {
  if (notes.open(deck, (event) => press(deck, event))) return;
  say("The browser blocked the window with the notes: allow pop-ups for this page");
}

/** @type {Record<import("./keys.js").Action, (deck: SlideShow) => unknown>} */
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
  notes: openNotes,
  slide: (deck) => deck.focus(),
  nothing: () => {},
};

/** @type {(deck: SlideShow, event: KeyboardEvent) => void} */
function press(deck, event) {
  if (!deck.onStage() || document.querySelector(".modal.in, .jp-Dialog")) return;
  if (overview.press(event, (slide) => goto(deck, slide))) {
    event.preventDefault();
    return event.stopImmediatePropagation();
  }
  const name = action(event, focusIn(event.target)) ?? (event.key === "Escape" && document.getElementById("stage-help") ? "nothing" : null);
  if (name !== "help") closeHelp();
  if (!name) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  ACTIONS[name](deck);
}

/**
 * Leave a widget's keys to the widget: arrow keys move the slider, not the slide.
 * @param {KeyboardEvent} event
 */
function keep(event) {
  if (event.target instanceof Element && event.target.closest(".jupyter-widgets")) event.stopPropagation();
}

/**
 * Select the cell that Shift-Enter runs as soon as its slide shows, and give the slide the keys.
 * @param {SlideShow} deck
 */
function arrive(deck) {
  if (!deck.onStage()) return;
  const part = [...deck.slide().querySelectorAll(".fragment.visible")].at(-1) ?? deck.slide();
  const cell = deck.cells().find(({ node }) => part.contains(node)) ?? deck.cell();
  if (cell) deck.select(cell);
  deck.wrap(codeSize.now() > 1); // bigger code may be wider than the slide
  deck.focus();
  notes.update(deck);
}

/** @type {WeakMap<Element, number>} Running cells, since when (ms). */
const since = new WeakMap();

/** @type {(selector: string) => NodeListOf<HTMLElement>} */
const elements = (selector) => document.querySelectorAll(selector);

// Write into the label of a running cell, which rise.css shows, for how many seconds it has run.
function countSeconds() {
  for (const cell of elements(".reveal .running")) {
    const start = since.get(cell) ?? Date.now();
    since.set(cell, start);
    const s = Math.floor((Date.now() - start) / 1000);
    cell.style.setProperty("--running", s ? `"running … ${s} s"` : "");
  }
  for (const cell of elements(".reveal [style*='--running']:not(.running)")) {
    cell.style.removeProperty("--running");
    since.delete(cell);
  }
}

/** @param {string} href */
const addStyleSheet = (href) => document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));

/** @param {SlideShow} deck */
export function begin(deck) {
  addStyleSheet(new URL("stage.css", import.meta.url).href);
  codeSize.apply();
  overflow.watch(deck);
  recorded.load(deck);
  window.addEventListener("keydown", (event) => press(deck, event), { capture: true });
  document.body.addEventListener("keydown", keep);
  for (const name of ["ready", "slidechanged", "fragmentshown", "fragmenthidden"]) document.addEventListener(name, () => arrive(deck));
  setInterval(countSeconds, 250);
  arrive(deck);
}

/**
 * Show on every page if cells reach AWS: the server's style sheet does it, and is empty otherwise.
 * @param {string} base URL of the server
 */
export function showCloud(base) {
  addStyleSheet(`${base}lambdadeck/cloud.css`);
}
