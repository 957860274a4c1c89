"""A workload judged in plain floats, without numpy: the twin of assets/deck/js/comparison.js."""

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise

from lambdadeck.costs import sentences
from lambdadeck.costs.flip import flip
from lambdadeck.costs.fronts import FREE_FRONTS, front_usd
from lambdadeck.costs.intersection import Segment, Staircase, first_crossing, last_crossing
from lambdadeck.costs.limits import FREE_GB_SECONDS, FREE_REQUESTS, HOURS_A_MONTH
from lambdadeck.costs.scalar import (
    average,
    ec2_usd,
    fleet,
    functions_usd,
    gb_seconds,
    lambda_usd,
    room,
)
from lambdadeck.costs.workload import Workload
from lambdadeck.prices import (
    Ec2Price,
    LambdaPrice,
    UnknownPrice,
    ec2_price,
    lambda_price,
    unit_price,
)
from lambdadeck.shared.formatting import human_usd


@dataclass(frozen=True)
class Verdict:
    """Both monthly bills in US dollars, and what follows from them.

    `break_even_requests` is infinite if Lambda is cheaper at any load, NaN if it needs an unknown
    price; the sentence names it. `settled_requests` is the load above which EC2 stays cheaper.
    `flip_sentence` names the assumption that would turn the verdict, `safe_sentence` EC2's bill
    with two zones and a load balancer.
    """

    lambda_usd: float
    ec2_usd: float
    instances: float
    break_even_requests: float
    settled_requests: float
    break_even_usd: float
    title: str
    sentence: str
    break_even_sentence: str
    flip_sentence: str
    safe_sentence: str


def judge(work: Workload) -> Verdict:
    """Price the workload on Lambda and on instances, vCPU for vCPU, and say which is cheaper.

    LookupError names an unknown price; `TooSmall`: the instance cannot hold a request.
    """
    front_usd(work.lambda_front, work.requests, work.region)  # raises first
    row = ec2_price(work.region, work.instance)
    there, on_ec2 = fleet(work, row), ec2_usd(work)
    on_lambda = lambda_usd(work)
    requests, settled, usd, even = _break_even(work, row)
    return Verdict(
        lambda_usd=on_lambda,
        ec2_usd=on_ec2,
        instances=there.instances,
        break_even_requests=requests,
        settled_requests=settled,
        break_even_usd=usd,
        title=sentences.title(on_lambda, on_ec2),
        sentence=sentences.winner(on_lambda, on_ec2, there.instances, work.instance),
        break_even_sentence=even,
        flip_sentence=flip(work),
        safe_sentence=_safe(work),
    )


def _break_even(work: Workload, row: Ec2Price) -> tuple[float, float, float, str]:
    """Return the load, the one above which EC2 stays cheaper, the bill there, and a sentence.

    Without one, if it needs an unknown price, the sentence names that: both bills stand.
    """
    price = lambda_price(work.region, work.arch)
    line, stairs = _line(work, price), _stairs(work, row)
    requests = first_crossing(line, stairs)
    if math.isnan(requests):
        start = next(piece.start for piece in line if math.isnan(piece.slope))
        try:
            functions_usd(replace(work, requests=start * (1 + 1e-6) + 1), price)
        except UnknownPrice as unknown:
            return math.nan, math.nan, math.nan, str(unknown.args[0])
    settled = last_crossing(line, stairs, requests)
    here = replace(work, requests=requests if math.isfinite(requests) else 0.0)
    there = fleet(here, row)
    sizes = there.instances, there.busy
    words = sentences.break_even(work.instance, *sizes, requests, settled)
    return requests, settled, ec2_usd(here) if math.isfinite(requests) else math.nan, words


def _line(work: Workload, price: LambdaPrice) -> list[Segment]:
    """Return Lambda's cost less what stands in front of EC2, from bend to bend."""
    starts = sorted({0.0, *_bends(work, price)})
    loads = [*starts, starts[-1] * 2 + 1e9]
    heights = [_height(replace(work, requests=load), price) for load in loads]
    pieces = zip(starts, [*starts[1:], math.inf], pairwise(loads), pairwise(heights), strict=True)
    return [
        Segment(start, end, low, (high - low) / (to - at))
        for start, end, (at, to), (low, high) in pieces
    ]


def _height(work: Workload, price: LambdaPrice) -> float:
    with suppress(UnknownPrice):
        fronts = (
            front_usd(front, work.requests, work.region)
            for front in (work.lambda_front, work.ec2_front)
        )
        return functions_usd(work, price) + next(fronts) - next(fronts)
    return math.nan


def _bends(work: Workload, price: LambdaPrice) -> Iterator[float]:
    """Return the loads at which the price of one more request changes."""
    each = gb_seconds(replace(work, requests=1))
    free = FREE_GB_SECONDS if work.free_tier else 0.0
    for bound in (0.0, *price.tier_bounds_gb_s) if each else ():
        yield (free + bound) / each
    if work.free_tier:
        yield FREE_REQUESTS
    for front in (work.lambda_front, work.ec2_front):
        if front not in (*FREE_FRONTS, "alb"):
            yield from (start * 1e6 for start, _ in unit_price(front, work.region).tiers)


def _stairs(work: Workload, row: Ec2Price) -> Staircase:
    idle, one = fleet(replace(work, requests=0), row), replace(work, requests=1)
    (works_on, serves), busy = room(work, row), average(one)
    is_steady = math.isnan(row.burst_baseline_per_vcpu)
    above = row.vcpu * HOURS_A_MONTH * row.surplus_usd_per_vcpu_hour
    return Staircase(
        rise=idle.compute_usd / idle.instances,
        run=serves * (work.utilization / work.peak_factor) / busy if busy else math.inf,
        least=fleet(one, row).instances,
        surplus=0.0 if is_steady else above * busy / works_on,
        credit=0.0 if is_steady else above * row.burst_baseline_per_vcpu,
    )


def _safe(work: Workload) -> str:
    """Return what EC2 costs if it survives the loss of a zone; "" if it does or that is unknown."""
    if work.zones >= 2 and work.ec2_front != "none":
        return ""
    safe = replace(work, zones=max(work.zones, 2), ec2_front="alb")
    with suppress(UnknownPrice):
        return f"With two zones and a load balancer EC2 costs {human_usd(ec2_usd(safe))}."
    return ""
