// The curve of the panel: both bills over requests a month, drawn as SVG, lines and marks told apart without colour.
deck.curve = (() => {
  "use strict";
  const WIDE = 1100, SLIM = 600, HEIGHT = 236, LEFT = 90, RIGHT_WIDE = 150, RIGHT_SLIM = 110, TOP = 28, BOTTOM = 34;
  const LOW = 1e4, HIGH = 1e10, POINTS = 240, LEAST_USD = 0.1;
  const { usd, count } = deck.formatting;

  let WIDTH = WIDE, RIGHT = RIGHT_WIDE; // as wide as the place for it: letters must stay readable

  function measure(svg) {
    const slim = document.documentElement.hasAttribute("data-narrow") || (svg.clientWidth > 0 && svg.clientWidth < SLIM * 1.2);
    [WIDTH, RIGHT] = slim ? [SLIM, RIGHT_SLIM] : [WIDE, RIGHT_WIDE];
  }

  function element(name, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  const loads = Array.from({ length: POINTS }, (_, index) => LOW * (HIGH / LOW) ** (index / (POINTS - 1)));
  const x = (load) => LEFT + ((WIDTH - LEFT - RIGHT) * Math.log(Math.min(Math.max(load, LOW), HIGH) / LOW)) / Math.log(HIGH / LOW);
  const scaleY = (top) => (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - Math.log(Math.max(value, LEAST_USD) / LEAST_USD) / Math.log(top / LEAST_USD));
  const isDrawn = (value) => value >= LEAST_USD; // false for NaN, an unknown price
  const path = (values, y) => values.map((value, index) => (isDrawn(value) ? `${isDrawn(values[index - 1]) ? "L" : "M"}${x(loads[index]).toFixed(1)} ${y(value).toFixed(1)}` : "")).join("");

  const tick = (value) => (value >= 1 ? `$${value.toLocaleString("en-US")}` : `$${value.toFixed(2)}`);

  function axes(y, top) {
    const parts = [element("text", { x: LEFT, y: 16, class: "axis" }, "US$ a month over requests a month")];
    for (let load = LOW; load <= HIGH * 1.001; load *= WIDTH === SLIM ? 1000 : 10) {
      parts.push(element("line", { x1: x(load), x2: x(load), y1: TOP, y2: HEIGHT - BOTTOM, class: "grid" }));
      parts.push(element("text", { x: x(load), y: HEIGHT - BOTTOM + 22, class: "axis", "text-anchor": "middle" }, count(load)));
    }
    for (let value = 1; value < top; value *= top > 1e5 ? 100 : 10) {
      parts.push(element("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value), class: "grid" }));
      parts.push(element("text", { x: LEFT - 8, y: y(value) + 6, class: "axis", "text-anchor": "end" }, tick(value)));
    }
    return parts;
  }

  function apart(places, gap) { // two labels, moved from each other until they do not touch
    const [a, b] = places;
    if (Math.abs(a - b) >= gap) return places;
    const middle = (a + b) / 2;
    return a <= b ? [middle - gap / 2, middle + gap / 2] : [middle + gap / 2, middle - gap / 2];
  }

  const inside = (place) => Math.min(Math.max(place, TOP + 8), HEIGHT - BOTTOM - 4);

  function names(curves, y, instance) {
    const ends = curves.map((values) => y(values.filter((value) => !Number.isNaN(value)).at(-1)));
    const [first, second] = apart(ends, 22).map(inside);
    return [
      element("text", { x: WIDTH - RIGHT + 10, y: first + 6, class: "on-lambda name" }, "Lambda"),
      element("text", { x: WIDTH - RIGHT + 10, y: second + 6, class: "on-ec2 name" }, instance),
    ];
  }

  function marks(work, verdict, y) {
    const here = x(work.requests);
    const left = work.requests > 1e8;
    const at = [y(verdict.lambda), y(verdict.ec2)];
    const [first, second] = apart(at, 24).map(inside);
    const aside = { x: here + (left ? -16 : 16), "text-anchor": left ? "end" : "start" };
    return [
      element("line", { x1: here, x2: here, y1: TOP, y2: HEIGHT - BOTTOM, class: "here" }),
      element("circle", { cx: here, cy: at[0], r: 7, class: "mark on-lambda" }),
      element("rect", { x: here - 6, y: at[1] - 6, width: 12, height: 12, class: "mark on-ec2" }),
      element("text", { ...aside, y: first + 6, class: "on-lambda name halo" }, `Lambda ${usd(verdict.lambda)}`),
      element("text", { ...aside, y: second + 6, class: "on-ec2 name halo" }, `EC2 ${usd(verdict.ec2)}`),
    ];
  }

  function crossing(even, y) {
    if (!(even.requests >= LOW && even.requests <= HIGH)) return [];
    return [element("circle", { cx: x(even.requests), cy: y(even.usd), r: 9, class: "even" })];
  }

  // Draw into the svg element; `verdict` is of deck.comparison.compare.
  function draw(svg, tables, work, verdict) {
    measure(svg);
    const onLambda = loads.map((load) => deck.comparison.known(tables, work, load));
    const onEc2 = loads.map((load) => deck.costs.ec2(tables, work, load).usd);
    const top = Math.max(...[...onLambda, ...onEc2].filter((value) => !Number.isNaN(value))) * 2;
    const y = scaleY(top);
    svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    svg.setAttribute("aria-label", `Monthly US dollars over requests: Lambda against ${work.instance}. ${verdict.sentence}. ${verdict.even.sentence}`);
    svg.replaceChildren(
      ...axes(y, top),
      element("path", { d: path(onEc2, y), class: "curve on-ec2" }),
      element("path", { d: path(onLambda, y), class: "curve on-lambda" }),
      ...crossing(verdict.even, y), ...names([onLambda, onEc2], y, work.instance), ...marks(work, verdict, y),
    );
  }

  return draw;
})();
