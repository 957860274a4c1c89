// The presenter's console, a page of its own: notes, time, the next slide, a list to jump from. It survives a reload of the
// slides, and the slides survive its own. Keys pressed here control the slides; ↓ ↑ + − w are for the console itself.
import * as overview from "./overview.js";
import { NAMES, isOn, minutes, neighbor, numbered } from "./routes.js";

const SIZE = "lambdadeck-console-px";
const PATIENCE_MS = 2000;
const line = new BroadcastChannel("lambdadeck-console");
/** @type {ConsoleState | null} */
let shown = null;
let waiting = 0;

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {FromConsole} message */
function send(message) {
  line.postMessage(message);
  clearTimeout(waiting);
  waiting = setTimeout(() => { part("line").textContent = "The slides do not answer: is their page open, and not left with Alt-R?"; }, PATIENCE_MS);
}

/** @param {number} by px */
function resize(by) {
  const px = Math.min(Math.max((Number(localStorage.getItem(SIZE)) || 24) + by, 14), 60);
  localStorage.setItem(SIZE, String(px));
  document.documentElement.style.setProperty("--size", `${px}px`);
}

/**
 * Return how far the talk is ahead of its minutes, or behind.
 * @type {(elapsed: number, plan: { from: number, to: number }) => string}
 */
function pace(elapsed, { from, to }) {
  const late = elapsed > to ? elapsed - to : Math.min(elapsed - from, 0);
  const whole = Math.round(Math.abs(late));
  return whole === 0 ? "on time" : `${whole} min ${late > 0 ? "behind" : "ahead"}`;
}

function tick() {
  if (!shown) return;
  const time = new Date().toTimeString().slice(0, 5);
  const s = Math.max(0, Math.floor((Date.now() - (shown.started ?? Date.now())) / 1000));
  const plan = minutes(shown.stops, shown.at, shown.route);
  part("clock").textContent = `${time} · ${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")} of ${plan.all} min`;
  part("pace").textContent = shown.started ? pace(s / 60, plan) : "not started";
  part("pace").className = part("pace").textContent.split(" ").at(-1) ?? "";
}

/**
 * Show the note of the slide, what to do if its cell fails first.
 * @param {string} html
 */
function showNotes(html) {
  const notes = part("notes");
  notes.innerHTML = html;
  const [minutes, ...labels] = [...notes.querySelectorAll("p > strong:first-child")];
  if (/^[\d.]+ min/.test(minutes?.textContent ?? "")) minutes.remove(); // the header has the time
  const failing = labels.find((e) => e.textContent.startsWith("If the cell fails"))?.parentElement;
  failing?.classList.add("failing");
  if (failing) notes.prepend(failing);
  notes.scrollTop = 0;
}

/** @param {ConsoleState} state */
function show(state) {
  const { stops, at, route, isBlack, notes } = state;
  const next = stops[neighbor(stops, at, 1, route)];
  const { number, of } = numbered(stops, at, route);
  const off = isOn(stops[at], route) ? "" : ", off the route";
  part("now").textContent = `${number} / ${of}  ${stops[at].title} (${stops[at].minutes} min${off})`;
  part("next").textContent = `Next: ${next?.title ?? "the end"} · route: ${NAMES[route]}`;
  part("beside").textContent = stops[at + 1] && stops[at + 1] !== next ? `→ off the route: ${stops[at + 1].title}` : "";
  if (isBlack !== shown?.isBlack) part("line").textContent = isBlack ? "The screen is black: b brings the slide back" : "";
  if (shown?.notes !== notes) showNotes(notes);
  shown = state;
  tick();
}

/** @type {Record<string, () => void>} */
const OWN = {
  ArrowDown: () => part("notes").scrollBy({ top: 0.6 * part("notes").clientHeight }),
  ArrowUp: () => part("notes").scrollBy({ top: -0.6 * part("notes").clientHeight }),
  "+": () => resize(2),
  "=": () => resize(2),
  "-": () => resize(-2),
  t: () => {}, // it is open
  w: () => shown && overview.open(shown.stops.map((stop) => ({ ...stop, isOff: shown !== null && !isOn(stop, shown.route) })), shown.at),
};

/** @param {KeyboardEvent} event */
function press(event) {
  const { key, shiftKey, ctrlKey, altKey, metaKey } = event;
  if (ctrlKey || altKey || metaKey || /^(F\d+|Tab|Shift)$/.test(key)) return; // the browser's
  event.preventDefault();
  if (overview.press(event, (index) => send({ goto: index }))) return;
  if (OWN[key]) OWN[key]();
  else send({ key: { key, shiftKey } });
}

line.onmessage = (/** @type {MessageEvent<ToConsole & FromConsole>} */ { data }) => {
  if (data.isNew) window.close();
  if (data.isNew) part("line").textContent = "A newer console is open: close this one";
  clearTimeout(waiting);
  if (data.asks) send({});
  if (data.shows) show(data.shows);
  if (data.says) part("line").textContent = data.says;
};
window.addEventListener("keydown", press);
window.addEventListener("pagehide", () => {
  line.postMessage({ isClosed: true });
  line.close(); // the stage asks whether another is open: this one must not answer
});
resize(0);
setInterval(tick, 1000);
send({ isNew: true });
