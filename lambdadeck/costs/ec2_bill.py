"""The cost of a month of EC2: pure functions, vectorized."""

import datetime as dt
import math
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lambdadeck.costs.arithmetic import (
    Amount,
    Floats,
    Numbers,
    charge,
    checked,
    flag,
    plain,
    positive,
    single,
    total,
)
from lambdadeck.costs.fronts import alb_usd
from lambdadeck.costs.lambda_bill import front_charge
from lambdadeck.costs.limits import FULL_VCPU_MB, HOURS_A_MONTH, SECONDS_A_MONTH
from lambdadeck.costs.scalar import TooSmall
from lambdadeck.prices import Ec2Catalogue, Ec2Price, UnknownPrice, ec2_price, unit_price

Whole: TypeAlias = int | NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ec2Bill:
    """A month of EC2 in US dollars: floats, or arrays of the inputs' common shape.

    `instances` is a whole number; `busy` the share of their capacity that the average load uses.
    `surplus_usd` is what burstable instances pay above their baseline (unlimited mode).
    The parts add up to `total_usd`. `as_of` is None if the price an hour is your own.
    """

    instances: Amount
    busy: Amount
    compute_usd: Amount
    surplus_usd: Amount
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


@dataclass(frozen=True, eq=False)
class SizingOptions:
    """The options that decide how many instances a load takes."""

    peak_factor: Numbers = 1.0  # peak load / average load
    concurrency: Numbers | None = None  # requests that an instance serves at once
    utilization: Numbers = 1.0  # busy share of the instances at the peak
    min_instances: Numbers = 1
    spare: Numbers = 0  # instances beyond those that the load needs
    cpu_share: Numbers = 1.0  # of the duration on a CPU; the rest waits
    burst_baseline: bool = False  # hold a burstable instance's average to what it sustains

    def room(self, vcpu: Whole, memory_gib: Amount, memory_mb: Numbers) -> "_Room":
        """Return how many requests an instance works on, and how many it holds."""
        if self.concurrency is not None:
            own = positive("concurrency", self.concurrency)
            return _Room(own, own)
        mb = positive("memory_mb", memory_mb)
        share = positive("cpu_share", self.cpu_share, most=1)
        works_on = np.asarray(vcpu / (mb / FULL_VCPU_MB) / share)
        return _Room(works_on, np.floor(np.asarray(memory_gib) * 1024 / mb))

    def instances(self, busy: Floats, room: "_Room", baseline: Amount) -> Floats:
        """Return how many instances serve `busy` requests at once on average; inf: none can."""
        peak_factor = checked("peak_factor", self.peak_factor, least=1)
        utilization = positive("utilization", self.utilization, most=1)
        least = np.ceil(checked("min_instances", self.min_instances, least=1))
        spare = np.ceil(checked("spare", self.spare))
        # One part in 10^12 less: float noise must not start an instance.
        peak = busy * peak_factor / utilization * (1 - 1e-12)
        # In one array from start to end: for the whole catalogue that halves the time.
        serves = room.serves
        count: Floats = np.empty(np.broadcast_shapes(*map(np.shape, (peak, serves, least, spare))))
        np.ceil(_divided(peak, serves, count), out=count)
        if flag("burst_baseline", self.burst_baseline):  # credits carry the peaks
            sustains = np.where(np.isnan(baseline), np.inf, room.works_on * baseline)
            np.maximum(count, np.ceil(busy * (1 - 1e-12) / sustains), out=count)
        return np.add(np.maximum(count, least, out=count), spare, out=count)


@dataclass(frozen=True, eq=False)
class _Room:
    """How many requests an instance's CPUs work on at once, and how many its memory holds."""

    works_on: Floats
    holds: Floats

    @property
    def serves(self) -> Floats:
        """Return how many requests an instance serves at once."""
        return np.minimum(self.works_on, self.holds)


