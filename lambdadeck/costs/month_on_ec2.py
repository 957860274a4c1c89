"""A month of an account's functions on fleets of EC2 instances, hour by hour."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lambdadeck.costs.arithmetic import Floats, checked
from lambdadeck.costs.credits import surplus_vcpu_hours
from lambdadeck.costs.ec2_bill import SizingOptions
from lambdadeck.costs.month import Month
from lambdadeck.costs.scalar import TooSmall
from lambdadeck.prices import ARCHITECTURES, Ec2Catalogue, ec2_catalogue, ec2_price


@dataclass(frozen=True, eq=False)
class FleetMonth:
    """Instances of the cheapest type for some functions, and US dollars, hour by hour."""

    instance: str
    instances: Floats
    hourly_usd: Floats

    @property
    def usd(self) -> float:
        """Return the month's sum."""
        return float(self.hourly_usd.sum())

    @property
    def size(self) -> str:
        """Return in words how many instances run, from the quietest hour to the busiest."""
        least, most = self.instances.min(), self.instances.max()
        count = f"{most:,.0f}" if least == most else f"{least:,.0f} to {most:,.0f}"
        return f"{count} × {self.instance}"


@dataclass(frozen=True, eq=False)
class MonthOnEc2:
    """Fleets of EC2 instances for functions of the month."""

    month: Month
    region: str
    given: SizingOptions
    fixed: bool
    discount: float
    instances: Sequence[str] | None

    @cached_property
    def busy(self) -> Floats:
        """Return the average number of calls under way, by function and hour (Little's law)."""
        return self.month.duration_ms / 1000 / 3600

    def at_average(self) -> "MonthOnEc2":
        """Return the same fleets for a month whose every hour is the average one."""
        level = (
            np.broadcast_to(part.mean(axis=1, keepdims=True), part.shape)
            for part in (self.month.invocations, self.month.duration_ms)
        )
        month = Month(self.month.functions, self.month.start, *level)
        return MonthOnEc2(month, self.region, self.given, self.fixed, self.discount, self.instances)

    def cheapest(self, group: Sequence[int]) -> FleetMonth:
        """Return the cheapest fleet that carries these functions, all of one architecture."""
        types, works_on, serves = self._room(group)
        busy = self.busy[list(group)]
        alone = SizingOptions(concurrency=1)
        room = alone.room(np.ones(1, dtype=np.int64), np.ones(1), 128)
        count = self.given.instances((1 / serves) @ busy, room, math.nan)
        if self.fixed:
            count = np.broadcast_to(count.max(axis=1, keepdims=True), count.shape)
        price = types.usd_per_hour * (1 - checked("discount", self.discount, most=1))
        hourly = count * price[:, None]
        bursts = ~np.isnan(types.burst_baseline_per_vcpu)
        vcpu = types.vcpu[bursts]
        used = (vcpu[:, None] / works_on[bursts]) @ busy
        baseline = types.burst_baseline_per_vcpu[bursts] * vcpu
        surplus = surplus_vcpu_hours(used, count[bursts], baseline)
        hourly[bursts] += surplus * types.surplus_usd_per_vcpu_hour[bursts, None]
        best = int(hourly.sum(axis=1).argmin())
        return FleetMonth(str(types.instance_type[best]), count[best], hourly[best])

    def _room(self, group: Sequence[int]) -> tuple[Ec2Catalogue, Floats, Floats]:
        """Return the types that hold each function, and how many calls of each (columns)."""
        functions = [self.month.functions[one] for one in group]
        types = self._types[functions[0].arch]
        mb = np.array([one.memory_mb for one in functions], dtype=np.float64)
        room = self.given.room(types.vcpu[:, None], types.memory_gib[:, None], mb)
        shape = (len(types), len(mb))
        holds = np.broadcast_to(room.holds, shape)
        fits = np.asarray((holds >= 1).all(axis=1))
        if not fits.any():
            names = ", ".join(one.name for one in functions)
            allowed = f"None of the {functions[0].arch} types"
            most = f"{mb.max():,.0f} MB ({names})"
            raise TooSmall(f"{allowed} holds requests of {most}: allow larger or more types.")
        works_on = np.broadcast_to(room.works_on, shape)[fits]
        return types.where(fits), works_on, np.minimum(works_on, holds[fits])

    @cached_property
    def _types(self) -> dict[str, Ec2Catalogue]:
        types = ec2_catalogue(self.region)
        if self.instances is not None:
            names = [ec2_price(self.region, one).instance_type for one in self.instances]
            types = types.where(np.isin(types.instance_type, names))
        return {arch: types.where(types.arch == arch) for arch in ARCHITECTURES}
