// The one assumption that would flip a verdict, and by how much: lambdadeck/costs/flip.py in the page.
deck.flip = (() => {
  "use strict";
  /** @typedef {[number, string]} Change How far away (the logarithm of a factor), and in words. */

  // The values that help EC2 and Lambda most; the bills change in one direction between them.
  const SPANS = /** @type {const} */ ({
    peak_factor: [1, 20, "a peak of {} the average"],
    utilization: [1, 0.3, "instances {} busy at the peak"],
    cpu_share: [0.01, 1, "{} of the duration on a CPU"],
    zones: [1, 3, "{} zones"],
    ec2_discount: [0.49, 0, "a Savings Plan of {} on EC2"],
    lambda_discount: [0, 0.17, "a Savings Plan of {} on Lambda"],
  });
  const HALVINGS = 40, SWITCH = 0.5;
  const { lambdaUsd, ec2, UnknownPrice } = deck.costs;

  /** @type {(tables: PriceTables, work: Workload, onLambda: boolean) => boolean} */
  function flips(tables, work, onLambda) {
    try {
      const there = ec2(tables, work, work.requests).usd, here = lambdaUsd(tables, work, work.requests);
      return onLambda ? there < here : here < there;
    } catch (error) {
      if (!(error instanceof UnknownPrice)) throw error;
      return false;
    }
  }

  /** @type {(now: number, limit: number, isFlip: (value: number) => boolean) => number} */
  function nearest(now, limit, isFlip) {
    for (let turn = 0; turn < HALVINGS; turn++) {
      const middle = (now + limit) / 2;
      if (isFlip(middle)) limit = middle; else now = middle;
    }
    return limit;
  }

  /** @type {(kind: string, value: number, now: number) => number} */
  function shown(kind, value, now) { // rounded away from now: the number shown flips too
    const digits = { whole: 0, share: 3 }[kind] ?? 2;
    const scaled = value * 10 ** digits;
    return Number(`${value > now ? Math.ceil(scaled) : Math.floor(scaled)}e-${digits}`);
  }

  /** @type {(name: string, now: number, value: number) => number} */
  const distance = (name, now, value) => Math.abs(Math.log(name.endsWith("discount") ? (1 - value) / (1 - now) : value / now));

  /** @type {(tables: PriceTables, work: Workload, onLambda: boolean) => Change[]} */
  function numbers(tables, work, onLambda) {
    return Object.entries(SPANS).flatMap(([key, [forEc2, forLambda, words]]) => {
      const name = /** @type {keyof typeof SPANS} */ (key);
      const now = work[name];
      const [limit, away] = onLambda ? [forEc2, forLambda] : [forLambda, forEc2];
      /** @param {number} value */
      const isFlip = (value) => flips(tables, { ...work, [name]: value }, onLambda);
      if ((limit - now) * (limit - away) <= 0 || !isFlip(limit)) return [];
      const quantity = tables.quantities[name];
      const value = shown(quantity.kind, nearest(now, limit, isFlip), now);
      return [/** @type {Change} */ ([distance(name, now, value), words.replace("{}", deck.quantities.show(quantity, value))])];
    });
  }

  /** @type {(work: Workload) => [Partial<Workload>, string][]} */
  const choices = (work) => [
    [{ free_tier: !work.free_tier }, work.free_tier ? "no free tier" : "the account's free tier"],
    work.arch === "arm64" ? [{ arch: "x86_64" }, "Lambda on x86_64"] : [{ arch: "arm64" }, "Lambda on arm64, if it is as fast there"],
    [{ lambda_front: "function-url" }, "a function URL in front of Lambda"],
    [{ lambda_front: "http-api" }, "an HTTP API in front of Lambda"],
    [{ ec2_front: "none" }, "nothing in front of EC2"],
    [{ ec2_front: "alb" }, "an ALB in front of EC2"],
  ];

  /**
   * Return the smallest single change that makes the other side cheaper, as a sentence.
   * @type {Deck["flip"]}
   */
  function flip(tables, work) {
    const onLambda = lambdaUsd(tables, work, work.requests) < ec2(tables, work, work.requests).usd;
    const switches = choices(work).filter(([change]) => flips(tables, { ...work, ...change }, onLambda));
    const changes = [...numbers(tables, work, onLambda), ...switches.map(([, words]) => /** @type {Change} */ ([SWITCH, words]))];
    if (!changes.length) return "No single assumption flips it.";
    return `It flips with ${changes.reduce((best, one) => (one[0] < best[0] ? one : best))[1]}.`;
  }

  return flip;
})();
