"""Figures of Lambda's unit prices: a vCPU-hour against EC2, rounding up, x86 against arm64."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from lambdadeck import prices
from lambdadeck.costs import Floats, break_even_utilization, human_usd, vcpu_hour_usd
from lambdadeck.figures.base import Figure, Table, figure, million_usd
from lambdadeck.figures.labels import EndLabel, axis_words, callout, label_ends
from lambdadeck.prices.origin import origin
from lambdadeck.shared import style


@dataclass(frozen=True)
class _Instance:
    """An instance type, and the busy share of its vCPUs above which it beats Lambda."""

    price: prices.Ec2Price
    break_even: float

    @property
    def usd_per_vcpu_hour(self) -> float:
        return self.price.usd_per_hour / self.price.vcpu

    @property
    def ever(self) -> bool:
        return self.break_even < 1

    @property
    def from_share(self) -> str:
        return f"{self.break_even:.0%}" if self.ever else "never"

    def usd_per_used_hour(self, share: Floats) -> Floats:
        """Return the price of a used vCPU-hour; burstable instances pay above their baseline."""
        usd = self.usd_per_vcpu_hour / share
        baseline = self.price.burst_baseline_per_vcpu
        if math.isnan(baseline):
            return usd
        above = np.maximum(share - baseline, 0) / share
        return usd + above * self.price.surplus_usd_per_vcpu_hour


def vcpu_hour(
    instances: Sequence[str] = ("c6i.large", "c7g.large", "m7g.large", "t3.medium"),
    *,
    region: str = "eu-west-1",
    today: dt.date | None = None,
) -> Figure:
    """Draw the US dollars of a used vCPU-hour against the busy share of an EC2 vCPU.

    Lambda's vCPU is 1,769 MB. An instance costs its price even if idle, so a used hour costs
    price / vCPU / utilization; above its baseline a burstable one pays a flat rate. LookupError for
    an unknown price.
    """
    fleet = [
        _Instance(prices.ec2_price(region, name), break_even_utilization(name, region=region))
        for name in instances
    ]
    rates = {one.price.arch: vcpu_hour_usd(region, one.price.arch) for one in fleet}
    title, not_counted = _vcpu_title(fleet), "no free tier, requests and load balancer not counted"
    surplus = [one.price.surplus for one in fleet if one.price.surplus]
    right = "right of its dot, an instance kept that busy costs less than Lambda"
    never = "" if all(one.ever for one in fleet) else "; ✕: never"
    curves = "Falling curves of US$ a used vCPU-hour over utilization"
    return figure(
        title=title,
        alt=f"{curves}, against Lambda's flat lines. {title}.",
        how_to_read=f"{right} on the same architecture{never}.",
        table=_vcpu_table(fleet, rates),
        where=origin(
            ", ".join([f"{region}, work that keeps a vCPU busy", not_counted, *surplus]),
            today,
            aws_lambda=[prices.lambda_price(region, arch) for arch in rates],
            ec2=[one.price for one in fleet],
        ),
        draw=lambda axes: _draw_vcpu_hours(axes, fleet, rates),
    )


def _vcpu_title(fleet: Sequence[_Instance]) -> str:
    shares = sorted(one.break_even for one in fleet if one.ever)
    never = ", ".join(one.price.instance_type for one in fleet if not one.ever)
    if not shares:
        return f"Lambda's vCPU-hour is cheaper, however busy these are: {never}"
    span = f"{shares[0]:.0%}" if len(shares) == 1 else f"{shares[0]:.0%} to {shares[-1]:.0%}"
    rest = f"; {never}: never" if never else ""
    return f"EC2's vCPU-hour is cheaper only above {span} busy{rest}"


def _vcpu_table(fleet: Sequence[_Instance], rates: Mapping[str, float]) -> Table:
    instance = ("instance", "architecture", "US$ a vCPU-hour", "above its baseline")
    headers = (*instance, "Lambda, US$ a vCPU-hour", "cheaper than Lambda above")
    return headers, [
        (
            one.price.instance_type,
            one.price.arch,
            round(one.usd_per_vcpu_hour, 5),
            one.price.surplus or "the same",
            round(rates[one.price.arch], 4),
            one.from_share,
        )
        for one in fleet
    ]


def _draw_vcpu_hours(axes: Axes, fleet: Sequence[_Instance], rates: Mapping[str, float]) -> None:
    colors, top = style.palette(), max(rates.values()) * 2.4
    labels, ends = [], []
    for one in fleet:
        share = np.linspace(one.usd_per_vcpu_hour / top, 1, 200)
        used = one.usd_per_used_hour(share)
        axes.plot(share, used, "--", color=colors.ec2)
        ends.append(used[-1])  # a dot or a cross names each
    labels.append(EndLabel(1, float(np.mean(ends)), "EC2", colors.ec2))
    for arch, usd in rates.items():
        axes.axhline(usd, color=colors.aws_lambda, linewidth=3.2)
        labels.append(EndLabel(1, usd, f"Lambda {arch}", colors.aws_lambda))
    axes.set(xlim=(0, 1), ylim=(0, top))
    axes.set_xlabel("share of the instance's vCPUs kept busy, all month")
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axis_words(axes.yaxis, _cents)
    axes.set_title("US$ for a used vCPU-hour")
    label_ends(axes, labels)
    crossing = sorted((one for one in fleet if one.ever), key=lambda one: one.break_even)
    for number, one in enumerate(crossing):
        _mark_break_even(axes, one, rates[one.price.arch], number)
    for number, one in enumerate(one for one in fleet if not one.ever):
        _mark_never(axes, one, number)


def _cents(usd: float) -> str:
    return f"${usd:.2f}"


def _mark_break_even(axes: Axes, one: _Instance, rate: float, number: int) -> None:
    """Mark where the curves meet; the names are a column, leftmost dot first: no leader crosses."""
    point = (one.break_even, rate)
    axes.plot(*point, "o", color=style.palette().ink, markersize=10, zorder=5)
    column = axes.transAxes.transform((0.66, 0.93)) - axes.transData.transform(point)
    words = f"{one.price.instance_type}: above {one.from_share}"
    callout(axes, point, words, offset=(column[0], column[1] - 32 * number))


def _mark_never(axes: Axes, one: _Instance, number: int) -> None:
    point = (1.0, float(one.usd_per_used_hour(np.ones(1))[0]))
    axes.plot(*point, "X", color=style.palette().bad, markersize=13, zorder=5)
    words = f"{one.price.instance_type}: never"
    below = axes.transData.transform(point)[1] - axes.transAxes.transform((0, 0))[1]
    callout(axes, point, words, offset=(-120, 20 - below + 32 * number))


def rounding(
    duration_ms: float = 12,
    *,
    memory_mb: int = 1024,
    region: str = "eu-west-1",
    arch: str = "x86_64",
    today: dt.date | None = None,
) -> Figure:
    """Draw the US dollars of a million calls, rounded up to 100 ms as in 2017 and to 1 ms as now.

    Both at today's prices, requests included, no free tier; the mark is at `duration_ms`.
    """
    longest = max(350.0, math.ceil(duration_ms / 100) * 200 - 50)
    grid = np.unique(np.concatenate([np.linspace(0, longest, 801), [duration_ms]]))
    bills = {step: million_usd(grid, memory_mb, region, arch, step) for step in (100, 1)}
    here = {step: float(million_usd(duration_ms, memory_mb, region, arch, step)) for step in bills}
    title = _rounding_title(duration_ms, human_usd(here[1]), human_usd(here[100]))
    place = f"{region}, {arch}, {memory_mb:,} MB, no free tier, both at today's prices"
    steps = (f"US$ a million, rounded up to {step} ms" for step in bills)
    what = "A staircase of 100 ms steps above a straight line"
    gap = "the gap between the lines is what rounding up to 100 ms would add"
    return figure(
        title=title,
        alt=f"{what}: US$ a million calls over duration. {title}.",
        how_to_read=f"{gap} to a million calls.",
        table=(("duration (ms)", *steps), _rounding_rows(duration_ms, memory_mb, region, arch)),
        where=origin(place, today, aws_lambda=[prices.lambda_price(region, arch)]),
        draw=lambda axes: _draw_rounding(axes, grid, bills, duration_ms, here),
    )


def _rounding_title(duration_ms: float, now: str, then: str) -> str:
    calls = f"A million {duration_ms:,g} ms calls cost {now}"
    same = now == then
    return f"{calls} either way" if same else f"{calls}, not {then}, since Lambda rounds to 1 ms"


def _rounding_rows(
    duration_ms: float, memory_mb: int, region: str, arch: str
) -> list[tuple[float, float, float]]:
    some = {1.0, 12.0, 50.0, 99.0, 100.0, 101.0, 200.0, 250.0, 400.0}
    durations = np.array(sorted({*some, float(duration_ms)}))
    columns = [million_usd(durations, memory_mb, region, arch, step) for step in (100, 1)]
    return [tuple(row) for row in np.column_stack([durations, *np.round(columns, 4)]).tolist()]


def _draw_rounding(
    axes: Axes,
    grid: Floats,
    bills: Mapping[int, Floats],
    duration_ms: float,
    here: Mapping[int, float],
) -> None:
    colors = style.palette()
    axes.fill_between(grid, bills[1], bills[100], color=colors.panel)
    axes.plot(grid, bills[100], "--", color=colors.muted)
    axes.plot(grid, bills[1], "-", color=colors.aws_lambda)
    axes.vlines(duration_ms, here[1], here[100], color=colors.ink, linewidth=2)
    ends_at = [here[1], here[100]]
    axes.plot([duration_ms] * 2, ends_at, "o", color=colors.ink, markersize=9, zorder=5)
    axes.set(xlim=(0, grid[-1]), ylim=(0, bills[100][-1] * 1.08), xlabel="duration in ms")
    axis_words(axes.yaxis, _cents)
    axes.set_title("US$ for a million calls")
    ends = ((100, "to 100 ms (2017)", colors.muted), (1, "to 1 ms (now)", colors.aws_lambda))
    x = grid[-1]
    label_ends(axes, [EndLabel(x, bills[step][-1], words, color) for step, words, color in ends])
    words = f"{duration_ms:,g} ms: {here[100] / here[1]:.1f} times as expensive"
    callout(axes, (duration_ms, here[100]), words, offset=(20, 96))


def architectures(
    duration_ms: float = 100,
    *,
    memory_mb: int = 1024,
    region: str = "eu-west-1",
    today: dt.date | None = None,
) -> Figure:
    """Draw the US dollars of a million calls on arm64, over its time as a share of that on x86_64.

    `duration_ms` is the time on x86_64. Requests included, no free tier, not rounded up to whole
    ms.
    """
    table = [prices.lambda_price(region, arch) for arch in ("x86_64", "arm64")]
    saving = 1 - table[1].usd_per_gb_s / table[0].usd_per_gb_s
    even = 1 / (1 - saving)
    wins = f"it wins unless it runs {even - 1:.0%} longer"
    title = f"arm64 is {saving:.0%} cheaper a GB-second: {wins}"
    crosses = "A rising line for arm64 crosses x86_64's flat line"
    left = "left of the dot arm64 costs less than x86_64"
    relative = np.linspace(0.6, max(1.6, even * 1.1), 11)
    x86 = float(million_usd(duration_ms, memory_mb, region, "x86_64"))
    arm = million_usd(duration_ms * relative, memory_mb, region, "arm64")
    headers = ("arm64 time / x86_64 time", "US$ a million on x86_64", "US$ a million on arm64")
    rows = [
        (f"{share:.0%}", round(x86, 4), round(usd, 4))
        for share, usd in zip(relative.tolist(), arm.tolist(), strict=True)
    ]
    place = f"{region}, {duration_ms:,g} ms on x86_64, {memory_mb:,} MB, no free tier"
    return figure(
        title=title,
        alt=f"{crosses} at {even:.0%} of its time. {title}.",
        how_to_read=f"{left}; 100% means that both take the same time.",
        table=(headers, rows),
        where=origin(place, today, aws_lambda=table),
        draw=lambda axes: _draw_architectures(axes, relative, x86, arm, even),
    )


def _draw_architectures(axes: Axes, relative: Floats, x86: float, arm: Floats, even: float) -> None:
    colors = style.palette()
    axes.plot(relative, np.full(len(relative), x86), "--", color=colors.muted)
    axes.plot(relative, arm, "-", color=colors.aws_lambda)
    axes.plot(even, x86, "o", color=colors.ink, zorder=5)
    same = float(np.interp(1, relative, arm))
    axes.plot(1, same, "D", color=colors.aws_lambda, markersize=11, zorder=5)
    axes.set(xlim=(relative[0], relative[-1]), ylim=(0, arm[-1] * 1.1))
    axes.set_xlabel("time on arm64 as a share of the time on x86_64")
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axis_words(axes.yaxis, _cents)
    axes.set_title("US$ for a million calls")
    ends = ((x86, "x86_64", colors.muted), (arm[-1], "arm64", colors.aws_lambda))
    label_ends(axes, [EndLabel(relative[-1], usd, words, color) for usd, words, color in ends])
    callout(axes, (even, x86), f"even at {even:.0%}: {human_usd(x86)}", offset=(10, -60))
    callout(axes, (1, same), f"same time: {human_usd(same)}", offset=(-30, -60))
