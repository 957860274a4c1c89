// Break-even and comparison of both bills: lambdadeck/costs/break_even.py, intersection.py and comparison.py in the page.
deck.comparison = (() => {
  "use strict";
  /** @typedef {{ start: number, end: number, height: number, slope: number }} Segment Lambda's bill from start to end. */
  /** @typedef {{ rise: number, run: number }} Staircase EC2's bill: `rise` dollars for each `run` requests. */

  const { lambdaUsd, ec2, gbSeconds, UnknownPrice } = deck.costs;
  const { usd, count, rounded } = deck.formatting;
  const NOISE = 1 - 1e-12;

  /**
   * Return the loads at which the price of one more request changes.
   * @type {(tables: PriceTables, work: Workload) => number[]}
   */
  function bends(tables, work) {
    const each = gbSeconds(work, 1);
    const free = work.free_tier ? 1 : 0;
    const bounds = [0, ...tables.tier_bounds[work.arch]].map((bound) => (tables.free_gb_seconds * free + bound) / each);
    return [...new Set([0, ...bounds, ...(free ? [tables.free_requests] : [])])].sort((a, b) => a - b);
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
    const heights = loads.map((load) => lambdaUsdOrNaN(tables, work, load));
    return starts.map((start, index) => ({
      start, end: starts[index + 1] ?? Infinity, height: heights[index],
      slope: (heights[index + 1] - heights[index]) / (loads[index + 1] - loads[index]),
    }));
  }

  /** @type {(tables: PriceTables, work: Workload) => Staircase} */
  function staircase(tables, work) {
    const one = ec2(tables, work, 1);
    return { rise: ec2(tables, work, 0).usd, run: 1 / (one.busy * one.instances) / work.peak_factor };
  }

  /** @type {(segment: Segment, height: number) => number} */
  const reaches = (segment, height) => segment.start + Math.max(0, height - segment.height) / segment.slope;

  /**
   * Return the first step beyond `after` at whose end the line is as high as the staircase, or Infinity.
   * @type {(segment: Segment, stairs: Staircase, after: number) => number}
   */
  function outgrown(segment, { rise, run }, after) {
    const gain = segment.slope * run - rise;
    if (!(gain > 0 && gain < Infinity)) return Infinity;
    return Math.max(after + 1, Math.ceil((-segment.height + segment.slope * segment.start) / gain));
  }

  /** @type {(segment: Segment, stairs: Staircase) => number | null} */
  function firstIn(segment, stairs) {
    const here = Math.max(1, Math.ceil((segment.start / stairs.run) * NOISE));
    if (segment.height >= stairs.rise * here) return segment.start;
    if (segment.slope <= 0) return null;
    for (const step of [here, outgrown(segment, stairs, here)]) {
      const x = Number.isFinite(step) ? reaches(segment, stairs.rise * step) : Infinity;
      if (x <= Math.min(segment.end, step * stairs.run)) return x;
    }
    return null;
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
   * Return the load above which Lambda stays more expensive: Infinity if none, NaN if a price is unknown.
   * @type {(line: Segment[], stairs: Staircase, first: number) => number}
   */
  function lastCrossing(line, stairs, first) {
    if (!Number.isFinite(first)) return first;
    const from = Math.max(first, stairs.run);
    let x = first;
    for (const segment of line.filter(({ end }) => end > from)) {
      const start = Math.max(segment.start, from);
      const lead = segment.height + segment.slope * (start - segment.start) - stairs.rise * (start / stairs.run + 1);
      const gain = segment.slope - stairs.rise / stairs.run;
      const atEnd = Number.isFinite(segment.end) ? lead + gain * (segment.end - start) : gain;
      if (Number.isNaN(lead) || Number.isNaN(atEnd)) return NaN;
      if (atEnd < 0 || (segment.end === Infinity && gain === 0 && lead < 0)) x = segment.end;
      else if (lead < 0) x = start - lead / gain;
    }
    return x;
  }

  /** @type {(here: Ec2Bill, name: string, requests: number, settled: number) => string} */
  function breakEvenSentence(here, name, requests, settled) {
    const fleet = here.instances === 1 ? `one ${name} is` : `${here.instances} ${name} are`;
    if (requests === Infinity) return `Lambda is cheaper at any load: ${name}, sized for the peak, is never busy enough.`;
    if (requests === 0) return `${fleet[0].toUpperCase()}${fleet.slice(1)} cheaper from the first request on.`;
    const below = `Below ${count(requests)} requests a month Lambda is cheaper; `;
    if (settled === requests || Number.isNaN(settled)) return `${below}above it ${fleet}, from ${rounded(100 * here.busy, 0)} % utilization.`;
    if (settled === Infinity) return `${below}above it the two take turns as ${name} are added.`;
    return `${below}above ${count(settled)} ${name} is; between, the two take turns as instances are added.`;
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
    if (unknown) lambdaUsd(tables, work, unknown.start + 1); // throws, and names the price
    const here = ec2(tables, work, Number.isFinite(requests) ? requests : 0);
    const settled = lastCrossing(line, stairs, requests);
    const sentence = breakEvenSentence(here, work.instance, requests, settled);
    return { requests, settled, usd: Number.isFinite(requests) ? here.usd : NaN, sentence };
  }

  /** @type {(work: Workload, onLambda: number, there: Ec2Bill) => string} */
  function inWords(work, onLambda, there) {
    const fleet = `${count(there.instances)} × ${work.instance}`;
    if (Math.abs(onLambda - there.usd) <= 0.005 * Math.max(onLambda, there.usd)) return `Both cost the same: ${usd(onLambda)} a month, for Lambda or ${fleet}`;
    if (onLambda < there.usd) return `Lambda is cheaper: ${usd(onLambda)} a month against ${usd(there.usd)} for ${fleet}`;
    return `EC2 is cheaper: ${usd(there.usd)} a month for ${fleet} against ${usd(onLambda)} on Lambda`;
  }

  /**
   * Return both bills and which is cheaper; throw UnknownPrice.
   * @type {Deck["comparison"]["compare"]}
   */
  function compare(tables, work) {
    const onLambda = lambdaUsd(tables, work, work.requests);
    const there = ec2(tables, work, work.requests);
    const even = breakEven(tables, work);
    return { lambda: onLambda, ec2: there.usd, instances: there.instances, even, sentence: inWords(work, onLambda, there) };
  }

  return { compare, lambdaUsdOrNaN };
})();
