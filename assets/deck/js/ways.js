// The same work four ways, as lines to audit: lambdadeck/costs/four_ways.py in the page, with the instance types of its menu.
deck.fourWays = (() => {
  "use strict";
  const NOISE = 1 - 1e-12;
  const { UnknownPrice, TooSmall, average, gbSeconds, room, tierParts } = deck.costs;

  /** @type {(item: string, quantity: number, unit: string, price: number, source: string) => BillLine} */
  const line = (item, quantity, unit, price, source) => ({ item, quantity, unit, price, usd: quantity ? quantity * price : 0, source });

  /** @type {(tables: PriceTables, region: string, item: string) => { price: number, source: string }} */
  function unitPrice(tables, region, item) {
    const found = tables.regions[region].items[item];
    if (!found) throw new UnknownPrice(`No price for '${item}' in '${region}' (known in: ${tables.known[item]}): pass your own.`);
    return { price: found[0], source: tables.sources[found[1]].text };
  }

  /** @type {(tables: PriceTables, work: Workload, serves: number, least: number) => number} */
  function countOf(tables, work, serves, least) {
    const peak = ((average(tables, work, work.requests) * work.peak_factor) / work.utilization) * NOISE;
    return Math.max(peak > 0 ? Math.ceil(peak / serves) : 0, Math.ceil(Math.max(work.zones, least)));
  }

  /**
   * Return the cheapest of the menu's types on the workload's architecture that holds the work; throw TooSmall.
   * @type {(tables: PriceTables, work: Workload, pattern: RegExp, least: number) => { name: string, row: Ec2Price, count: number, above: number }}
   */
  function cheapest(tables, work, pattern, least) {
    const isArm = work.arch === "arm64";
    const fleets = Object.entries(tables.regions[work.region].ec2).filter(([name]) => pattern.test(name) && tables.arm_families.includes(name.split(".")[0]) === isArm).map(([name, row]) => {
      const { worksOn, serves } = room(tables, work, row);
      const count = countOf(tables, work, serves, least);
      const above = row.baseline === null ? 0 : Math.max(average(tables, work, work.requests) / worksOn - count * row.baseline, 0) * row.vcpu * tables.hours;
      return { name, row, count, above, usd: count * tables.hours * row.usd_per_hour * (1 - work.ec2_discount) + above * (row.surplus ?? 0) };
    }).filter(({ usd }) => Number.isFinite(usd));
    if (!fleets.length) throw new TooSmall(`None of the menu's ${work.arch} types holds requests of ${work.memory_mb.toLocaleString("en-US")} MB.`);
    return fleets.reduce((best, one) => (one.usd < best.usd ? one : best));
  }

  /** @type {(tables: PriceTables, front: string, work: Workload) => BillLine[]} */
  function frontLines(tables, front, work) {
    if (front === "none" || front === "function-url") return [];
    if (front === "alb") {
      const [hour, lcu] = ["alb-hour", "alb-lcu-hour"].map((item) => unitPrice(tables, work.region, item));
      return [line("ALB", tables.hours, "hour", hour.price, hour.source), line("ALB, by connections", work.requests / tables.lcu_connections, "LCU-hour", lcu.price, lcu.source)];
    }
    const { source } = unitPrice(tables, work.region, front);
    return parts(work.requests / 1e6, tables.regions[work.region].fronts[front]).filter(([part]) => part).map(([part, usd]) => line(front, part, "million", usd, source));
  }

  /** @type {(quantity: number, tiers: [start: number, usd: number][]) => [part: number, usd: number][]} */
  const parts = (quantity, tiers) => tierParts(quantity, tiers.map(([start]) => start)).map((part, at) => [part, tiers[at][1]]);

  /** @type {(tables: PriceTables, work: Workload) => BillLine[]} */
  function onLambda(tables, work) {
    const price = tables.regions[work.region].lambda[work.arch], { text } = tables.sources[price.source];
    const free = work.free_tier ? 1 : 0;
    const rest = Math.max(gbSeconds(work, work.requests) - tables.free_gb_seconds * free, 0);
    const paid = Math.max(work.requests - tables.free_requests * free, 0) / 1e6;
    const starts = [0, ...tables.tier_bounds[work.arch]];
    const tiers = parts(rest, starts.map((start, at) => [start, price.usd_per_gb_s[at] ?? NaN]));
    const duration = tiers.flatMap(([part, usd], at) => (part || !at ? [line(`duration, tier ${at + 1}`, part, "GB-second", usd * (1 - work.lambda_discount), text)] : []));
    return [line("requests", paid, "million", price.usd_per_million ?? NaN, text), ...duration, ...frontLines(tables, work.lambda_front, work)];
  }

  /** @type {(tables: PriceTables, work: Workload) => BillLine[]} */
  function managed(tables, work) {
    const { name, row, count } = cheapest(tables, work, new RegExp(tables.managed), tables.managed_least);
    const hours = count * tables.hours;
    const [fee, requests] = ["fee", "requests"].map((item) => unitPrice(tables, work.region, `managed-instances-${item}`));
    return [
      line(`${count.toLocaleString("en-US")} × ${name}`, hours, "hour", row.usd_per_hour * (1 - work.ec2_discount), tables.sources[row.source].text),
      line("management fee, on demand", hours * row.usd_per_hour, "US$", fee.price, fee.source),
      line("requests", work.requests / 1e6, "million", requests.price, requests.source), ...frontLines(tables, work.lambda_front, work),
    ];
  }

  /** @type {(tables: PriceTables, work: Workload) => BillLine[]} */
  function fargate(tables, work) {
    const arch = work.arch === "arm64" ? "arm" : "x86";
    const [vcpu, gb] = ["vcpu", "gb"].map((unit) => unitPrice(tables, work.region, `fargate-${unit}-hour-${arch}`));
    const sizes = tables.fargate_sizes.flatMap(([cpu, many]) => many.map((gib) => {
      const count = countOf(tables, work, room(tables, work, { vcpu: cpu, memory_gib: gib }).serves, 1);
      return { cpu, gib, count, usd: count * (cpu * vcpu.price + gib * gb.price) };
    }));
    const { cpu, gib, count } = sizes.reduce((best, one) => (one.usd < best.usd ? one : best));
    const tasks = `${count.toLocaleString("en-US")} ${count === 1 ? "task" : "tasks"} of ${cpu} vCPU and ${gib} GB`, hours = count * tables.hours;
    return [line(`${tasks}: vCPU`, hours * cpu, "vCPU-hour", vcpu.price, vcpu.source), line(`${tasks}: memory`, hours * gib, "GB-hour", gb.price, gb.source), ...frontLines(tables, work.ec2_front, work)];
  }

  /** @type {(tables: PriceTables, work: Workload) => BillLine[]} */
  function onEc2(tables, work) {
    const { name, row, count, above } = cheapest(tables, work, /./, 1), { text } = tables.sources[row.source];
    const surplus = row.baseline === null ? [] : [line("above the baseline", above, "vCPU-hour", row.surplus ?? NaN, text)];
    return [line(`${count.toLocaleString("en-US")} × ${name}`, count * tables.hours, "hour", row.usd_per_hour * (1 - work.ec2_discount), text), ...surplus, ...frontLines(tables, work.ec2_front, work)];
  }

  const WAYS = /** @type {const} */ ([["Lambda", onLambda], ["Lambda Managed Instances", managed], ["Fargate", fargate], ["EC2", onEc2]]);

  /**
   * Price the work four ways; a way that needs an unknown price says which, and the others stand.
   * @type {Deck["fourWays"]}
   */
  const fourWays = (tables, work) => WAYS.map(([name, lines]) => {
    try {
      const found = lines(tables, work);
      return { name, lines: found, usd: found.reduce((sum, one) => sum + one.usd, 0), problem: "" };
    } catch (error) {
      if (!(error instanceof UnknownPrice || error instanceof TooSmall)) throw error;
      return { name, lines: [], usd: NaN, problem: error.message };
    }
  });

  return fourWays;
})();

