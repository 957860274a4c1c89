"""A workload priced on both sides and compared in one sentence: the panel's numbers."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from lambdadeck import prices
from lambdadeck.costs.arithmetic import Floats, single
from lambdadeck.costs.break_even import break_even
from lambdadeck.costs.ec2_bill import Ec2Bill, ec2_bill
from lambdadeck.costs.lambda_bill import lambda_bill
from lambdadeck.prices.origin import Origin, origin
from lambdadeck.shared.formatting import human_usd

LOADS: Floats = np.geomspace(1e4, 1e10, 400)  # requests a month, the range that the panel draws
WORKLOAD_LABELS = {
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
_HOME = "eu-west-1"  # its table lists the common families; all 1,340 types are too many for a menu


def _decades(low: int, high: int) -> tuple[float, ...]:
    steps = (float(f"{step * 10.0**power:.6g}") for power in range(low, high) for step in _STEPS)
    return (*steps, 10.0**high)


WORKLOAD_CHOICES: dict[str, tuple[float, ...]] = {
    "requests": _decades(4, 10),
    "duration_ms": _decades(0, 5),
    "memory_mb": (128, 256, 512, 1024, 1769, 2048, 3008, 4096, 6144, 8192, 10_240),
    "peak_factor": (1, 1.5, 2, 3, 5, 10, 20),
}


@dataclass(frozen=True)
class Workload:
    """Requests a month of some ms at some MB, where they run, and their peak over their average."""

    requests: float = 5e6
    duration_ms: float = 100
    memory_mb: float = 512
    arch: str = "x86_64"
    region: str = "eu-west-1"
    instance: str = "c6i.large"
    peak_factor: float = 1
    free_tier: bool = False


@dataclass(frozen=True, eq=False)
class Comparison:
    """Both monthly bills in US dollars, for a workload and as curves over `LOADS`.

    `break_even_requests` is infinite if Lambda is cheaper at any load, NaN if it needs an unknown
    price; the sentence names it.
    """

    lambda_usd: float
    ec2_usd: float
    instances: float
    lambda_curve: Floats
    ec2_curve: Floats
    break_even_requests: float
    break_even_usd: float
    sentence: str
    break_even_sentence: str
    origin: Origin


def priced_regions() -> list[str]:
    """Return the regions with prices of both Lambda and EC2."""
    sold = set(prices.ec2_catalogue().region.tolist())
    return [region for region in prices.regions() if region in sold]


def common_instances(region: str) -> list[str]:
    """Return the common instance types that the region sells; LookupError if it is unknown."""
    common = set(prices.ec2_catalogue(_HOME).instance_type.tolist())
    return sorted(common & set(prices.ec2_catalogue(region).instance_type.tolist()))


def compare(work: Workload, *, today: dt.date | None = None) -> Comparison:
    """Price the workload on Lambda and on instances, vCPU for vCPU, and say which is cheaper.

    A burstable instance pays for what it uses above its baseline; no load balancer, no volume.
    LookupError names an unknown price; `TooSmall`: the instance cannot hold a request.
    """
    where, ms, mb = work.region, work.duration_ms, work.memory_mb
    load: dict[str, Any] = {"region": where, "duration_ms": ms, "memory_mb": mb}
    on_lambda: dict[str, Any] = {**load, "arch": work.arch, "free_tier": work.free_tier}
    fleet: dict[str, Any] = {"peak_factor": work.peak_factor}
    here, curve = (lambda_bill(requests, **on_lambda) for requests in (work.requests, LOADS))
    there, stairs = (
        ec2_bill(work.instance, requests=requests, **load, **fleet)
        for requests in (work.requests, LOADS)
    )
    even_requests, even_usd = math.nan, math.nan
    try:
        even = break_even(work.instance, **on_lambda, **fleet)
        even_requests, even_usd, even_sentence = even.requests, even.usd, even.sentence
    except prices.UnknownPrice as unknown:  # both bills stand without it
        even_sentence = str(unknown.args[0])
    return Comparison(
        lambda_usd=single(here.total_usd),
        ec2_usd=single(there.total_usd),
        instances=single(there.instances),
        lambda_curve=np.asarray(curve.total_usd),
        ec2_curve=np.asarray(stairs.total_usd),
        break_even_requests=even_requests,
        break_even_usd=even_usd,
        sentence=_sentence(work, single(here.total_usd), there),
        break_even_sentence=even_sentence,
        origin=_origin(work, today),
    )


def _sentence(work: Workload, here: float, bill: Ec2Bill) -> str:
    there = single(bill.total_usd)
    fleet = f"{single(bill.instances):,.0f} × {work.instance}"
    ours, theirs = human_usd(here), human_usd(there)
    if math.isclose(here, there, rel_tol=0.005):
        return f"Both cost the same: {ours} a month, for Lambda or {fleet}"
    if here < there:
        return f"Lambda is cheaper: {ours} a month against {theirs} for {fleet}"
    return f"EC2 is cheaper: {theirs} a month for {fleet} against {ours} on Lambda"


def _origin(work: Workload, today: dt.date | None) -> Origin:
    row = prices.ec2_price(work.region, work.instance)
    place = ", ".join(
        filter(None, [work.region, f"Lambda {work.arch}", "no load balancer", row.surplus])
    )
    on_lambda = [prices.lambda_price(work.region, work.arch)]
    return origin(place, today, aws_lambda=on_lambda, ec2=[row])
