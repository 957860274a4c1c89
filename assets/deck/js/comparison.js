// Where Lambda and EC2 meet, and the verdict in one sentence: lambdadeck/costs/break_even.py, crossing.py and verdict.py in the page.
deck.comparison = (() => {
  "use strict";
  const { lambdaUsd, ec2, gbSeconds, UnknownPrice } = deck.costs;
  const { usd, count, rounded } = deck.formatting;
  const NOISE = 1 - 1e-12;

  function bends(tables, work) { // the loads at which the price of one more request changes
    const each = gbSeconds(tables, work, 1);
    const free = work.free_tier ? 1 : 0;
    const bounds = [0, ...tables.tier_bounds[work.arch]].map((bound) => (tables.free_gb_seconds * free + bound) / each);
    return [...new Set([0, ...bounds, ...(free ? [tables.free_requests] : [])])].sort((a, b) => a - b);
  }

  function known(tables, work, requests) { // NaN for a bill that meets an unknown price
    try {
      return lambdaUsd(tables, work, requests);
    } catch (problem) {
      if (problem instanceof UnknownPrice) return NaN;
      throw problem;
    }
  }

  function line(tables, work) {
    const starts = bends(tables, work);
    const loads = [...starts, starts.at(-1) * 2 + 1e9];
    const heights = loads.map((load) => known(tables, work, load));
    return starts.map((start, index) => ({
      start, end: starts[index + 1] ?? Infinity, height: heights[index],
      slope: (heights[index + 1] - heights[index]) / (loads[index + 1] - loads[index]),
    }));
  }

  function staircase(tables, work) {
    const one = ec2(tables, work, 1);
    return { rise: ec2(tables, work, 0).usd, run: 1 / (one.busy * one.instances) / work.peak_factor };
  }

  const reaches = (piece, height) => piece.start + Math.max(0, height - piece.height) / piece.slope;

  function outgrown(piece, { rise, run }, after) {
    const gain = piece.slope * run - rise;
    if (!(gain > 0 && gain < Infinity)) return Infinity;
    return Math.max(after + 1, Math.ceil((-piece.height + piece.slope * piece.start) / gain));
  }

  function firstIn(piece, stairs) {
    const here = Math.max(1, Math.ceil((piece.start / stairs.run) * NOISE));
    if (piece.height >= stairs.rise * here) return piece.start;
    if (piece.slope <= 0) return null;
    for (const step of [here, outgrown(piece, stairs, here)]) {
      const x = Number.isFinite(step) ? reaches(piece, stairs.rise * step) : Infinity;
      if (x <= Math.min(piece.end, step * stairs.run)) return x;
    }
    return null;
  }

  function first(pieces, stairs) {
    for (const piece of pieces) {
      if (Number.isNaN(piece.slope)) return NaN;
      const x = firstIn(piece, stairs);
      if (x !== null) return x;
    }
    return Infinity;
  }

  function settled(pieces, stairs, found) {
    if (!Number.isFinite(found)) return found;
    const from = Math.max(found, stairs.run);
    let x = found;
    for (const whole of pieces.filter(({ end }) => end > from)) {
      const start = Math.max(whole.start, from);
      const lead = whole.height + whole.slope * (start - whole.start) - stairs.rise * (start / stairs.run + 1);
      const gain = whole.slope - stairs.rise / stairs.run;
      const atEnd = Number.isFinite(whole.end) ? lead + gain * (whole.end - start) : gain;
      if (Number.isNaN(lead) || Number.isNaN(atEnd)) return NaN;
      if (atEnd < 0 || (whole.end === Infinity && gain === 0 && lead < 0)) x = whole.end;
      else if (lead < 0) x = start - lead / gain;
    }
    return x;
  }

  function breakEvenSentence(here, name, found, then) {
    const fleet = here.instances === 1 ? `one ${name} is` : `${here.instances} ${name} are`;
    if (found === Infinity) return `Lambda is cheaper at any load: ${name}, sized for the peak, is never busy enough.`;
    if (found === 0) return `${fleet[0].toUpperCase()}${fleet.slice(1)} cheaper from the first request on.`;
    const below = `Below ${count(found)} requests a month Lambda is cheaper; `;
    if (then === found || Number.isNaN(then)) return `${below}above it ${fleet}, from ${rounded(100 * here.busy, 0)} % utilization.`;
    if (then === Infinity) return `${below}above it the two take turns as ${name} are added.`;
    return `${below}above ${count(then)} ${name} is; between, the two take turns as instances are added.`;
  }

  // The break-even: { requests, settled, usd, sentence }; throws UnknownPrice where Python raises it.
  function breakEven(tables, work) {
    const pieces = line(tables, work);
    const stairs = staircase(tables, work);
    const requests = first(pieces, stairs);
    if (Number.isNaN(requests)) lambdaUsd(tables, work, pieces.find(({ slope }) => Number.isNaN(slope)).start + 1);
    const here = ec2(tables, work, Number.isFinite(requests) ? requests : 0);
    const then = settled(pieces, stairs, requests);
    return { requests, settled: then, usd: Number.isFinite(requests) ? here.usd : NaN, sentence: breakEvenSentence(here, work.instance, requests, then) };
  }

  function sentence(work, onLambda, there) {
    const fleet = `${count(there.instances)} × ${work.instance}`;
    if (Math.abs(onLambda - there.usd) <= 0.005 * Math.max(onLambda, there.usd)) return `Both cost the same: ${usd(onLambda)} a month, for Lambda or ${fleet}`;
    if (onLambda < there.usd) return `Lambda is cheaper: ${usd(onLambda)} a month against ${usd(there.usd)} for ${fleet}`;
    return `EC2 is cheaper: ${usd(there.usd)} a month for ${fleet} against ${usd(onLambda)} on Lambda`;
  }

  // Both bills and what follows from them; throws UnknownPrice.
  function compare(tables, work) {
    const onLambda = lambdaUsd(tables, work, work.requests);
    const there = ec2(tables, work, work.requests);
    const even = breakEven(tables, work);
    return { lambda: onLambda, ec2: there.usd, instances: there.instances, even, sentence: sentence(work, onLambda, there) };
  }

  return { compare, known };
})();
