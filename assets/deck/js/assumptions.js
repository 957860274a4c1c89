// All that a comparison assumes, in words: costs.workload.Workload.assumptions in the page.
deck.assumptions = (tables, work) => {
  "use strict";
  /** @param {"peak_factor" | "utilization" | "zones" | "cpu_share" | "lambda_discount" | "ec2_discount"} name */
  const said = (name) => deck.quantities.show(tables.quantities[name], work[name]);
  const plans = [
    ...(work.lambda_discount ? [`Savings Plan of ${said("lambda_discount")} on Lambda`] : []),
    ...(work.ec2_discount ? [`Savings Plan of ${said("ec2_discount")} on EC2`] : []),
  ];
  return [
    `Lambda ${work.arch}, ${work.free_tier ? "with" : "without"} the free tier`,
    `${tables.fronts[work.lambda_front]} in front of Lambda`,
    `${tables.fronts[work.ec2_front]} in front of EC2`,
    `EC2 Linux on demand, at most ${said("utilization")} busy`,
    `a peak of ${said("peak_factor")} the average`,
    `${said("zones")} ${work.zones === 1 ? "zone" : "zones"}`,
    `${said("cpu_share")} of the duration on a CPU`,
    ...plans,
    "no volumes, logs, data transfer, or people",
  ].join("; ");
};
