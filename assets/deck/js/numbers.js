// Your numbers: the controls, the curve that follows them, the verdict; its state is in the address.
deck.numbers = (() => {
  "use strict";
  const panel = document.querySelector(".your-numbers");
  if (!panel) return null;
  const tables = JSON.parse(document.getElementById("numbers-data").textContent);
  for (const { ec2 } of Object.values(tables.regions)) {
    for (const [name, [vcpu, usd_per_hour, baseline, source]] of Object.entries(ec2)) ec2[name] = { vcpu, usd_per_hour, baseline, source };
  }
  const form = panel.querySelector("form");
  const control = (name) => form.elements[name];
  const NUMBERS = ["requests", "duration_ms", "memory_mb", "peak_factor"];
  const MENUS = ["arch", "region", "instance"];
  const LIMITS = { requests: [0, 1e13], duration_ms: [0.001, 900000], memory_mb: [128, 10240], peak_factor: [1, 1000] };
  const state = { ...tables.start };
  let refused = [];

  const time = (ms) => (ms < 1000 ? `${Number(ms.toPrecision(6))} ms` : `${Number((ms / 1000).toPrecision(6))} s`);
  const said = {
    requests: deck.formatting.count, duration_ms: time,
    memory_mb: (mb) => `${mb.toLocaleString("en-US")} MB`, peak_factor: (times) => `${times} ×`,
  };

  // --- the address ---
  function fromAddress() {
    const asked = deck.asked();
    for (const name of [...NUMBERS, ...MENUS, "free_tier"]) if (asked.has(name)) take(name, asked.get(name));
    if (!tables.regions[state.region].ec2[state.instance]) refuse("instance", state.instance, Object.keys(tables.regions[state.region].ec2)[0]);
  }

  function refuse(name, text, instead) {
    refused.push(`${name}=${text}`);
    state[name] = instead;
  }

  function take(name, text) {
    if (name === "free_tier") { state.free_tier = text === "1"; return; }
    if (MENUS.includes(name)) {
      const options = { arch: Object.keys(tables.tier_bounds), region: Object.keys(tables.regions) }[name];
      if (!options || options.includes(text)) state[name] = text; else refuse(name, text, tables.start[name]);
      return;
    }
    const [low, high] = LIMITS[name];
    const number = text.trim() === "" ? NaN : Number(text);
    if (number >= low && number <= high) state[name] = number; else refuse(name, text, tables.start[name]);
  }

  function toAddress() {
    const changes = {};
    for (const name of [...NUMBERS, ...MENUS]) changes[name] = state[name] === tables.start[name] ? null : String(state[name]);
    changes.free_tier = state.free_tier === tables.start.free_tier ? null : state.free_tier ? "1" : "0";
    deck.remember(changes);
  }

  // --- the controls ---
  const choices = Object.fromEntries(NUMBERS.map((name) => [name, [...new Set([...tables.choices[name], state[name]])]]));

  function showSlider(name) {
    const values = [...new Set([...choices[name], state[name]])].sort((a, b) => a - b);
    choices[name] = values;
    control(name).max = values.length - 1;
    control(name).value = values.indexOf(state[name]);
    const words = said[name](state[name]);
    control(name).setAttribute("aria-valuetext", words);
    form.querySelector(`output[for="numbers-${name}"]`).textContent = words;
  }

  function offer(name, values) {
    const menu = control(name);
    if ([...menu.options].map(({ value }) => value).join() !== values.join()) menu.replaceChildren(...values.map((value) => new Option(value, value)));
    menu.value = state[name];
  }

  function showControls() {
    NUMBERS.forEach(showSlider);
    offer("arch", Object.keys(tables.tier_bounds));
    offer("region", Object.keys(tables.regions));
    offer("instance", Object.keys(tables.regions[state.region].ec2));
    control("free_tier").checked = state.free_tier;
  }

  function read(event) {
    const { name } = event.target;
    if (NUMBERS.includes(name)) state[name] = choices[name][Number(event.target.value)];
    else if (MENUS.includes(name)) state[name] = event.target.value;
    else state.free_tier = event.target.checked;
    const offered = tables.regions[state.region].ec2;
    if (!offered[state.instance]) state.instance = Object.keys(offered)[0];
    refused = [];
    toAddress();
    show();
  }

  // --- what follows ---
  const days = (date) => Math.floor((Date.now() - Date.parse(`${date}T00:00:00Z`)) / 86400000);

  function origin() { // where the prices come from, and whether they are old on the day the page is read
    const { ec2, lambda } = tables.regions[state.region];
    const rows = [["Lambda", tables.sources[lambda[state.arch].source]], ["EC2", tables.sources[ec2[state.instance].source]]];
    const baseline = ec2[state.instance].baseline === null ? "" : ", burstable at its baseline";
    const old = rows.filter(([, source]) => days(source.as_of) > tables.stale_days).map(([kind, source]) => `${kind} prices are ${days(source.as_of)} days old`);
    const text = [`${state.region}, Lambda ${state.arch}, no load balancer${baseline}, US$`, ...rows.map(([kind, source]) => `${kind} ${source.text}`)].join(" · ");
    return old.length ? `${text}. Note: ${old.join("; ")}.` : text;
  }

  function rows() {
    return [1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10].map((load) => {
      const there = deck.costs.ec2(tables, state, load);
      return [deck.formatting.count(load), deck.formatting.usd(deck.comparison.known(tables, state, load)), deck.formatting.usd(there.usd), String(there.instances)];
    });
  }

  function row(cells) {
    const line = document.createElement("tr");
    cells.forEach((text, index) => {
      const cell = document.createElement(index ? "td" : "th");
      if (!index) cell.scope = "row";
      cell.textContent = text;
      line.append(cell);
    });
    return line;
  }

  const part = (name) => panel.querySelector(`.${name}`);

  function say(sentence, ...more) {
    if (part("verdict").textContent !== sentence) part("verdict").textContent = sentence;
    const notes = refused.length ? [`The address asked for ${refused.join(", ")}, which cannot be; the usual value is shown.`] : [];
    part("backing").textContent = [...notes, ...more].join(" ");
  }

  function show() {
    showControls();
    const svg = part("drawn");
    try {
      const verdict = deck.comparison.compare(tables, state);
      deck.curve(svg, tables, state, verdict);
      say(verdict.sentence, verdict.even.sentence, origin());
      part("rows").replaceChildren(...rows().map(row));
    } catch (problem) { // a price that nobody knows is said, never guessed
      if (!(problem instanceof deck.costs.UnknownPrice)) throw problem;
      svg.replaceChildren();
      svg.setAttribute("aria-label", "No curve: a price is unknown.");
      say(problem.message, origin());
      part("rows").replaceChildren();
    }
    if (document.documentElement.dataset.ready && deck.stage) deck.stage.refit(); // words may have got longer
  }

  fromAddress();
  form.addEventListener("input", read);
  addEventListener("resize", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  show();
  return { tables, state };
})();
