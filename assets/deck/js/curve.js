// The panel's chart: both bills over requests a month, as SVG. Lines and marks differ in more than color.
deck.curve = (() => {
  "use strict";
  /** @typedef {(usd: number) => number} Scale From US dollars to a place on the vertical axis. */
  /** @typedef {[number, number]} Pair */

  const WIDTH = 540, HEIGHT = 250, LEFT = 86, RIGHT = 46, TOP = 28, BOTTOM = 34; // shown 760 px wide, its letters have 24 px
  const ASIDE = 18, GAP = 24, LETTER = 9.6; // from a mark to its label; between labels; a letter at most
  const LOW = 1e4, HIGH = 1e10, POINTS = 240, LEAST_USD = 0.1;
  const { usd, count } = deck.formatting;

  /** @type {(name: string, attributes: Record<string, string | number>, text?: string) => SVGElement} */
  function element(name, attributes, text) {
    const made = /** @type {SVGElement} */ (document.createElementNS("http://www.w3.org/2000/svg", name));
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    if (text !== undefined) made.textContent = text;
    return made;
  }

  const loads = Array.from({ length: POINTS }, (_, index) => LOW * (HIGH / LOW) ** (index / (POINTS - 1)));
  /** @param {number} load */
  const x = (load) => LEFT + ((WIDTH - LEFT - RIGHT) * Math.log(Math.min(Math.max(load, LOW), HIGH) / LOW)) / Math.log(HIGH / LOW);
  /** @type {(top: number) => Scale} */
  const scaleY = (top) => (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - Math.log(Math.max(value, LEAST_USD) / LEAST_USD) / Math.log(top / LEAST_USD));
  /** @param {number} value */
  const isDrawn = (value) => value >= LEAST_USD; // false for NaN, an unknown price
  /** @type {(values: number[], y: Scale) => string} */
  const path = (values, y) => values.map((value, index) => (isDrawn(value) ? `${isDrawn(values[index - 1]) ? "L" : "M"}${x(loads[index]).toFixed(1)} ${y(value).toFixed(1)}` : "")).join("");

  /** @param {number} value */
  const tick = (value) => (value >= 1e6 ? `$${(value / 1e6).toLocaleString("en-US")}M` : value >= 1 ? `$${value.toLocaleString("en-US")}` : `$${value.toFixed(2)}`);

  /** @type {(y: Scale, top: number) => SVGElement[]} */
  function axes(y, top) {
    const parts = [element("text", { x: LEFT, y: 16, class: "axis" }, "US$ a month over requests a month")];
    for (let load = LOW; load <= HIGH * 1.001; load *= 100) {
      parts.push(element("line", { x1: x(load), x2: x(load), y1: TOP, y2: HEIGHT - BOTTOM, class: "grid" }));
      parts.push(element("text", { x: x(load), y: HEIGHT - BOTTOM + 22, class: "axis", "text-anchor": "middle" }, count(load)));
    }
    for (let value = 1; value < top; value *= top > 1e5 ? 100 : 10) {
      parts.push(element("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value), class: "grid" }));
      parts.push(element("text", { x: LEFT - 8, y: y(value) + 6, class: "axis", "text-anchor": "end" }, tick(value)));
    }
    return parts;
  }

  /**
   * Move two labels apart until they no longer touch, and inside of the axes together.
   * @type {(places: Pair, gap: number) => Pair}
   */
  function apart(places, gap) {
    const [a, b] = places.map((place) => Math.min(Math.max(place, TOP + 8), HEIGHT - BOTTOM - 4));
    if (Math.abs(a - b) >= gap) return [a, b];
    const middle = Math.min(Math.max((a + b) / 2, TOP + 8 + gap / 2), HEIGHT - BOTTOM - 4 - gap / 2);
    return a <= b ? [middle - gap / 2, middle + gap / 2] : [middle + gap / 2, middle - gap / 2];
  }

  /**
   * Tint where each side is cheaper; an unknown bill (NaN) stays untinted.
   * @type {(onLambda: number[], onEc2: number[]) => SVGElement[]}
   */
  function tints(onLambda, onEc2) {
    const winner = (/** @type {number} */ at) => (onLambda[at] < onEc2[at] ? "on-lambda" : onLambda[at] >= onEc2[at] ? "on-ec2" : "");
    const starts = loads.flatMap((_, at) => (at === 0 || winner(at) !== winner(at - 1) ? [at] : []));
    return starts.map((at, number) => {
      const from = x(loads[at]), to = x(loads[starts[number + 1] ?? POINTS - 1]);
      return element("rect", { x: from, y: TOP, width: to - from, height: HEIGHT - BOTTOM - TOP, class: `wins ${winner(at)}` });
    });
  }

  /** @type {(work: Workload, comparison: Comparison, y: Scale) => SVGElement[]} */
  function marks(work, comparison, y) {
    const here = x(work.requests), isLambdaUp = comparison.lambda > comparison.ec2;
    const words = [`Lambda ${usd(comparison.lambda)}`, `${work.instance} ${usd(comparison.ec2)}`];
    /** @type {Pair} */
    const at = [y(comparison.lambda), y(comparison.ec2)];
    const away = isLambdaUp ? -ASIDE : ASIDE;
    const places = apart([at[0] + away, at[1] - away], GAP);
    return [
      element("line", { x1: here, x2: here, y1: TOP, y2: HEIGHT - BOTTOM, class: "here" }),
      element("circle", { cx: here, cy: at[0], r: 7, class: "mark on-lambda" }),
      element("rect", { x: here - 6, y: at[1] - 6, width: 12, height: 12, class: "mark on-ec2" }),
      ...words.map((text, side) => element("text", { ...aside(here, text, isLambdaUp === (side === 0)), y: places[side] + 6, class: `on-${["lambda", "ec2"][side]} name halo` }, text)),
    ];
  }

  /**
   * The higher bill's label goes left and up, the other's right and down: bills only rise, so no curve runs there.
   * @type {(here: number, text: string, isUp: boolean) => { x: number, "text-anchor": string }}
   */
  function aside(here, text, isUp) {
    const needs = LETTER * text.length + ASIDE;
    const isLeft = isUp ? here - LEFT > needs : WIDTH - here < needs;
    return { x: here + (isLeft ? -ASIDE : ASIDE), "text-anchor": isLeft ? "end" : "start" };
  }

  /** @type {(even: BreakEven, y: Scale) => SVGElement[]} */
  function breakEven(even, y) {
    if (!(even.requests >= LOW && even.requests <= HIGH)) return [];
    return [element("circle", { cx: x(even.requests), cy: y(even.usd), r: 9, class: "even" })];
  }

  /** @type {Deck["curve"]} */
  function draw(svg, tables, work, comparison) {
    const onLambda = loads.map((load) => deck.comparison.lambdaUsdOrNaN(tables, work, load));
    const onEc2 = loads.map((load) => deck.costs.ec2(tables, work, load).usd);
    const top = Math.max(...[...onLambda, ...onEc2].filter((value) => !Number.isNaN(value))) * 2;
    const y = scaleY(top);
    svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    svg.setAttribute("aria-label", `Monthly US dollars over requests: Lambda against ${work.instance}. ${comparison.sentence}. ${comparison.even.sentence} ${comparison.flip} Assumed: ${deck.assumptions(tables, work)}.`);
    svg.replaceChildren(
      ...tints(onLambda, onEc2), ...axes(y, top),
      element("path", { d: path(onEc2, y), class: "curve on-ec2" }),
      element("path", { d: path(onLambda, y), class: "curve on-lambda" }),
      ...breakEven(comparison.even, y), ...marks(work, comparison, y),
    );
  }

  return draw;
})();
