// The stage's end of the line to the presenter's console (console.js), a window that only the speaker sees. The stage sends
// what the console shows; the console sends the keys that are pressed in it. RISE's own window loads the deck twice more, each
// time with a kernel.
import { redirect } from "./messages.js";
import { now, slides, stops } from "./slides.js";
import * as talk from "./talk.js";

const NOTES = ".text_cell_render, .jp-MarkdownOutput";
const NAME = "lambdadeck-console";
const line = new BroadcastChannel(NAME);
let isOpen = false;

/** @param {ToConsole} message */
const send = (message) => line.postMessage(message);

/** @param {SlideShow} deck */
export function update(deck) {
  if (!isOpen || !deck.onStage()) return;
  const { started, route } = talk.now();
  const notes = [...deck.slide().querySelectorAll(":scope > aside")].map((e) => e.querySelector(NOTES)?.innerHTML ?? "").join("");
  const isBlack = Boolean(document.querySelector(".reveal.paused"));
  send({ shows: { stops: stops(deck), at: now(deck), started, route, notes, isBlack } });
}

/**
 * Open the console, or bring it to the front; return false if the browser blocks it. A new window has a new name: one that is
 * about to close still has its own.
 * @param {SlideShow} deck
 */
export function open(deck) {
  if (!isOpen) sessionStorage.setItem(NAME, String(Number(sessionStorage.getItem(NAME)) + 1));
  isOpen = false; // until it says so: if it was just closing, the next t opens another
  return Boolean(window.open(deck.console, `${NAME}-${sessionStorage.getItem(NAME)}`, "popup,width=900,height=700"));
}

/**
 * Answer the console, also one that an earlier page of the slides has opened.
 * @type {(deck: SlideShow, onKey: (event: KeyboardEvent) => void, go: (slide: Element) => void) => void}
 */
export function listen(deck, onKey, go) {
  line.onmessage = (/** @type {MessageEvent<FromConsole>} */ { data }) => {
    isOpen = !data.isClosed;
    if (!isOpen) send({ asks: true }); // another may be open
    if (data.key) onKey(new KeyboardEvent("keydown", data.key));
    if (data.goto !== undefined) go(slides()[data.goto]);
    update(deck);
  };
  redirect((text) => {
    if (isOpen) send({ says: text });
    return isOpen;
  });
  send({ asks: true });
}
