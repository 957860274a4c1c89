// The bill of a month, hour by hour: lambdadeck/costs/month_bill.py, month_on_lambda.py, month_on_ec2.py and credits.py in the page.
deck.monthBill = (() => {
  "use strict";
  /** @typedef {{ names: string[], archs: string[], onArch: number[], gb: number[], gbSeconds: number[][], calls: number[], used: number[], free: boolean }} Account */

  const NOISE = 1 - 1e-12, MOST_TRIED = 14, HOURS_KEPT = 24;
  const ARCHITECTURES = ["x86_64", "arm64"];
  const { charge, tiered, TooSmall } = deck.costs;
  const { usd, rounded } = deck.formatting;
  /** @param {number[]} values */
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  /** @param {number} count */
  const times = (count) => Array.from({ length: count }, (_, at) => at);

  // --- on Lambda ---

  /** @type {(month: Month, free: boolean) => Account} */
  function accountOf(month, free) {
    const archs = ARCHITECTURES.filter((arch) => month.functions.some((one) => one.arch === arch));
    const gb = month.functions.map((one) => one.memory_mb / 1024);
    const gbSeconds = month.invocations.map((calls, at) => calls.map((count, hour) => {
      const ms = month.duration_ms[at][hour]; // a call that ends in the next hour leaves a duration without a call
      return ((count > 0 ? count * Math.ceil((ms / count) * NOISE) : ms) / 1000) * gb[at];
    }));
    return {
      names: month.functions.map((one) => one.name), archs, onArch: month.functions.map((one) => archs.indexOf(one.arch)),
      gb, gbSeconds, calls: month.invocations.map(sum), used: gbSeconds.map(sum), free,
    };
  }

  /**
   * Return US dollars for requests and for duration, by architecture; x86_64 uses the free tier first.
   * @type {(tables: PriceTables, region: string, account: Account, calls: number[], used: number[]) => [number, number][]}
   */
  function charges(tables, region, account, calls, used) {
    const paid = beyond(calls, account.free ? tables.free_requests : 0);
    const seconds = beyond(used, account.free ? tables.free_gb_seconds : 0);
    return account.archs.map((arch, at) => {
      const price = tables.regions[region].lambda[arch], here = `on Lambda in ${region} (${arch})`;
      return [charge(paid[at] / 1e6, price.usd_per_million, `a million requests ${here}`), tiered(seconds[at], [0, ...tables.tier_bounds[arch]], price.usd_per_gb_s, `a GB-second ${here}`)];
    });
  }

  /** @type {(used: number[], free: number) => number[]} */
  function beyond(used, free) {
    let total = 0, before = 0;
    return used.map((one) => {
      total += one;
      const [last, now] = [before, Math.max(total - free, 0)];
      before = now;
      return now - last;
    });
  }

  /** @type {(account: Account, values: number[], stays?: boolean[]) => number[]} */
  function byArch(account, values, stays) {
    const totals = account.archs.map(() => 0);
    values.forEach((value, at) => { if (!stays || stays[at]) totals[account.onArch[at]] += value; });
    return totals;
  }

  /** @param {[number, number][]} parts */
  const both = (parts) => sum(parts.map(([asked, lasted]) => asked + lasted));

  /** @type {(tables: PriceTables, region: string, month: Month, account: Account, stays?: boolean[]) => number[]} */
  function hourly(tables, region, month, account, stays) {
    const calls = account.names.map(() => 0), used = account.names.map(() => 0);
    let before = 0;
    return times(month.invocations[0].length).map((hour) => {
      calls.forEach((_, at) => { calls[at] += month.invocations[at][hour]; used[at] += account.gbSeconds[at][hour]; });
      const [last, now] = [before, both(charges(tables, region, account, byArch(account, calls, stays), byArch(account, used, stays)))];
      before = now;
      return now - last;
    });
  }

  /** @type {(tables: PriceTables, region: string, account: Account) => number[]} */
  function shares(tables, region, account) {
    const calls = byArch(account, account.calls), used = byArch(account, account.used);
    const rates = charges(tables, region, account, calls, used).map(([asked, lasted], at) => [calls[at] > 0 ? asked / calls[at] : 0, used[at] > 0 ? lasted / used[at] : 0]);
    return account.names.map((_, at) => account.calls[at] * rates[account.onArch[at]][0] + account.used[at] * rates[account.onArch[at]][1]);
  }

  /** @type {(tables: PriceTables, region: string, month: Month, account: Account) => [number, number]} */
  function range(tables, region, month, account) {
    const ms = month.duration_ms.map(sum), calls = byArch(account, account.calls);
    const [least, most] = [ms, ms.map((one, at) => one + account.calls[at])].map((lasted) => both(charges(tables, region, account, calls, byArch(account, lasted.map((one, at) => (one / 1000) * account.gb[at])))));
    return [least, most];
  }

  /**
   * Return which functions move to their own fleets in the cheapest mix: every combination of those that matter most is tried.
   * @type {(tables: PriceTables, region: string, account: Account, ec2: number[]) => boolean[]}
   */
  function moves(tables, region, account, ec2) {
    const prices = account.archs.map((arch) => tables.regions[region].lambda[arch]);
    const limits = account.names.map((_, at) => {
      const { usd_per_gb_s, usd_per_million } = prices[account.onArch[at]];
      const known = usd_per_gb_s.filter((one) => one !== null), asked = (usd_per_million ?? NaN) / 1e6;
      const [calls, used] = [account.calls[at], account.used[at]];
      const [free, freeCalls] = account.free ? [tables.free_gb_seconds, tables.free_requests] : [0, 0];
      return { highest: used * (usd_per_gb_s[0] ?? NaN) + calls * asked, least: Math.max(used - free, 0) * Math.min(...known) + Math.max(calls - freeCalls, 0) * asked };
    });
    const fixed = limits.map(({ highest }, at) => ec2[at] < highest);
    const unsure = times(fixed.length).filter((at) => fixed[at] && ec2[at] > limits[at].least);
    const tried = unsure.sort((a, b) => limits[b].highest - limits[a].highest).slice(0, MOST_TRIED);
    let best = fixed, cheapest = Infinity;
    for (let bits = 0; bits < 2 ** tried.length; bits++) {
      const leaves = [...fixed];
      tried.forEach((at, bit) => { leaves[at] = ((bits >> bit) & 1) === 1; });
      const stays = leaves.map((one) => !one);
      const total = both(charges(tables, region, account, byArch(account, account.calls, stays), byArch(account, account.used, stays))) + sum(ec2.filter((_, at) => leaves[at]));
      if (total < cheapest) [best, cheapest] = [leaves, total];
    }
    return best;
  }

  // --- on EC2 ---

  /**
   * Return the vCPU-hours above the baseline that a burstable fleet is charged for, hour by hour; it keeps, and may owe, 24 hours of credits.
   * @type {(used: number[], instances: number[], baseline: number) => number[]}
   */
  function surplus(used, instances, baseline) {
    let balance = 0;
    const charged = used.map((one, hour) => {
      const earned = instances[hour] * baseline, most = earned * HOURS_KEPT;
      const gone = hour ? Math.max(1 - instances[hour] / instances[hour - 1], 0) : 0;
      const left = balance * gone, kept = balance - left + (earned - one);
      balance = Math.min(Math.max(kept, -most), most);
      return Math.max(-left, 0) + Math.max(-most - kept, 0);
    });
    charged[charged.length - 1] += Math.max(-balance, 0);
    return charged;
  }

  /**
   * Return the cheapest fleet that carries these functions, all of one architecture.
   * @type {(tables: PriceTables, work: Workload, month: Month, group: number[], fixed: boolean) => FleetMonth}
   */
  function cheapest(tables, work, month, group, fixed) {
    const functions = group.map((at) => month.functions[at]);
    const busy = group.map((at) => month.duration_ms[at].map((ms) => ms / 1000 / 3600));
    const isArm = functions[0].arch === "arm64";
    const types = Object.entries(tables.regions[work.region].ec2).filter(([name]) => tables.arm_families.includes(name.split(".")[0]) === isArm);
    const fleets = types.flatMap(([instance, row]) => {
      const holds = functions.map(({ memory_mb }) => Math.floor((row.memory_gib * 1024) / memory_mb));
      return holds.every((one) => one >= 1) ? [fleet(tables, work, instance, row, functions, holds, busy, fixed)] : [];
    });
    if (!fleets.length) {
      const most = Math.max(...functions.map((one) => one.memory_mb)).toLocaleString("en-US");
      throw new TooSmall(`None of the ${functions[0].arch} types holds requests of ${most} MB (${functions.map((one) => one.name).join(", ")}): allow larger or more types.`);
    }
    return fleets.reduce((best, one) => (one.usd < best.usd ? one : best));
  }

  /** @type {(tables: PriceTables, work: Workload, instance: string, row: Ec2Price, functions: MonthFunction[], holds: number[], busy: number[][], fixed: boolean) => FleetMonth} */
  function fleet(tables, work, instance, row, functions, holds, busy, fixed) {
    const worksOn = functions.map(({ memory_mb }) => row.vcpu / (memory_mb / tables.full_vcpu_mb) / work.cpu_share);
    const hours = times(busy[0].length);
    let counts = hours.map((hour) => {
      const load = sum(busy.map((one, at) => (1 / Math.min(worksOn[at], holds[at])) * one[hour]));
      return Math.max(Math.ceil(((load * work.peak_factor) / work.utilization) * NOISE), Math.ceil(work.zones));
    });
    if (fixed) counts = counts.map(() => Math.max(...counts));
    const price = row.usd_per_hour * (1 - work.ec2_discount);
    let spent = counts.map((count) => count * price);
    if (row.baseline !== null) {
      const used = hours.map((hour) => sum(busy.map((one, at) => (row.vcpu / worksOn[at]) * one[hour])));
      const above = surplus(used, counts, row.baseline * row.vcpu);
      spent = spent.map((one, hour) => one + above[hour] * (row.surplus ?? NaN));
    }
    const [least, most] = [Math.min(...counts), Math.max(...counts)].map((one) => one.toLocaleString("en-US"));
    return { size: `${least === most ? most : `${least} to ${most}`} × ${instance}`, hourly_usd: spent, usd: sum(spent) };
  }

  /** @type {(month: Month) => Month} */
  function level(month) {
    /** @param {number[][]} rows */
    const flat = (rows) => rows.map((row) => row.map(() => sum(row) / row.length));
    return { ...month, invocations: flat(month.invocations), duration_ms: flat(month.duration_ms) };
  }

  // --- in words ---

  /** @type {(lambda: number, ec2: number, shared: FleetMonth[], mix: number, functions: FunctionMonth[]) => string} */
  function sentenceOf(lambda, ec2, shared, mix, functions) {
    const moved = functions.filter((one) => one.moves).map((one) => one.name);
    const words = `a mix (${moved.length < 4 ? moved.join(", ") : `${moved.length} of ${functions.length} functions`} on EC2)`;
    /** @type {[number, string][]} */
    const ways = [[lambda, "Lambda"], [ec2, shared.map((one) => one.size).join(" and ")], ...(moved.length ? [/** @type {[number, string]} */ ([mix, words])] : [])];
    const [[least, best], ...others] = ways.sort(([a, x], [b, y]) => a - b || (x < y ? -1 : 1));
    return `Cheapest: ${best}, ${usd(least)}; ${others.map(([other, name]) => `${name} ${usd(other)}`).join(", ")}`;
  }

  /** @type {(averages: number, ec2: number, range: [number, number]) => string} */
  function errorOf(averages, ec2, [low, high]) {
    const off = averages / ec2 - 1;
    const side = `${rounded(Math.abs(off) * 100, 1).toFixed(1)}% ${off < 0 ? "less" : "more"} than`;
    return `From the month's averages EC2 would seem to cost ${usd(averages)}, ${side} hour by hour. Lambda rounds up each invocation: its bill is between ${usd(low)} and ${usd(high)}. Peaks within an hour are in no average.`;
  }

  /** @type {(work: Workload, fixed: boolean) => string} */
  function assumed(work, fixed) {
    /** @param {number} share */
    const percent = (share) => `${rounded(share * 100, 0)}%`;
    return [
      `${work.free_tier ? "with" : "without"} the free tier`,
      `${fixed ? "fixed" : "scaling"} fleets, at most ${percent(work.utilization)} busy`,
      `at least ${work.zones} ${work.zones === 1 ? "instance" : "instances"}`,
      `${percent(work.cpu_share)} of the duration on a CPU`,
      `a peak of ${Number(work.peak_factor.toPrecision(6))} × within each hour`,
      work.ec2_discount ? `${percent(work.ec2_discount)} off EC2` : "on demand",
      "no load balancers, volumes, logs, data transfer, or people",
    ].join("; ");
  }

  /**
   * Price the month on Lambda, on EC2, and as the cheapest mix, by the panel's options; throw UnknownPrice or TooSmall.
   * @type {Deck["monthBill"]}
   */
  function bill(tables, work, month, fixed) {
    const { region } = work, account = accountOf(month, work.free_tier);
    const bounds = range(tables, region, month, account); // first: it names an unknown price
    const every = times(month.functions.length);
    const own = every.map((at) => cheapest(tables, work, month, [at], fixed));
    const leaves = moves(tables, region, account, own.map((one) => one.usd));
    const groups = account.archs.map((arch) => every.filter((at) => month.functions[at].arch === arch));
    const flat = level(month);
    const averages = sum(groups.map((group) => cheapest(tables, work, flat, group, fixed).usd));
    const shared = groups.map((group) => cheapest(tables, work, month, group, fixed));
    const part = shares(tables, region, account);
    const functions = every.map((at) => ({ name: month.functions[at].name, lambda_usd: part[at], ec2_usd: own[at].usd, fleet: own[at].size, moves: leaves[at] }));
    const stays = leaves.map((one) => !one);
    const lambda = hourly(tables, region, month, account);
    const mix = hourly(tables, region, month, account, stays).map((one, hour) => one + sum(own.filter((_, at) => leaves[at]).map((fleet) => fleet.hourly_usd[hour])));
    const ec2 = lambda.map((_, hour) => sum(shared.map((fleet) => fleet.hourly_usd[hour])));
    return {
      lambda, ec2, mix, functions, assumed: assumed(work, fixed),
      sentence: sentenceOf(sum(lambda), sum(ec2), shared, sum(mix), functions), error: errorOf(averages, sum(ec2), bounds),
    };
  }

  return bill;
})();
