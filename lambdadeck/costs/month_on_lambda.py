"""A month of an account on Lambda, hour by hour, and which functions should leave."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lambdadeck.costs.arithmetic import Floats, charge, tiered
from lambdadeck.costs.limits import FREE_GB_SECONDS, FREE_REQUESTS
from lambdadeck.costs.month import Month
from lambdadeck.prices import ARCHITECTURES, LambdaPrice, lambda_price

_MOST_TRIED = 14  # functions whose every combination is tried


@dataclass(frozen=True, eq=False)
class MonthOnLambda:
    """The account's bill on Lambda: one free tier, and tiers of each architecture's sum."""

    month: Month
    region: str
    free_tier: bool

    @cached_property
    def archs(self) -> list[str]:
        used = {one.arch for one in self.month.functions}
        return [arch for arch in ARCHITECTURES if arch in used]

    @cached_property
    def rows(self) -> list[LambdaPrice]:
        return [lambda_price(self.region, arch) for arch in self.archs]

    @cached_property
    def on_arch(self) -> Floats:
        """Return 1 where a function (row) has an architecture (column)."""
        return np.array([[one.arch == a for a in self.archs] for one in self.month.functions], "d")

    @cached_property
    def gb(self) -> Floats:
        return np.array([[one.memory_mb / 1024] for one in self.month.functions])

    @cached_property
    def gb_seconds(self) -> Floats:
        """Return billed GB-seconds by function and hour; the hour's average is rounded up."""
        calls, ms = self.month.invocations, self.month.duration_ms
        each = np.divide(ms, calls, out=np.zeros(ms.shape), where=calls > 0)
        # A call that ends in the next hour leaves a duration without a call.
        billed = np.where(calls > 0, calls * np.ceil(each * (1 - 1e-12)), ms)
        return np.asarray(billed / 1000 * self.gb)

    def charges(self, calls: Floats, gb_seconds: Floats) -> Floats:
        """Return US dollars for requests and for duration (last axis), by architecture before it.

        The last axis of the arguments is the architecture; x86_64 uses the free tier first.
        """
        paid = _beyond(calls, FREE_REQUESTS * self.free_tier)
        used = _beyond(gb_seconds, FREE_GB_SECONDS * self.free_tier)
        parts = []
        for column, row in enumerate(self.rows):
            here = f"on Lambda in {row.region} ({row.arch})"
            per_million, what = row.usd_per_million_requests, f"a million requests {here}"
            asked = charge(paid[..., column] / 1e6, per_million, what)
            lasted = tiered(used[..., column], row.tiers, f"a GB-second {here}")
            parts.append(np.stack([asked, lasted], axis=-1))
        return np.stack(parts, axis=-2)

    def usd(self, calls: Floats, gb_seconds: Floats) -> Floats:
        """Return US dollars for any number of accounts; the last axis is the architecture."""
        return np.asarray(self.charges(calls, gb_seconds).sum(axis=(-2, -1)))

    def hourly(self, stays: NDArray[np.bool_]) -> Floats:
        """Return US dollars hour by hour for the functions that stay on Lambda."""
        to_date = (
            (part * stays[:, None]).T.cumsum(axis=0) @ self.on_arch
            for part in (self.month.invocations, self.gb_seconds)
        )
        return np.diff(self.usd(*to_date), prepend=0.0)

    @cached_property
    def totals(self) -> tuple[Floats, Floats]:
        """Return calls and billed GB-seconds of the month, by function."""
        return self.month.invocations.sum(axis=1), self.gb_seconds.sum(axis=1)

    def shares(self) -> Floats:
        """Return each function's share of the bill, by its calls and its GB-seconds."""
        calls, gb_seconds = (part @ self.on_arch for part in self.totals)
        usd = self.charges(calls, gb_seconds)
        shares = np.zeros(len(self.on_arch))
        for item, (part, whole) in enumerate(zip(self.totals, (calls, gb_seconds), strict=True)):
            rate = np.divide(usd[:, item], whole, out=np.zeros(len(whole)), where=whole > 0)
            shares += part * (self.on_arch @ rate)
        return shares

    def range_usd(self) -> tuple[float, float]:
        """Return the least and the most that the bill can be: each call rounds up by 0 to 1 ms."""
        calls = self.totals[0]
        least = self.month.duration_ms.sum(axis=1)
        bounds = (
            float(self.usd(calls @ self.on_arch, ms / 1000 * self.gb[:, 0] @ self.on_arch))
            for ms in (least, least + calls)
        )
        return next(bounds), next(bounds)

    def moves(self, ec2_usd: Floats) -> NDArray[np.bool_]:
        """Return which functions move to their own fleets in the cheapest mix."""
        calls, gb_seconds = self.totals
        highest, least = self._limits()
        moves = ec2_usd < highest
        unsure = np.flatnonzero(moves & (ec2_usd > least))
        # All combinations of those that matter most; the others follow the first tier's price.
        tried = unsure[np.argsort(-highest[unsure])][:_MOST_TRIED]
        tries = np.tile(moves, (2 ** len(tried), 1))
        tries[:, tried] = (np.arange(len(tries))[:, None] >> np.arange(len(tried))) & 1
        stay = ~tries
        lambda_usd = self.usd(stay * calls @ self.on_arch, stay * gb_seconds @ self.on_arch)
        return np.asarray(tries[int(np.nanargmin(lambda_usd + tries @ ec2_usd))])

    def _limits(self) -> tuple[Floats, Floats]:
        """Return what each function adds to the bill, at most and at least."""
        calls, gb_seconds = self.totals
        first, last, asked = (
            self.on_arch @ np.array(prices)
            for prices in (
                [row.usd_per_gb_s for row in self.rows],
                [np.nanmin(row.usd_per_gb_s_tiers) for row in self.rows],
                [row.usd_per_request for row in self.rows],
            )
        )
        free_calls, free_gb_seconds = (
            one * self.free_tier for one in (FREE_REQUESTS, FREE_GB_SECONDS)
        )
        least = np.maximum(gb_seconds - free_gb_seconds, 0) * last
        least += np.maximum(calls - free_calls, 0) * asked
        return gb_seconds * first + calls * asked, least


def _beyond(used: Floats, free: float) -> Floats:
    """Return what is paid of `used`; x86_64, the first of the last axis, gets `free` first."""
    return np.diff(np.maximum(used.cumsum(axis=-1) - free, 0), axis=-1, prepend=0.0)
