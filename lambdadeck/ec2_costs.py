"""What a month of EC2 costs: pure functions, vectorised."""

import datetime as dt
import math
from dataclasses import dataclass
from typing import TypedDict, Unpack

import numpy as np

from lambdadeck.charges import Numbers, charge, checked, plain, positive
from lambdadeck.lambda_costs import FULL_VCPU_MB, HOURS_A_MONTH, front_charge
from lambdadeck.prices import Ec2Catalogue, Ec2Price, UnknownPrice, ec2_price, unit_price

SECONDS_A_MONTH = HOURS_A_MONTH * 3600


@dataclass(frozen=True, eq=False)
class Ec2Bill:
    """A month of EC2 in US dollars: floats, or arrays of the inputs' common shape.

    `instances` is a whole number; `busy` the share of their capacity that the average load uses.
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


class SizingOptions(TypedDict, total=False):
    """The options of `ec2_bill` that decide how many instances it takes."""

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
    discount: Numbers = 0.0,
    usd_per_hour: Numbers | None = None,
    load_balancer: str | float | None = None,
    lcus: Numbers = 0.0,
    volume_gb: Numbers = 0.0,
    usd_per_gb_month: float | None = None,
    public_ipv4: Numbers = 0,
    usd_per_ipv4_hour: float | None = None,
    front: str | float | None = None,
    **sizing: Unpack[SizingOptions],
) -> Ec2Bill:
    """What the instances that serve `requests` a month of `duration_ms` cost."""
    row = _row(region, instance_type, usd_per_hour, sizing.get("concurrency"))
    requests, duration_ms = checked("requests", requests), checked("duration_ms", duration_ms)
    serves = serves_at_once(row.vcpu, row.burst_baseline_per_vcpu, memory_mb, sizing)
    instances, busy = _instances(requests, duration_ms, serves, sizing)
    hourly = checked("usd_per_hour", row.usd_per_hour if usd_per_hour is None else usd_per_hour)
    hours = HOURS_A_MONTH * instances
    volume = _unit_usd("gp3-gb-month", region, usd_per_gb_month)
    ipv4 = _unit_usd("ipv4-hour", region, usd_per_ipv4_hour)
    parts = {
        "compute_usd": hours * hourly * (1 - checked("discount", discount, most=1)),
        "load_balancer_usd": _load_balancer(load_balancer, checked("lcus", lcus), region),
        "volume_usd": charge(
            instances * checked("volume_gb", volume_gb), volume, f"a GB-month of volume in {region}"
        ),
        "ipv4_usd": charge(
            hours * checked("public_ipv4", public_ipv4), ipv4, f"a public IPv4 address in {region}"
        ),
        "front_usd": front_charge(requests, front, region),
    }
    counts = {"instances": instances, "busy": busy, "total_usd": sum(parts.values())}
    columns = np.broadcast_arrays(*counts.values(), *parts.values())
    return Ec2Bill(
        **dict(zip((*counts, *parts), map(plain, columns), strict=True)),
        region=region,
        instance_type=instance_type,
        source=row.source if usd_per_hour is None else "your own price per hour",
        as_of=row.as_of,
    )


@dataclass(frozen=True, eq=False)
class CatalogueBill:
    """A month of EC2 for every row of a catalogue (axis 0) at every load (axis 1), in US dollars."""

    instances: np.ndarray
    total_usd: np.ndarray


def catalogue_bill(
    catalogue: Ec2Catalogue,
    requests: Numbers,
    duration_ms: Numbers,
    *,
    memory_mb: Numbers = FULL_VCPU_MB,
    discount: float = 0.0,
    **sizing: Unpack[SizingOptions],
) -> CatalogueBill:
    """`ec2_bill` for all rows of `catalogue` at once; loads are scalars or one-dimensional.

    Sizing options are scalars. The same sums as `ec2_bill`; ValueError for negative loads.
    """
    loads = np.broadcast_arrays(
        *np.atleast_1d(checked("requests", requests), checked("duration_ms", duration_ms))
    )
    vcpu, baseline = catalogue.vcpu[:, None], catalogue.burst_baseline_per_vcpu[:, None]
    serves = serves_at_once(vcpu, baseline, memory_mb, sizing)
    instances = _count(_peak(*loads, sizing), serves, sizing)
    monthly = catalogue.usd_per_hour * HOURS_A_MONTH * (1 - checked("discount", discount, most=1))
    return CatalogueBill(instances, instances * monthly[:, None])


def serves_at_once(
    vcpu: Numbers, baseline: Numbers, memory_mb: Numbers, sizing: SizingOptions
) -> np.ndarray:
    """Requests that an instance serves at once: the `concurrency` given, or vCPU for vCPU.

    Without `concurrency` a request takes the vCPU share that Lambda gives it, memory_mb / 1,769
    (AWS Lambda developer guide). With `burst_baseline` a burstable instance has vcpu * baseline.
    """
    positive("memory_mb", memory_mb)
    given = sizing.get("concurrency")
    if given is not None:
        return positive("concurrency", given)
    sustained = np.asarray(vcpu, dtype=np.float64)
    if sizing.get("burst_baseline", False):
        sustained = sustained * np.where(np.isnan(baseline), 1.0, baseline)
    return sustained * FULL_VCPU_MB / np.asarray(memory_mb, dtype=np.float64)


def _instances(
    requests: np.ndarray, duration_ms: np.ndarray, serves: np.ndarray, sizing: SizingOptions
) -> tuple[np.ndarray, np.ndarray]:
    count = _count(_peak(requests, duration_ms, sizing), serves, sizing)
    average = requests * duration_ms / 1000 / SECONDS_A_MONTH
    with np.errstate(divide="ignore", invalid="ignore"):
        return count, np.where(count > 0, average / (count * serves), 0.0)


def _peak(requests: np.ndarray, duration_ms: np.ndarray, sizing: SizingOptions) -> np.ndarray:
    """Requests under way at the peak (Little's law), over the target utilisation."""
    peak_factor = checked("peak_factor", sizing.get("peak_factor", 1.0), least=1)
    utilisation = positive("utilisation", checked("utilisation", sizing.get("utilisation", 1.0), most=1))
    return requests / SECONDS_A_MONTH * peak_factor * duration_ms / 1000 / utilisation


def _count(at_once: np.ndarray, serves: np.ndarray, sizing: SizingOptions) -> np.ndarray:
    least = checked("min_instances", sizing.get("min_instances", 1), least=1)
    spare = checked("spare", sizing.get("spare", 0))
    # One part in 10^12 less: float noise must not start an instance.
    count = np.asarray(at_once * (1 - 1e-12) / serves)
    return np.maximum(np.ceil(count), np.ceil(least)) + np.ceil(spare)


def _row(region: str, instance_type: str, usd_per_hour: object, concurrency: object) -> Ec2Price:
    try:
        return ec2_price(region, instance_type)
    except UnknownPrice:
        if usd_per_hour is None or concurrency is None:
            raise
    # Own price and own concurrency: nothing of the table is needed.
    return Ec2Price(region, instance_type, "", 0, 0.0, math.nan, math.nan, "", "", None)


def _unit_usd(item: str, region: str, own: float | None) -> float:
    if own is not None:
        return float(checked(item, own))
    try:
        return unit_price(item, region).tiers[0][1]
    except UnknownPrice:
        return math.nan


def _load_balancer(load_balancer: str | float | None, lcus: np.ndarray, region: str) -> np.ndarray:
    if load_balancer is None:
        return np.zeros(())
    if not isinstance(load_balancer, str):
        return HOURS_A_MONTH * checked("load_balancer", load_balancer)
    hour = unit_price(f"{load_balancer}-hour", region).tiers[0][1]
    lcu = _unit_usd(f"{load_balancer}-lcu-hour", region, None)
    return HOURS_A_MONTH * (hour + charge(lcus, lcu, f"an LCU-hour of {load_balancer} in {region}"))
