// "Your month" in the panel: two CSV files are dropped or chosen, read, and priced as the panel's numbers say. Nothing leaves the browser.
deck.month = (panel, tables, state) => {
  "use strict";
  const place = deck.one(".month", panel);
  const files = /** @type {HTMLInputElement} */ (place.querySelector("input[type=file]"));
  const fixed = /** @type {HTMLInputElement} */ (place.querySelector("input[type=checkbox]"));
  const svg = /** @type {SVGSVGElement} */ (place.querySelector("svg"));
  const WIDE = 1100, SLIM = 420, HEIGHT = 210, LEFT = 80, TOP = 12, BOTTOM = 26, DAY = 24;
  /** @type {Month | null} */
  let month = null;
  /** @param {string} name */
  const part = (name) => deck.one(`.${name}`, place);
  /** @param {number[]} values */
  const sum = (values) => values.reduce((total, value) => total + value, 0);

  /** @param {Iterable<File>} chosen */
  async function take(chosen) {
    const both = [...chosen];
    try {
      if (both.length !== 2) throw new Error("Drop two files together: the hours (Timestamp,NAME Invocations,NAME Duration,...) and the functions (NAME,MB,ARCH).");
      const read = await Promise.all(both.map(async (file) => ({ name: file.name, bytes: await file.arrayBuffer() })));
      const isFunctions = /** @param {{ bytes: ArrayBuffer }} file */ ({ bytes }) => /^\W*NAME\W*,/i.test(new TextDecoder().decode(bytes.slice(0, 40)));
      const [functions, hours] = isFunctions(read[1]) ? [read[1], read[0]] : read;
      month = deck.monthFrom(hours, functions);
      show();
    } catch (error) {
      month = null;
      clear(/** @type {Error} */ (error).message);
    }
  }

  /** @param {string} sentence */
  function clear(sentence) {
    part("said").textContent = sentence;
    part("more").textContent = "";
    part("by-function").replaceChildren();
    svg.replaceChildren();
    svg.removeAttribute("viewBox");
  }

  function show() {
    if (!month) return;
    try {
      const bill = deck.monthBill(tables, state, month, fixed.checked);
      part("said").textContent = `${bill.sentence}.`;
      part("more").textContent = `${bill.error} Assumed: ${state.region}, US$; ${bill.assumed}; the types of the panel's menu. Prices: ${sources()}.`;
      part("by-function").replaceChildren(...bill.functions.map(row));
      draw(bill);
    } catch (error) { // what cannot be priced is named, never guessed
      if (!(error instanceof deck.costs.UnknownPrice || error instanceof deck.costs.TooSmall)) throw error;
      clear(error.message);
    }
  }

  function sources() {
    const { ec2, lambda } = tables.regions[state.region];
    const rows = [...Object.values(lambda).map((one) => `Lambda ${tables.sources[one.source].text}`), ...Object.values(ec2).map((one) => `EC2 ${tables.sources[one.source].text}`)];
    return [...new Set(rows)].join(" · ");
  }

  /** @param {FunctionMonth} one */
  function row(one) {
    const line = document.createElement("tr");
    line.append(Object.assign(document.createElement("th"), { scope: "row", textContent: one.name }));
    const cells = [deck.formatting.usd(one.lambda_usd), deck.formatting.usd(one.ec2_usd), one.fleet, one.moves ? "EC2" : "Lambda"];
    line.append(...cells.map((textContent) => Object.assign(document.createElement("td"), { textContent })));
    return line;
  }

  /** @type {(name: string, attributes: Record<string, string | number>, text?: string) => SVGElement} */
  function element(name, attributes, text = "") {
    const made = /** @type {SVGElement} */ (document.createElementNS("http://www.w3.org/2000/svg", name));
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    made.textContent = text;
    return made;
  }

  /** @param {MonthBill} bill */
  function draw(bill) {
    const ways = /** @type {const} */ ([["Lambda", bill.lambda, "on-lambda"], ["shared EC2", bill.ec2, "on-ec2"], ["mix", bill.mix, "mixed"]]);
    const shown = ways.slice(0, bill.functions.some((one) => one.moves) ? 3 : 2);
    const days = shown.map(([, hours]) => Array.from({ length: Math.ceil(hours.length / DAY) }, (_, day) => sum(hours.slice(day * DAY, (day + 1) * DAY))));
    const width = document.documentElement.hasAttribute("data-narrow") ? SLIM : WIDE; // so that letters stay readable
    const top = Math.max(...days.flat()) || 1, wide = (width - LEFT) / days[0].length;
    /** @param {number} usd */
    const y = (usd) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - usd / top);
    const start = month?.start ?? 0;
    /** @param {number} day */
    const date = (day) => new Date(start + day * 86400e3).toISOString().slice(5, 10);
    const weeks = days[0].flatMap((_, day) => (day % (width === SLIM ? 14 : 7) ? [] : [element("text", { x: LEFT + day * wide, y: HEIGHT - 6, class: "axis", "text-anchor": day > days[0].length * 0.9 ? "end" : "start" }, date(day))]));
    const lines = shown.map(([, , look], at) => element("path", { class: `curve ${look}`, d: days[at].map((usd, day) => `${day ? "L" : "M"}${(LEFT + day * wide).toFixed(1)} ${y(usd).toFixed(1)}h${wide.toFixed(1)}`).join("") }));
    const ticks = [0, top / 2, top].map((usd) => element("text", { x: LEFT - 6, y: y(usd) + 6, class: "axis", "text-anchor": "end" }, usd ? deck.formatting.usd(usd) : "$0"));
    svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    svg.setAttribute("aria-label", `US dollars a day over ${bill.lambda.length} hours: ${shown.map(([name, hours]) => `${name} ${deck.formatting.usd(sum(hours))}`).join(", ")}.`);
    svg.replaceChildren(...ticks, ...weeks, ...lines);
    part("legend").textContent = `US$ a day: ${shown.map(([name, hours], at) => `${["solid", "dashed", "dotted"][at]} ${name} ${deck.formatting.usd(sum(hours))}`).join(", ")}`;
  }

  files.addEventListener("change", () => take(files.files ?? []));
  fixed.addEventListener("change", show);
  place.addEventListener("dragover", (event) => event.preventDefault());
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    take(event.dataTransfer?.files ?? []);
  });
  return { show };
};
