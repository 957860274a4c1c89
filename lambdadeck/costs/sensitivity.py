"""One-at-a-time sensitivity of the break-even: how each assumption, alone, moves it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from lambdadeck import prices
from lambdadeck.costs.break_even import BreakEven, break_even
from lambdadeck.costs.workload import UTILIZATION
from lambdadeck.prices.origin import origin
from lambdadeck.shared.formatting import human_count

DURATION_MS, MEMORY_MB = 100, 1769
# What published comparisons leave out or apply silently.
ASSUMPTIONS: Mapping[str, Mapping[str, Any]] = {
    "the instance alone, at most 65% busy": {},
    "two zones: never less than 2 instances": {"min_instances": 2},
    "instances filled to 100%": {"utilization": 1},
    "a peak of 2 × the average": {"peak_factor": 2},
    "a load balancer, LCUs by connections": {"load_balancer": "alb"},
    "a Savings Plan of 30%": {"discount": 0.3},
    "Lambda on arm64, if as fast there": {"arch": "arm64"},
    "Lambda's free tier": {"free_tier": True},
}


def vary(instance_type: str = "c6i.large", *, region: str) -> list[dict[str, str]]:
    """Return a row an assumption: requests a month below which Lambda, above which EC2 is cheaper.

    "unknown" if the assumption needs an unknown price; LookupError for an unknown region or
    instance type.
    """
    _even(instance_type, region)
    rows = []
    for words, options in ASSUMPTIONS.items():
        below = above = "unknown"
        with suppress(LookupError):
            even = _even(instance_type, region, **options)
            below = _load(even.requests, "never", "at any load")
            above = _load(even.settled_requests, "at any load", "never")
        rows.append(
            {"assumption": words, "Lambda is cheaper below": below, f"{instance_type} above": above}
        )
    return rows


def source(instance_type: str = "c6i.large", *, region: str, today: dt.date | None = None) -> str:
    """Return the caption of `vary`: the load, and its prices with sources and age on `today`."""
    even = _even(instance_type, region)
    load = (
        f"Requests a month of {DURATION_MS} ms at {MEMORY_MB:,} MB, each assumption alone, {region}"
    )
    on_lambda = [prices.lambda_price(region, even.arch)]
    ec2 = [prices.ec2_price(region, instance_type)]
    return origin(load, today, aws_lambda=on_lambda, ec2=ec2).text


def _load(requests: float, none: str, every: str) -> str:
    """Return a load in words: `none` for 0, `every` for infinity."""
    return {0.0: none, math.inf: every}.get(requests) or human_count(requests)


def _even(instance_type: str, region: str, **options: Any) -> BreakEven:
    load: dict[str, Any] = {"duration_ms": DURATION_MS, "memory_mb": MEMORY_MB}
    options = {"utilization": UTILIZATION, **options}
    return break_even(instance_type, region=region, **load, **options)
