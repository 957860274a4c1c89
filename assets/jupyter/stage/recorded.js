// The last good output of a cell, in case it fails on stage: always labeled, never in place of an output of changed code.
import { say } from "./messages.js";
import * as talk from "./talk.js";

const WIDGET = "application/vnd.jupyter.widget-view+json";
const HOW = "scripts/check records each cell's output";
/** @type {Record<string, Recording>} */
let kept = {};

/**
 * Return the recordings by cell id; the last copy if Jupyter no longer answers.
 * @param {SlideShow} deck
 */
export async function load(deck) {
  try {
    const answer = await fetch(deck.recordings, { cache: "no-store", signal: AbortSignal.timeout(2000) });
    if (answer.ok) kept = await answer.json();
  } catch (error) {
    console.warn("No newer recordings:", error);
  }
  return kept;
}

/** @param {string} iso */
const when = (iso) => new Date(iso).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });

/** @param {string} text */
async function sha256(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Return the recording of exactly this source, or a sentence that says why there is none.
 * @type {(recordings: Record<string, Recording>, cell: StageCell) => Promise<Recording | string>}
 */
async function find(recordings, cell) {
  const made = recordings[cell.id];
  if (!made) return `No recording of this cell: ${HOW}`;
  if (made.source_sha256 === (await sha256(cell.source))) return made;
  return `Recorded on ${when(made.when)}, but the cell has changed since: not shown`;
}

/** @param {StageCell} cell */
export function hide(cell) {
  cell.node.classList.remove("shows-recorded");
  cell.node.querySelector(":scope > .recorded")?.remove();
}

/** Cells that have run on this page, or whose earlier output was shown. */
const fresh = new WeakSet();

/** @param {StageCell} cell */
export function forget(cell) {
  fresh.add(cell.node);
}

/**
 * Show what the cell showed earlier in this talk, before the page was loaded again; a panel itself, if its kernel still has it.
 * @type {(deck: SlideShow, cell: StageCell) => Promise<void>}
 */
export async function showEarlier(deck, cell) {
  const made = talk.now().outputs[cell.id];
  if (!made || fresh.has(cell.node) || made.source_sha256 !== (await sha256(cell.source))) return;
  fresh.add(cell.node);
  show(cell, made, "EARLIER", `${new Date(made.when).toTimeString().slice(0, 5)} · in this talk, before the page was loaded again`);
  if (made.model && (await deck.hasWidget(made.model)) && cell.node.querySelector(":scope > .recorded")) {
    hide(cell);
    deck.addWidget(cell, { output_type: "display_data", metadata: {}, data: { [WIDGET]: { version_major: 2, version_minor: 0, model_id: made.model } } });
  }
}

/** @type {(cell: StageCell, made: Recording, mark?: string, words?: string) => void} */
function show(cell, made, mark = "RECORDED", words = `${when(made.when)} · ${made.where} · not live`) {
  const box = document.createElement("div");
  box.className = "recorded";
  box.innerHTML = `<p class="recorded-label" role="status"><strong>${mark}</strong> <span></span></p>
    <div class="recorded-output rendered_html jp-RenderedHTMLCommon">${made.html || "<p>(This cell shows nothing.)</p>"}</div>`; // cleaned by lambdadeck/stage/recorded_html.py
  box.querySelector("span")?.append(words);
  hide(cell);
  cell.node.append(box);
  cell.node.classList.add("shows-recorded");
}

/** @param {SlideShow} deck */
export async function toggle(deck) {
  const cell = deck.cell();
  if (!cell) return say("No cell on this slide");
  if (cell.node.querySelector(":scope > .recorded strong")?.textContent === "RECORDED") return hide(cell);
  const found = await find(await load(deck), cell);
  return typeof found === "string" ? say(found) : show(cell, found);
}
