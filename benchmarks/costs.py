"""The costs part: one comparison of the panel, and a whole EC2 catalogue at many loads."""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks.measure import Result, median, summary, timed_ms
from lambdadeck import costs, prices

KEYS = ("catalogue_ms", "comparison_ms")
ROWS, LOADS = 2533, 200
COMPARED = (
    costs.Workload(),
    costs.Workload(3e7, 100, 1769, instance="t3.medium"),
    costs.Workload(5e8, 200, peak_factor=3, lambda_front="http-api", ec2_front="alb"),
)


def measure(quick: bool = False) -> Result:
    """Time costs.compare, and costs.catalogue_bill over 2,533 rows (repeated) and 200 loads."""
    table = prices.ec2_catalogue()
    catalogue = table.where(np.arange(ROWS) % len(table))
    requests = np.logspace(3, 10, LOADS)
    costs.catalogue_bill(catalogue, requests, 100.0)  # not counted: numpy's first use
    turns = range(3 if quick else 50)
    times = [timed_ms(lambda: costs.catalogue_bill(catalogue, requests, 100.0)) for _ in turns]
    compared = [timed_ms(partial(costs.compare, work)) for _ in turns for work in COMPARED]
    size = f"{ROWS} rows × {LOADS} loads; the table has {len(table)} rows."
    notes = [
        f"catalogue_ms: costs.catalogue_bill, {size}",
        f"comparison_ms: costs.compare of {len(COMPARED)} workloads: bills, curves, and sentences",
    ]
    return Result(
        {"catalogue_ms": median(times), "comparison_ms": median(compared)},
        {
            "catalogue_ms": summary({"catalogue": times}),
            "comparison_ms": summary({"comparison": compared}),
        },
        notes,
    )
