"""The costs part: what a whole EC2 catalogue costs at many loads, as a slider asks for it."""

from __future__ import annotations

import numpy as np

from benchmarks.measure import Result, median, summary, timed_ms
from lambdadeck import costs, prices

KEYS = ("catalogue_ms",)
ROWS, LOADS = 2533, 200


def measure(quick: bool = False) -> Result:
    """Time costs.catalogue_bill over 2,533 rows (repeated if there are fewer) and 200 loads."""
    table = prices.ec2_catalogue()
    catalogue = table.where(np.arange(ROWS) % len(table))
    requests = np.logspace(3, 10, LOADS)
    costs.catalogue_bill(catalogue, requests, 100.0)  # not counted: numpy's first use
    times = [
        timed_ms(lambda: costs.catalogue_bill(catalogue, requests, 100.0))
        for _ in range(3 if quick else 50)
    ]
    size = f"{ROWS} rows × {LOADS} loads; the table has {len(table)} rows."
    note = f"catalogue_ms: costs.catalogue_bill, {size}"
    return Result(
        {"catalogue_ms": median(times)}, {"catalogue_ms": summary({"catalogue": times})}, [note]
    )
