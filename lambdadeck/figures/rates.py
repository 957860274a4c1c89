"""Figures about Lambda's unit prices: a vCPU-hour against EC2, rounding up, x86 against arm64."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter

from lambdadeck import prices
from lambdadeck.costs import break_even_utilization, human_usd, lambda_bill, vcpu_hour_usd
from lambdadeck.figures.base import Figure, frame
from lambdadeck.figures.labels import EndLabel, callout, label_ends
from lambdadeck.prices.origin import origin
from lambdadeck.shared import style

_MILLION = 1e6
_UNROUNDED = 1e-6  # ms


@dataclass(frozen=True)
class _Instance:
    """An instance type, the share of its vCPUs that it sustains, and the share above which it beats Lambda."""

    price: prices.Ec2Price
    break_even: float

    @property
    def usd_per_vcpu_hour(self) -> float:
        return self.price.usd_per_hour / self.price.vcpu

    @property
    def most(self) -> float:
        baseline = self.price.burst_baseline_per_vcpu
        return 1.0 if math.isnan(baseline) else baseline

    @property
    def ever(self) -> bool:
        return self.break_even < self.most

    @property
    def from_share(self) -> str:
        """In words; a burstable instance's share ends at its baseline."""
        to = f", to {self.most:.0%}" if self.most < 1 else ""
        return f"{self.break_even:.0%}{to}" if self.ever else "never"


@style.styled
def vcpu_hour(
    instances: Sequence[str] = ("c6i.large", "c7g.large", "m7g.large", "t3.medium"),
    *,
    region: str = "eu-west-1",
    today: dt.date | None = None,
) -> Figure:
    """What a used vCPU-hour costs, in US dollars, against the share of an EC2 vCPU that is kept busy.

    Lambda's vCPU is 1,769 MB. An instance costs its price however idle it is, so a used hour costs price / vCPU /
    utilization; a burstable one stops at its baseline. LookupError for a price that is not known.
    """
    fleet = [_instance(name, region) for name in instances]
    rates = {
        arch: vcpu_hour_usd(region, arch) for arch in dict.fromkeys(one.price.arch for one in fleet)
    }
    title = _vcpu_title(fleet)
    how = "How to read: right of its dot, an instance kept that busy costs less than Lambda on the same architecture; ✕: never."
    where = origin(
        f"{region}, work that keeps a vCPU busy, no free tier, requests and load balancer not counted",
        today,
        aws_lambda=[prices.lambda_price(region, arch) for arch in rates],
        ec2=[one.price for one in fleet],
    )
    axes = frame(title, how, where.data, warning=where.warning)
    _draw_vcpu_hours(axes, fleet, rates)
    alt = f"Falling curves of US$ a used vCPU-hour over utilization, against Lambda's flat lines. {title}."
    return Figure(axes.figure, title, alt, how, _vcpu_table(fleet, rates), where.text)


def _instance(name: str, region: str) -> _Instance:
    return _Instance(prices.ec2_price(region, name), break_even_utilization(name, region=region))


def _vcpu_title(fleet: Sequence[_Instance]) -> str:
    shares = sorted(one.break_even for one in fleet if one.ever)
    never = ", ".join(one.price.instance_type for one in fleet if not one.ever)
    if not shares:
        return f"Lambda's vCPU-hour is cheaper than all that these sustain: {never}"
    span = f"{shares[0]:.0%}" if len(shares) == 1 else f"{shares[0]:.0%} to {shares[-1]:.0%}"
    return f"EC2's vCPU-hour is cheaper only above {span} busy" + (
        f"; {never}: never" if never else ""
    )


def _vcpu_table(
    fleet: Sequence[_Instance], rates: Mapping[str, float]
) -> tuple[tuple[str, ...], list[tuple]]:
    headers = (
        "instance",
        "architecture",
        "US$ a vCPU-hour when always busy",
        "sustains",
        "Lambda, US$ a vCPU-hour",
        "cheaper than Lambda above",
    )
    return headers, [
        (
            one.price.instance_type,
            one.price.arch,
            round(one.usd_per_vcpu_hour, 5),
            f"{one.most:.0%}",
            round(rates[one.price.arch], 4),
            one.from_share,
        )
        for one in fleet
    ]


