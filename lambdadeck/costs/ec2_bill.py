"""What a month of EC2 costs: pure functions, vectorised."""

import datetime as dt
import math
from dataclasses import dataclass, replace
from typing import TypedDict, Unpack

import numpy as np

from lambdadeck.costs.arithmetic import Numbers, charge, checked, plain, positive
from lambdadeck.costs.lambda_bill import FULL_VCPU_MB, HOURS_A_MONTH, front_charge
from lambdadeck.prices import Ec2Catalogue, Ec2Price, UnknownPrice, ec2_price, unit_price

SECONDS_A_MONTH = HOURS_A_MONTH * 3600


@dataclass(frozen=True, eq=False)
class Ec2Bill:
    """A month of EC2 in US dollars: floats, or arrays of the inputs' common shape.

    `instances` is a whole number; `busy` the share of their capacity that the average load uses.
    The parts add up to `total_usd`. `as_of` is None for a price of your own.
    """

    instances: float | np.ndarray
    busy: float | np.ndarray
    compute_usd: float | np.ndarray
    load_balancer_usd: float | np.ndarray
    volume_usd: float | np.ndarray
    ipv4_usd: float | np.ndarray
    front_usd: float | np.ndarray
    total_usd: float | np.ndarray
    region: str
    instance_type: str
    source: str
    as_of: dt.date | None


@dataclass(frozen=True, eq=False)
class CatalogueBill:
    """A month of EC2 in US dollars for every row of a catalogue (axis 0) at every load (axis 1)."""

    instances: np.ndarray
    total_usd: np.ndarray


