"""The honest knobs: what moves the break-even, one option at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from lambdadeck import costs, prices

# What published comparisons leave out or apply silently, each as the option of `costs.break_even` that it is.
KNOBS: Mapping[str, Mapping[str, object]] = {
    "the instance alone": {},
    "two zones: never less than 2 instances": {"min_instances": 2},
    "instances at most 60 % busy": {"utilisation": 0.6},
    "a peak of 2 × the average": {"peak_factor": 2},
    "a load balancer (1 LCU)": {"load_balancer": "alb", "lcus": 1},
    "a Savings Plan of 30 %": {"discount": 0.3},
    "Lambda on arm64, if as fast there": {"arch": "arm64"},
    "Lambda's free tier": {"free_tier": True},
}


def turned(
    instance_type: str = "c6i.large",
    *,
    region: str,
    duration_ms: float = 100,
    memory_mb: float = 1769,
    knobs: Mapping[str, Mapping[str, object]] = KNOBS,
) -> list[dict[str, str]]:
    """One row a knob, alone: up to how many requests a month Lambda is cheaper, from how many EC2 stays so.

    "unknown" where a price is that the knob needs; LookupError for an unknown region or instance type.
    """
    load = {"region": region, "duration_ms": duration_ms, "memory_mb": memory_mb}
    costs.break_even(instance_type, **load)  # what no knob can mend is told at once
    return [_row(knob, instance_type, {**load, **options}) for knob, options in knobs.items()]


def _row(knob: str, instance_type: str, options: dict[str, object]) -> dict[str, str]:
    try:
        even = costs.break_even(instance_type, **options)  # type: ignore[arg-type]
    except LookupError:
        return {
            "counted in": knob,
            "Lambda is cheaper below": "unknown",
            f"{instance_type} above": "unknown",
        }
    return {
        "counted in": knob,
        "Lambda is cheaper below": costs.human_count(even.requests),
        f"{instance_type} above": costs.human_count(even.settled_requests),
    }


def source(
    instance_type: str = "c6i.large",
    *,
    region: str,
    duration_ms: float = 100,
    memory_mb: float = 1769,
    today: dt.date | None = None,
) -> str:
    """What the rows of `turned` assume, where their prices come from, with dates, and whether they are old on `today`."""
    even = costs.break_even(
        instance_type, region=region, duration_ms=duration_ms, memory_mb=memory_mb
    )
    old = prices.stale_note(even.as_of, today)
    return (
        f"Requests a month of {duration_ms:g} ms at {memory_mb:,g} MB, {region}, each knob alone, US$ prices as of "
        f"{even.as_of}: {'; '.join(even.sources)}.{f' Mind: {old}.' if old else ''}"
    )
