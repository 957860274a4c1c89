"""Where Lambda and EC2 cost the same: in requests a month, in utilisation, as a sentence."""

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Unpack

import numpy as np

from lambdadeck.costs.arithmetic import Numbers
from lambdadeck.costs.ec2_bill import Ec2Bill, Ec2Options, SizingOptions, ec2_bill
from lambdadeck.costs.intersection import Segment, Staircase, first_crossing, last_crossing
from lambdadeck.costs.lambda_bill import (
    FREE_GB_SECONDS,
    FREE_REQUESTS,
    FULL_VCPU_MB,
    LambdaBill,
    LambdaOptions,
    lambda_bill,
)
from lambdadeck.prices import TIER_BOUNDS_GB_S, UnknownPrice, ec2_price, lambda_price, unit_price
from lambdadeck.shared.formatting import human_count


class BreakEvenOptions(LambdaOptions, Ec2Options, total=False):
    """The options of `lambda_bill` and `ec2_bill`, by name.

    In place of `front`, which would not say whose: `lambda_front` and `ec2_front`.
    """

    lambda_front: str | float | None
    ec2_front: str | float | None


@dataclass(frozen=True)
class BreakEven:
    """Where EC2 becomes cheaper than Lambda.

    Below `requests` a month Lambda is cheaper (inf: always). From `settled_requests` on EC2 is
    cheaper even when its last instance is nearly empty (inf: never; NaN: a price that this needs is
    unknown). `utilisation` (the busy share of the instances), `instances` and `usd` a month hold at
    `requests`, NaN when there is none. `sources` are Lambda's and EC2's, `as_of` the older date.
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
    """Where requests of `duration_ms` at `memory_mb` cost the same on Lambda and on `instance_type`.

    Single numbers; `arch` is Lambda's, the instance's own when None. Found on the bills themselves:
    Lambda's is a line with bends (free tier, price tiers), EC2's a staircase. LookupError for an
    unknown price that is reached first, ValueError for what cannot be.
    """
    lambda_side, ec2_side = _sides(options)
    arch = arch or ec2_price(region, instance_type).arch
    work = {"region": region, "duration_ms": duration_ms, "memory_mb": memory_mb}

    def on_lambda(requests: Numbers) -> LambdaBill:
        return lambda_bill(requests, arch=arch, **work, **lambda_side)

    def on_ec2(requests: Numbers) -> Ec2Bill:
        return ec2_bill(instance_type, requests=requests, **work, **ec2_side)

    line = _line(on_lambda, on_ec2, _bends(on_lambda(1.0), lambda_side, ec2_side))
    stairs = _stairs(on_ec2, ec2_side)
    requests = first_crossing(line, stairs)
    if math.isnan(requests):
        on_lambda(
            _unknown_from(line) + 1
        )  # one request at a time, it names the price that is unknown
    here = on_ec2(requests if math.isfinite(requests) else 0.0)
    return _result(on_lambda(0.0), here, requests, last_crossing(line, stairs, requests), ec2_side)


def vcpu_hour_usd(region: str, arch: str) -> float:
    """What an hour of one vCPU costs on Lambda, in US dollars: 1,769 MB for 3,600 s in the first tier."""
    return FULL_VCPU_MB / 1024 * 3600 * lambda_price(region, arch).usd_per_gb_s


def break_even_utilisation(
    instance_type: str, *, region: str, arch: str | None = None, burst_baseline: bool = False
) -> float:
    """The sustained share of an instance's vCPUs above which it costs less than Lambda.

    CPU-bound, vCPU for vCPU; Lambda's request charge and everything around the instance aside.
    Above 1 means never. `arch` is Lambda's, the instance's own when None. With `burst_baseline` it
    is the share of what a burstable instance sustains.
    """
    row = ec2_price(region, instance_type)
    baseline = row.burst_baseline_per_vcpu if burst_baseline else math.nan
    sustained = row.vcpu * (1.0 if math.isnan(baseline) else baseline)
    return row.usd_per_hour / sustained / vcpu_hour_usd(region, arch or row.arch)


def _sides(options: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """Lambda's options and EC2's; a name that neither knows goes to `lambda_bill`, which refuses it."""
    if "front" in options:
        raise TypeError(
            "Say lambda_front or ec2_front: front alone does not say which side pays for it."
        )
    for name, value in options.items():
        if np.ndim(value):
            raise ValueError(f"break_even takes single numbers, and {name} is {value!r}.")
    ec2_names = (
        Ec2Options.__annotations__.keys() | SizingOptions.__annotations__.keys() | {"ec2_front"}
    )
    ec2 = {name: value for name, value in options.items() if name in ec2_names}
    rest = {name: value for name, value in options.items() if name not in ec2_names}
    return _with_front(rest, "lambda_front"), _with_front(ec2, "ec2_front")


def _with_front(options: dict[str, object], name: str) -> dict[str, object]:
    return {"front" if option == name else option: value for option, value in options.items()}


def _bends(
    one: LambdaBill, lambda_side: Mapping[str, object], ec2_side: Mapping[str, object]
) -> list[float]:
    """The loads at which the price of one more request changes, from the bill of one request."""
    free = bool(lambda_side.get("free_tier"))
    provisioned = lambda_side.get("provisioned_concurrency", 0) > 0
    on_demand = 1 - provisioned * lambda_side.get("provisioned_share", 1.0)
    gb_seconds = [FREE_GB_SECONDS * free + bound for bound in (0.0, *TIER_BOUNDS_GB_S[one.arch])]
    bends = [bound / one.gb_seconds for bound in gb_seconds] if one.gb_seconds else []
    bends += [FREE_REQUESTS / on_demand] if free and on_demand else []
    for side in (lambda_side, ec2_side):
        if isinstance(side.get("front"), str):
            bends += [start * 1e6 for start, _ in unit_price(side["front"], one.region).tiers]
    return sorted({0.0, *bends})


def _line(
    on_lambda: Callable[[Numbers], LambdaBill],
    on_ec2: Callable[[Numbers], Ec2Bill],
    bends: list[float],
) -> list[Segment]:
    """Lambda's cost less what EC2 costs whatever the number of its instances, bend to bend."""
    loads = np.array([*bends, bends[-1] * 2 + 1e9])
    around = on_ec2(loads)
    heights = on_lambda(loads).total_usd - around.load_balancer_usd - around.front_usd
    slopes = np.diff(heights) / np.diff(loads)
    starts = zip(bends, [*bends[1:], math.inf], heights[:-1], slopes, strict=True)
    return [Segment(*map(float, piece)) for piece in starts]