def _draw_vcpu_hours(axes: Axes, fleet: Sequence[_Instance], rates: Mapping[str, float]) -> None:
    colours, top = style.palette(), max(rates.values()) * 2.4
    labels = []
    for one in fleet:
        share = np.linspace(one.usd_per_vcpu_hour / top, one.most, 200)
        axes.plot(share, one.usd_per_vcpu_hour / share, "--", color=colours.ec2)
        if one.most == 1:
            labels.append(EndLabel(1, one.usd_per_vcpu_hour, one.price.instance_type, colours.ec2))
    for arch, usd in rates.items():
        axes.axhline(usd, color=colours.aws_lambda, linewidth=3.2)
        labels.append(EndLabel(1, usd, f"Lambda {arch}", colours.aws_lambda))
    axes.set(
        xlim=(0, 1), ylim=(0, top), xlabel="share of the instance's vCPUs kept busy, all month"
    )
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda usd, _: f"${usd:.2f}"))
    axes.set_title("US$ for a used vCPU-hour")
    label_ends(axes, labels)
    for number, one in enumerate(
        sorted((one for one in fleet if one.ever), key=lambda one: one.break_even)
    ):
        _mark_break_even(axes, one, rates[one.price.arch], number)
    for number, one in enumerate(one for one in fleet if not one.ever):
        _mark_baseline(axes, one, number)


def _mark_break_even(axes: Axes, one: _Instance, rate: float, number: int) -> None:
    """A dot where the curves meet, named in a column at the upper right, leftmost dot first: no leader crosses."""
    point = (one.break_even, rate)
    axes.plot(*point, "o", color=style.palette().ink, markersize=10, zorder=5)
    column = axes.transAxes.transform((0.66, 0.93)) - axes.transData.transform(point)
    words = f"{one.price.instance_type}: above {one.from_share}"
    callout(axes, point, words, offset=(column[0], column[1] - 26 * number))


def _mark_baseline(axes: Axes, one: _Instance, number: int) -> None:
    point = (one.most, one.usd_per_vcpu_hour / one.most)
    axes.plot(*point, "X", color=style.palette().bad, markersize=13, zorder=5)
    words = f"{one.price.instance_type}: never" + (
        f", it sustains {one.most:.0%}" if one.most < 1 else ""
    )
    below = axes.transData.transform(point)[1] - axes.transAxes.transform((0, 0))[1]
    callout(axes, point, words, offset=(-120, 20 - below + 26 * number))


@style.styled
def rounding(
    duration_ms: float = 12,
    *,
    memory_mb: int = 1024,
    region: str = "eu-west-1",
    arch: str = "x86_64",
    today: dt.date | None = None,
) -> Figure:
    """What a million calls cost, in US dollars, rounded up to 100 ms as in 2017 and to 1 ms as now.

    Both at today's prices, requests included, no free tier; the mark is at `duration_ms`.
    """
    longest = max(350.0, math.ceil(duration_ms / 100) * 200 - 50)
    grid = np.unique(np.concatenate([np.linspace(0, longest, 801), [duration_ms]]))
    bills = {step: _million(grid, memory_mb, region, arch, step) for step in (100, 1)}
    here = {step: _million(duration_ms, memory_mb, region, arch, step) for step in bills}
    title = _rounding_title(duration_ms, *(human_usd(here[step]) for step in (1, 100)))
    how = "How to read: the gap between the lines is what rounding up to 100 ms would add to a million calls."
    price = prices.lambda_price(region, arch)
    where = origin(
        f"{region}, {arch}, {memory_mb:,} MB, no free tier, both at today's prices",
        today,
        aws_lambda=[price],
    )
    axes = frame(title, how, where.data, warning=where.warning)
    _draw_rounding(axes, grid, bills, duration_ms, here)
    rows = _rounding_rows(duration_ms, memory_mb, region, arch)
    headers = (
        "duration (ms)",
        "US$ a million, rounded up to 100 ms",
        "US$ a million, rounded up to 1 ms",
    )
    alt = f"A staircase of 100 ms steps above a straight line: US$ a million calls over duration. {title}."
    return Figure(axes.figure, title, alt, how, (headers, rows), where.text)


def _rounding_title(duration_ms: float, now: str, then: str) -> str:
    calls = f"A million {duration_ms:,g} ms calls cost {now}"
    return (
        f"{calls} either way"
        if now == then
        else f"{calls}, not {then}, since Lambda counts single ms"
    )


def _million(
    duration_ms: float | np.ndarray, memory_mb: int, region: str, arch: str, step: float
) -> float | np.ndarray:
    return lambda_bill(
        _MILLION, duration_ms, memory_mb, region=region, arch=arch, rounding_ms=step
    ).total_usd


def _rounding_rows(
    duration_ms: float, memory_mb: int, region: str, arch: str
) -> list[tuple[float, float, float]]:
    durations = np.array(
        sorted({1.0, 12.0, 50.0, 99.0, 100.0, 101.0, 200.0, 250.0, 400.0, float(duration_ms)})
    )
    columns = [_million(durations, memory_mb, region, arch, step) for step in (100, 1)]
    return [tuple(row) for row in np.column_stack([durations, *np.round(columns, 4)]).tolist()]


