// The speaker's window: notes, timer, next slide. This script writes it: the content security policy allows no script there.
(() => {
  "use strict";
  if (!deck.stage) return;
  /** @type {Window | null} */
  let view = null;
  let started = 0; // ms since the epoch

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

  const isOpen = () => view !== null && !view.closed;
  /** @param {string} id */
  const part = (id) => /** @type {HTMLElement} */ (view?.document.getElementById(id));
  /** @param {number} number */
  const two = (number) => String(number).padStart(2, "0");

  function tick() {
    if (!isOpen()) return;
    const seconds = Math.floor((Date.now() - started) / 1000);
    part("time").textContent = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    part("clock").textContent = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  }

  // A copy of the slide that Space leads to; null at the end.
  function nextSlide() {
    const slides = Reveal.getSlides();
    const next = slides.at(slides.indexOf(Reveal.getCurrentSlide()) + 1);
    if (!next) return null;
    const copy = /** @type {HTMLElement} */ (deck.one(".fit", next).cloneNode(true));
    copy.querySelectorAll("[id]").forEach((element) => element.removeAttribute("id"));
    return copy;
  }

  function update() {
    if (!isOpen()) return;
    const slide = Reveal.getCurrentSlide();
    const notes = slide.querySelector("aside.notes");
    const left = slide.querySelectorAll(".fragment:not(.visible)").length;
    part("title").textContent = slide.dataset.title ?? "";
    part("notes").innerHTML = notes ? notes.innerHTML : "<p>No notes for this slide.</p>";
    part("where").textContent = `${deck.one("#place").textContent}${left ? ` · ${left} more on this slide` : ""}`;
    part("preview").inert = true; // only to look at
    part("preview").replaceChildren(nextSlide() ?? "The end");
  }

  /** @type {Record<string, (event: KeyboardEvent) => void>} */
  const KEYS = {
    ArrowRight: () => Reveal.right(),
    ArrowLeft: () => Reveal.left(),
    ArrowDown: () => Reveal.down(),
    ArrowUp: () => Reveal.up(),
    PageDown: () => Reveal.next(),
    PageUp: () => Reveal.prev(),
    " ": ({ shiftKey }) => (shiftKey ? Reveal.prev() : Reveal.next()),
  };

  /** @param {KeyboardEvent} event */
  function press(event) {
    const target = /** @type {Element} */ (event.target); // of the other window: not an instance of this one's Element
    if (!KEYS[event.key] || (event.key === " " && target.closest("button"))) return;
    KEYS[event.key](event);
    event.preventDefault();
  }

  /** @param {Document} page */
  function build(page) {
    page.documentElement.lang = document.documentElement.lang;
    page.documentElement.dataset.theme = deck.theme();
    page.title = `Speaker: ${deck.title}`;
    const style = page.createElement("style");
    style.textContent = deck.one("style").textContent + STYLE;
    page.head.append(style);
    page.body.id = "deck";
    page.body.innerHTML = LAYOUT;
    part("back").addEventListener("click", () => Reveal.prev());
    part("next").addEventListener("click", () => Reveal.next());
    part("again").addEventListener("click", () => { started = Date.now(); tick(); });
    page.addEventListener("keydown", press);
  }

  function open() {
    if (view && !view.closed) { view.focus(); return; }
    view = window.open("", "_blank", "popup,width=1100,height=640");
    if (!view) { deck.actions.help(); return; } // the browser blocked the window, and says so
    started = Date.now();
    build(view.document);
    update();
    tick();
  }

  deck.actions.speaker = open;
  setInterval(tick, 500);
  addEventListener("pagehide", () => view?.close());
  for (const event of ["slidechanged", "fragmentshown", "fragmenthidden"]) Reveal.on(event, update);
})();
