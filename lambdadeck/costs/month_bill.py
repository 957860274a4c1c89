"""The bill of a real month, hour by hour: on Lambda, on EC2, and the cheapest mix."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lambdadeck.costs.arithmetic import Floats, flag
from lambdadeck.costs.ec2_bill import SizingOptions
from lambdadeck.costs.month import Month, MonthFunction
from lambdadeck.costs.month_on_ec2 import FleetMonth, MonthOnEc2
from lambdadeck.costs.month_on_lambda import MonthOnLambda
from lambdadeck.costs.workload import UTILIZATION
from lambdadeck.shared.formatting import human_usd


@dataclass(frozen=True)
class FunctionMonth:
    """What a function costs: its share of the account's Lambda bill, and a fleet of its own."""

    name: str
    lambda_usd: float
    ec2_usd: float
    fleet: str
    moves: bool  # to its own fleet, in the cheapest mix


@dataclass(frozen=True, eq=False)
class MonthBill:
    """A month of an account in US dollars, hour by hour, with what averages would have said.

    `shared` holds a fleet an architecture for all functions; `mix_usd` leaves each function on
    Lambda or gives it its own fleet, whichever is cheapest together. `lambda_range_usd` is what
    rounding can add: CloudWatch has sums, AWS rounds each invocation. `averages_usd` is what the
    shared fleets would cost at the month's average load.
    """

    region: str
    hours: int
    fixed: bool
    lambda_hourly_usd: Floats
    lambda_range_usd: tuple[float, float]
    shared: tuple[FleetMonth, ...]
    averages_usd: float
    mix_hourly_usd: Floats
    functions: tuple[FunctionMonth, ...]
    assumptions: str

    @cached_property
    def lambda_usd(self) -> float:
        """Return the month on Lambda alone."""
        return float(self.lambda_hourly_usd.sum())

    @cached_property
    def ec2_hourly_usd(self) -> Floats:
        """Return US dollars an hour for the shared fleets."""
        return np.asarray(sum(one.hourly_usd for one in self.shared))

    @cached_property
    def ec2_usd(self) -> float:
        """Return the month on shared fleets alone."""
        return float(self.ec2_hourly_usd.sum())

    @cached_property
    def mix_usd(self) -> float:
        """Return the month of the cheapest mix."""
        return float(self.mix_hourly_usd.sum())

    @property
    def sentence(self) -> str:
        """Return the verdict: the cheapest way first, then the others."""
        moved = [one.name for one in self.functions if one.moves]
        many = f"{len(moved)} of {len(self.functions)} functions"
        mix = f"a mix ({', '.join(moved) if len(moved) < 4 else many} on EC2)"
        fleets = " and ".join(one.size for one in self.shared)
        ways = [(self.lambda_usd, "Lambda"), (self.ec2_usd, fleets)]
        ways += [(self.mix_usd, mix)] if moved else []
        (usd, best), *others = sorted(ways)
        rest = ", ".join(f"{name} {human_usd(other)}" for other, name in others)
        return f"Cheapest: {best}, {human_usd(usd)}; {rest}"

    @property
    def error_sentence(self) -> str:
        """Return how far the month's averages, and rounding, are from the bill."""
        off = self.averages_usd / self.ec2_usd - 1
        low, high = map(human_usd, self.lambda_range_usd)
        side = f"{abs(off):.1%} {'less' if off < 0 else 'more'} than"
        return (
            f"From the month's averages EC2 would seem to cost {human_usd(self.averages_usd)}, "
            f"{side} hour by hour. Lambda rounds up each invocation: its bill is between {low} "
            f"and {high}. Peaks within an hour are in no average."
        )


def month_bill(
    month: Month,
    *,
    region: str,
    free_tier: bool = True,
    fixed: bool = False,
    instances: Sequence[str] | None = None,
    discount: float = 0.0,
    **sizing: Any,
) -> MonthBill:
    """Price the month on Lambda, on EC2, and as the cheapest mix of both.

    A fleet takes the cheapest of all types of the region (or of `instances`) that holds its work.
    It follows the load from hour to hour, or, if `fixed`, has all month what the busiest hour
    takes. `sizing` are the fields of `SizingOptions`; by default instances are at most 65% busy and
    at least two. LookupError for an unknown price or type, `TooSmall` if no type holds a function.
    """
    given = _sizing(sizing)
    fleets = MonthOnEc2(month, region, given, flag("fixed", fixed), discount, instances)
    account = MonthOnLambda(month, region, flag("free_tier", free_tier))
    bounds = account.range_usd()  # first: it names an unknown price
    every = range(len(month.functions))
    own = [fleets.cheapest([one]) for one in every]
    moves = account.moves(np.array([one.usd for one in own]))
    groups = [[i for i in every if month.functions[i].arch == arch] for arch in account.archs]
    level = fleets.at_average()
    mix = account.hourly(~moves) + _sum(own[i].hourly_usd for i in np.flatnonzero(moves))
    return MonthBill(
        region=region,
        hours=month.hours,
        fixed=fixed,
        lambda_hourly_usd=account.hourly(np.ones(len(every), dtype=bool)),
        lambda_range_usd=bounds,
        shared=tuple(fleets.cheapest(group) for group in groups),
        averages_usd=math.fsum(level.cheapest(group).usd for group in groups),
        mix_hourly_usd=mix,
        functions=tuple(map(_function, month.functions, account.shares(), own, moves)),
        assumptions=_assumptions(given, free_tier, fixed, discount),
    )


def _sizing(given: Mapping[str, Any]) -> SizingOptions:
    sizing = SizingOptions(**{"utilization": UTILIZATION, "min_instances": 2, **given})
    if sizing.burst_baseline:
        raise ValueError("burst_baseline is for averages: a month counts credits hour by hour.")
    return sizing


def _function(one: MonthFunction, usd: float, own: FleetMonth, moves: object) -> FunctionMonth:
    return FunctionMonth(one.name, float(usd), own.usd, own.size, bool(moves))


def _assumptions(given: SizingOptions, free_tier: bool, fixed: bool, discount: float) -> str:
    least = given.min_instances
    parts = [
        f"{'with' if free_tier else 'without'} the free tier",
        f"{'fixed' if fixed else 'scaling'} fleets, at most {given.utilization:.0%} busy",
        f"at least {least:g} {'instance' if least == 1 else 'instances'}",
        f"{given.cpu_share:.0%} of the duration on a CPU",
        f"a peak of {given.peak_factor:g} × within each hour",
        f"{discount:.0%} off EC2" if discount else "on demand",
        "no load balancers, volumes, logs, data transfer, or people",
    ]
    return "; ".join(parts)


def _sum(parts: Iterable[Floats]) -> Floats:
    return sum(parts, np.zeros(()))
