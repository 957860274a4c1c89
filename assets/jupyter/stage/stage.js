// The stage, the same in both variants: keys, code size, recorded outputs, long outputs. What differs is in classic.js and
// lab.js, which implement SlideShow: how to move, which cell a key means, how to run it.
import * as answer from "./answer.js";
import * as clock from "./clock.js";
import * as codeSize from "./code-size.js";
import { action, focusIn, WAITING } from "./keys.js";
import { closeHelp, inDialog, say, toggleHelp } from "./messages.js";
import * as occasion from "./occasion.js";
import * as overflow from "./overflow.js";
import * as overview from "./overview.js";
import * as presenter from "./presenter.js";
import * as recorded from "./recorded.js";
import * as routes from "./routes.js";
import { goto, now, place, slides, stops, watch } from "./slides.js";
import * as talk from "./talk.js";

const isBlack = () => Boolean(document.querySelector(".reveal.paused"));

function fullscreen() {
  if (!document.fullscreenElement) document.documentElement.requestFullscreen().catch(() => say("No full screen here"));
}

/** @type {(deck: SlideShow, method: "next" | "prev") => void} */
function beside(deck, method) {
  deck.reveal(isBlack() ? "togglePause" : method); // a black screen gives way to the same slide
}

/**
 * Go to the next fragment or slide on the route, forward (1) or back (-1).
 * @type {(deck: SlideShow, by: 1 | -1) => void}
 */
function move(deck, by) {
  const fragment = deck.slide().querySelector(by > 0 ? ".fragment:not(.visible)" : ".fragment.visible");
  if (isBlack() || fragment) return beside(deck, by > 0 ? "next" : "prev");
  goto(deck, slides()[routes.neighbor(stops(deck), now(deck), by, talk.now().route)]);
}

/** @param {SlideShow} deck */
function changeRoute(deck) {
  talk.keep({ route: routes.after(talk.now().route) });
  showNumber(deck);
  say(`Route: ${routes.NAMES[talk.now().route]}`);
}

/**
 * Number the slide as the route does, so that the room does not see what is left out.
 * @param {SlideShow} deck
 */
function showNumber(deck) {
  if (!deck.onStage()) return;
  const { number, of } = routes.numbered(stops(deck), now(deck), talk.now().route);
  const node = document.querySelector(".reveal .slide-number");
  if (!node) return;
  if (node.textContent !== `${number} / ${of}`) node.textContent = `${number} / ${of}`;
  /** @type {HTMLElement | null} */ (document.querySelector(".reveal > .progress"))?.style.setProperty("--progress", `${(100 * number) / of}%`);
  if (!watched.has(node)) new MutationObserver(() => showNumber(deck)).observe(node, { childList: true, subtree: true });
  watched.add(node);
}

/** @type {WeakSet<Element>} Where reveal.js writes its own numbers. */
const watched = new WeakSet();

/** @param {SlideShow} deck */
function run(deck) {
  const cell = deck.cell();
  if (!cell) return;
  recorded.hide(cell);
  deck.run(cell);
}

/**
 * Restart the kernel and run the first cell; the slide stays.
 * @param {SlideShow} deck
 */
async function restart(deck) {
  say("Restarting the kernel …");
  await deck.restart();
  say("The kernel is new, and the first cell has run");
}

let zeros = 0; // ms since the epoch

/** @param {SlideShow} deck */
function zero(deck) {
  const isSecond = Date.now() - zeros < 1000;
  zeros = isSecond ? 0 : Date.now();
  if (isSecond) restart(deck);
}

/** @type {(deck: SlideShow, by: number) => void} */
function resize(deck, by) {
  say(`Code ${Math.round(100 * codeSize.step(by))} %`);
  deck.wrap(codeSize.now() > 1);
}

/**
 * Show the output alone over the whole stage, or the slide again.
 * @param {SlideShow} deck
 */
function alone(deck) {
  if (deck.slide().dataset.shows !== "answer") return say("Run the cell first: its output then fills the stage with z");
  deck.slide().toggleAttribute("data-alone");
}

/** @param {SlideShow} deck */
function openConsole(deck) {
  if (!presenter.open(deck)) say("The browser blocked the presenter's console: allow pop-ups for this page");
}

