// What the stage itself says: a line that goes away by itself, and the list of keys.
import { HELP } from "./keys.js";

let line, timer, list;

export function say(words) {
  line ??= document.body.appendChild(Object.assign(document.createElement("div"), { id: "stage-line", role: "status" }));
  line.textContent = words;
  clearTimeout(timer);
  timer = setTimeout(() => (line.textContent = ""), 1000 + 60 * words.length);
}

export function closeHelp() {
  list?.remove();
  list = null;
}

export function toggleHelp() {
  if (list) return closeHelp();
  list = document.createElement("div");
  list.id = "stage-help";
  list.setAttribute("role", "dialog");
  list.setAttribute("aria-label", "Keys on stage");
  const rows = HELP.map(([keys, does]) => `<tr><th scope="row">${keys.split("  ").map((k) => `<kbd>${k}</kbd>`).join(" ")}</th><td>${does}</td></tr>`);
  list.innerHTML = `<h2>Keys on stage</h2><table>${rows.join("")}</table>`;
  document.body.append(list);
}