class SizingOptions(TypedDict, total=False):
    """The options that decide how many instances a load takes."""

    peak_factor: Numbers
    concurrency: Numbers | None
    utilisation: Numbers
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
    utilisation: Numbers = 1.0,
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
    """What the instances that serve `requests` a month, each of `duration_ms`, cost on demand.

    instances = max(min_instances, up(requests / month * peak_factor * duration / (c * utilisation)))
    + spare, for 730 hours. c, the requests that an instance serves at once, is `concurrency`; when
    None its vCPUs over memory_mb / 1,769, the vCPUs Lambda would give a request. `burst_baseline`
    counts only what a burstable instance sustains. `discount` 0.3 is 30 % off (Savings Plans);
    `usd_per_hour` your own price. `load_balancer` is "alb" (and `lcus`) or US dollars an hour;
    `volume_gb` (gp3) and `public_ipv4` addresses are per instance; `front` as in `front_charge`.

    Numbers or arrays that broadcast. LookupError for an unknown region, instance type or price that
    the bill needs (NaN in arrays); ValueError for what cannot be, such as negative requests.
    """
    row = _row(region, instance_type, usd_per_hour, concurrency)
    sizing = _sizing(peak_factor, concurrency, utilisation, min_instances, spare, burst_baseline)
    load = checked("requests", requests), checked("duration_ms", duration_ms)
    serves = _serves(row.vcpu, row.burst_baseline_per_vcpu, memory_mb, sizing)
    instances = _count(*load, serves, sizing)
    parts = {
        "compute_usd": _compute(instances, row, usd_per_hour, discount),
        "load_balancer_usd": _load_balancer(load_balancer, checked("lcus", lcus), region),
        "volume_usd": _volume(
            instances * checked("volume_gb", volume_gb), usd_per_gb_month, region
        ),
        "ipv4_usd": _ipv4(
            instances * checked("public_ipv4", public_ipv4), usd_per_ipv4_hour, region
        ),
        "front_usd": front_charge(load[0], front, region),
    }
    amounts = {"instances": instances, "busy": _average(*load) / (instances * serves), **parts}
    amounts["total_usd"] = sum(parts.values())
    columns = zip(amounts, np.broadcast_arrays(*amounts.values()), strict=True)
    return Ec2Bill(
        **{name: plain(column) for name, column in columns},
        region=region,
        instance_type=instance_type,
        source=row.source,
        as_of=row.as_of,
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
    """`ec2_bill` for every row of `catalogue` at every load: rows x loads.

    Requests and durations are numbers or one-dimensional, the options single numbers. The same
    sums and errors as `ec2_bill`.
    """
    load = np.broadcast_arrays(
        *np.atleast_1d(checked("requests", requests), checked("duration_ms", duration_ms))
    )
    size = _sizing(**sizing)
    serves = _serves(catalogue.vcpu, catalogue.burst_baseline_per_vcpu, memory_mb, size)
    instances = _count(*load, np.broadcast_to(serves, len(catalogue))[:, None], size)
    monthly = catalogue.usd_per_hour * HOURS_A_MONTH * (1 - checked("discount", discount, most=1))
    return CatalogueBill(instances, instances * monthly[:, None])


@dataclass(frozen=True, eq=False)
class _Sizing:
    peak_factor: np.ndarray
    concurrency: np.ndarray | None
    utilisation: np.ndarray
    min_instances: np.ndarray
    spare: np.ndarray
    burst_baseline: bool


def _sizing(
    peak_factor: Numbers = 1.0,
    concurrency: Numbers | None = None,
    utilisation: Numbers = 1.0,
    min_instances: Numbers = 1,
    spare: Numbers = 0,
    burst_baseline: bool = False,
) -> _Sizing:
    return _Sizing(
        checked("peak_factor", peak_factor, least=1),
        None if concurrency is None else positive("concurrency", concurrency),
        positive("utilisation", utilisation, most=1),
        np.ceil(checked("min_instances", min_instances, least=1)),
        np.ceil(checked("spare", spare)),
        burst_baseline,
    )


def _serves(vcpu: Numbers, baseline: Numbers, memory_mb: Numbers, sizing: _Sizing) -> np.ndarray:
    """Requests that an instance serves at once."""
    per_request = positive("memory_mb", memory_mb) / FULL_VCPU_MB
    if sizing.concurrency is not None:
        return sizing.concurrency
    share = np.where(np.isnan(baseline), 1.0, baseline) if sizing.burst_baseline else 1.0
    return np.asarray(vcpu * share / per_request)


def _average(requests: np.ndarray, duration_ms: np.ndarray) -> np.ndarray:
    """Requests under way on average (Little's law)."""
    return requests * duration_ms / 1000 / SECONDS_A_MONTH


def _count(
    requests: np.ndarray, duration_ms: np.ndarray, serves: np.ndarray, sizing: _Sizing
) -> np.ndarray:
    # One part in 10^12 less: float noise must not start an instance.
    peak = _average(requests, duration_ms) * sizing.peak_factor / sizing.utilisation * (1 - 1e-12)
    # In one array from start to end: for the whole catalogue that halves the time.
    count = np.empty(
        np.broadcast_shapes(*map(np.shape, (peak, serves, sizing.min_instances, sizing.spare)))
    )
    np.ceil(np.divide(peak, serves, out=count), out=count)
    return np.add(np.maximum(count, sizing.min_instances, out=count), sizing.spare, out=count)


def _row(region: str, instance_type: str, usd_per_hour: object, concurrency: object) -> Ec2Price:
    """The table's row; with a price of your own what remains of it, or nothing if nothing is needed."""
    own = {"usd_per_hour": math.nan, "source": "your own price an hour", "as_of": None}
    try:
        row = ec2_price(region, instance_type)
    except UnknownPrice:
        if usd_per_hour is None or concurrency is None:
            raise
        return Ec2Price(
            region, instance_type, "", 0, 0.0, burst_baseline_per_vcpu=math.nan, how="", **own
        )
    return row if usd_per_hour is None else replace(row, **own)


def _compute(
    instances: np.ndarray, row: Ec2Price, usd_per_hour: Numbers | None, discount: Numbers
) -> np.ndarray:
    hourly = row.usd_per_hour if usd_per_hour is None else checked("usd_per_hour", usd_per_hour)
    return instances * HOURS_A_MONTH * hourly * (1 - checked("discount", discount, most=1))


def _volume(gb: np.ndarray, own: float | None, region: str) -> np.ndarray:
    return charge(
        gb, _unit_usd("gp3-gb-month", region, own), f"a GB-month of gp3 volume in {region}"
    )


def _ipv4(addresses: np.ndarray, own: float | None, region: str) -> np.ndarray:
    hours = addresses * HOURS_A_MONTH
    return charge(
        hours, _unit_usd("ipv4-hour", region, own), f"an hour of a public IPv4 address in {region}"
    )


def _load_balancer(load_balancer: str | float | None, lcus: np.ndarray, region: str) -> np.ndarray:
    if load_balancer is None:
        return np.zeros(())
    if isinstance(load_balancer, bool):  # as a number it would be a dollar an hour
        raise ValueError(
            f'load_balancer is {load_balancer}: say "alb", US dollars an hour, or None for none.'
        )
    if not isinstance(load_balancer, str):
        return HOURS_A_MONTH * checked("load_balancer", load_balancer)
    hour = unit_price(f"{load_balancer}-hour", region).tiers[0][1]
    lcu = _unit_usd(f"{load_balancer}-lcu-hour", region, None)
    return HOURS_A_MONTH * (hour + charge(lcus, lcu, f"an LCU-hour of {load_balancer} in {region}"))


def _unit_usd(item: str, region: str, own: float | None) -> float:
    """The unit price, your own first; NaN when nobody knows it, so that only who uses it is refused."""
    if own is not None:
        return float(checked(item, own))
    try:
        return unit_price(item, region).tiers[0][1]
    except UnknownPrice:
        return math.nan
