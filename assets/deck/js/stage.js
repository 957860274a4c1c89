// The slides: reveal.js in a stage of our size, and keys that leave sliders, tables and dialogs alone.
deck.stage = (() => {
  "use strict";
  if (deck.view() !== "slides") return null;
  const main = document.getElementById("deck");
  const place = document.getElementById("place");
  const fitted = new WeakMap(); // slide -> the size it was fitted for

  const key = () => { const { width, height } = deck.size(); return `${width}x${height}`; };
  const refit = (slide = Reveal.getCurrentSlide()) => { deck.fit(slide, deck.size().scale); fitted.set(slide, key()); };
  const fitOnce = (slide) => { if (slide && fitted.get(slide) !== key()) refit(slide); };

  function resize() {
    const { width, height } = deck.size();
    Reveal.configure({ width, height });
    Reveal.layout();
    fitOnce(Reveal.getCurrentSlide());
  }

  function shown() {
    const slide = Reveal.getCurrentSlide();
    fitOnce(slide);
    slide.scrollTop = 0;
    place.textContent = `${Reveal.getSlidePastCount() + 1} / ${Reveal.getTotalSlides()}`;
    document.title = `${slide.dataset.title} · ${deck.title}`;
  }

  // Keys that belong to what has the focus, not to the deck.
  const ownsKeys = (element) => element.closest("input, select, textarea, dialog, .sheet, [contenteditable]");
  const presses = (element, event) => element.closest("button, a, summary") && [" ", "Enter"].includes(event.key);

  function scrollBy(event) { // true if the slide had more to show in that direction
    const slide = Reveal.getCurrentSlide();
    if (!slide.classList.contains("scrolls") || Reveal.isOverview()) return false;
    const down = ["ArrowDown", "PageDown"].includes(event.key) || (event.key === " " && !event.shiftKey);
    const up = ["ArrowUp", "PageUp"].includes(event.key) || (event.key === " " && event.shiftKey);
    if (!down && !up) return false;
    const before = slide.scrollTop;
    slide.scrollTop += (down ? 0.8 : -0.8) * slide.clientHeight;
    return slide.scrollTop !== before;
  }

  function isDecks(event) {
    if (document.querySelector("dialog[open]")) return false;
    if (event.target instanceof Element && (ownsKeys(event.target) || presses(event.target, event))) return false;
    if (!scrollBy(event)) return true;
    event.preventDefault();
    return false;
  }

  const bind = (code, keyName, description, callback) => Reveal.addKeyBinding({ keyCode: code, key: keyName, description }, callback);

  function bindKeys() {
    bind(65, "A", "Article", () => deck.actions.article());
    bind(68, "D", "Light or dark", () => deck.actions.theme());
    bind(77, "M", "Slides, with search", () => deck.actions.menu());
    bind(83, "S", "Speaker view", () => deck.actions.speaker());
    bind(191, "/", "Slides, with search", () => deck.actions.menu());
  }

  const isQuestionMark = (event) => event.key === "?" && !event.ctrlKey && !event.metaKey;

  function start() {
    deck.title = document.title;
    const { width, height } = deck.size();
    main.classList.add("reveal");
    main.parentElement.classList.add("reveal-viewport");
    main.querySelectorAll(".unshown").forEach((slide) => slide.remove());
    main.querySelectorAll(".stack:empty").forEach((stack) => stack.remove());
    const goal = deck.goal();
    return Reveal.initialize({
      width, height, margin: 0, minScale: 0.05, maxScale: 20, center: false, embedded: true,
      keyboard: true, keyboardCondition: isDecks, help: false, jumpToSlide: false, controls: false, progress: true,
      hash: true, fragmentInURL: true, transition: "none", backgroundTransition: "none", viewDistance: 2,
      overview: true, postMessage: false, scrollActivationWidth: null, view: null, hideInactiveCursor: true,
    }).then(() => {
      main.removeAttribute("role"); // reveal.js makes it an application, which would keep readers from reading
      bindKeys();
      Reveal.on("slidechanged", shown);
      Reveal.on("overviewshown", () => Reveal.getSlides().forEach(fitOnce));
      Reveal.on("overviewhidden", () => refit());
      addEventListener("resize", resize);
      addEventListener("keydown", (event) => { if (isQuestionMark(event) && isDecks(event)) { event.stopImmediatePropagation(); deck.actions.help(); } }, true);
      main.addEventListener("toggle", () => refit(), true);
      if (goal && document.getElementById(goal)) show(goal);
      shown();
      Promise.all([...main.querySelectorAll("img")].map((picture) => picture.decode().catch(() => undefined)))
        .then(() => refit()); // a picture that could not be decoded is for the tests to find, not for this
      document.documentElement.dataset.ready = "true";
    });
  }

  function show(id) {
    const slide = document.getElementById(id)?.closest(".slide");
    if (!slide) return;
    const { h, v } = Reveal.getIndices(slide);
    Reveal.slide(h, v);
  }

  Object.assign(deck.actions, {
    next: () => Reveal.next(),
    back: () => Reveal.prev(),
    overview: () => Reveal.toggleOverview(),
  });
  start();
  return { show, refit };
})();
