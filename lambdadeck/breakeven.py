"""Where Lambda and EC2 cost the same: in requests a month, in utilisation, as a sentence."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Unpack

import numpy as np

from lambdadeck.charges import Numbers
from lambdadeck.crossing import Segment, Staircase, first_crossing, last_crossing
from lambdadeck.ec2_costs import Ec2Bill, Ec2Options, SizingOptions, ec2_bill
from lambdadeck.lambda_costs import (
    FREE_GB_SECONDS,
    FREE_REQUESTS,
    FULL_VCPU_MB,
    LambdaBill,
    LambdaOptions,
    lambda_bill,
)
from lambdadeck.money import human_count
from lambdadeck.prices import TIER_BOUNDS_GB_S, ec2_price, lambda_price, unit_price


class BreakEvenOptions(LambdaOptions, Ec2Options, total=False):
    """The options of `lambda_bill` and `ec2_bill`, by name, without `front`.

    `lambda_front` and `ec2_front` say what stands in front of each side.
    """

    lambda_front: str | float | None
    ec2_front: str | float | None


@dataclass(frozen=True)
class BreakEven:
    """Where EC2 becomes cheaper than Lambda.

    `requests` a month: below it Lambda is cheaper (inf: always). `settled_requests`: from there on
    EC2 is cheaper even when its last instance is nearly empty (inf: never; NaN: a price that this
    needs is unknown). `utilisation`, `instances` and `usd` a month hold at `requests` (NaN: never).
    """

    requests: float
    settled_requests: float
    utilisation: float
    instances: float
    usd: float
    sentence: str
    instance_type: str
    region: str
    arch: str
    sources: tuple[str, str]
    as_of: dt.date


def break_even(
    instance_type: str,
    *,
    region: str,
    duration_ms: float,
    memory_mb: float,
    arch: str | None = None,
    **options: Unpack[BreakEvenOptions],
) -> BreakEven:
    """Where requests of `duration_ms` at `memory_mb` cost the same on `instance_type` and Lambda."""
    arch = arch or ec2_price(region, instance_type).arch
    lambda_side, ec2_side = _sides(options)
    work = {"region": region, "duration_ms": float(duration_ms), "memory_mb": float(memory_mb)}

    def on_lambda(requests: Numbers) -> LambdaBill:
        return lambda_bill(requests, arch=arch, **work, **lambda_side)

    def on_ec2(requests: Numbers) -> Ec2Bill:
        return ec2_bill(instance_type, requests=requests, **work, **ec2_side)

    line = _line(on_lambda, on_ec2, _bends(on_lambda, lambda_side, ec2_side, region, arch))
    stairs = _stairs(on_ec2, ec2_side)
    requests = first_crossing(line, stairs)
    if math.isnan(requests):
        on_lambda(line[-1].start * 2 + 1)  # raises the LookupError that names the unknown price
    settled = last_crossing(line, stairs, requests)
    return _result(on_lambda(0.0), on_ec2(requests if math.isfinite(requests) else 0.0), requests, settled, ec2_side)


def vcpu_hour_usd(region: str, arch: str) -> float:
    """What an hour of one vCPU costs on Lambda, in US dollars: 1,769 MB for 3,600 s, first tier."""
    return FULL_VCPU_MB / 1024 * 3600 * lambda_price(region, arch).usd_per_gb_s


def break_even_utilisation(
    instance_type: str, *, region: str, arch: str | None = None, burst_baseline: bool = False
) -> float:
    """The sustained share of an instance's vCPUs above which it costs less than Lambda.

    CPU-bound, vCPU for vCPU, request charge and everything around the instance aside; above 1
    means never. `arch` is Lambda's, the instance's own when None. With `burst_baseline` it is the
    share of what a burstable instance sustains.
    """
    row = ec2_price(region, instance_type)
    baseline = row.burst_baseline_per_vcpu if burst_baseline else math.nan
    sustained = row.vcpu * (1.0 if math.isnan(baseline) else baseline)
    return row.usd_per_hour / sustained / vcpu_hour_usd(region, arch or row.arch)


def _sides(options: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """The options of each side; an unknown name goes to Lambda, which refuses it."""
    if "front" in options:
        raise TypeError("Say lambda_front or ec2_front: front alone does not say which side pays.")
    ec2_names = Ec2Options.__annotations__.keys() | SizingOptions.__annotations__.keys()
    ec2 = {name: value for name, value in options.items() if name in ec2_names}
    rest = {n: v for n, v in options.items() if n not in ec2 and not n.endswith("_front")}
    fronts = [{"front": options[f"{s}_front"]} if f"{s}_front" in options else {} for s in ("lambda", "ec2")]
    return rest | fronts[0], ec2 | fronts[1]


def _bends(on_lambda, lambda_side, ec2_side, region: str, arch: str) -> list[float]:
    """The loads at which the price of one more request changes."""
    free = bool(lambda_side.get("free_tier"))
    per_request = on_lambda(1.0).gb_seconds
    gb_seconds = [(FREE_GB_SECONDS if free else 0.0) + bound for bound in (0.0, *TIER_BOUNDS_GB_S[arch])]
    bends = [bound / per_request for bound in gb_seconds] if per_request else []
    bends += [FREE_REQUESTS] if free else []
    for side in (lambda_side, ec2_side):
        if isinstance(side.get("front"), str):
            bends += [start * 1e6 for start, _ in unit_price(side["front"], region).tiers]
    return sorted({0.0, *bends})


def _line(on_lambda, on_ec2, bends: list[float]) -> list[Segment]:
    """Lambda's cost, less what EC2 costs whatever the number of instances."""
    far = bends[-1] * 2 + 1e9
    loads = np.array([*bends, far])
    around = on_ec2(loads)
    heights = on_lambda(loads).total_usd - around.load_balancer_usd - around.front_usd
    slopes = np.diff(heights) / np.diff(loads)
    ends = [*bends[1:], math.inf]
    return [Segment(*map(float, piece)) for piece in zip(bends, ends, heights, slopes)]


