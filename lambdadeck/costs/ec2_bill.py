"""The cost of a month of EC2: pure functions, vectorized."""

import datetime as dt
import math
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass
from typing import TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from lambdadeck.costs.arithmetic import (
    Amount,
    Floats,
    Numbers,
    charge,
    checked,
    plain,
    positive,
    total,
)
from lambdadeck.costs.lambda_bill import FULL_VCPU_MB, HOURS_A_MONTH, front_charge
from lambdadeck.prices import Ec2Catalogue, Ec2Price, UnknownPrice, ec2_price, unit_price

SECONDS_A_MONTH = HOURS_A_MONTH * 3600


@dataclass(frozen=True, eq=False)
class Ec2Bill:
    """A month of EC2 in US dollars: floats, or arrays of the inputs' common shape.

    `instances` is a whole number; `busy` the share of their capacity that the average load uses.
    The parts add up to `total_usd`. `as_of` is None if the price an hour is your own.
    """

    instances: Amount
    busy: Amount
    compute_usd: Amount
    load_balancer_usd: Amount
    volume_usd: Amount
    ipv4_usd: Amount
    front_usd: Amount
    total_usd: Amount
    _: KW_ONLY
    region: str
    instance_type: str
    source: str
    as_of: dt.date | None


@dataclass(frozen=True, eq=False)
class CatalogueBill:
    """A month of EC2 in US dollars for every row of a catalogue (axis 0) at every load (axis 1)."""

    instances: Floats
    total_usd: Floats


class SizingOptions(TypedDict, total=False):
    """The options that decide how many instances a load takes."""

    peak_factor: Numbers
    concurrency: Numbers | None
    utilization: Numbers
    min_instances: Numbers
    spare: Numbers
    burst_baseline: bool


class Ec2Options(SizingOptions, total=False):
    """The options of `ec2_bill`, by name."""

    discount: Numbers
    usd_per_hour: Numbers | None
    load_balancer: str | float | None
    lcus: Numbers
    volume_gb: Numbers
    usd_per_gb_month: float | None
    public_ipv4: Numbers
    usd_per_ipv4_hour: float | None
    front: str | float | None


def ec2_bill(
    instance_type: str,
    *,
    region: str,
    requests: Numbers = 0.0,
    duration_ms: Numbers = 0.0,
    memory_mb: Numbers = FULL_VCPU_MB,
    peak_factor: Numbers = 1.0,
    concurrency: Numbers | None = None,
    utilization: Numbers = 1.0,
    min_instances: Numbers = 1,
    spare: Numbers = 0,
    burst_baseline: bool = False,
    discount: Numbers = 0.0,
    usd_per_hour: Numbers | None = None,
    load_balancer: str | float | None = None,
    lcus: Numbers = 0.0,
    volume_gb: Numbers = 0.0,
    usd_per_gb_month: float | None = None,
    public_ipv4: Numbers = 0,
    usd_per_ipv4_hour: float | None = None,
    front: str | float | None = None,
) -> Ec2Bill:
    """Price the instances that serve `requests` a month of `duration_ms` each, on demand.

    instances = max(min_instances, up(requests / month * peak_factor * duration / c / utilization))
    + spare, for 730 hours. c, the requests that an instance serves at once, is `concurrency`; if
    None, its vCPUs over memory_mb / 1,769, the vCPUs Lambda would give a request. `burst_baseline`
    counts only what a burstable instance sustains. `discount` 0.3 is 30 % off (Savings Plans);
    `usd_per_hour` your own price. `load_balancer` is "alb" (and `lcus`) or US dollars an hour;
    `volume_gb` (gp3) and `public_ipv4` addresses are per instance; `front` as in `front_charge`.

    Numbers or arrays that broadcast. LookupError for an unknown region, instance type or price that
    the bill needs (NaN in arrays); ValueError for impossible numbers, such as negative requests.
    """
    row = _row(region, instance_type, usd_per_hour is not None and concurrency is not None)
    sizing = _sizing(peak_factor, concurrency, utilization, min_instances, spare, burst_baseline)
    count, ms = checked("requests", requests), checked("duration_ms", duration_ms)
    serves = _serves(row.vcpu, row.burst_baseline_per_vcpu, memory_mb, sizing)
    instances = _instances(count, ms, serves, sizing)
    gb = instances * checked("volume_gb", volume_gb)
    hours = instances * checked("public_ipv4", public_ipv4) * HOURS_A_MONTH
    parts = (
        _compute(instances, row.usd_per_hour, usd_per_hour, discount),
        _load_balancer(load_balancer, checked("lcus", lcus), region),
        _items(gb, "gp3-gb-month", "a GB-month of gp3 volume", region, usd_per_gb_month),
        _items(hours, "ipv4-hour", "an hour of a public IPv4 address", region, usd_per_ipv4_hour),
        front_charge(count, front, region),
    )
    busy = _average(count, ms) / (instances * serves)
    return Ec2Bill(
        *map(plain, np.broadcast_arrays(instances, busy, *parts, total(parts))),
        region=region,
        instance_type=instance_type,
        source=row.source if usd_per_hour is None else "your own price an hour",
        as_of=row.as_of if usd_per_hour is None else None,
    )


