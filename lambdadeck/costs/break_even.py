"""The break-even of Lambda and EC2: in requests a month, in utilization, as a sentence."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lambdadeck.costs import sentences
from lambdadeck.costs.arithmetic import Numbers, single
from lambdadeck.costs.ec2_bill import Ec2Bill, Ec2Options, average, ec2_bill, instance_row
from lambdadeck.costs.intersection import Segment, Staircase, first_crossing, last_crossing
from lambdadeck.costs.lambda_bill import LambdaBill, LambdaOptions, billed_seconds, lambda_bill
from lambdadeck.costs.limits import FREE_GB_SECONDS, FREE_REQUESTS, FULL_VCPU_MB, HOURS_A_MONTH
from lambdadeck.prices import TIER_BOUNDS_GB_S, ec2_price, lambda_price, unit_price


@dataclass(frozen=True)
class BreakEven:
    """The load at which EC2 becomes cheaper than Lambda.

    Below `requests` a month Lambda is cheaper (inf: always). From `settled_requests` on EC2 is
    cheaper even if its last instance is nearly empty (inf: never; NaN: it needs an unknown price).
    `utilization` (the busy share of the instances) and `usd` a month hold at `requests`; NaN
    without one.
    """

    requests: float
    settled_requests: float
    utilization: float
    usd: float
    sentence: str
    arch: str


def break_even(
    instance_type: str,
    *,
    region: str,
    duration_ms: float,
    memory_mb: float,
    arch: str | None = None,
    **options: Any,
) -> BreakEven:
    """Find where requests of `duration_ms` at `memory_mb` cost the same on both sides.

    Single numbers; `arch` is Lambda's, by default the instance's own. `options` are those of
    `lambda_bill` and `ec2_bill`; `lambda_front` and `ec2_front` replace `front`, which does not say
    which side pays, and `lambda_discount` is Lambda's `discount`. Lambda's bill is a line with
    bends (free tier, price tiers), EC2's a staircase. LookupError for an unknown price that is
    reached first, ValueError for impossible numbers.
    """
    lambda_side, ec2_side = _sides(options)
    given, fleet = LambdaOptions(**lambda_side), Ec2Options(**ec2_side)
    arch = arch or ec2_price(region, instance_type).arch
    load: dict[str, Any] = {"region": region, "duration_ms": duration_ms, "memory_mb": memory_mb}

    def on_lambda(requests: Numbers) -> LambdaBill:
        return lambda_bill(requests, arch=arch, **load, **lambda_side)

    def on_ec2(requests: Numbers) -> Ec2Bill:
        return ec2_bill(instance_type, requests=requests, **load, **ec2_side)

    gb_seconds = single(billed_seconds(duration_ms, given)) * single(memory_mb) / 1024
    bends = _bends(on_lambda(1.0), gb_seconds, single(memory_mb) / 1024, given, fleet)
    line = _line(on_lambda, on_ec2, bends)
    stairs = _stairs(on_ec2, fleet, duration_ms, memory_mb)
    requests = first_crossing(line, stairs)
    if math.isnan(requests):
        unknown_from = next(piece.start for piece in line if math.isnan(piece.slope))
        on_lambda(unknown_from * (1 + 1e-6) + 1)  # raises: a single request names the unknown price
    here = on_ec2(requests if math.isfinite(requests) else 0.0)
    return _result(here, arch, requests, last_crossing(line, stairs, requests))


def vcpu_hour_usd(region: str, arch: str) -> float:
    """Return the US dollars of a vCPU-hour on Lambda: 1,769 MB for 3,600 s in the first tier."""
    return FULL_VCPU_MB / 1024 * 3600 * lambda_price(region, arch).usd_per_gb_s


def break_even_utilization(
    instance_type: str, *, region: str, arch: str | None = None, burst_baseline: bool = False
) -> float:
    """Return the sustained share of an instance's vCPUs above which it costs less than Lambda.

    CPU-bound, vCPU for vCPU; without Lambda's request charge and everything around the instance.
    Above 1 means never. `arch` is Lambda's, by default the instance's own. A burstable instance
    pays for what it uses above its baseline; with `burst_baseline` it never does, and the share is
    that of what it sustains.
    """
    row = ec2_price(region, instance_type)
    on_lambda, each = vcpu_hour_usd(region, arch or row.arch), row.usd_per_hour / row.vcpu
    baseline = row.burst_baseline_per_vcpu
    if burst_baseline and not math.isnan(baseline):
        return each / baseline / on_lambda
    if math.isnan(baseline) or each / on_lambda <= baseline:
        return each / on_lambda
    above = row.surplus_usd_per_vcpu_hour
    return (each - above * baseline) / (on_lambda - above) if on_lambda > above else math.inf


def _sides(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split the options; `lambda_bill` gets, and refuses, a name that neither side knows."""
    if "front" in options:
        raise TypeError(
            "Say lambda_front or ec2_front: front alone does not say which side pays for it."
        )
    on_lambda, on_ec2 = dict[str, Any](), dict[str, Any]()
    for name, value in options.items():
        if np.asarray(value).ndim:
            raise ValueError(f"break_even takes single numbers, and {name} is {value!r}.")
        is_ec2 = name == "ec2_front" or name in Ec2Options.__dataclass_fields__
        side = on_ec2 if is_ec2 else on_lambda
        is_shared = name in ("lambda_front", "ec2_front", "lambda_discount")
        side[name.split("_")[1] if is_shared else name] = value
    return on_lambda, on_ec2