def _draw_rounding(
    axes: Axes,
    grid: np.ndarray,
    bills: Mapping[int, np.ndarray],
    duration_ms: float,
    here: Mapping[int, float],
) -> None:
    colours = style.palette()
    axes.fill_between(grid, bills[1], bills[100], color=colours.panel)
    axes.plot(grid, bills[100], "--", color=colours.muted)
    axes.plot(grid, bills[1], "-", color=colours.aws_lambda)
    axes.vlines(duration_ms, here[1], here[100], color=colours.ink, linewidth=2)
    axes.plot(
        [duration_ms] * 2, [here[1], here[100]], "o", color=colours.ink, markersize=9, zorder=5
    )
    axes.set(xlim=(0, grid[-1]), ylim=(0, bills[100][-1] * 1.08), xlabel="duration in ms")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda usd, _: f"${usd:.2f}"))
    axes.set_title("US$ for a million calls")
    ends = ((100, "to 100 ms (2017)", colours.muted), (1, "to 1 ms (now)", colours.aws_lambda))
    label_ends(
        axes, [EndLabel(grid[-1], bills[step][-1], words, colour) for step, words, colour in ends]
    )
    times = here[100] / here[1]
    callout(
        axes,
        (duration_ms, here[100]),
        f"{duration_ms:,g} ms: {times:.1f} times as dear",
        offset=(20, 96),
    )


@style.styled
def architectures(
    duration_ms: float = 100,
    *,
    memory_mb: int = 1024,
    region: str = "eu-west-1",
    today: dt.date | None = None,
) -> Figure:
    """What a million calls cost on arm64, in US dollars, when the code runs faster or slower there than on x86_64.

    `duration_ms` is the time on x86_64. Requests included, no free tier, before rounding up to whole ms.
    """
    table = [prices.lambda_price(region, arch) for arch in ("x86_64", "arm64")]
    saving = 1 - table[1].usd_per_gb_s / table[0].usd_per_gb_s
    even = 1 / (1 - saving)
    title = (
        f"arm64 is {saving:.0%} cheaper a GB-second: it wins unless it runs {even - 1:.0%} longer"
    )
    how = "How to read: left of the dot arm64 costs less than x86_64; 100% means that both take the same time."
    place = f"{region}, {duration_ms:,g} ms on x86_64, {memory_mb:,} MB, no free tier"
    where = origin(place, today, aws_lambda=table)
    axes = frame(title, how, where.data, warning=where.warning)
    relative = np.linspace(0.6, max(1.6, even * 1.1), 11)
    x86 = _million(duration_ms, memory_mb, region, "x86_64", _UNROUNDED)
    arm = _million(duration_ms * relative, memory_mb, region, "arm64", _UNROUNDED)
    _draw_architectures(axes, relative, x86, arm, even)
    headers = ("arm64 time / x86_64 time", "US$ a million on x86_64", "US$ a million on arm64")
    rows = [
        (f"{share:.0%}", round(x86, 4), round(usd, 4))
        for share, usd in zip(relative.tolist(), arm.tolist(), strict=True)
    ]
    alt = f"A rising line for arm64 crosses x86_64's flat line at {even:.0%} of its time. {title}."
    return Figure(axes.figure, title, alt, how, (headers, rows), where.text)


def _draw_architectures(
    axes: Axes, relative: np.ndarray, x86: float, arm: np.ndarray, even: float
) -> None:
    colours = style.palette()
    axes.plot(relative, np.full(len(relative), x86), "--", color=colours.muted)
    axes.plot(relative, arm, "-", color=colours.aws_lambda)
    axes.plot(even, x86, "o", color=colours.ink, zorder=5)
    same = float(np.interp(1, relative, arm))
    axes.plot(1, same, "D", color=colours.aws_lambda, markersize=11, zorder=5)
    axes.set(
        xlim=(relative[0], relative[-1]),
        ylim=(0, arm[-1] * 1.1),
        xlabel="time on arm64 as a share of the time on x86_64",
    )
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda usd, _: f"${usd:.2f}"))
    axes.set_title("US$ for a million calls")
    ends = ((x86, "x86_64", colours.muted), (arm[-1], "arm64", colours.aws_lambda))
    label_ends(axes, [EndLabel(relative[-1], usd, words, colour) for usd, words, colour in ends])
    callout(axes, (even, x86), f"even at {even:.0%}: {human_usd(x86)}", offset=(10, -60))
    callout(axes, (1, same), f"same time: {human_usd(same)}", offset=(-30, -60))