def catalogue_bill(
    catalogue: Ec2Catalogue,
    requests: Numbers,
    duration_ms: Numbers,
    *,
    memory_mb: float = FULL_VCPU_MB,
    discount: float = 0.0,
    **sizing: Unpack[SizingOptions],
) -> CatalogueBill:
    """Return `ec2_bill` for every row of `catalogue` at every load: rows x loads.

    Requests and durations are numbers or one-dimensional, the options single numbers. The same
    sums and errors as `ec2_bill`.
    """
    count, ms = np.broadcast_arrays(
        *np.atleast_1d(checked("requests", requests), checked("duration_ms", duration_ms))
    )
    size = _sizing(**sizing)
    serves = _serves(catalogue.vcpu, catalogue.burst_baseline_per_vcpu, memory_mb, size)
    rows = np.broadcast_to(serves, len(catalogue))[:, None]
    instances = _instances(count, ms, rows, size)
    monthly = catalogue.usd_per_hour * HOURS_A_MONTH * (1 - checked("discount", discount, most=1))
    return CatalogueBill(instances, instances * monthly[:, None])


@dataclass(frozen=True, eq=False)
class _Sizing:
    peak_factor: Floats
    concurrency: Floats | None
    utilization: Floats
    min_instances: Floats
    spare: Floats
    burst_baseline: bool


def _sizing(
    peak_factor: Numbers = 1.0,
    concurrency: Numbers | None = None,
    utilization: Numbers = 1.0,
    min_instances: Numbers = 1,
    spare: Numbers = 0,
    burst_baseline: bool = False,
) -> _Sizing:
    return _Sizing(
        checked("peak_factor", peak_factor, least=1),
        None if concurrency is None else positive("concurrency", concurrency),
        positive("utilization", utilization, most=1),
        np.ceil(checked("min_instances", min_instances, least=1)),
        np.ceil(checked("spare", spare)),
        burst_baseline,
    )


def _serves(
    vcpu: float | NDArray[np.int64], baseline: Amount, memory_mb: Numbers, sizing: _Sizing
) -> Floats:
    """Return the number of requests that an instance serves at once."""
    per_request = positive("memory_mb", memory_mb) / FULL_VCPU_MB
    if sizing.concurrency is not None:
        return sizing.concurrency
    share = np.where(np.isnan(baseline), 1.0, baseline) if sizing.burst_baseline else 1.0
    return np.asarray(vcpu * share / per_request)


def _average(requests: Floats, duration_ms: Floats) -> Floats:
    """Return the average number of requests under way (Little's law)."""
    return requests * duration_ms / 1000 / SECONDS_A_MONTH


def _instances(requests: Floats, duration_ms: Floats, serves: Floats, sizing: _Sizing) -> Floats:
    # One part in 10^12 less: float noise must not start an instance.
    peak = _average(requests, duration_ms) * sizing.peak_factor / sizing.utilization * (1 - 1e-12)
    # In one array from start to end: for the whole catalogue that halves the time.
    shapes = map(np.shape, (peak, serves, sizing.min_instances, sizing.spare))
    count: Floats = np.empty(np.broadcast_shapes(*shapes))
    np.ceil(np.divide(peak, serves, out=count), out=count)
    return np.add(np.maximum(count, sizing.min_instances, out=count), sizing.spare, out=count)


def _row(region: str, instance_type: str, optional: bool) -> Ec2Price:
    """Return the table's row; if `optional`, an empty one for an unknown instance type."""
    try:
        return ec2_price(region, instance_type)
    except UnknownPrice:
        if not optional:
            raise
        return Ec2Price(region, instance_type, "", 0, 0.0, math.nan, math.nan, "", "", dt.date.min)


def _compute(instances: Floats, listed: float, own: Numbers | None, discount: Numbers) -> Floats:
    hourly = listed if own is None else checked("usd_per_hour", own)
    return instances * HOURS_A_MONTH * hourly * (1 - checked("discount", discount, most=1))


def _load_balancer(load_balancer: str | float | None, lcus: Floats, region: str) -> Floats:
    if load_balancer is None:
        return np.zeros(())
    if isinstance(load_balancer, bool):  # as a number it would be a dollar an hour
        raise ValueError(
            f'load_balancer is {load_balancer}: say "alb", US dollars an hour, or None for none.'
        )
    if not isinstance(load_balancer, str):
        return HOURS_A_MONTH * checked("load_balancer", load_balancer)
    hour = unit_price(f"{load_balancer}-hour", region).tiers[0][1]
    item, what = f"{load_balancer}-lcu-hour", f"an LCU-hour of {load_balancer}"
    return HOURS_A_MONTH * (hour + _items(lcus, item, what, region, None))


def _items(quantity: Floats, item: str, what: str, region: str, own: float | None) -> Floats:
    """Price `quantity` of an item, at your own price if given; an unused item may be unknown."""
    usd = math.nan
    if own is not None:
        usd = float(checked(item, own))
    else:
        with suppress(UnknownPrice):
            usd = unit_price(item, region).tiers[0][1]
    return charge(quantity, usd, f"{what} in {region}")