def _stairs(on_ec2: Callable[[Numbers], Ec2Bill], ec2_side: Mapping[str, object]) -> Staircase:
    idle, one = on_ec2(0.0), on_ec2(1.0)
    spare = math.ceil(ec2_side.get("spare", 0))
    # busy = load / (instances * capacity): the capacity follows from a load of one request.
    capacity = 1 / (one.busy * one.instances) if one.busy else math.inf
    run = capacity * ec2_side.get("utilisation", 1.0) / ec2_side.get("peak_factor", 1.0)
    each = (idle.compute_usd + idle.volume_usd + idle.ipv4_usd) / idle.instances
    return Staircase(each, run, idle.instances - spare, spare)


def _unknown_from(line: list[Segment]) -> float:
    return next(piece.start for piece in line if math.isnan(piece.slope))


def _result(
    free: LambdaBill, here: Ec2Bill, requests: float, settled: float, ec2_side: Mapping[str, object]
) -> BreakEven:
    found = math.isfinite(requests)
    return BreakEven(
        requests=requests,
        settled_requests=settled,
        utilisation=here.busy if found else math.nan,
        instances=here.instances if found else math.nan,
        usd=here.total_usd if found else math.nan,
        sentence=_sentence(here, requests, settled) + _burst_note(here, ec2_side),
        instance_type=here.instance_type,
        region=here.region,
        arch=free.arch,
        sources=(free.source, here.source),
        as_of=min(day for day in (free.as_of, here.as_of) if day),
    )


def _sentence(here: Ec2Bill, requests: float, settled: float) -> str:
    name, count = here.instance_type, here.instances
    fleet = f"one {name} is" if count == 1 else f"{count:.0f} {name} are"
    if math.isinf(requests):
        return f"Lambda is cheaper at any load: {name}, sized for the peak, is never busy enough."
    if requests == 0:
        return f"{fleet[0].upper()}{fleet[1:]} cheaper from the first request on."
    below = f"Below {human_count(requests)} requests a month Lambda is cheaper; "
    if settled == requests or math.isnan(settled):
        return f"{below}above it {fleet}, from {100 * here.busy:.0f} % utilisation."
    if math.isinf(settled):
        return f"{below}above it the two take turns as {name} are added."
    return f"{below}above {human_count(settled)} {name} is; between, the two take turns as instances are added."


def _burst_note(here: Ec2Bill, ec2_side: Mapping[str, object]) -> str:
    if ec2_side.get("burst_baseline") or ec2_side.get("concurrency") is not None:
        return ""
    try:
        baseline = ec2_price(here.region, here.instance_type).burst_baseline_per_vcpu
    except UnknownPrice:
        return ""
    if math.isnan(baseline):
        return ""
    return f" (As if {here.instance_type} could burst all month: it sustains {100 * baseline:.0f} % of a vCPU.)"
