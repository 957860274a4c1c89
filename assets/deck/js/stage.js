// The slides: reveal.js in a stage of our size. Its keys leave sliders, tables and dialogs alone.
deck.stage = (() => {
  "use strict";
  if (deck.view() !== "slides") return null;
  const main = deck.one("#deck");
  /** @type {WeakMap<HTMLElement, string>} */
  let fitted = new WeakMap(); // slide -> the size that it was fitted for

  const sizeKey = () => { const { width, height } = deck.size(); return `${width}x${height}`; };
  const refit = (slide = Reveal.getCurrentSlide()) => { deck.fit(slide, deck.size().scale); fitted.set(slide, sizeKey()); };
  /** @param {HTMLElement} slide */
  const fitOnce = (slide) => { if (slide && fitted.get(slide) !== sizeKey()) refit(slide); };

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
    deck.one("#place").textContent = `${Reveal.getSlidePastCount() + 1} / ${Reveal.getTotalSlides()}`;
    document.title = [...new Set([slide.dataset.title, deck.title])].join(" · ");
  }

  // Keys that belong to the element with the focus, not to the deck.
  /** @param {Element} element */
  const ownsKeys = (element) => element.closest("input, select, textarea, dialog, .sheet, [contenteditable]");
  /** @type {(element: Element, event: KeyboardEvent) => boolean} */
  const presses = (element, event) => element.closest("button, a, summary") !== null && [" ", "Enter"].includes(event.key);

  /**
   * Scroll the slide; return false if it has no more to show in that direction.
   * @param {KeyboardEvent} event
   */
  function scrollBy(event) {
    const slide = /** @type {HTMLElement | undefined} */ ([...Reveal.getCurrentSlide().querySelectorAll(".outputs[tabindex]"), Reveal.getCurrentSlide()]
      .find((e) => e.matches(".scrolls, [tabindex]")));
    if (!slide || Reveal.isOverview()) return false;
    const down = ["ArrowDown", "PageDown"].includes(event.key) || (event.key === " " && !event.shiftKey);
    const up = ["ArrowUp", "PageUp"].includes(event.key) || (event.key === " " && event.shiftKey);
    if (!down && !up) return false;
    const before = slide.scrollTop;
    slide.scrollTop += (down ? 0.8 : -0.8) * slide.clientHeight;
    return slide.scrollTop !== before;
  }

  /** @param {KeyboardEvent} event */
  function isDecks(event) {
    if (document.querySelector("dialog[open]")) return false;
    if (event.target instanceof Element && (ownsKeys(event.target) || presses(event.target, event))) return false;
    if (!scrollBy(event)) return true;
    event.preventDefault();
    return false;
  }

  /** @type {(keyCode: number, key: string, description: string, action: () => void) => void} */
  const bind = (keyCode, key, description, action) => Reveal.addKeyBinding({ keyCode, key, description }, action);

  function bindKeys() {
    bind(65, "A", "Article", () => deck.actions.article());
    bind(68, "D", "Light or dark", () => deck.actions.theme());
    bind(77, "M", "Slides, with search", () => deck.actions.menu());
    bind(83, "S", "Speaker view", () => deck.actions.speaker());
    bind(191, "/", "Slides, with search", () => deck.actions.menu());
  }

  /** @param {KeyboardEvent} event */
  const isQuestionMark = (event) => event.key === "?" && !event.ctrlKey && !event.metaKey;

  /** @param {boolean} on */
  function dress(on) {
    main.classList.toggle("reveal", on);
    main.parentElement?.classList.toggle("reveal-viewport", on);
  }

  function enter() { // after printing
    fitted = new WeakMap();
    dress(true);
    resize();
  }

  function start() {
    deck.title = document.title;
    const { width, height } = deck.size();
    dress(true);
    main.querySelectorAll(".unshown").forEach((slide) => slide.remove());
    main.querySelectorAll(".stack:empty").forEach((stack) => stack.remove());
    const goal = deck.goal();
    const named = location.hash.replace(/(\?|%3f).*/i, ""); // what a mail tool adds is no part of a slide's name
    history.replaceState(history.state, "", deck.address({}, named));
    return Reveal.initialize({
      width, height, margin: 0, minScale: 0.05, maxScale: 20, center: false, embedded: true,
      keyboard: true, keyboardCondition: isDecks, help: false, jumpToSlide: false, controls: false, progress: true,
      hash: true, fragmentInURL: true, transition: "none", backgroundTransition: "none", viewDistance: 2,
      overview: true, postMessage: false, scrollActivationWidth: null, view: null, hideInactiveCursor: true,
    }).then(() => {
      main.removeAttribute("role"); // reveal.js makes it an application, which screen readers do not read
      bindKeys();
      Reveal.on("slidechanged", shown);
      Reveal.on("overviewshown", () => Reveal.getSlides().forEach(fitOnce));
      Reveal.on("overviewhidden", () => refit());
      addEventListener("resize", resize);
      addEventListener("keydown", (event) => {
        if (!isQuestionMark(event) || !isDecks(event)) return;
        event.stopImmediatePropagation();
        deck.actions.help();
      }, true);
      main.addEventListener("toggle", () => refit(), true);
      if (goal && document.getElementById(goal)) show(goal);
      shown();
      Promise.all([...main.querySelectorAll("img")].map((image) => image.decode().catch(() => undefined)))
        .then(() => refit()); // the tests find an image that cannot be decoded
      document.documentElement.dataset.ready = "true";
    });
  }

  /** @param {string} id */
  function show(id) {
    const slide = document.getElementById(id)?.closest(".slide");
    if (!(slide instanceof HTMLElement)) return;
    const { h, v } = Reveal.getIndices(slide);
    Reveal.slide(h, v);
  }

  Object.assign(deck.actions, {
    next: () => Reveal.next(),
    back: () => Reveal.prev(),
    overview: () => Reveal.toggleOverview(),
  });
  start();
  return { show, refit, leave: () => dress(false), enter };
})();
