// Runs in the deck's page: reports on the slide that is on stage. The second part differs between the two variants.
(() => {
  /** @typedef {{ left: number, top: number, right: number, bottom: number }} Box */
  /** @typedef {{ name: string, element: Element, rects: DOMRect[] }} Thing */

  const scale = () => Math.min(innerWidth, (innerHeight * 16) / 9) / 1280; // --k of notebooks/rise.css
  const tolerance = () => 2 * Math.max(1, scale());
  const HIDDEN_BY_DESIGN = "aside, .CodeMirror-measure, .CodeMirror-cursors, .CodeMirror textarea, .cm-cursorLayer, .cm-announced, .stage-finding:empty, [data-found] .lambdadeck-verdict, [data-shows=question] :is(h1, h2), :is([data-shows=answer], [data-shows=error]) :is(.input_area, .jp-InputArea-editor), .MathJax_Preview, script, style";
  const WORDS = ".text_cell_render, .jp-MarkdownOutput";
  const slide = () => /** @type {HTMLElement} */ (document.querySelector(".reveal .slides section.present section.present"));
  /** @param {Element} element */
  const shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  /** @param {Element} element */
  const clips = (element) => /auto|scroll|hidden|clip/.test(getComputedStyle(element).overflowX + getComputedStyle(element).overflowY);
  /** @param {string} selector */
  const inSlide = (selector) => /** @type {HTMLElement[]} */ ([...slide().querySelectorAll(selector)]);
  /** @param {string} selector */
  const inPage = (selector) => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(selector)]);

  /** The texts on the slide, with their elements. */
  function texts() {
    const walker = document.createTreeWalker(slide(), NodeFilter.SHOW_TEXT);
    /** @type {{ node: Text, element: Element }[]} */
    const found = [];
    while (walker.nextNode()) {
      const node = /** @type {Text} */ (walker.currentNode);
      const element = /** @type {Element} */ (node.parentElement);
      if (/[^\s\u200b]/.test(node.data) && !element.closest(HIDDEN_BY_DESIGN) && shown(element)) found.push({ node, element });
    }
    return found;
  }

  /**
   * Return the rectangles of each word: spaces may hang over an edge.
   * @param {Text} node
   */
  function rectangles(node) {
    const range = document.createRange();
    return [...node.data.matchAll(/[^\s\u200b]+/g)].flatMap((word) => {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      return [...range.getClientRects()].filter((r) => r.width > 0 && r.height > 0);
    });
  }

  /**
   * Return if it is in a row of a table that says how many rows are below.
   * @param {Element} element
   */
  const scrollsAsSaid = (element) => element.closest("tbody tr") !== null && element.closest("[data-below]") !== null;

  /**
   * Return the boxes through which an element is seen, outermost first.
   * @param {Element} element
   */
  function windows(element) {
    /** @type {Box[]} */
    const boxes = [{ left: 0, top: 0, right: innerWidth, bottom: innerHeight }];
    for (let e = /** @type {Element | null} */ (element); e && e !== document.body; e = e.parentElement) if (clips(e)) boxes.push(e.getBoundingClientRect());
    if (scrollsAsSaid(element)) return boxes.map(({ left, right }) => ({ left, right, top: -Infinity, bottom: Infinity }));
    return boxes;
  }

  /** @type {(r: Box, box: Box) => boolean} */
  function outside(r, box) {
    const by = tolerance();
    return r.left < box.left - by || r.top < box.top - by || r.right > box.right + by || r.bottom > box.bottom + by;
  }
  /** @type {(r: Box, s: Box) => boolean} */
  const overlap = (r, s) => r.left < s.right && s.left < r.right && r.top < s.bottom && s.top < r.bottom;

  /** @returns {Thing[]} */
  function things() {
    const pictures = inSlide("img, svg, canvas, iframe, video, input, button").filter((e) => shown(e) && !e.closest(HIDDEN_BY_DESIGN));
    return [
      ...texts().map(({ node, element }) => ({ name: node.data.trim().slice(0, 40), element, rects: rectangles(node) })),
      ...pictures.map((e) => ({ name: `<${e.localName}> ${e.getAttribute("alt") ?? ""}`.slice(0, 60), element: e, rects: [e.getBoundingClientRect()] })),
    ];
  }

  function pastTheEdge() {
    const number = inPage(".slide-number")[0].getBoundingClientRect();
    return things().flatMap(({ name, element, rects }) => {
      const boxes = windows(element);
      const bad = rects.find((r) => boxes.some((box) => outside(r, box)) || (!scrollsAsSaid(element) && overlap(r, number)));
      return bad ? [`${name} (to ${Math.round(bad.right)}, ${Math.round(bad.bottom)})`] : [];
    });
  }

  /** @param {Element} element */
  function smallestPermitted(element) {
    if (element.closest(".CodeMirror, .cm-editor, pre, .output_area, .jp-OutputArea, .recorded, table, small")) return 24;
    return element.closest(WORDS) ? 28 : 0;
  }

  /** The first text of each size that is too small. */
  function tooSmall() {
    /** @type {Map<number, string>} */
    const found = new Map();
    for (const { node, element } of texts()) {
      const size = Number(parseFloat(getComputedStyle(element).fontSize).toFixed(2)); // Firefox says 19.9997
      if (size < smallestPermitted(element) && !found.has(size)) found.set(size, `${node.data.trim().slice(0, 40)} (${size} px)`);
    }
    return [...found.values()];
  }

  const FRAME = ".stage-question, .stage-finding, .stage-source, h2, :is(.input_area, .jp-InputArea-editor) *";
  const BLOCKS = ".stage-question, .stage-finding, h2, .input_area, .jp-InputArea-editor, :is(.output_area, .jp-OutputArea-output) :is(table, th, td, pre, .lambdadeck-figure img, .badge), :is(.text_cell_render, .jp-MarkdownOutput) :is(th, td)";

  /** The drawings whose letters are smaller than 24 px of a 1280 x 720 stage. */
  function smallDrawings() {
    const drawings = /** @type {HTMLImageElement[]} */ (inSlide("img[src*='.svg']")).filter(shown);
    return drawings.flatMap((drawing) => {
      const asked = new XMLHttpRequest();
      asked.open("GET", drawing.src, false);
      asked.send();
      const [, , width, height] = (asked.responseXML?.documentElement.getAttribute("viewBox") ?? "").split(" ").map(Number);
      const sizes = [...asked.responseText.matchAll(/font(?:-size)?:(\d+)px/g)].map(([, px]) => Number(px));
      const box = drawing.getBoundingClientRect();
      const px = Math.min(...sizes) * Math.min(box.width / width, box.height / height) / scale();
      return sizes.length && !(px >= 24) ? [`letters of ${px.toFixed(1)} px in ${drawing.alt.slice(0, 40)}`] : [];
    });
  }

  /** The rules of the look that a slide with a question breaks: grid, sizes, accents in the frame, room for the answer. */
  function broken() {
    if (!slide().dataset.shows) return [];
    const seen = (/** @type {string} */ selector) => inSlide(selector).filter((e) => shown(e) && !e.closest("aside, .CodeMirror-measure"));
    const [footer, text] = [true, false].map((isFooter) => texts().map(({ element }) => element)
      .filter((e) => !e.closest("sup, sub, .jupyter-widgets, .lambdadeck-panel") && isFooter === (e.closest(".stage-source") !== null)));
    const exhibit = seen(`:is(.output_wrapper, .jp-Cell-outputWrapper, .recorded), :is(${WORDS}) :is(table, pre)`);
    const isAnswer = slide().dataset.shows === "answer" && !inSlide(".fragment").length;
    const rules = window.look.broken({ scale: scale(), blocks: seen(BLOCKS), frame: seen(FRAME), text, footer, exhibit: isAnswer ? exhibit : null });
    return [...rules, ...smallDrawings()];
  }

  /** The number of words of markdown, without title, notes, tables and listings. */
  function words() {
    return inSlide(WORDS).filter((e) => !e.closest("aside")).flatMap((cell) => {
      const copy = /** @type {HTMLElement} */ (cell.cloneNode(true));
      copy.querySelectorAll("h1, h2, table, pre, .anchor-link").forEach((e) => e.remove());
      copy.querySelectorAll("p, li, div, blockquote, br").forEach((e) => e.before(" "));
      return copy.textContent.split(/\s+/).filter((w) => /[\p{L}\p{N}]/u.test(w));
    }).length;
  }

  const images = () => /** @type {HTMLImageElement[]} */ (inSlide("img"));

  /** The figures that are shrunk so far that nobody can read them. */
  function shrunken() {
    const scale = parseFloat(getComputedStyle(images()[0] ?? slide()).zoom) || 1;
    return images().filter((e) => e.matches(":is(.output_area, .jp-OutputArea-output, .recorded) img[height]")).flatMap((e) => {
      const share = e.getBoundingClientRect().height / (Number(e.getAttribute("height")) * scale);
      return share < 0.8 ? [`<img> ${e.alt.slice(0, 40)} at ${Math.round(100 * share)} % of its size`] : [];
    });
  }

  const missingImages = () => images().filter((e) => e.complete && !e.naturalWidth).map((e) => e.src);
  const position = () => [slide().id, slide().querySelectorAll(".fragment.visible").length].join("+");
  const isLast = () => {
    const last = inPage(".reveal .slides > section > section").at(-1);
    return slide() === last && !slide().querySelector(".fragment:not(.visible)");
  };
  const title = () => (slide().querySelector("h1, h2, h3")?.textContent ?? "").replace("¶", "").trim();
  /**
   * Return if images are loaded and widgets drawn, which come after the cell's own messages.
   * @param {HTMLElement} node
   */
  const isDrawn = (node) => [...node.querySelectorAll("img")].every((e) => e.complete)
    && !node.querySelector(":is(.jupyter-widgets-view, .widget-box):empty") && !node.innerText.includes("Loading widget...");
  /** @param {Element} node */
  const pictures = (node) => node.querySelectorAll("img, svg, canvas").length;

  /**
   * Return the code cell to be selected when this slide or fragment comes on stage.
   * @param {HTMLElement[]} cells
   */
  function firstCode(cells) {
    const fragment = inSlide(".fragment.visible").at(-1);
    const part = fragment ?? slide();
    return cells.find((e) => part.contains(e) && !e.closest(".reveal-skip, aside") && (fragment || !e.closest(".fragment"))) ?? null;
  }

  /**
   * @typedef Variant
   * @property {() => { index: number, code: boolean, count: unknown } | null} selected The cell that Shift-Enter would run.
   * @property {() => number | null} firstIndex
   * @property {() => boolean} isReady
   * @property {(index: number, before: number | null) => boolean} isRun
   * @property {(index: number) => { id: string, text: string, pictures: number, errors: string[] }} output
   * @property {() => string[]} neverRun
   */

  /** @type {Variant} */
  const classic = {
    selected() {
      const index = Jupyter.notebook.get_selected_index();
      if (index === null) return null;
      const cell = Jupyter.notebook.get_cell(index);
      return cell && slide().contains(cell.element[0]) && !cell.element[0].closest("aside")
        ? { index, code: cell.cell_type === "code", count: cell.input_prompt_number ?? null } : null;
    },
    firstIndex() {
      const first = firstCode(inPage(".code_cell"));
      return first && Jupyter.notebook.get_cell_elements().index(first);
    },
    isReady: () => Boolean(window.Reveal && slide() && document.querySelector(".slide-number") && Jupyter.notebook.kernel?.is_connected()
      && Jupyter.notebook.kernel.info_reply.status),
    isRun(index, before) {
      const cell = Jupyter.notebook.get_cell(index);
      // Number and outputs arrive by different channels, on a busy machine in either order: wait for both.
      const { iopub_done, shell_done } = cell.kernel?.get_callbacks_for_msg(cell.last_msg_id) ?? {};
      const isNumbered = Number.isInteger(cell.input_prompt_number) && cell.input_prompt_number !== before;
      return Boolean(isNumbered && iopub_done && shell_done && isDrawn(cell.element[0]));
    },
    output(index) {
      const area = Jupyter.notebook.get_cell(index).output_area;
      return {
        id: Jupyter.notebook.get_cell(index).id ?? String(index),
        text: area.element[0].innerText.trim(),
        pictures: pictures(area.element[0]),
        errors: area.outputs.filter((o) => o.output_type === "error").map((o) => `${o.ename}: ${o.evalue}`),
      };
    },
    neverRun: () => Jupyter.notebook.get_cells()
      .filter((c) => c.cell_type === "code" && !c.element.hasClass("reveal-skip") && !Number.isInteger(c.input_prompt_number)).map((c) => c.get_text()),
  };

  /** @param {HTMLElement} node */
  const index = (node) => Number(node.dataset.windowedListIndex);
  /** @param {number} i */
  const node = (i) => inPage(`.jp-Cell[data-windowed-list-index="${i}"]`)[0];
  /** @param {Element} cell */
  const count = (cell) => Number(cell.querySelector(".jp-InputPrompt")?.textContent.match(/\[(\d+)\]/)?.[1]) || null;
  /** @param {number} i */
  const outputs = (i) => /** @type {HTMLElement} */ (node(i).querySelector(".jp-OutputArea"));
  /** @type {Variant} */
  const lab = {
    selected() {
      const cell = /** @type {HTMLElement | null} */ (slide()?.querySelector(".jp-Cell.jp-mod-active"));
      return cell && !cell.closest("aside") ? { index: index(cell), code: cell.matches(".jp-CodeCell"), count: count(cell) } : null;
    },
    firstIndex() {
      const first = firstCode(inPage(".jp-CodeCell"));
      return first && index(first);
    },
    isReady: () => Boolean(slide() && document.querySelector(".slide-number") && document.querySelector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
      && (lab.firstIndex() === null || lab.selected()?.index === lab.firstIndex())),
    isRun: (i, before) => count(node(i)) !== null && count(node(i)) !== before && !node(i).matches(".running") && isDrawn(node(i)),
    output: (i) => ({
      id: String(i),
      text: outputs(i).innerText.trim(),
      pictures: pictures(outputs(i)),
      errors: inPage('[data-mime-type="application/vnd.jupyter.error"]').filter((e) => node(i).contains(e)).map((e) => e.innerText.trim().split("\n").at(-1) ?? ""),
    }),
    neverRun: () => inPage(".jp-CodeCell:not(.reveal-skip)").filter((c) => count(c) === null).map((c) => /** @type {HTMLElement} */ (c.querySelector(".cm-content")).innerText),
  };

  const variant = () => (window.Jupyter?.notebook ? classic : lab);
  // begin() adds its style sheet together with the keys.
  const hasKeys = () => document.querySelector("link[href$='stage/stage.css']") !== null;
  const bringsNoCode = () => variant().firstIndex() === null;
  const isSettled = () => bringsNoCode() || variant().selected()?.index === variant().firstIndex();

  window.stage = {
    pastTheEdge, tooSmall, broken, words, missingImages, shrunken, position, isLast, title, isSettled, bringsNoCode,
    selected: () => variant().selected(),
    isReady: () => hasKeys() && variant().isReady(),
    isRun: (/** @type {number} */ i, /** @type {number | null} */ before) => variant().isRun(i, before),
    output: (/** @type {number} */ i) => variant().output(i),
    neverRun: () => variant().neverRun(),
  };
})();
