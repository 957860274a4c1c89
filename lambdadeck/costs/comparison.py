"""A workload priced on both sides and compared in one sentence: the panel's numbers and curves."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from lambdadeck import prices
from lambdadeck.costs.arithmetic import Floats
from lambdadeck.costs.ec2_bill import ec2_bill
from lambdadeck.costs.lambda_bill import lambda_bill
from lambdadeck.costs.verdict import Verdict, judge
from lambdadeck.costs.workload import FRONTS, QUANTITIES, Workload
from lambdadeck.prices.origin import Origin, origin

LOADS: Floats = np.geomspace(1e4, 1e10, 400)  # requests a month, the range that the panel draws


@dataclass(frozen=True, eq=False)
class Comparison(Verdict):
    """A verdict, with both bills as curves over `LOADS`, and where the prices come from."""

    lambda_curve: Floats
    ec2_curve: Floats
    origin: Origin
    caption: Origin  # without the sources' names


def compare(work: Workload, *, today: dt.date | None = None) -> Comparison:
    """Price the workload on Lambda and on instances, vCPU for vCPU, and say which is cheaper.

    A burstable instance pays for what it uses above its baseline; no volumes. LookupError names an
    unknown price; `TooSmall`: the instance cannot hold a request.
    """
    verdict = judge(work)
    on_ec2 = ec2_bill(work.instance, requests=LOADS, **work.load, **work.on_ec2)
    return Comparison(
        **vars(verdict),
        lambda_curve=np.asarray(lambda_bill(LOADS, **work.load, **work.on_lambda).total_usd),
        ec2_curve=np.asarray(on_ec2.total_usd),
        origin=_origin(work, today),
        caption=_origin(work, today, brief=True),
    )


def _origin(work: Workload, today: dt.date | None, brief: bool = False) -> Origin:
    row = prices.ec2_price(work.region, work.instance)
    busy = f"EC2 {QUANTITIES['utilization'].show(work.utilization)} busy at the peak"
    front = f"{FRONTS[work.ec2_front]} in front of EC2"
    parts = [work.region, f"Lambda {work.arch}", busy, front, row.surplus]
    place = ", ".join(filter(None, parts))
    on_lambda = [prices.lambda_price(work.region, work.arch)]
    return origin(place, today, brief=brief, aws_lambda=on_lambda, ec2=[row])
