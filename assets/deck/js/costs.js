// The cost model in the page, as far as the panel sets it: lambdadeck/costs/lambda_bill.py and ec2_bill.py.
// Same formulas, same order of operations: tests/export/test_panel.py compares both to the cent.
deck.costs = (() => {
  "use strict";
  const NOISE = 1 - 1e-12; // rounding errors of floats must not start an instance or a millisecond

  class UnknownPrice extends Error {}
  class TooSmall extends Error {}

  /**
   * Return quantity × price; throw UnknownPrice if the price is unknown and something is used at it.
   * @type {Deck["costs"]["charge"]}
   */
  function charge(quantity, usd, what) {
    if (usd !== null) return quantity * usd;
    if (quantity > 0) throw new UnknownPrice(`The price of ${what} is unknown: the tables have none.`);
    return 0;
  }

  /**
   * Return the part of a quantity in each tier.
   * @type {Deck["costs"]["tierParts"]}
   */
  const tierParts = (quantity, starts) => starts.map((start, index) => {
    const part = Math.min(Math.max(quantity - start, 0), (starts[index + 1] ?? Infinity) - start);
    return part > 1e-9 * start ? part : 0; // noise at a tier's start must not need its price
  });

  /** @type {Deck["costs"]["tiered"]} */
  function tiered(quantity, starts, prices, what) {
    let total = 0;
    tierParts(quantity, starts).forEach((part, index) => {
      const label = starts[index] ? `${what} beyond the first ${starts[index].toLocaleString("en-US")} a month` : what;
      total += charge(part, prices[index], label);
    });
    return total;
  }

  /** @type {Deck["costs"]["gbSeconds"]} */
  const gbSeconds = (work, requests) =>
    ((requests * (Math.ceil(work.duration_ms * NOISE) * 1)) / 1000) * (work.memory_mb / 1024);

  /**
   * Return a month of Lambda in US dollars; throw UnknownPrice.
   * @type {Deck["costs"]["lambdaUsd"]}
   */
  function lambdaUsd(tables, work, requests) {
    const front = frontUsd(tables, work.lambda_front, work.region, requests);
    const price = tables.regions[work.region].lambda[work.arch];
    const place = `on Lambda in ${work.region} (${work.arch})`;
    const free = work.free_tier ? 1 : 0;
    const paid = Math.max(requests - tables.free_requests * free, 0);
    const seconds = Math.max(gbSeconds(work, requests) - tables.free_gb_seconds * free, 0);
    return charge(paid / 1e6, price.usd_per_million, `a million requests ${place}`)
      + tiered(seconds, [0, ...tables.tier_bounds[work.arch]], price.usd_per_gb_s, `a GB-second ${place}`) * (1 - work.lambda_discount)
      + front;
  }

  /**
   * Return US dollars for what stands in front; throw UnknownPrice.
   * @type {Deck["costs"]["frontUsd"]}
   */
  function frontUsd(tables, front, region, requests) {
    if (front === "none" || front === "function-url") return 0;
    const tiers = tables.regions[region].fronts[front];
    if (!tiers) {
      const { item, known } = tables.front_items[front];
      throw new UnknownPrice(`No price for '${item}' in '${region}' (known in: ${known}): pass your own.`);
    }
    if (front === "alb") { // an hour, an LCU-hour
      const [hour, lcu] = tiers.map(([, usd]) => usd);
      return tables.hours * hour + (requests / tables.lcu_connections) * lcu;
    }
    return tiered(requests / 1e6, tiers.map(([start]) => start), tiers.map(([, usd]) => usd), `a million requests to ${front} in ${region}`);
  }

  /**
   * Return how many requests a machine's CPUs work on at once, vCPU for vCPU, and how many it serves: its memory holds them.
   * @type {Deck["costs"]["room"]}
   */
  function room(tables, work, { vcpu, memory_gib }) {
    const worksOn = vcpu / (work.memory_mb / tables.full_vcpu_mb) / work.cpu_share;
    return { worksOn, serves: Math.min(worksOn, Math.floor((memory_gib * 1024) / work.memory_mb)) };
  }

  /** @type {Deck["costs"]["average"]} */
  const average = (tables, work, requests) => (requests * work.duration_ms) / 1000 / (tables.hours * 3600);

  /**
   * Return a month of EC2; throw TooSmall if the instance cannot hold a request.
   * @type {Deck["costs"]["ec2"]}
   */
  function ec2(tables, work, requests) {
    const row = tables.regions[work.region].ec2[work.instance];
    const { worksOn, serves } = room(tables, work, row);
    const busy = average(tables, work, requests);
    if (busy > 0 && serves === 0) {
      const mb = work.memory_mb.toLocaleString("en-US", { maximumFractionDigits: 0 });
      throw new TooSmall(`${work.instance} has ${row.memory_gib} GiB of memory and cannot hold a request of ${mb} MB: choose a larger type.`);
    }
    const needed = busy > 0 ? Math.ceil((((busy * work.peak_factor) / work.utilization) * NOISE) / serves) : 0;
    const instances = Math.max(needed, Math.ceil(work.zones));
    const above = row.baseline === null ? 0 : Math.max(busy / worksOn - instances * row.baseline, 0) * row.vcpu;
    const compute = instances * tables.hours * row.usd_per_hour * (1 - work.ec2_discount);
    const usd = compute + above * tables.hours * (row.surplus ?? 0) + frontUsd(tables, work.ec2_front, work.region, requests);
    return { usd, compute, instances, busy: busy / (instances * serves) };
  }

  return { UnknownPrice, TooSmall, charge, tierParts, tiered, lambdaUsd, ec2, frontUsd, room, average, gbSeconds };
})();
