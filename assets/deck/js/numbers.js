// The "your numbers" panel: its controls, the chart, and the comparison in words. The address holds the first one's state.
/** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".your-numbers")).forEach((panel) => {
  "use strict";
  const first = deck.numbers;
  const data = JSON.parse(deck.one("script", panel).textContent);
  const tables = first ? { ...first.tables, ...data } : unpacked(data);
  const form = /** @type {HTMLFormElement} */ (panel.querySelector("form"));
  const svg = /** @type {SVGSVGElement} */ (panel.querySelector(".drawn"));

  const NUMBERS = /** @type {const} */ (["requests", "duration_ms", "memory_mb", "peak_factor", "cpu_share", "utilization", "zones", "lambda_discount", "ec2_discount"]);
  const MENUS = /** @type {const} */ (["arch", "region", "instance", "lambda_front", "ec2_front"]);
  /** @typedef {typeof NUMBERS[number]} NumberName */
  /** @typedef {typeof MENUS[number]} MenuName */

  const state = { ...tables.start };
  /** @type {string[]} */
  let refused = [];

  /**
   * Return the tables with the EC2 prices as objects: the page holds them as lists, which are shorter.
   * @param {PriceTables<[number, number, number, number | null, number | null, number]>} packed
   * @returns {PriceTables}
   */
  function unpacked(packed) {
    const regions = Object.entries(packed.regions).map(([region, { ec2, ...rest }]) => {
      const rows = Object.entries(ec2).map(([name, [vcpu, memory_gib, usd_per_hour, baseline, surplus, source]]) => [name, { vcpu, memory_gib, usd_per_hour, baseline, surplus, source }]);
      return [region, { ...rest, ec2: Object.fromEntries(rows) }];
    });
    return { ...packed, regions: Object.fromEntries(regions) };
  }

  let wanted = state.instance; // chosen, though this region may not sell it

  /** Return the wanted type, or where the region does not sell it the cheapest that is as large; the largest if none is. */
  function standIn() {
    const sold = tables.regions[state.region].ec2, like = tables.regions["eu-west-1"].ec2[wanted];
    if (wanted in sold) return wanted;
    if (!like) return instances()[0];
    const rows = Object.entries(sold), large = rows.filter(([, row]) => row.vcpu >= like.vcpu && row.memory_gib >= like.memory_gib && (row.baseline === null || like.baseline !== null));
    const byPrice = (/** @type {typeof rows[0]} */ [, a], /** @type {typeof rows[0]} */ [, b]) => a.usd_per_hour - b.usd_per_hour;
    const bySize = (/** @type {typeof rows[0]} */ [, a], /** @type {typeof rows[0]} */ [, b]) => b.vcpu - a.vcpu || b.memory_gib - a.memory_gib;
    return (large.length ? large.sort(byPrice) : rows.sort(bySize))[0][0];
  }

  const instances = () => Object.keys(tables.regions[state.region].ec2);

  // --- the address ---
  function fromAddress() {
    if (first) return;
    const asked = deck.asked();
    for (const name of NUMBERS) takeNumber(name, asked.get(name));
    takeChoice("arch", asked.get("arch"), Object.keys(tables.tier_bounds));
    takeChoice("region", asked.get("region"), Object.keys(tables.regions));
    takeChoice("lambda_front", asked.get("lambda_front"), offered("lambda_front"));
    takeChoice("ec2_front", asked.get("ec2_front"), offered("ec2_front"));
    state.instance = asked.get("instance") ?? state.instance;
    wanted = state.instance;
    if (!instances().includes(state.instance)) {
      refused.push(`instance=${state.instance}`);
      state.instance = standIn();
    }
    if (asked.has("free_tier")) state.free_tier = asked.get("free_tier") === "1";
  }

  /** @type {(name: NumberName, text: string | null) => void} */
  function takeNumber(name, text) {
    if (text === null) return;
    const number = text.trim() === "" ? NaN : Number(text);
    if (deck.quantities.allows(tables.quantities[name], number)) state[name] = number; else refused.push(`${name}=${text}`);
  }

  /** @type {(name: MenuName, text: string | null, offered: string[]) => void} */
  function takeChoice(name, text, offered) {
    if (text === null) return;
    if (offered.includes(text)) state[name] = text; else refused.push(`${name}=${text}`);
  }

  function toAddress() {
    if (first) return;
    /** @type {Record<string, string | null>} */
    const changes = {};
    for (const name of [...NUMBERS, ...MENUS]) changes[name] = state[name] === tables.start[name] ? null : String(state[name]);
    changes.free_tier = state.free_tier === tables.start.free_tier ? null : state.free_tier ? "1" : "0";
    deck.remember(changes);
  }

  // --- the controls ---
  /** @param {string} name */
  const input = (name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  const choices = Object.fromEntries(NUMBERS.map((name) => [name, tables.quantities[name].choices]));
  /** @param {string} name */
  const typed = (name) => input(`${name}_typed`);
  /** @param {MenuName} name */
  const offered = (name) => [...(/** @type {HTMLSelectElement} */ (form.elements.namedItem(name))).options].map(({ value }) => value);

  /** @param {NumberName} name */
  function showSlider(name) {
    const values = [...new Set([...choices[name], state[name]])].sort((a, b) => a - b);
    choices[name] = values;
    input(name).max = String(values.length - 1);
    input(name).value = String(values.indexOf(state[name]));
    const words = deck.quantities.show(tables.quantities[name], state[name]);
    input(name).setAttribute("aria-valuetext", words);
    typed(name).value = words;
  }

  /** @type {(name: MenuName, values: string[]) => void} */
  function offer(name, values) {
    const menu = /** @type {HTMLSelectElement} */ (form.elements.namedItem(name));
    if ([...menu.options].map(({ value }) => value).join() !== values.join()) menu.replaceChildren(...values.map((value) => new Option(value, value)));
    menu.value = state[name];
  }

  function showControls() {
    NUMBERS.forEach(showSlider);
    offer("arch", Object.keys(tables.tier_bounds));
    offer("region", Object.keys(tables.regions));
    offer("instance", instances());
    for (const name of /** @type {const} */ (["lambda_front", "ec2_front"])) input(name).value = state[name];
    input("free_tier").checked = state.free_tier;
  }

  /** @param {Event} event */
  function type({ target }) { // a number was typed; a slider and a menu tell by "input"
    if (!(target instanceof HTMLInputElement) || target.type !== "text") return;
    const name = /** @type {NumberName} */ (target.name.replace("_typed", ""));
    refused = [];
    try {
      state[name] = deck.quantities.read(tables, tables.quantities[name], target.value);
    } catch (error) {
      refused = [/** @type {Error} */ (error).message];
    }
    toAddress();
    show();
  }

  /** @param {Event} event */
  function read({ target }) {
    if (target instanceof HTMLInputElement && target.type === "text") return;
    for (const name of NUMBERS) state[name] = choices[name][Number(input(name).value)];
    for (const name of MENUS) state[name] = input(name).value;
    state.free_tier = input("free_tier").checked;
    if (/** @type {HTMLSelectElement} */ (target).name === "instance") wanted = state.instance;
    state.instance = standIn();
    refused = [];
    toAddress();
    show();
  }

  // --- the result ---
  /** @param {string} date */
  const days = (date) => Math.floor((Date.now() - Date.parse(`${date}T00:00:00Z`)) / 86400000);

  // Where the prices come from, and how old they are on the day of reading.
  function origin() {
    const { ec2, lambda } = tables.regions[state.region];
    const rows = [
      { kind: "Lambda", ...tables.sources[lambda[state.arch].source] },
      { kind: "EC2", ...tables.sources[ec2[state.instance].source] },
    ];
    const { baseline, surplus } = ec2[state.instance];
    const above = baseline === null || surplus === null ? "" : `, ${state.instance} $${surplus.toFixed(2)} a vCPU-hour above ${Number((100 * baseline).toPrecision(6))}% of its CPU`;
    const old = rows.filter(({ last_confirmed }) => days(last_confirmed) > tables.stale_days).map(({ kind, last_confirmed }) => `${kind} prices are ${days(last_confirmed)} days old`);
    const busy = deck.quantities.show(tables.quantities.utilization, state.utilization);
    const long = [`${state.region}, Lambda ${state.arch}, EC2 ${busy} busy at the peak, ${tables.fronts[state.ec2_front]} in front of EC2${above}, US$`, ...rows.map(({ kind, text }) => `${kind} ${text}`)].join(" · ");
    const short = [state.region, ...rows.map(({ kind, text }) => `${kind} ${text.split(":")[0]}`)].join(" · ");
    return { long, short, note: old.length ? `Note: ${old.join("; ")}.` : "" };
  }

  function rows() {
    return [1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10].map((load) => {
      const there = deck.costs.ec2(tables, state, load);
      const onLambda = deck.comparison.lambdaUsdOrNaN(tables, state, load);
      return [deck.formatting.count(load), deck.formatting.usd(onLambda), deck.formatting.usd(there.usd), String(there.instances)];
    });
  }

  /** @param {string[]} texts */
  function row([head, ...texts]) {
    const line = document.createElement("tr");
    line.append(Object.assign(document.createElement("th"), { scope: "row", textContent: head }));
    line.append(...texts.map((textContent) => Object.assign(document.createElement("td"), { textContent })));
    return line;
  }

  const found = Object.assign(document.createElement("div"), { className: "found", ariaHidden: "true" }); // the verdict says it
  panel.closest(".slide")?.querySelector("h2")?.after(found);

  /** @param {string} name */
  const part = (name) => deck.one(`.${name}`, panel);

  /** @type {(sentence: string, ...more: string[]) => void} */
  function say(sentence, ...more) {
    if (part("verdict").textContent !== sentence) part("verdict").textContent = sentence;
    const { long, short, note } = origin();
    const from = Object.entries({ long, short }).map(([className, textContent]) => Object.assign(document.createElement("span"), { className, textContent }));
    part("backing").replaceChildren([...refused, ...more, note, ""].join(" ").replace(/  +/g, " "), ...from);
  }

  function show() {
    showControls();
    month.show();
    ways.show();
    part("assumed").textContent = `Assumed: ${deck.assumptions(tables, state)}.`;
    try {
      const comparison = deck.comparison.compare(tables, state);
      deck.curve(svg, tables, state, comparison);
      found.textContent = comparison.title;
      say(comparison.sentence, comparison.even.sentence, comparison.flip, comparison.safe);
      part("rows").replaceChildren(...rows().map(row));
    } catch (error) { // what cannot be compared is named, never guessed
      if (!(error instanceof deck.costs.UnknownPrice || error instanceof deck.costs.TooSmall)) throw error;
      found.textContent = "";
      svg.replaceChildren();
      svg.setAttribute("aria-label", "No curve.");
      say(error.message);
      part("rows").replaceChildren();
    }
    if (document.documentElement.dataset.ready && deck.stage) deck.stage.refit(); // longer text may need more room
  }

  const month = deck.month(panel, tables, state), ways = deck.ways(panel, tables, state);
  fromAddress();
  if (refused.length) refused = [`The address asked for ${refused.join(", ")}, which cannot be; the usual value is shown.`];
  form.addEventListener("input", read);
  form.addEventListener("change", type);
  deck.one(".fleet", form).addEventListener("toggle", () => deck.stage?.refit());
  addEventListener("resize", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  show();
  deck.numbers ??= { tables, state };
});
