"""The loads at which another of the four ways becomes the cheapest, to one request a month."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lambdadeck.costs.arithmetic import Floats
from lambdadeck.costs.ec2_bill import SizingOptions, average
from lambdadeck.costs.four_ways import (
    FARGATE_SIZES,
    MANAGED_LEAST,
    fargate_rates,
    four_ways,
    managed_types,
    sold_types,
)
from lambdadeck.costs.fronts import FREE_FRONTS
from lambdadeck.costs.lambda_bill import front_charge, lambda_bill
from lambdadeck.costs.limits import FULL_VCPU_MB, HOURS_A_MONTH
from lambdadeck.costs.workload import Workload
from lambdadeck.prices import Ec2Catalogue, unit_price

_SIZING = ("peak_factor", "cpu_share", "utilization")


@dataclass(frozen=True)
class Crossing:
    """From `requests` a month on, `after` is the cheapest way; one request less, `before` is."""

    requests: int
    before: str
    after: str


class _Bounds(NamedTuple):
    """The least and the most that a way costs from one load to another, by interval."""

    least: Floats
    most: Floats


_Way = Callable[[Floats, Floats], _Bounds]


def crossings(work: Workload, least: int = 1, most: int = 10**10) -> tuple[Crossing, ...]:
    """Return every load from `least` to `most` requests a month at which the cheapest way changes.

    The ways are those of `four_ways`, and of equals the first. Intervals are halved until one way
    is the cheapest at all their loads, or until they are one request long.
    LookupError for an unknown price.
    """
    names = [way.name for way in four_ways(replace(work, requests=float(most)))]
    ways = (_on_lambda(work), _managed(work), _fargate(work), _on_ec2(work))
    found: list[tuple[int, int]] = []
    lows, highs = np.array([least]), np.array([most])
    while len(lows):
        bounds = [way(lows.astype(float), highs.astype(float)) for way in ways]
        winner, is_sure = _winner(bounds)
        found += _settled(lows, highs, winner, is_sure)
        short = ~is_sure & (highs - lows <= 1)
        for ends in (lows[short], highs[short]):
            at = [way(ends.astype(float), ends.astype(float)) for way in ways]
            found += zip(ends.tolist(), _winner(at)[0].tolist(), strict=True)
        long = ~is_sure & ~short
        middle = (lows[long] + highs[long]) // 2
        lows, highs = np.r_[lows[long], middle], np.r_[middle, highs[long]]
    found.sort()
    turns = pairwise(found)
    return tuple(
        Crossing(load, names[before], names[after])
        for (_, before), (load, after) in turns
        if before != after
    )


def _winner(bounds: Sequence[_Bounds]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the way that is cheapest at the most that it can cost, and if it is for sure."""
    least, most = (np.array(part) for part in zip(*bounds, strict=True))
    winner = most.argmin(axis=0)
    usd = most.min(axis=0)
    number = np.arange(len(least))[:, None]
    is_below = np.where(number < winner, usd < least, usd <= least) | (number == winner)
    return winner, is_below.all(axis=0)


def _settled(
    lows: NDArray[np.int64],
    highs: NDArray[np.int64],
    winner: NDArray[np.intp],
    is_sure: NDArray[np.bool_],
) -> list[tuple[int, int]]:
    """Return both ends of the intervals that have one winner, each with the winner."""
    ways = winner[is_sure].tolist()
    return [
        pair for ends in (lows, highs) for pair in zip(ends[is_sure].tolist(), ways, strict=True)
    ]


def _rising(usd: Callable[[Floats], Floats]) -> _Way:
    """Return the bounds of a cost that never falls as requests are added: its ends."""
    return lambda low, high: _Bounds(usd(low), usd(high))


def _on_lambda(work: Workload) -> _Way:
    return _rising(
        lambda loads: np.asarray(lambda_bill(loads, **work.load, **work.on_lambda).total_usd)
    )


def _front(front: str, work: Workload, loads: Floats) -> Floats:
    return front_charge(loads, None if front in FREE_FRONTS else front, work.region)


def _managed(work: Workload) -> _Way:
    types = managed_types(sold_types(work))
    fee, requests = (
        unit_price(f"managed-instances-{item}", work.region).tiers[0][1]
        for item in ("fee", "requests")
    )
    hourly = types.usd_per_hour * (1 - work.ec2_discount + fee)
    fleet = _Sizes(work, types.vcpu, types.memory_gib, hourly, MANAGED_LEAST).useful
    return _rising(
        lambda loads: (
            fleet.usd(loads) + loads / 1e6 * requests + _front(work.lambda_front, work, loads)
        )
    )


