// Runs in the deck's page: what can be seen of the slide that is on stage. Below, what differs between the two variants.
(() => {
  const TOLERANCE = 2;
  const HIDDEN_BY_DESIGN = "aside, .CodeMirror-measure, .CodeMirror-cursors, .CodeMirror textarea, .cm-cursorLayer, .cm-announced, .MathJax_Preview, script, style";
  const WORDS = ".text_cell_render, .jp-MarkdownOutput";
  const slide = () => document.querySelector(".reveal .slides section.present section.present");
  const shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const clips = (element) => /auto|scroll|hidden|clip/.test(getComputedStyle(element).overflowX + getComputedStyle(element).overflowY);

  function texts() {
    const walker = document.createTreeWalker(slide(), NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      if (/[^\s\u200b]/.test(walker.currentNode.data) && !parent.closest(HIDDEN_BY_DESIGN) && shown(parent)) found.push(walker.currentNode);
    }
    return found;
  }

  function rectangles(node) {  // of each word: spaces may hang over an edge
    const range = document.createRange();
    return [...node.data.matchAll(/[^\s\u200b]+/g)].flatMap((word) => {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      return [...range.getClientRects()].filter((r) => r.width > 0 && r.height > 0);
    });
  }

  function windows(element) {  // the boxes through which an element is seen, outermost first
    const boxes = [{ left: 0, top: 0, right: innerWidth, bottom: innerHeight }];
    for (let e = element; e && e !== document.body; e = e.parentElement) if (clips(e)) boxes.push(e.getBoundingClientRect());
    return boxes;
  }

  const outside = (r, box) =>
    r.left < box.left - TOLERANCE || r.top < box.top - TOLERANCE || r.right > box.right + TOLERANCE || r.bottom > box.bottom + TOLERANCE;
  const overlap = (r, s) => r.left < s.right && s.left < r.right && r.top < s.bottom && s.top < r.bottom;

  function things() {
    const pictures = [...slide().querySelectorAll("img, svg, canvas, iframe, video, input, button")].filter((e) => shown(e) && !e.closest(HIDDEN_BY_DESIGN));
    return [
      ...texts().map((t) => ({ name: t.data.trim().slice(0, 40), element: t.parentElement, rects: rectangles(t) })),
      ...pictures.map((e) => ({ name: `<${e.localName}> ${e.alt || ""}`.slice(0, 60), element: e, rects: [e.getBoundingClientRect()] })),
    ];
  }

  function pastTheEdge() {
    const number = document.querySelector(".slide-number").getBoundingClientRect();
    return things().flatMap(({ name, element, rects }) => {
      const boxes = windows(element);
      const bad = rects.find((r) => boxes.some((box) => outside(r, box)) || overlap(r, number));
      return bad ? [`${name} (to ${Math.round(bad.right)}, ${Math.round(bad.bottom)})`] : [];
    });
  }

  function smallestPermitted(element) {
    if (element.closest(".CodeMirror, .cm-editor, pre, .output_area, .jp-OutputArea, .recorded, table, small, sup, sub")) return 20;
    return element.closest(WORDS) ? 28 : 0;
  }

  function tooSmall() {  // the first text of each size that is too small
    const found = new Map();
    for (const text of texts()) {
      const size = parseFloat(getComputedStyle(text.parentElement).fontSize);
      if (size < smallestPermitted(text.parentElement) && !found.has(size)) found.set(size, `${text.data.trim().slice(0, 40)} (${size} px)`);
    }
    return [...found.values()];
  }

  function words() {  // of markdown; title, notes, tables and listings apart
    return [...slide().querySelectorAll(WORDS)].filter((e) => !e.closest("aside")).flatMap((cell) => {
      const copy = cell.cloneNode(true);
      copy.querySelectorAll("h1, h2, table, pre, .anchor-link").forEach((e) => e.remove());
      copy.querySelectorAll("p, li, div, blockquote, br").forEach((e) => e.before(" "));
      return copy.textContent.split(/\s+/).filter((w) => /[\p{L}\p{N}]/u.test(w));
    }).length;
  }

  function shrunken() {  // figures that had to give way so far that nobody can read them
    const scale = parseFloat(getComputedStyle(slide().querySelector("img") ?? slide()).zoom) || 1;
    return [...slide().querySelectorAll(":is(.output_area, .jp-OutputArea-output, .recorded) img[height]")].flatMap((e) => {
      const share = e.getBoundingClientRect().height / (e.getAttribute("height") * scale);
      return share < 0.8 ? [`<img> ${e.alt.slice(0, 40)} at ${Math.round(100 * share)} % of its size`] : [];
    });
  }

  const missingImages = () => [...slide().querySelectorAll("img")].filter((e) => e.complete && !e.naturalWidth).map((e) => e.src);
  const position = () => [slide().id, slide().querySelectorAll(".fragment.visible").length].join("+");
  const isLast = () => {
    const last = [...document.querySelectorAll(".reveal .slides > section > section")].at(-1);
    return slide() === last && !slide().querySelector(".fragment:not(.visible)");
  };
  const title = () => (slide().querySelector("h1, h2, h3")?.textContent ?? "").replace("¶", "").trim();
  // Pictures are loaded, and widgets, which come after the cell's own messages, are drawn.
  const isDrawn = (node) => [...node.querySelectorAll("img")].every((e) => e.complete)
    && !node.querySelector(":is(.jupyter-widgets-view, .widget-box):empty") && !node.innerText.includes("Loading widget...");
  const pictures = (node) => node.querySelectorAll("img, svg, canvas").length;

  function firstCode(cells) {  // the code cell that is to be selected when this slide or fragment comes on stage
    const fragments = slide().querySelectorAll(".fragment.visible");
    const part = fragments.length ? fragments[fragments.length - 1] : slide();
    return cells.find((e) => part.contains(e) && !e.closest(".reveal-skip, aside") && (fragments.length || !e.closest(".fragment"))) ?? null;
  }

  const classic = {
    selected() {  // the cell that Shift-Enter would run, if it is on this slide
      const index = Jupyter.notebook.get_selected_index();
      const cell = index === null ? null : Jupyter.notebook.get_cell(index);
      return cell && slide().contains(cell.element[0]) && !cell.element[0].closest("aside")
        ? { index, code: cell.cell_type === "code", count: cell.input_prompt_number ?? null } : null;
    },
    firstIndex() {
      const first = firstCode([...document.querySelectorAll(".code_cell")]);
      return first && Jupyter.notebook.get_cell_elements().index(first);
    },
    isReady: () => Boolean(window.Reveal && slide() && document.querySelector(".slide-number") && Jupyter.notebook.kernel?.is_connected()
      && Jupyter.notebook.kernel.info_reply.status),
    isRun(index, before) {
      const cell = Jupyter.notebook.get_cell(index);
      // The number comes by another channel than the outputs, and on a busy machine before them: both must be through.
      const { iopub_done, shell_done } = cell.kernel.get_callbacks_for_msg(cell.last_msg_id) ?? {};
      return Number.isInteger(cell.input_prompt_number) && cell.input_prompt_number !== before && iopub_done && shell_done && isDrawn(cell.element[0]);
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

  const index = (node) => Number(node.dataset.windowedListIndex);
  const node = (i) => document.querySelector(`.jp-Cell[data-windowed-list-index="${i}"]`);
  const count = (cell) => Number(cell.querySelector(".jp-InputPrompt").textContent.match(/\[(\d+)\]/)?.[1]) || null;
  const lab = {
    selected() {
      const cell = slide()?.querySelector(".jp-Cell.jp-mod-active");
      return cell && !cell.closest("aside") ? { index: index(cell), code: cell.matches(".jp-CodeCell"), count: count(cell) } : null;
    },
    firstIndex() {
      const first = firstCode([...document.querySelectorAll(".jp-CodeCell")]);
      return first && index(first);
    },
    isReady: () => Boolean(slide() && document.querySelector(".slide-number") && document.querySelector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
      && lab.selected()?.index === lab.firstIndex()),
    isRun: (i, before) => count(node(i)) !== null && count(node(i)) !== before && !node(i).matches(".running") && isDrawn(node(i)),
    output: (i) => ({
      id: String(i),
      text: node(i).querySelector(".jp-OutputArea").innerText.trim(),
      pictures: pictures(node(i).querySelector(".jp-OutputArea")),
      errors: [...node(i).querySelectorAll('[data-mime-type="application/vnd.jupyter.error"]')].map((e) => e.innerText.trim().split("\n").at(-1)),
    }),
    neverRun: () => [...document.querySelectorAll(".jp-CodeCell:not(.reveal-skip)")].filter((c) => count(c) === null).map((c) => c.querySelector(".cm-content").innerText),
  };

  const variant = () => (window.Jupyter?.notebook ? classic : lab);
  const isSettled = () => variant().firstIndex() === null || variant().selected()?.index === variant().firstIndex();
  const asked = Object.fromEntries(["selected", "isReady", "isRun", "output", "neverRun"].map((name) => [name, (...given) => variant()[name](...given)]));

  window.stage = { pastTheEdge, tooSmall, words, missingImages, shrunken, position, isLast, title, isSettled, ...asked };
})();
