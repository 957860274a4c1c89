// Speaker notes in a window of their own: the notes of this slide, the next title, the time. RISE's own window loads the
// whole deck twice more, each time with a kernel. This one is text; keys pressed in it control the slides.
import * as talk from "./talk.js";

const NOTES = ".text_cell_render, .jp-MarkdownOutput";
const NAME = "lambdadeck-notes";
/** @type {Window | null} */
let view = null;
let timer = 0;

/** @param {Element | undefined} slide */
const title = (slide) => slide?.querySelector("h1, h2")?.textContent.replace("¶", "").trim() ?? "the end";
/** @param {number} number */
const pad = (number) => String(number).padStart(2, "0");
/** @type {(page: Document, id: string) => HTMLElement} */
const part = (page, id) => /** @type {HTMLElement} */ (page.getElementById(id));

function tick() {
  if (!view || view.closed) return;
  const s = Math.floor((Date.now() - (talk.now().started ?? Date.now())) / 1000);
  part(view.document, "clock").textContent = `${Math.floor(s / 60)}:${pad(s % 60)} · ${new Date().toTimeString().slice(0, 5)}`;
}

/** @param {SlideShow} deck */
export function update(deck) {
  if (!view || view.closed || !deck.onStage()) return;
  const slides = [...document.querySelectorAll(".reveal .slides > section > section")];
  const at = slides.indexOf(deck.slide());
  const notes = [...slides[at].querySelectorAll(":scope > aside")].map((e) => e.querySelector(NOTES)?.innerHTML ?? "");
  part(view.document, "now").textContent = `${at + 1} / ${slides.length}  ${title(slides[at])}`;
  part(view.document, "notes").innerHTML = notes.join("");
  part(view.document, "next").textContent = `Next: ${title(slides[at + 1])}`;
  view.document.body.scrollTop = 0;
}

/**
 * Insert the style sheets as text: the new window has no address, and Jupyter serves files only to its own pages.
 * @param {Document} page
 */
async function style(page) {
  for (const name of ["../../deck/tokens.css", "notes.css"]) {
    const answer = await fetch(new URL(name, import.meta.url));
    page.head.append(Object.assign(document.createElement("style"), { textContent: await answer.text() }));
  }
}

/**
 * Open the window; return false if the browser blocks it.
 * @type {(deck: SlideShow, onKey: (event: KeyboardEvent) => void) => boolean}
 */
export function open(deck, onKey) {
  if (view && !view.closed) {
    view.focus();
    return true;
  }
  view = window.open("", NAME, "popup,width=900,height=700");
  if (!view) return false;
  if (!talk.now().started) talk.keep({ started: Date.now() });
  sessionStorage.setItem(NAME, "open");
  fill(view, deck, onKey);
  return true;
}

/** @type {(view: Window, deck: SlideShow, onKey: (event: KeyboardEvent) => void) => void} */
function fill({ document: page }, deck, onKey) {
  page.title = "Speaker notes";
  page.head.replaceChildren();
  style(page);
  page.body.innerHTML = "<header><h1 id='now'></h1><p id='clock'></p></header><main id='notes'></main><p id='next'></p>";
  page.onkeydown = onKey;
  clearInterval(timer);
  timer = setInterval(tick, 1000);
  tick();
  update(deck);
}

/**
 * Take up the window that the page before a reload has left open.
 * @type {(deck: SlideShow, onKey: (event: KeyboardEvent) => void) => void}
 */
export function resume(deck, onKey) {
  if (sessionStorage.getItem(NAME) === "open") open(deck, onKey);
}
