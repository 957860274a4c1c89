// Runs in the exported page. Finds what the current view cuts off, unless a key can scroll it into view.
window.audit = (() => {
  const TOLERANCE = 3; // px: engines round zoomed boxes differently
  /** @typedef {{ name: string, element: Element, rects: DOMRect[], words?: () => DOMRect[] }} Thing */

  /** @param {Element} element */
  const shown = (element) => getComputedStyle(element).clipPath !== "inset(50%)" && element.checkVisibility({ visibilityProperty: true, opacityProperty: true }); // that clip: for screen readers alone
  /** @param {CSSStyleDeclaration} style */
  const clips = (style) => /auto|scroll|hidden|clip/.test(style.overflowX + style.overflowY);
  /** @param {CSSStyleDeclaration} style */
  const scrolls = (style) => /auto|scroll/.test(style.overflowX + style.overflowY);

  /**
   * Return a rectangle in the window's pixels: WebKit states it in those of the zoomed element that it is in.
   * @type {(element: Element, rect: DOMRect) => DOMRect}
   */
  function inWindow(element, { x, y, width, height }) {
    let zoom = 1;
    if (!("currentCSSZoom" in element)) for (let e = /** @type {Element | null} */ (element); e; e = e.parentElement) zoom *= Number(getComputedStyle(e).zoom);
    return new DOMRect(x * zoom, y * zoom, width * zoom, height * zoom);
  }

  /** @param {Range} range */
  const seen = (range) => [...range.getClientRects()].filter((r) => r.width > 1 && r.height > 1);

  /** @param {Node} node */
  function rectangles(node) {
    const range = document.createRange();
    range.selectNodeContents(node);
    return seen(range);
  }

  /**
   * Return the rectangles of a text's words: in WebKit a space at the end of a line hangs over its box.
   * @type {(node: Text) => DOMRect[]}
   */
  function words(node) {
    const range = document.createRange();
    return [...node.data.matchAll(/\S+/g)].flatMap(({ 0: word, index }) => {
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      return seen(range);
    });
  }

  const IGNORED = ".aside, .jump, script, style, noscript, option, .copy, .source:not(.whole):has(.more) pre"; // a button unfolds it

  /** @type {(root: Element) => Thing[]} */
  function things(root) {
    /** @type {Thing[]} */
    const found = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = /** @type {Text} */ (walker.currentNode);
      const element = /** @type {Element} */ (node.parentElement);
      if (!node.data.trim() || element.closest(IGNORED) || !shown(element)) continue;
      found.push({ name: node.data.trim().slice(0, 40), element, rects: rectangles(node).map((rect) => inWindow(element, rect)), words: () => words(node).map((rect) => inWindow(element, rect)) });
    }
    root.querySelectorAll("img, svg, input, select, button:not(.copy)").forEach((element) => {
      const label = element.getAttribute("alt") ?? element.id;
      if (shown(element)) found.push({ name: `<${element.localName}> ${label}`.slice(0, 50), element, rects: [inWindow(element, element.getBoundingClientRect())] });
    });
    return found;
  }

  const isPage = (/** @type {Element} */ element) => element === document.documentElement;

  /**
   * Return the next element that could cut this one: what is placed by itself leaves the boxes between.
   * @param {Element} e
   */
  const around = (e) => (e instanceof HTMLElement && getComputedStyle(e).position === "absolute" ? e.offsetParent : e.parentElement);

  /**
   * Return a sentence about the ancestor that cuts the rectangle; null if none does or a key can scroll it into view.
   * @type {(element: Element, rect: DOMRect) => string | null}
   */
  function hides(element, rect) {
    const reach = { x: false, y: false }; // a focusable scroller further in makes reachable what is beyond its edge
    for (let e = /** @type {Element | null} */ (element); e; e = around(e)) {
      const style = getComputedStyle(e);
      if (e === document.body || (!isPage(e) && !clips(style))) continue;
      const box = isPage(e) ? new DOMRect(0, 0, innerWidth, innerHeight) : inWindow(e, e.getBoundingClientRect());
      const focusable = isPage(e) || /** @type {HTMLElement} */ (e).tabIndex >= 0 || e.querySelector("a, button, input") !== null;
      if ((scrolls(style) && focusable) || (isPage(e) && !/hidden|clip/.test(style.overflowY))) {
        if (e.scrollHeight > e.clientHeight) reach.y = true;
        if (e.scrollWidth > e.clientWidth && !isPage(e)) reach.x = true;
      }
      const x = !reach.x && (rect.left < box.left - TOLERANCE || rect.right > box.right + TOLERANCE);
      const y = !reach.y && (rect.top < box.top - TOLERANCE || rect.bottom > box.bottom + TOLERANCE);
      if (x || y) return `${e.localName}.${e.getAttribute("class")} cuts ${x ? "x" : "y"}: ${[rect.left, rect.top, rect.right, rect.bottom].map(Math.round)}`;
    }
    return null;
  }

  /** @type {(root: Element) => string[]} */
  const cut = (root) => things(root).flatMap(({ name, element, rects, words }) => {
    const first = (/** @type {DOMRect[]} */ all) => all.map((rect) => hides(element, rect)).find(Boolean);
    const found = first(rects) && first(words?.() ?? rects);
    return found ? [`${name}: ${found}`] : [];
  });

  /**
   * Return how high a line of text is on the screen: font size times every zoom and transform.
   * @param {Element} element
   */
  function pixels(element) {
    const scale = element.getBoundingClientRect().height / (/** @type {HTMLElement} */ (element).offsetHeight || 1);
    return parseFloat(getComputedStyle(element).fontSize) * scale;
  }

  /** @type {(root: Element) => { px: number, name: string }} */
  const smallest = (root) => things(root)
    .filter(({ element }) => element.closest("pre, p, li, td, th, blockquote, label"))
    .map(({ name, element }) => ({ px: pixels(element), name }))
    .reduce((least, text) => (text.px < least.px ? text : least), { px: Infinity, name: "" });

  const BLOCKS = ".question, h2, .source, .output, .scroller table, th, td, .terminal, .badge";
  const FRAME = ".question, h2, .source, .source *, .origin, .ran, .bar, .bar *";
  const FOOTER = ".origin, .ran, .numbers, .lambdadeck-table > p";
  const DRAWN = ".text-cell svg *, .text-cell img"; // a drawing has sizes of its own

  /**
   * Return the rules of the look that a slide with a question breaks.
   * @param {HTMLElement} slide
   */
  function broken(slide) {
    if (!slide.matches(".answered") || slide.querySelector(".your-numbers")) return [];
    const all = (/** @type {string} */ selector) => [...slide.querySelectorAll(selector)].filter(shown);
    const written = things(slide).map(({ element }) => element).filter((e) => !e.matches("img, svg, button") && !e.closest(`${DRAWN}, sup, sub`));
    const [footer, text] = [true, false].map((isFooter) => written.filter((e) => isFooter === (e.closest(FOOTER) !== null)));
    const exhibit = slide.querySelector(".fragment") ? null : all(".outputs, .text-cell .scroller, .text-cell pre");
    return window.look.broken({ scale: innerWidth / 1280, blocks: all(BLOCKS), frame: all(FRAME), text, footer, exhibit });
  }

  return { cut, smallest, broken };
})();