/** @type {Record<import("./keys.js").Action, (deck: SlideShow) => unknown>} */
const ACTIONS = {
  next: (deck) => move(deck, 1),
  previous: (deck) => move(deck, -1),
  right: (deck) => beside(deck, "next"),
  left: (deck) => beside(deck, "prev"),
  down: (deck) => overflow.scroll(deck.slide(), 1) || move(deck, 1),
  up: (deck) => overflow.scroll(deck.slide(), -1) || move(deck, -1),
  overview: (deck) => overview.open(stops(deck), now(deck)),
  first: (deck) => goto(deck, slides()[0]),
  last: (deck) => goto(deck, slides().at(-1)),
  run,
  recorded: recorded.toggle,
  bigger: (deck) => resize(deck, 1),
  smaller: (deck) => resize(deck, -1),
  normal: (deck) => resize(deck, 0),
  alone,
  black: (deck) => deck.reveal("togglePause"),
  fullscreen,
  help: toggleHelp,
  notes: openConsole,
  restart,
  zero,
  route: changeRoute,
  clock: clock.restart,
  slide: (deck) => deck.focus(),
  nothing: () => {},
};

/** @type {(deck: SlideShow, event: KeyboardEvent) => void} */
function press(deck, event) {
  if (!deck.onStage()) return;
  if (document.querySelector(".modal.in, .jp-Dialog")) return inDialog(event);
  if (overview.press(event, (index) => goto(deck, slides()[index]))) {
    event.preventDefault();
    return event.stopImmediatePropagation();
  }
  const name = action(event, focusIn(event.target)) ?? (event.key === "Escape" && document.getElementById("stage-help") ? "nothing" : null);
  if (name !== "help") closeHelp();
  if (!name) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (WAITING.has(name)) talk.loaded.then(() => deck.onStage() && act(deck, name));
  else act(deck, name);
}

/** @type {(deck: SlideShow, name: import("./keys.js").Action) => void} */
function act(deck, name) {
  isBack = true;
  ACTIONS[name](deck);
  presenter.update(deck);
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
  slides().filter((slide) => slide !== deck.slide()).forEach((slide) => slide.removeAttribute("data-alone"));
  answer.show(deck);
  deck.focus();
  if (isBack) clock.leave(now(deck));
  if (isBack) talk.keep({ place: where(deck) });
  showNumber(deck);
  presenter.update(deck);
  deck.cells().forEach((one) => recorded.showEarlier(deck, one));
}

/** @type {(deck: SlideShow) => [number, number, number]} */
function where(deck) {
  const slide = deck.slide();
  const fragments = slide.querySelectorAll(".fragment.visible").length;
  return [slide.parentElement ? place(slide.parentElement) : 0, place(slide), fragments - 1];
}

let isBack = false; // on the slide that the talk was on

/**
 * Go to the slide that the talk was on, when the page or the slides are new. RISE goes to the first slide a moment after
 * reveal.js is ready, so look for a second, or until a key is pressed.
 * @param {SlideShow} deck
 */
async function goBack(deck) {
  const { place } = talk.now();
  isBack = !place;
  for (let tries = 0, right = 0; place && !isBack && right < 10 && tries < 100; tries++) {
    const isThere = deck.onStage() && `${where(deck)}` === `${place}`;
    right = isThere ? right + 1 : 0;
    if (deck.onStage() && !isThere) deck.reveal("slide", ...place);
    await new Promise((done) => setTimeout(done, 100));
  }
  isBack = true;
  arrive(deck);
}

/**
 * Take up slide, clock and outputs, if this is not the first page of the talk.
 * @param {SlideShow} deck
 */
async function resume(deck) {
  await talk.loaded;
  occasion.show(slides()[0]);
  await goBack(deck);
  let wasOnStage = deck.onStage();
  const check = () => {
    if (deck.onStage() && !wasOnStage) goBack(deck); // RISE is late, or it is Alt-R again
    wasOnStage = deck.onStage();
  };
  document.addEventListener("ready", () => {
    check();
    if (!document.querySelector(".reveal .selected, .jp-mod-active")) arrive(deck); // RISE has taken the selection away
  });
  new MutationObserver(check).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  presenter.listen(deck, (event) => press(deck, event), (slide) => goto(deck, slide));
  deck.onRan((cell, outputs) => {
    recorded.forget(cell);
    talk.keep({ ran: { id: cell.id, source: cell.source, outputs } });
  });
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
  for (const name of ["stage.css", "answer.css"]) addStyleSheet(new URL(name, import.meta.url).href);
  watch(deck, () => {
    if (deck.onStage()) answer.show(deck);
    occasion.show(slides()[0]);
  });
  codeSize.apply();
  overflow.watch(deck);
  recorded.load(deck);
  talk.load(deck.talk);
  window.addEventListener("keydown", (event) => press(deck, event), { capture: true });
  document.body.addEventListener("keydown", keep);
  for (const name of ["slidechanged", "fragmentshown", "fragmenthidden"]) document.addEventListener(name, () => arrive(deck));
  setInterval(countSeconds, 250);
  resume(deck);
}

/**
 * Show on every page if cells reach AWS: the server's style sheet does it, and is empty otherwise.
 * @param {string} base URL of the server
 */
export function showCloud(base) {
  addStyleSheet(`${base}lambdadeck/cloud.css`);
}
