// A slide turns from a question into an answer. The question is in the slide's metadata; until its cell has an output the
// question is the title and the code stands whole. Then the markdown's title is the title, with the
// number from the output's metadata; the output takes the room, and the code folds to its last line (answer.css).
import { fill } from "./exhibit.js";

const OUTPUT = ".output_wrapper .output_area, .jp-OutputArea-child, .recorded";
const TITLE = ":is(.text_cell_render, .jp-MarkdownOutput) :is(h1, h2)";
const CODE = ".input_area, .jp-CodeCell .jp-InputArea-editor";

/**
 * Return the slide's line for question, finding, or source, made if necessary.
 * @type {(slide: Element, name: "stage-question" | "stage-finding" | "stage-source") => HTMLElement}
 */
function line(slide, name) {
  const found = slide.querySelector(`:scope > .${name}`);
  if (found instanceof HTMLElement) return found;
  const made = Object.assign(document.createElement("p"), { className: name });
  slide.append(made); // the style sheet puts it on top: the markdown's title stays the first heading
  return made;
}

/**
 * Return what an output's metadata says to its slide; "" if none does.
 * @type {(parts: SlidePart[], name: "number" | "source") => string}
 */
const said = (parts, name) => parts.flatMap(({ outputs }) => outputs).map(({ metadata }) => metadata?.lambdadeck?.[name]).find(Boolean) ?? "";

/**
 * Return what a panel with controls says to its slide now; "" without one.
 * @type {(slide: Element, name: "data-title" | "data-source") => string}
 */
const says = (slide, name) => slide.querySelector(`.lambdadeck-panel [${name}]`)?.getAttribute(name) ?? "";

/**
 * Return the title with the number just measured, or a panel's; "" without one.
 * @type {(slide: Element, parts: SlidePart[]) => string}
 */
function finding(slide, parts) {
  const number = said(parts, "number");
  const title = slide.querySelector(TITLE)?.textContent?.replace("¶", "").trim();
  return number ? `${title}: ${number}` : says(slide, "data-title");
}

/** @param {SlidePart[]} parts */
const failed = (parts) => parts.some(({ outputs }) => outputs.some((output) => output.output_type === "error"));

/**
 * Write how many lines of code the fold hides.
 * @param {Element} slide
 */
function count(slide) {
  for (const box of /** @type {NodeListOf<HTMLElement>} */ (slide.querySelectorAll(CODE))) {
    const more = box.querySelectorAll(".CodeMirror-code > *, .cm-line").length - 1;
    const words = more > 0 ? `"+ ${more} line${more > 1 ? "s" : ""}"` : "none";
    if (box.style.getPropertyValue("--more") !== words) box.style.setProperty("--more", words);
  }
}

/**
 * Show the slide as the question or as the answer.
 * @param {SlideShow} deck
 */
export function show(deck) {
  const slide = deck.slide(), parts = deck.parts(), question = parts.map((part) => part.question).find(Boolean);
  if (!question) return;
  const isRunAgain = slide.dataset.shows === "answer" && slide.querySelector(".running") !== null;
  const isAnswered = isRunAgain || slide.querySelector(OUTPUT) !== null;
  const isRecorded = slide.querySelector(".recorded") !== null; // its numbers are not those of the live outputs
  const shows = !isAnswered ? "question" : failed(parts) && !isRecorded ? "error" : "answer";
  const found = shows === "answer" && !isRecorded ? finding(slide, parts) : "";
  if (slide.dataset.shows !== shows) slide.dataset.shows = shows;
  slide.toggleAttribute("data-found", Boolean(found));
  const asked = line(slide, "stage-question"), answered = line(slide, "stage-finding"), origin = line(slide, "stage-source");
  if (asked.textContent !== question) asked.textContent = question;
  const words = shows === "error" ? "The cell failed; g looks for its last good output" : found;
  if (answered.textContent !== words) answered.textContent = words;
  const source = shows === "answer" && !isRecorded ? said(parts, "source") || says(slide, "data-source") : "";
  if (origin.textContent !== source) origin.textContent = source;
  count(slide);
  if (shows === "answer") fill(slide);
  slide.querySelector(TITLE)?.setAttribute("aria-hidden", String(shows === "question" || Boolean(words)));
  for (const [element, isTitle] of /** @type {[HTMLElement, boolean][]} */ ([[asked, shows === "question"], [answered, Boolean(words)]])) {
    if (isTitle) element.setAttribute("role", "heading"), element.setAttribute("aria-level", "2");
    else element.removeAttribute("role"), element.removeAttribute("aria-level");
  }
}
