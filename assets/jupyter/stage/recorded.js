// The last good output of a cell, for when it fails on stage: always under its label, never in place of a newer cell.
import { say } from "./messages.js";

const HOW = "scripts/check records each cell's output";
let kept = {};

// Asked at the start and again at each use; if Jupyter does not answer any more, the copy that was read stands.
export async function load(deck) {
  try {
    const answer = await fetch(deck.recordings, { cache: "no-store", signal: AbortSignal.timeout(2000) });
    if (answer.ok) kept = await answer.json();
  } catch (problem) {
    console.warn("No newer recordings:", problem);
  }
  return kept;
}

const when = (iso) => new Date(iso).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });

async function sha256(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// What may be shown of a cell: a recording of exactly this source.
async function find(recordings, cell) {
  const made = recordings[cell.id];
  if (!made) return { why: `No recording of this cell: ${HOW}` };
  if (made.source_sha256 !== (await sha256(cell.source))) return { why: `Recorded on ${when(made.when)}, but the cell has changed since: not shown` };
  return { made };
}

export function hide(cell) {
  cell.node.classList.remove("shows-recorded");
  cell.node.querySelector(":scope > .recorded")?.remove();
}

function show(cell, made) {
  const box = document.createElement("div");
  box.className = "recorded";
  box.innerHTML = `<p class="recorded-label" role="status"><strong>RECORDED</strong> <span></span></p>
    <div class="recorded-output rendered_html jp-RenderedHTMLCommon">${made.html || "<p>(This cell shows nothing.)</p>"}</div>`; // cleaned by lambdadeck/stage/recorded_html.py
  box.querySelector("span").textContent = `${when(made.when)} · ${made.where} · not live`;
  hide(cell);
  cell.node.append(box);
  cell.node.classList.add("shows-recorded");
}

export async function toggle(deck) {
  const cell = deck.cell();
  if (!cell) return say("No cell on this slide");
  if (cell.node.classList.contains("shows-recorded")) return hide(cell);
  const { made, why } = await find(await load(deck), cell);
  return made ? show(cell, made) : say(why);
}
