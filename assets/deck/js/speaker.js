// The speaker's window: notes, timer, this slide and the next. It is written from here: our policy lets no script into it.
(() => {
  "use strict";
  if (!deck.stage) return;
  let view = null; // the window
  let started = null;

  const LAYOUT = `
    <header><p id="time" role="timer">0:00:00</p><p id="clock"></p><p id="where"></p>
    <p><button type="button" id="back">Back</button> <button type="button" id="next">Next</button> <button type="button" id="again">Timer to 0</button></p></header>
    <main><h1 id="title"></h1><div id="notes"></div></main>
    <section aria-label="Next slide"><h2>Next</h2><div id="frame"><div id="preview" class="reveal"></div></div></section>`;
  const STYLE = `
    body { margin: 0; display: grid; grid-template: auto 1fr / 1fr 420px; height: 100vh; overflow: hidden; }
    header { grid-column: 1 / -1; display: flex; gap: 32px; align-items: baseline; padding: 8px 24px; border-bottom: 1px solid var(--line); flex-wrap: wrap; }
    header p { margin: 0; font-size: 20px; } #time { font-size: 36px; font-weight: 700; font-variant-numeric: tabular-nums; }
    main { padding: 8px 24px; overflow: auto; font-size: 22px; } #deck #title { font-size: 26px; } #deck section > h2 { font-size: 18px; margin: 0 0 8px; }
    section { padding: 8px 24px 8px 0; overflow: hidden; } #frame { width: 396px; height: 223px; overflow: hidden; border: 1px solid var(--line); }
    #preview { width: 1280px; height: 720px; transform: scale(0.3094); transform-origin: 0 0; box-sizing: border-box; padding: 34px 60px; }
    #deck #preview :is(.skip, .copy, .ran) { display: none; }`;

  const part = (id) => view.document.getElementById(id);
  const two = (number) => String(number).padStart(2, "0");

  function tick() {
    if (!view || view.closed) return;
    const seconds = Math.floor((Date.now() - started) / 1000);
    part("time").textContent = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    part("clock").textContent = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  }

  function following() { // the slide that Space leads to, or null at the end
    const slides = Reveal.getSlides();
    return slides[slides.indexOf(Reveal.getCurrentSlide()) + 1] ?? null;
  }

  function update() {
    if (!view || view.closed) return;
    const slide = Reveal.getCurrentSlide();
    const notes = slide.querySelector("aside.notes");
    const left = slide.querySelectorAll(".fragment:not(.visible)").length;
    part("title").textContent = slide.dataset.title;
    part("notes").innerHTML = notes ? notes.innerHTML : "<p>No notes for this slide.</p>";
    part("where").textContent = `${document.getElementById("place").textContent}${left ? ` · ${left} more on this slide` : ""}`;
    const next = following();
    const copy = next?.querySelector(".fit").cloneNode(true);
    copy?.querySelectorAll("[id]").forEach((element) => element.removeAttribute("id"));
    part("preview").inert = true; // a picture of the slide: nothing in it is to be pressed
    part("preview").replaceChildren(copy ?? "The end");
  }

  function keys(event) {
    if (event.target.closest?.("button") && [" ", "Enter"].includes(event.key)) return;
    const on = { ArrowRight: "right", ArrowLeft: "left", ArrowDown: "down", ArrowUp: "up", PageDown: "next", PageUp: "prev", Home: null, End: null }[event.key];
    if (on) Reveal[on](); else if (event.key === " ") event.shiftKey ? Reveal.prev() : Reveal.next(); else return;
    event.preventDefault();
  }

  function build() {
    const page = view.document;
    page.documentElement.lang = document.documentElement.lang;
    page.documentElement.dataset.theme = deck.theme();
    page.title = `Speaker: ${deck.title}`;
    const style = page.createElement("style");
    style.textContent = document.querySelector("style").textContent + STYLE;
    page.head.append(style);
    page.body.id = "deck";
    page.body.innerHTML = LAYOUT;
    part("back").addEventListener("click", () => Reveal.prev());
    part("next").addEventListener("click", () => Reveal.next());
    part("again").addEventListener("click", () => { started = Date.now(); tick(); });
    page.addEventListener("keydown", keys);
  }

  function open() {
    if (view && !view.closed) { view.focus(); return; }
    view = window.open("", "_blank", "popup,width=1100,height=640");
    if (!view) { deck.actions.help(); return; } // the browser blocked it; it says so itself
    started = Date.now();
    build();
    update();
    tick();
  }

  deck.actions.speaker = open;
  setInterval(tick, 500);
  addEventListener("pagehide", () => view?.close());
  for (const event of ["slidechanged", "fragmentshown", "fragmenthidden"]) Reveal.on(event, update);
})();
