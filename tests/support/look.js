// The rules of the look, for the deck on stage and for the exported page: grid, sizes, accents in the frame, room for the answer.
(() => {
  const ACCENTS = ["--lambda", "--ec2", "--cold"];

  /**
   * Return the rules that a slide breaks. `scale` is that of a stage of 1280 x 720; `text` is all of its text but the footer's.
   * @param {{ scale: number, blocks: Element[], frame: Element[], text: Element[], footer: Element[], exhibit: Element[] | null }} slide
   */
  function broken({ scale, blocks, frame, text, footer, exhibit }) {
    const look = getComputedStyle(document.documentElement);
    const px = (/** @type {Element} */ e) => Number(((parseFloat(getComputedStyle(e).fontSize) * zoom(e)) / scale).toFixed(1));
    const off = blocks.map((e) => [e.localName, Math.round(e.getBoundingClientRect().left / scale)])
      .filter(([, left]) => left && (Number(left) < 63 || (Number(left) - 63) % 49 > 2));
    const sizes = new Set(text.map((e) => Math.round(px(e))));
    const small = [...text.filter((e) => px(e) < 23.5), ...footer.filter((e) => px(e) < 17.5)];
    const accents = ACCENTS.map((name) => rgb(look.getPropertyValue(name).trim()));
    const colored = frame.filter((e) => accents.includes(getComputedStyle(e).color));
    const boxes = exhibit?.map((e) => e.getBoundingClientRect()) ?? [];
    const share = boxes.reduce((sum, box) => sum + box.width * box.height, 0) / (1280 * 720 * scale * scale);
    return [
      ...off.map(([name, left]) => `grid: <${name}> at ${left}`),
      ...small.map((e) => `small: ${e.textContent?.trim().slice(0, 30)} (${px(e)} px)`),
      ...(sizes.size > 3 ? [`sizes: ${[...sizes].join(", ")}`] : []),
      ...colored.map((e) => `accent in the frame: ${e.textContent?.slice(0, 30)}`),
      ...(exhibit && share < 0.55 ? [`the answer takes ${Math.round(100 * share)} %`] : []),
    ];
  }

  /**
   * Return by how much an element is larger than its style says, inside transforms and pictures.
   * @param {Element} element
   */
  function zoom(element) {
    const picture = element instanceof SVGElement ? element.ownerSVGElement : null;
    if (picture) return picture.getBoundingClientRect().width / (picture.viewBox.baseVal.width || 1);
    const html = /** @type {HTMLElement | null} */ (element.closest(":not(sup, sub, span, code, strong, em, a)"));
    return html?.offsetWidth ? html.getBoundingClientRect().width / html.offsetWidth : 1;
  }

  /** @param {string} color `#rrggbb` or its name in the dark theme */
  const rgb = (color) => `rgb(${[1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)).join(", ")})`;

  window.look = { broken };
})();