// "Four ways" in the panel: the lines as a table, and as a CSV file to take away.
deck.ways = (panel, tables, state) => {
  "use strict";
  const place = /** @type {HTMLDetailsElement} */ (deck.one(".four-ways", panel));
  const HEADERS = ["way", "item", "quantity", "unit", "US$ a unit", "US$", "source"];

  /** @param {number} value */
  const short = (value) => (Number.isNaN(value) ? "unknown" : value.toLocaleString("en-US", { maximumSignificantDigits: 6 }));
  /** @param {Way} way */
  const rowsOf = ({ name, lines, usd, problem }) => [
    ...lines.map((one) => [name, one.item, one.quantity, one.unit, one.price, one.usd, one.source]),
    [name, "total", "", "", "", usd, problem],
  ];

  function show() {
    if (!place.open) return;
    const rows = deck.fourWays(tables, state).flatMap(rowsOf);
    deck.one("tbody", place).replaceChildren(...rows.map((cells) => {
      const line = document.createElement("tr");
      line.className = cells[1] === "total" ? "total" : "";
      line.append(...cells.map((cell, at) => Object.assign(document.createElement(at ? "td" : "th"), { textContent: at === 5 ? deck.formatting.usd(Number(cell)) : typeof cell === "number" ? short(cell) : cell })));
      return line;
    }));
    const csv = [HEADERS, ...rows].map((cells) => cells.map((cell) => (/[",\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : cell)).join(",")).join("\n");
    /** @type {HTMLAnchorElement} */ (place.querySelector("a")).href = `data:text/csv;charset=utf-8,${encodeURIComponent(`${csv}\n`)}`;
  }

  place.addEventListener("toggle", show);
  return { show };
};