def _divided(load: Floats, serves: Floats, out: Floats) -> Floats:
    """Return load / serves; no load takes no instance, even if none can serve it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        np.divide(load, serves, out=out)
    return np.nan_to_num(out, copy=False, nan=0.0, posinf=np.inf)


def _surplus(
    instances: Floats, busy: Floats, works_on: Floats, price: Ec2Price | Ec2Catalogue
) -> Floats:
    """Return US dollars for what burstable instances use above their baseline.

    A flat rate a vCPU-hour (EC2 User Guide, unlimited mode); the average counts, because the
    credits of 24 hours carry the peaks.
    """
    vcpu, baseline, usd = price.vcpu, price.burst_baseline_per_vcpu, price.surplus_usd_per_vcpu_hour
    if isinstance(price, Ec2Catalogue):  # a row an instance type
        vcpu, baseline, usd = (np.asarray(one)[:, None] for one in (vcpu, baseline, usd))
    elif math.isnan(price.burst_baseline_per_vcpu):
        return np.zeros(np.shape(busy))
    above = np.maximum(busy / works_on - instances * baseline, 0) * vcpu
    return np.asarray(above * HOURS_A_MONTH * usd)


@dataclass(frozen=True, eq=False)
class Ec2Options(SizingOptions):
    """The options of `ec2_bill`: numbers, or arrays that broadcast."""

    discount: Numbers = 0.0  # 0.3 is 30% off (Savings Plans)
    usd_per_hour: Numbers | None = None  # your own price
    load_balancer: str | float | None = None  # "alb", or US dollars an hour
    lcus: Numbers | None = None  # of the load balancer; None: as many as the load takes
    volume_gb: Numbers = 0.0  # of gp3, per instance
    usd_per_gb_month: float | None = None  # your own price
    public_ipv4: Numbers = 0  # addresses per instance
    usd_per_ipv4_hour: float | None = None  # your own price
    front: str | float | None = None  # see `front_charge`


def ec2_bill(
    instance_type: str,
    *,
    region: str,
    requests: Numbers = 0.0,
    duration_ms: Numbers = 0.0,
    memory_mb: Numbers = FULL_VCPU_MB,
    **options: Any,
) -> Ec2Bill:
    """Price the instances that serve `requests` a month of `duration_ms` each, on demand.

    instances = max(min_instances, up(requests / month * peak_factor * duration / c / utilization))
    + spare, for 730 hours. c, the requests that an instance serves at once, is `concurrency`; if
    None, its vCPUs over memory_mb / 1,769, the vCPUs Lambda would give a request, and over
    `cpu_share`, but no more than its memory holds. A burstable instance pays for what it uses
    above its baseline. `options` are the fields of `Ec2Options`.

    Numbers or arrays that broadcast. LookupError for an unknown region, instance type or price that
    the bill needs (NaN in arrays); ValueError for impossible numbers, such as negative requests, or
    a request that the instance cannot hold (inf in arrays).
    """
    given = Ec2Options(**options)
    is_own = given.usd_per_hour is not None
    row = instance_row(region, instance_type, is_own and given.concurrency is not None)
    count, ms = checked("requests", requests), checked("duration_ms", duration_ms)
    busy = average(count, ms)
    room = given.room(row.vcpu, row.memory_gib, memory_mb)
    instances = given.instances(busy, room, row.burst_baseline_per_vcpu)
    if instances.ndim == 0 and np.isinf(instances):
        raise TooSmall.of(row, single(memory_mb))
    surplus = _surplus(instances, busy, room.works_on, row)
    balancer, front = _load_balancer(count, given, region), front_charge(count, given.front, region)
    compute, *extras = _charges(instances, row, given)
    parts = (compute, surplus, balancer, *extras, front)
    with np.errstate(invalid="ignore", divide="ignore"):
        used = busy / (instances * room.serves)
    amounts = instances, used, *parts, total(parts)
    return Ec2Bill(
        *map(plain, np.broadcast_arrays(*amounts)),
        region=region,
        instance_type=instance_type,
        source="your own price an hour" if is_own else row.source,
        as_of=None if is_own else row.as_of,
    )


def catalogue_bill(
    catalogue: Ec2Catalogue,
    requests: Numbers,
    duration_ms: Numbers,
    *,
    memory_mb: float = FULL_VCPU_MB,
    discount: float = 0.0,
    **sizing: Any,
) -> CatalogueBill:
    """Return `ec2_bill` for every row of `catalogue` at every load: rows x loads.

    Requests and durations are numbers or one-dimensional, the options (`SizingOptions`) single
    numbers. The same sums and errors as `ec2_bill`.
    """
    given = SizingOptions(**sizing)
    busy = average(checked("requests", requests), checked("duration_ms", duration_ms))
    room = given.room(catalogue.vcpu, catalogue.memory_gib, memory_mb)
    works_on, holds = (
        np.broadcast_to(one, len(catalogue))[:, None] for one in (room.works_on, room.holds)
    )
    loads = np.atleast_1d(busy)
    baseline = catalogue.burst_baseline_per_vcpu
    instances = given.instances(loads, _Room(works_on, holds), baseline[:, None])
    monthly = catalogue.usd_per_hour * HOURS_A_MONTH * (1 - checked("discount", discount, most=1))
    usd = instances * monthly[:, None]
    bursts = ~np.isnan(baseline)
    usd[bursts] += _surplus(instances[bursts], loads, works_on[bursts], catalogue.where(bursts))
    return CatalogueBill(instances, usd)


def average(requests: Floats, duration_ms: Floats) -> Floats:
    """Return the average number of requests under way (Little's law)."""
    return requests * duration_ms / 1000 / SECONDS_A_MONTH


def instance_row(region: str, instance_type: str, optional: bool) -> Ec2Price:
    """Return the table's row; if `optional`, an empty one for an unknown instance type."""
    try:
        return ec2_price(region, instance_type)
    except UnknownPrice as unknown:
        if not optional:
            own = "or pass both usd_per_hour and concurrency."
            raise UnknownPrice(f"{str(unknown).rstrip('.')}, {own}") from None
        return Ec2Price(
            *(region, instance_type, "", 0, 0.0, math.nan, math.nan, math.nan, ""),
            source="",
            as_of=dt.date.min,
        )


def _charges(instances: Floats, row: Ec2Price, given: Ec2Options) -> tuple[Floats, ...]:
    """Return US dollars for instances, volumes, and public addresses."""
    own, region = given.usd_per_hour, row.region
    hourly = row.usd_per_hour if own is None else checked("usd_per_hour", own)
    extras = np.where(np.isinf(instances), 0.0, instances)  # inf * 0 volumes would be unknown
    gb = extras * checked("volume_gb", given.volume_gb)
    hours = extras * checked("public_ipv4", given.public_ipv4) * HOURS_A_MONTH
    volume, address = "a GB-month of gp3 volume", "an hour of a public IPv4 address"
    return (
        instances * HOURS_A_MONTH * hourly * (1 - checked("discount", given.discount, most=1)),
        _items(gb, "gp3-gb-month", volume, region, given.usd_per_gb_month),
        _items(hours, "ipv4-hour", address, region, given.usd_per_ipv4_hour),
    )


def _load_balancer(requests: Floats, given: Ec2Options, region: str) -> Floats:
    load_balancer = given.load_balancer
    lcus = checked("lcus", 0.0 if given.lcus is None else given.lcus)
    if load_balancer is None:
        return np.zeros(())
    if load_balancer == "alb" and given.lcus is None:
        return alb_usd(requests, region)
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