def _fargate(work: Workload) -> _Way:
    sizes = [(cpu, float(gb)) for cpu, many in FARGATE_SIZES.items() for gb in many]
    vcpu, gib = (np.array(part, dtype=np.float64) for part in zip(*sizes, strict=True))
    vcpu_usd, gb_usd = (price.tiers[0][1] for price in fargate_rates(work))
    fleet = _Sizes(work, vcpu, gib, vcpu * vcpu_usd + gib * gb_usd).useful
    return _rising(lambda loads: fleet.usd(loads) + _front(work.ec2_front, work, loads))


def _on_ec2(work: Workload) -> _Way:
    types = sold_types(work)
    bursts = ~np.isnan(types.burst_baseline_per_vcpu)
    steady, burstable = types.where(~bursts), types.where(bursts)
    rate = 1 - work.ec2_discount
    fleet = _Sizes(work, steady.vcpu, steady.memory_gib, steady.usd_per_hour * rate).useful
    other = _Sizes(work, burstable.vcpu, burstable.memory_gib, burstable.usd_per_hour * rate)

    def bounds(low: Floats, high: Floats) -> _Bounds:
        around = [_front(work.ec2_front, work, loads) for loads in (low, high)]
        burst = other.burst_bounds(low, high, burstable)
        least = np.minimum(fleet.usd(low), burst.least) + around[0]
        return _Bounds(least, np.minimum(fleet.usd(high), burst.most) + around[1])

    return bounds


@dataclass(frozen=True, eq=False)
class _Sizes:
    """Sizes of an instance or a task (rows), and what an hour of one costs."""

    work: Workload
    vcpu: NDArray[Any]
    memory_gib: Floats
    hourly: Floats
    least: int = 1

    @property
    def useful(self) -> "_Sizes":
        """Return the sizes that are not beaten by one that serves as much and costs no more."""
        order = np.lexsort((-self._serves, self.hourly))
        best = np.maximum.accumulate(self._serves[order])
        kept = order[np.r_[True, best[1:] > best[:-1]]]
        vcpu, gib = self.vcpu[kept], self.memory_gib[kept]
        return _Sizes(self.work, vcpu, gib, self.hourly[kept], self.least)

    @property
    def _options(self) -> SizingOptions:
        sizing = {name: value for name, value in self.work.on_ec2.items() if name in _SIZING}
        return SizingOptions(**{**sizing, "min_instances": max(self.work.zones, self.least)})

    @property
    def _serves(self) -> Floats:
        return self._options.room(self.vcpu, self.memory_gib, self.work.memory_mb).serves

    def counts(self, loads: Floats) -> Floats:
        """Return how many of each size (rows) each load takes; inf if it cannot hold a request."""
        sizes = self.vcpu[:, None], self.memory_gib[:, None]
        room = self._options.room(*sizes, self.work.memory_mb)
        busy = average(loads, np.asarray(float(self.work.duration_ms)))
        return self._options.instances(busy, room, math.nan)

    def usd(self, loads: Floats) -> Floats:
        """Return the cheapest size's month at each load."""
        usd = self.counts(loads) * self.hourly[:, None] * HOURS_A_MONTH
        return np.asarray(usd.min(axis=0, initial=np.inf))

    def burst_bounds(self, low: Floats, high: Floats, types: Ec2Catalogue) -> _Bounds:
        """Return the bounds for burstable instances: one more can cost less than its surplus."""
        few, many = self.counts(low), self.counts(high)
        share = self.work.memory_mb / FULL_VCPU_MB * self.work.cpu_share
        duration = np.asarray(float(self.work.duration_ms))
        baseline = (types.burst_baseline_per_vcpu * types.vcpu)[:, None]
        rate = types.surplus_usd_per_vcpu_hour[:, None]
        bounds = []
        for paid, loads, covering in ((few, low, many), (many, high, few)):
            covered = np.where(np.isinf(covering), 0.0, covering) * baseline
            above = np.maximum(average(loads, duration) * share - covered, 0)
            usd = (paid * self.hourly[:, None] + above * rate) * HOURS_A_MONTH
            bounds.append(np.asarray(usd.min(axis=0, initial=np.inf)))
        return _Bounds(*bounds)
