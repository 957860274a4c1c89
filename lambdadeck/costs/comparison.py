"""Your numbers, priced on both sides and judged in one sentence: what the panel shows, without the panel."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np

from lambdadeck import prices
from lambdadeck.costs import Ec2Bill, break_even, ec2_bill, human_count, human_usd, lambda_bill
from lambdadeck.prices.origin import Origin, origin

LOADS = np.geomspace(1e4, 1e10, 400)  # requests a month, the range that the panel draws
LABELS = {
    "requests": "requests a month",
    "duration_ms": "duration",
    "memory_mb": "memory",
    "arch": "Lambda on",
    "region": "region",
    "instance": "EC2 instance",
    "peak_factor": "peak / average",
    "free_tier": "Lambda's free tier",
}
_STEPS = (1, 1.5, 2, 3, 5, 7)  # of a decade: fine enough to drag, round enough to say
_HOME = "eu-west-1"  # its table lists the common families; a menu of all 1,340 types helps nobody on a stage


def _decades(low: int, high: int) -> tuple[float, ...]:
    steps = (
        float(f"{step * 10.0**exponent:.6g}") for exponent in range(low, high) for step in _STEPS
    )
    return (*steps, 10.0**high)


CHOICES: dict[str, tuple[float, ...]] = {
    "requests": _decades(4, 10),
    "duration_ms": _decades(0, 5),
    "memory_mb": (128, 256, 512, 1024, 1769, 2048, 3008, 4096, 6144, 8192, 10_240),
    "peak_factor": (1, 1.5, 2, 3, 5, 10, 20),
}


@dataclass(frozen=True)
class Numbers:
    """A workload: requests a month of some ms at some MB, where it runs, and its peak load over the average."""

    requests: float = 5e6
    duration_ms: float = 100
    memory_mb: float = 512
    arch: str = "x86_64"
    region: str = "eu-west-1"
    instance: str = "c6i.large"
    peak_factor: float = 1
    free_tier: bool = False


@dataclass(frozen=True, eq=False)
class Verdict:
    """Both monthly bills in US dollars, at the numbers and as curves over `LOADS`, and what follows from them.

    `break_even_requests` is infinite when Lambda is cheaper at any load.
    """

    lambda_usd: float
    ec2_usd: float
    instances: float
    lambda_curve: np.ndarray
    ec2_curve: np.ndarray
    break_even_requests: float
    break_even_usd: float
    sentence: str
    break_even_sentence: str
    origin: Origin


def regions() -> list[str]:
    """The regions with prices of both Lambda and EC2."""
    sold = set(prices.ec2_catalogue().region.tolist())
    return [region for region in prices.regions() if region in sold]


def instances(region: str) -> list[str]:
    """The common instance types that the region sells; LookupError for an unknown region."""
    common = set(prices.ec2_catalogue(_HOME).instance_type.tolist())
    return sorted(common & set(prices.ec2_catalogue(region).instance_type.tolist()))


def judge(numbers: Numbers, *, today: dt.date | None = None) -> Verdict:
    """Price the numbers on Lambda and on instances, vCPU for vCPU, and say which is cheaper.

    A burstable instance is held to its baseline; no load balancer, no volume. LookupError names an unknown price.
    """
    here, there = _on_lambda(numbers, numbers.requests), _on_ec2(numbers, numbers.requests)
    even = break_even(
        numbers.instance,
        arch=numbers.arch,
        free_tier=numbers.free_tier,
        **_work(numbers),
        **_fleet(numbers),
    )
    return Verdict(
        here,
        there.total_usd,
        there.instances,
        _on_lambda(numbers, LOADS),
        _on_ec2(numbers, LOADS).total_usd,
        even.requests,
        even.usd,
        _sentence(numbers, here, there),
        even.sentence,
        _origin(numbers, today),
    )


def _work(numbers: Numbers) -> dict[str, object]:
    return {
        "region": numbers.region,
        "duration_ms": numbers.duration_ms,
        "memory_mb": numbers.memory_mb,
    }


def _fleet(numbers: Numbers) -> dict[str, object]:
    return {"peak_factor": numbers.peak_factor, "burst_baseline": True}


def _on_lambda(numbers: Numbers, requests: float | np.ndarray) -> float | np.ndarray:
    bill = lambda_bill(requests, arch=numbers.arch, free_tier=numbers.free_tier, **_work(numbers))
    return bill.total_usd


def _on_ec2(numbers: Numbers, requests: float | np.ndarray) -> Ec2Bill:
    return ec2_bill(numbers.instance, requests=requests, **_work(numbers), **_fleet(numbers))


def _sentence(numbers: Numbers, here: float, there: Ec2Bill) -> str:
    fleet = f"{human_count(there.instances)} × {numbers.instance}"
    if math.isclose(here, there.total_usd, rel_tol=0.005):
        return f"Both cost the same: {human_usd(here)} a month, for Lambda or {fleet}"
    if here < there.total_usd:
        return f"Lambda is cheaper: {human_usd(here)} a month against {human_usd(there.total_usd)} for {fleet}"
    return f"EC2 is cheaper: {human_usd(there.total_usd)} a month for {fleet} against {human_usd(here)} on Lambda"


def _origin(numbers: Numbers, today: dt.date | None) -> Origin:
    row = prices.ec2_price(numbers.region, numbers.instance)
    baseline = "" if math.isnan(row.burst_baseline_per_vcpu) else ", burstable at its baseline"
    place = f"{numbers.region}, Lambda {numbers.arch}, no load balancer{baseline}"
    return origin(
        place, today, aws_lambda=[prices.lambda_price(numbers.region, numbers.arch)], ec2=[row]
    )
