"""The cost of a month of EC2: pure functions, vectorized."""

import datetime as dt
import math
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass
from typing import Any

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


@dataclass(frozen=True, eq=False)
class SizingOptions:
    """The options that decide how many instances a load takes."""

    peak_factor: Numbers = 1.0  # peak load / average load
    concurrency: Numbers | None = None  # requests that an instance serves at once
    utilization: Numbers = 1.0  # busy share of the instances at the peak
    min_instances: Numbers = 1
    spare: Numbers = 0  # instances beyond those that the load needs
    burst_baseline: bool = False  # count only what a burstable instance sustains

    def serves(
        self, vcpu: float | NDArray[np.int64], baseline: Amount, memory_mb: Numbers
    ) -> Floats:
        """Return how many requests an instance serves at once."""
        per_request = positive("memory_mb", memory_mb) / FULL_VCPU_MB
        if self.concurrency is not None:
            return positive("concurrency", self.concurrency)
        share = np.where(np.isnan(baseline), 1.0, baseline) if self.burst_baseline else 1.0
        return np.asarray(vcpu * share / per_request)

    def instances(self, busy: Floats, serves: Floats) -> Floats:
        """Return how many instances serve `busy` requests at once on average."""
        peak_factor = checked("peak_factor", self.peak_factor, least=1)
        utilization = positive("utilization", self.utilization, most=1)
        least = np.ceil(checked("min_instances", self.min_instances, least=1))
        spare = np.ceil(checked("spare", self.spare))
        # One part in 10^12 less: float noise must not start an instance.
        peak = busy * peak_factor / utilization * (1 - 1e-12)
        # In one array from start to end: for the whole catalogue that halves the time.
        count: Floats = np.empty(np.broadcast_shapes(*map(np.shape, (peak, serves, least, spare))))
        np.ceil(np.divide(peak, serves, out=count), out=count)
        return np.add(np.maximum(count, least, out=count), spare, out=count)


@dataclass(frozen=True, eq=False)
class Ec2Options(SizingOptions):
    """The options of `ec2_bill`: numbers, or arrays that broadcast."""

    discount: Numbers = 0.0  # 0.3 is 30 % off (Savings Plans)
    usd_per_hour: Numbers | None = None  # your own price
    load_balancer: str | float | None = None  # "alb", or US dollars an hour
    lcus: Numbers = 0.0
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
    None, its vCPUs over memory_mb / 1,769, the vCPUs Lambda would give a request. `options` are
    the fields of `Ec2Options`.

    Numbers or arrays that broadcast. LookupError for an unknown region, instance type or price that
    the bill needs (NaN in arrays); ValueError for impossible numbers, such as negative requests.
    """
    given = Ec2Options(**options)
    is_own = given.usd_per_hour is not None
    row = _row(region, instance_type, is_own and given.concurrency is not None)
    count, ms = checked("requests", requests), checked("duration_ms", duration_ms)
    busy = _average(count, ms)
    serves = given.serves(row.vcpu, row.burst_baseline_per_vcpu, memory_mb)
    instances = given.instances(busy, serves)
    parts = (*_charges(instances, row, given), front_charge(count, given.front, region))
    amounts = instances, busy / (instances * serves), *parts, total(parts)
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
    busy = _average(checked("requests", requests), checked("duration_ms", duration_ms))
    serves = given.serves(catalogue.vcpu, catalogue.burst_baseline_per_vcpu, memory_mb)
    rows = np.broadcast_to(serves, len(catalogue))[:, None]
    instances = given.instances(np.atleast_1d(busy), rows)
    monthly = catalogue.usd_per_hour * HOURS_A_MONTH * (1 - checked("discount", discount, most=1))
    return CatalogueBill(instances, instances * monthly[:, None])


def _average(requests: Floats, duration_ms: Floats) -> Floats:
    """Return the average number of requests under way (Little's law)."""
    return requests * duration_ms / 1000 / SECONDS_A_MONTH


def _row(region: str, instance_type: str, optional: bool) -> Ec2Price:
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
    """Return US dollars for instances, load balancer, volumes, and public addresses."""
    own, region = given.usd_per_hour, row.region
    hourly = row.usd_per_hour if own is None else checked("usd_per_hour", own)
    gb = instances * checked("volume_gb", given.volume_gb)
    hours = instances * checked("public_ipv4", given.public_ipv4) * HOURS_A_MONTH
    volume, address = "a GB-month of gp3 volume", "an hour of a public IPv4 address"
    return (
        instances * HOURS_A_MONTH * hourly * (1 - checked("discount", given.discount, most=1)),
        _load_balancer(given.load_balancer, checked("lcus", given.lcus), region),
        _items(gb, "gp3-gb-month", volume, region, given.usd_per_gb_month),
        _items(hours, "ipv4-hour", address, region, given.usd_per_ipv4_hour),
    )


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
