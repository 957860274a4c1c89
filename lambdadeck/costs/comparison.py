"""A workload priced on both sides and compared in one sentence: the panel's numbers."""

from __future__ import annotations

import datetime as dt
import math
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from lambdadeck import prices
from lambdadeck.costs.arithmetic import Floats, single
from lambdadeck.costs.break_even import BreakEven, break_even
from lambdadeck.costs.ec2_bill import Ec2Bill, ec2_bill
from lambdadeck.costs.flip import flip
from lambdadeck.costs.lambda_bill import lambda_bill
from lambdadeck.costs.scalar import ec2_usd
from lambdadeck.costs.workload import FRONTS, QUANTITIES, Workload
from lambdadeck.prices.origin import Origin, origin
from lambdadeck.shared.formatting import human_usd

LOADS: Floats = np.geomspace(1e4, 1e10, 400)  # requests a month, the range that the panel draws
_HOME = "eu-west-1"  # its table lists the common families; all 1,340 types are too many for a menu


@dataclass(frozen=True, eq=False)
class Comparison:
    """Both monthly bills in US dollars, for a workload and as curves over `LOADS`.

    `break_even_requests` is infinite if Lambda is cheaper at any load, NaN if it needs an unknown
    price; the sentence names it. `flip_sentence` names the assumption that would turn the verdict,
    `safe_sentence` EC2's bill with two zones and a load balancer.
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
    flip_sentence: str
    safe_sentence: str
    origin: Origin
    caption: Origin  # without the sources' names


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

    A burstable instance pays for what it uses above its baseline; no volumes. LookupError names an
    unknown price; `TooSmall`: the instance cannot hold a request.
    """
    loads = np.concatenate([[work.requests], LOADS])
    on_lambda = lambda_bill(loads, **work.load, **work.on_lambda)
    there = ec2_bill(work.instance, requests=work.requests, **work.load, **work.on_ec2)
    on_ec2 = ec2_bill(work.instance, requests=LOADS, **work.load, **work.on_ec2)
    here = float(np.asarray(on_lambda.total_usd)[0])
    if math.isnan(here):  # raises, and names the unknown price
        lambda_bill(work.requests, **work.load, **work.on_lambda)
    even, even_sentence = _even(work)
    return Comparison(
        lambda_usd=here,
        ec2_usd=single(there.total_usd),
        instances=single(there.instances),
        lambda_curve=np.asarray(on_lambda.total_usd)[1:],
        ec2_curve=np.asarray(on_ec2.total_usd),
        break_even_requests=even.requests if even else math.nan,
        break_even_usd=even.usd if even else math.nan,
        sentence=_sentence(work, here, there),
        break_even_sentence=even_sentence,
        flip_sentence=flip(work),
        safe_sentence=_safe(work),
        origin=_origin(work, today),
        caption=_origin(work, today, brief=True),
    )


def _even(work: Workload) -> tuple[BreakEven | None, str]:
    """Return the break-even; without one, if it needs an unknown price, what is unknown."""
    sides = {"front": "lambda_front", "discount": "lambda_discount"}
    on_lambda = {sides.get(name, name): value for name, value in work.on_lambda.items()}
    on_ec2 = {"ec2_front" if name == "front" else name: v for name, v in work.on_ec2.items()}
    try:
        even = break_even(work.instance, **work.load, **on_lambda, **on_ec2)
    except prices.UnknownPrice as unknown:  # both bills stand without it
        return None, str(unknown.args[0])
    return even, even.sentence


def _safe(work: Workload) -> str:
    """Return what EC2 costs if it survives the loss of a zone; "" if it does or that is unknown."""
    if work.zones >= 2 and work.ec2_front != "none":
        return ""
    safe = replace(work, zones=max(work.zones, 2), ec2_front="alb")
    with suppress(prices.UnknownPrice):
        return f"With two zones and a load balancer EC2 costs {human_usd(ec2_usd(safe))}."
    return ""


def _sentence(work: Workload, here: float, bill: Ec2Bill) -> str:
    there = single(bill.total_usd)
    fleet = f"{single(bill.instances):,.0f} × {work.instance}"
    ours, theirs = human_usd(here), human_usd(there)
    if math.isclose(here, there, rel_tol=0.005):
        return f"Both cost the same: {ours} a month, for Lambda or {fleet}"
    if here < there:
        return f"Lambda is cheaper: {ours} a month against {theirs} for {fleet}"
    return f"EC2 is cheaper: {theirs} a month for {fleet} against {ours} on Lambda"


def _origin(work: Workload, today: dt.date | None, brief: bool = False) -> Origin:
    row = prices.ec2_price(work.region, work.instance)
    busy = f"EC2 {QUANTITIES['utilization'].show(work.utilization)} busy at the peak"
    front = f"{FRONTS[work.ec2_front]} in front of EC2"
    parts = [work.region, f"Lambda {work.arch}", busy, front, row.surplus]
    place = ", ".join(filter(None, parts))
    on_lambda = [prices.lambda_price(work.region, work.arch)]
    return origin(place, today, brief=brief, aws_lambda=on_lambda, ec2=[row])
