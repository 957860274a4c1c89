// The cost model in the page, as far as the panel sets it: lambdadeck/costs/lambda_bill.py and ec2_bill.py.
// Same formulas, same order of operations: tests/export/test_panel.py compares both to the cent.
deck.costs = (() => {
  "use strict";
  const NOISE = 1 - 1e-12; // rounding errors of floats must not start an instance or a millisecond

  class UnknownPrice extends Error {}

  /**
   * Return quantity × price; throw UnknownPrice if the price is unknown and something is used at it.
   * @type {(quantity: number, usd: Usd, what: string) => number}
   */
  function charge(quantity, usd, what) {
    if (usd !== null) return quantity * usd;
    if (quantity > 0) throw new UnknownPrice(`The price of ${what} is unknown: the tables have none.`);
    return 0;
  }

  /** @type {(quantity: number, starts: number[], prices: Usd[], what: string) => number} */
  function tiered(quantity, starts, prices, what) {
    let total = 0;
    starts.forEach((start, index) => {
      const end = starts[index + 1] ?? Infinity;
      const label = start ? `${what} beyond the first ${start.toLocaleString("en-US")} a month` : what;
      total += charge(Math.min(Math.max(quantity - start, 0), end - start), prices[index], label);
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
    const price = tables.regions[work.region].lambda[work.arch];
    const place = `on Lambda in ${work.region} (${work.arch})`;
    const free = work.free_tier ? 1 : 0;
    const paid = Math.max(requests - tables.free_requests * free, 0);
    const seconds = Math.max(gbSeconds(work, requests) - tables.free_gb_seconds * free, 0);
    return charge(paid / 1e6, price.usd_per_million, `a million requests ${place}`)
      + tiered(seconds, [0, ...tables.tier_bounds[work.arch]], price.usd_per_gb_s, `a GB-second ${place}`);
  }

  /**
   * Return how many requests an instance serves at a time: vCPU for vCPU, a burstable instance at its baseline.
   * @type {(tables: PriceTables, work: Workload) => number}
   */
  function concurrency(tables, work) {
    const { vcpu, baseline } = tables.regions[work.region].ec2[work.instance];
    return (vcpu * (baseline ?? 1) * tables.full_vcpu_mb) / work.memory_mb;
  }

  /**
   * Return a month of EC2.
   * @type {Deck["costs"]["ec2"]}
   */
  function ec2(tables, work, requests) {
    const month = tables.hours * 3600;
    const serves = concurrency(tables, work);
    const peak = ((requests / month) * work.peak_factor * work.duration_ms) / 1000;
    const instances = Math.max(Math.ceil((peak * NOISE) / serves), 1);
    const average = (requests * work.duration_ms) / 1000 / month;
    const usd = instances * tables.hours * tables.regions[work.region].ec2[work.instance].usd_per_hour;
    return { usd, instances, busy: average / (instances * serves) };
  }

  return { UnknownPrice, lambdaUsd, ec2, gbSeconds };
})();