def _bends(
    one: LambdaBill, each: float, gb: float, given: LambdaOptions, fleet: Ec2Options
) -> list[float]:
    """Return the loads at which the price of one more request changes.

    `one` is one request's bill, `each` its GB-seconds, `gb` its memory.
    """
    kept = single(given.provisioned_concurrency) * single(given.provisioned_hours) * 3600
    share = single(given.provisioned_share) if kept else 0.0
    free = given.free_tier and not kept
    bounds = [FREE_GB_SECONDS * free + bound for bound in (0.0, *TIER_BOUNDS_GB_S[one.arch])]
    full = kept * gb / each if each else math.inf  # requests served warm at most
    bends = [full / share] if share and math.isfinite(full) else []
    for bound in bounds if each else ():
        bends += [bound / each / (1 - share)] if share < 1 else []
        bends += [bound / each + full] if kept else []
    bends += [FREE_REQUESTS] if free else []
    for front in (given.front, fleet.front):
        if isinstance(front, str) and front != "alb":
            bends += [start * 1e6 for start, _ in unit_price(front, one.region).tiers]
    return sorted({0.0, *bends})


def _line(
    on_lambda: Callable[[Numbers], LambdaBill],
    on_ec2: Callable[[Numbers], Ec2Bill],
    bends: list[float],
) -> list[Segment]:
    """Return Lambda's cost less the part of EC2's that any fleet pays, from bend to bend."""
    loads = np.array([*bends, bends[-1] * 2 + 1e9])
    around = on_ec2(loads)
    heights = np.asarray(on_lambda(loads).total_usd - around.load_balancer_usd - around.front_usd)
    slopes = np.diff(heights) / np.diff(loads)
    starts = zip(bends, [*bends[1:], math.inf], heights[:-1], slopes, strict=True)
    return [Segment(*map(float, piece)) for piece in starts]


def _stairs(
    on_ec2: Callable[[Numbers], Ec2Bill], fleet: Ec2Options, duration_ms: float, memory_mb: float
) -> Staircase:
    idle, one = on_ec2(0.0), on_ec2(1.0)
    row = instance_row(idle.region, idle.instance_type, optional=True)
    room = fleet.room(row.vcpu, row.memory_gib, memory_mb)
    busy = single(average(np.asarray(1.0), np.asarray(duration_ms, dtype=np.float64)))
    target = single(fleet.utilization) / single(fleet.peak_factor)
    carries = single(room.serves) * target
    if fleet.burst_baseline:
        carries = np.fmin(carries, single(room.works_on) * row.burst_baseline_per_vcpu)
    instances, spare = single(idle.instances), math.ceil(single(fleet.spare))
    each = single(idle.compute_usd + idle.volume_usd + idle.ipv4_usd) / instances
    above = row.vcpu * HOURS_A_MONTH * row.surplus_usd_per_vcpu_hour
    is_steady = math.isnan(row.burst_baseline_per_vcpu)
    return Staircase(
        rise=each,
        run=float(carries) / busy if busy else math.inf,
        least=single(one.instances) - spare,
        spare=spare,
        surplus=0.0 if is_steady else above * busy / single(room.works_on),
        credit=0.0 if is_steady else above * row.burst_baseline_per_vcpu,
    )


def _result(here: Ec2Bill, arch: str, requests: float, settled: float) -> BreakEven:
    utilization, usd = math.nan, math.nan
    if math.isfinite(requests):
        utilization, usd = single(here.busy), single(here.total_usd)
    return BreakEven(
        requests=requests,
        settled_requests=settled,
        utilization=utilization,
        usd=usd,
        sentence=sentences.break_even(
            here.instance_type, single(here.instances), single(here.busy), requests, settled
        ),
        arch=arch,
    )
