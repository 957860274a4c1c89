// Speaker notes in a window of their own: this slide's notes, what comes next, the time. RISE's own window loads the whole
// deck twice more, with a kernel each; this one is text, and the keys pressed in it work the slides.
const NOTES = ".text_cell_render, .jp-MarkdownOutput";
let view, opened;

const title = (slide) => slide?.querySelector("h1, h2")?.textContent.replace("¶", "").trim() ?? "the end";
const pad = (number) => String(number).padStart(2, "0");

function tick() {
  if (!view || view.closed) return;
  const s = Math.floor((Date.now() - opened) / 1000);
  view.document.getElementById("clock").textContent = `${Math.floor(s / 60)}:${pad(s % 60)} · ${new Date().toTimeString().slice(0, 5)}`;
}

export function update(deck) {
  if (!view || view.closed || !deck.onStage()) return;
  const slides = [...document.querySelectorAll(".reveal .slides > section > section")];
  const at = slides.indexOf(deck.slide());
  const put = (id, html) => (view.document.getElementById(id).innerHTML = html);
  view.document.getElementById("now").textContent = `${at + 1} / ${slides.length}  ${title(slides[at])}`;
  put("notes", [...slides[at].querySelectorAll(":scope > aside")].map((e) => e.querySelector(NOTES)?.innerHTML ?? "").join(""));
  view.document.getElementById("next").textContent = `Next: ${title(slides[at + 1])}`;
  view.document.body.scrollTop = 0;
}

// As text: the new window has no address of its own, and Jupyter hands out files to its own pages alone.
async function style(document) {
  for (const name of ["../../deck/tokens.css", "notes.css"]) {
    const answer = await fetch(new URL(name, import.meta.url));
    document.head.append(Object.assign(document.createElement("style"), { textContent: await answer.text() }));
  }
}

export function open(deck, onKey) {
  if (view && !view.closed) return view.focus();
  view = window.open("", "lambdadeck-notes", "popup,width=900,height=700");
  if (!view) return false;
  opened = Date.now();
  view.document.title = "Speaker notes";
  style(view.document);
  view.document.body.innerHTML = "<header><h1 id='now'></h1><p id='clock'></p></header><main id='notes'></main><p id='next'></p>";
  view.addEventListener("keydown", onKey);
  setInterval(tick, 1000);
  tick();
  update(deck);
  return true;
}