def _stairs(on_ec2, ec2_side) -> Staircase:
    idle, probe = on_ec2(0.0), on_ec2(1.0)
    spare = math.ceil(ec2_side.get("spare", 0))
    # busy = load / (instances * capacity), so capacity follows from a load of one request
    load = 1 / (probe.busy * probe.instances) if probe.busy else math.inf
    run = load * ec2_side.get("utilisation", 1.0) / ec2_side.get("peak_factor", 1.0)
    each = (idle.compute_usd + idle.volume_usd + idle.ipv4_usd) / idle.instances
    return Staircase(each, run, idle.instances - spare, spare)


def _result(free: LambdaBill, ec2: Ec2Bill, requests: float, settled: float, ec2_side) -> BreakEven:
    found = math.isfinite(requests)
    return BreakEven(
        requests,
        settled,
        ec2.busy if found else math.nan,
        ec2.instances if found else math.nan,
        ec2.total_usd if found else math.nan,
        _sentence(ec2, requests, settled) + _burst_note(ec2, ec2_side),
        ec2.instance_type,
        ec2.region,
        free.arch,
        (free.source, ec2.source),
        min(day for day in (free.as_of, ec2.as_of) if day),
    )


def _sentence(ec2: Ec2Bill, requests: float, settled: float) -> str:
    name = ec2.instance_type
    if math.isinf(requests):
        return f"Lambda is cheaper at any load: not even a full {name} pays."
    if requests == 0:
        return f"{name} is cheaper at any load." if settled == 0 else f"{name} is cheaper from the first request."
    below = f"Below {human_count(requests)} requests a month Lambda is cheaper; "
    if settled == requests or math.isnan(settled):
        return f"{below}above, {name} is, from {ec2.busy:.0%} busy."
    if math.isinf(settled):
        return f"{below}above, it depends on how full the last {name} is."
    return f"{below}above {human_count(settled)} {name} is; between, it depends on how full the last one is."


def _burst_note(ec2: Ec2Bill, ec2_side: Mapping[str, object]) -> str:
    if ec2_side.get("burst_baseline") or ec2_side.get("concurrency") is not None:
        return ""
    baseline = ec2_price(ec2.region, ec2.instance_type).burst_baseline_per_vcpu
    if math.isnan(baseline):
        return ""
    return f" (As if it could burst all month; {ec2.instance_type} sustains {baseline:.0%} of a vCPU.)"
