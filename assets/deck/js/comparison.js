// Break-even and comparison of both bills: lambdadeck/costs/break_even.py, intersection.py and comparison.py in the page.
deck.comparison = (() => {
  "use strict";
  /** @typedef {{ start: number, end: number, height: number, slope: number }} Segment Lambda's bill from start to end. */
  /** @typedef {{ run: number, least: number, parts: [number, number][] }} Staircase EC2's bill, `run` requests a step, `least` steps paid: the largest of dollars a step and a request. */

  const { lambdaUsd, ec2, frontUsd, room, average, gbSeconds, UnknownPrice } = deck.costs;
  const { usd, count, rounded } = deck.formatting;
  const NOISE = 1 - 1e-12;
  /** @param {number} number */
  const whole = (number) => number.toLocaleString("en-US"); // exact: count × price must give the bill

  /**
   * Return the loads at which the price of one more request changes.
   * @type {(tables: PriceTables, work: Workload) => number[]}
   */
  function bends(tables, work) {
    const each = gbSeconds(work, 1);
    const free = work.free_tier ? 1 : 0;
    const bounds = [0, ...tables.tier_bounds[work.arch]].map((bound) => (tables.free_gb_seconds * free + bound) / each);
    const fronts = [work.lambda_front, work.ec2_front].flatMap((front) => frontBends(tables, front, work.region));
    return [...new Set([0, ...bounds, ...(free ? [tables.free_requests] : []), ...fronts])].sort((a, b) => a - b);
  }

  /** @type {(tables: PriceTables, front: string, region: string) => number[]} */
  function frontBends(tables, front, region) {
    if (front === "alb") return [];
    return (tables.regions[region].fronts[front] ?? []).map(([start]) => start * 1e6);
  }

  /**
   * Return Lambda's bill; NaN if it includes an unknown price.
   * @type {Deck["comparison"]["lambdaUsdOrNaN"]}
   */
  function lambdaUsdOrNaN(tables, work, requests) {
    try {
      return lambdaUsd(tables, work, requests);
    } catch (error) {
      if (error instanceof UnknownPrice) return NaN;
      throw error;
    }
  }

  /** @type {(tables: PriceTables, work: Workload) => Segment[]} */
  function segments(tables, work) {
    const starts = bends(tables, work);
    const loads = [...starts, starts[starts.length - 1] * 2 + 1e9];
    const heights = loads.map((load) => lambdaUsdOrNaN(tables, work, load) - frontUsd(tables, work.ec2_front, work.region, load));
    return starts.map((start, index) => ({
      start, end: starts[index + 1] ?? Infinity, height: heights[index],
      slope: (heights[index + 1] - heights[index]) / (loads[index + 1] - loads[index]),
    }));
  }

  /** @type {(tables: PriceTables, work: Workload) => Staircase} */
  function staircase(tables, work) {
    const row = tables.regions[work.region].ec2[work.instance], { vcpu, baseline, surplus } = row;
    const { worksOn, serves } = room(tables, work, row);
    const idle = ec2(tables, work, 0);
    const rise = idle.compute / idle.instances;
    const least = ec2(tables, work, 1).instances;
    const busy = average(tables, work, 1);
    const above = vcpu * tables.hours * (surplus ?? 0);
    /** @type {[number, number][]} */
    const parts = [[rise, 0]];
    if (above * busy > 0) parts.push([rise - above * (baseline ?? 0), (above * busy) / worksOn]);
    return { run: (serves * (work.utilization / work.peak_factor)) / busy, least, parts };
  }

  /** @type {(segment: Segment, x: number) => number} */
  const at = (segment, x) => segment.height + segment.slope * (x - segment.start);

  /**
   * Return the lowest load on this step at which the line is as high as it, or null.
   * @type {(segment: Segment, stairs: Staircase, step: number) => number | null}
   */
  function firstOn(segment, { run, least, parts }, step) {
    const start = step === least ? segment.start : Math.max(segment.start, (step - 1) * run);
    let low = start, high = Math.min(segment.end, step * run);
    for (const [aStep, aLoad] of parts) {
      const lead = at(segment, start) - aStep * step - aLoad * start;
      const gain = segment.slope - aLoad;
      if (lead < 0) low = gain > 0 ? Math.max(low, start - lead / gain) : Infinity;
      else if (gain < 0) high = Math.min(high, start - lead / gain);
    }
    return low <= high ? low : null;
  }

  /**
   * Return the first step from `least` on that the line reaches, or Infinity: the bounds of a load on step n are lines over n.
   * @type {(segment: Segment, stairs: Staircase, least: number) => number}
   */
  function firstStep(segment, { run, parts }, least) {
    const lows = [[segment.start, 0], [-run, run]], highs = [[segment.end, 0], [0, run]];
    let most = Infinity;
    for (const [aStep, aLoad] of parts) {
      const gain = segment.slope - aLoad;
      const short = segment.slope * segment.start - segment.height;
      if (gain !== 0) (gain > 0 ? lows : highs).push([short / gain, aStep / gain]);
      else if (aStep !== 0) most = Math.min(most, -short / aStep);
    }
    for (const [low, lowStep] of lows) for (const [high, highStep] of highs) {
      const rest = high - low, each = lowStep - highStep;
      if (each > 0) most = Math.min(most, rest / each);
      else if (each < 0) least = Math.max(least, rest / each);
      else if (rest < 0) return Infinity;
    }
    const first = Math.ceil(least - 1e-9 * Math.max(1, Math.abs(least)));
    return first <= most * (1 + 1e-9) ? first : Infinity;
  }

  /** @type {(segment: Segment, stairs: Staircase) => number | null} */
  function firstIn(segment, stairs) {
    const here = Math.max(stairs.least, Math.ceil((segment.start / stairs.run) * NOISE));
    if (!Number.isFinite(here)) return null;
    let x = firstOn(segment, stairs, here);
    const step = x === null ? firstStep(segment, stairs, here + 1) : Infinity;
    for (const later of Number.isFinite(step) ? [step, step + 1] : []) x = x ?? firstOn(segment, stairs, later);
    return x;
  }

  /**
   * Return the lowest load at which Lambda costs as much as EC2: Infinity if none, NaN if a price is unknown.
   * @type {(line: Segment[], stairs: Staircase) => number}
   */
  function firstCrossing(line, stairs) {
    for (const segment of line) {
      if (Number.isNaN(segment.slope)) return NaN;
      const x = firstIn(segment, stairs);
      if (x !== null) return x;
    }
    return Infinity;
  }

  /**
   * Return the last load from `low` to `high` at which the line is below a straight line, `x` if never, NaN if a price is unknown.
   * @type {(line: Segment[], low: number, high: number, height: number, slope: number, x: number) => number}
   */
  function behind(line, low, high, height, slope, x) {
    for (const segment of low < high ? line.filter(({ start, end }) => end > low && start < high) : []) {
      const start = Math.max(segment.start, low), end = Math.min(segment.end, high);
      const lead = at(segment, start) - height - slope * start;
      const gain = segment.slope - slope;
      const atEnd = Number.isFinite(end) ? lead + gain * (end - start) : gain;
      if (Number.isNaN(lead) || Number.isNaN(atEnd)) return NaN;
      const noise = 1e-12 * Math.abs(Number.isFinite(end) ? at(segment, start) : segment.slope);
      if (atEnd < -noise || (end === Infinity && gain === 0 && lead < 0)) x = end;
      else if (lead < -1e-12 * Math.abs(at(segment, start))) x = start - lead / gain;
    }
    return x;
  }

  /**
   * Return the load above which Lambda stays more expensive: Infinity if none, NaN if a price is unknown.
   * @type {(line: Segment[], stairs: Staircase, first: number) => number}
   */
  function lastCrossing(line, { run, least, parts }, first) {
    if (!Number.isFinite(first)) return first;
    let x = first;
    const full = least * run;
    for (const [aStep, aLoad] of parts) { // the first steps are paid in any case; beyond them, a step just begun
      x = Math.max(x, behind(line, first, full, aStep * least, aLoad, x));
      x = Math.max(x, behind(line, Math.max(first, full), Infinity, aStep > 0 ? aStep : 0, aLoad + aStep / run, x));
      if (Number.isNaN(x)) return x;
    }
    return x;
  }

  /** @type {(here: Ec2Bill, name: string, requests: number, settled: number) => string} */
  function breakEvenSentence(here, name, requests, settled) {
    const fleet = here.instances === 1 ? `one ${name} is` : `${whole(here.instances)} ${name} are`;
    if (requests === Infinity) return `Lambda is cheaper at any load: ${name}, sized for the peak, is never busy enough.`;
    if (requests === 0) return `${fleet[0].toUpperCase()}${fleet.slice(1)} cheaper from the first request on${later(name, settled)}`;
    const below = `Below ${count(requests)} requests a month Lambda is cheaper; `;
    if (Number.isNaN(settled)) return `${below}there ${fleet} as cheap${later(name, settled)}`;
    if (settled === requests) return `${below}above it ${fleet}, from ${rounded(100 * here.busy, 0)}% utilization.`;
    if (settled === Infinity) return `${below}above it the two take turns as ${name} are added.`;
    return `${below}above ${count(settled)} ${name} is; between, the two take turns as instances are added.`;
  }

  /** @type {(name: string, settled: number) => string} */
  function later(name, settled) {
    if (settled === 0) return ".";
    if (Number.isNaN(settled)) return "; who is above it depends on an unknown price of Lambda's.";
    if (settled === Infinity) return `, until the two take turns as ${name} are added.`;
    return ` and above ${count(settled)}; between, the two take turns as instances are added.`;
  }

  /**
   * Return the break-even; throw UnknownPrice when Python raises it.
   * @type {(tables: PriceTables, work: Workload) => BreakEven}
   */
  function breakEven(tables, work) {
    const line = segments(tables, work);
    const stairs = staircase(tables, work);
    const requests = firstCrossing(line, stairs);
    const unknown = Number.isNaN(requests) && line.find(({ slope }) => Number.isNaN(slope));
    if (unknown) lambdaUsd(tables, work, unknown.start * (1 + 1e-6) + 1); // throws, and names the price
    const here = ec2(tables, work, Number.isFinite(requests) ? requests : 0);
    const settled = lastCrossing(line, stairs, requests);
    const sentence = breakEvenSentence(here, work.instance, requests, settled);
    return { requests, settled, usd: Number.isFinite(requests) ? here.usd : NaN, sentence };
  }

  /**
   * Return the break-even; without one, if it needs an unknown price, the sentence names that: both bills stand.
   * @type {(tables: PriceTables, work: Workload) => BreakEven}
   */
  function breakEvenOrNone(tables, work) {
    try {
      return breakEven(tables, work);
    } catch (error) {
      if (!(error instanceof UnknownPrice)) throw error;
      return { requests: NaN, settled: NaN, usd: NaN, sentence: error.message };
    }
  }

  /** @type {(onLambda: number, onEc2: number) => boolean} */
  const isEven = (onLambda, onEc2) => Math.abs(onLambda - onEc2) <= 0.005 * Math.max(onLambda, onEc2);

  /** @type {(work: Workload, onLambda: number, there: Ec2Bill) => string} */
  function inWords(work, onLambda, there) {
    const fleet = `${whole(there.instances)} × ${work.instance}`;
    if (isEven(onLambda, there.usd)) return `Both cost the same: ${usd(onLambda)} a month, for Lambda or ${fleet}`;
    if (onLambda < there.usd) return `Lambda is cheaper: ${usd(onLambda)} a month against ${usd(there.usd)} for ${fleet}`;
    return `EC2 is cheaper: ${usd(there.usd)} a month for ${fleet} against ${usd(onLambda)} on Lambda`;
  }

  /** @type {(onLambda: number, onEc2: number) => string} The same as briefly as a slide's title needs it. */
  function titleOf(onLambda, onEc2) {
    const [less, more] = [onLambda, onEc2].sort((a, b) => a - b).map(usd);
    if (isEven(onLambda, onEc2)) return `Both cost the same: ${less} a month`;
    return `${onLambda < onEc2 ? "Lambda" : "EC2"} is cheaper: ${less} a month${more === less ? "" : `, not ${more}`}`;
  }

  /**
   * Return what EC2 costs if it survives the loss of a zone; "" if it does or that is unknown.
   * @type {(tables: PriceTables, work: Workload) => string}
   */
  function safe(tables, work) {
    if (work.zones >= 2 && work.ec2_front !== "none") return "";
    try {
      const there = ec2(tables, { ...work, zones: Math.max(work.zones, 2), ec2_front: "alb" }, work.requests);
      return `With two zones and a load balancer EC2 costs ${usd(there.usd)}.`;
    } catch (error) {
      if (!(error instanceof UnknownPrice)) throw error;
      return "";
    }
  }

  /**
   * Return both bills and which is cheaper; throw UnknownPrice.
   * @type {Deck["comparison"]["compare"]}
   */
  function compare(tables, work) {
    frontUsd(tables, work.lambda_front, work.region, work.requests); // throws first, as in Python
    const there = ec2(tables, work, work.requests);
    const onLambda = lambdaUsd(tables, work, work.requests);
    const even = breakEvenOrNone(tables, work);
    const sentence = inWords(work, onLambda, there);
    return { lambda: onLambda, ec2: there.usd, instances: there.instances, even, title: titleOf(onLambda, there.usd), sentence, flip: deck.flip(tables, work), safe: safe(tables, work) };
  }

  return { compare, lambdaUsdOrNaN };
})();
