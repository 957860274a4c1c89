"""The figure of a month's bill: what the same requests cost on Lambda and on EC2, and from how many on EC2 costs less."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from lambdadeck import prices
from lambdadeck.costs import FULL_VCPU_MB, BreakEven, break_even, ec2_bill, human_count, lambda_bill
from lambdadeck.costs.ec2_bill import Ec2Options
from lambdadeck.figures.base import Figure, frame
from lambdadeck.figures.labels import EndLabel, label_axis, label_ends, label_starts, tick_usd
from lambdadeck.prices.origin import Origin, chosen, origin
from lambdadeck.shared import style

_FULL_MB = round(FULL_VCPU_MB)
_TABLE_STEPS = (1, 3)  # of a decade


@dataclass(frozen=True)
class _Fleet:
    """Instances of one type sized for what Lambda does at one memory size: their cost, and where Lambda's is the same."""

    instance: str
    memory_mb: int
    usd: np.ndarray
    even: BreakEven
    baseline: bool  # whether it is held to what it sustains, and busy is the share of that

    @property
    def busy(self) -> str:
        """How busy the instances are at the break-even."""
        return f"{self.even.utilization:.0%} {'of baseline' if self.baseline else 'busy'}"


@dataclass(frozen=True)
class _Month:
    """The curves of one month over its requests: Lambda's by memory size, and the fleets that do the same work."""

    requests: np.ndarray
    on_lambda: dict[int, np.ndarray]
    on_ec2: list[_Fleet]

    @property
    def sizes(self) -> bool:
        """Whether it compares memory sizes, and not instance types."""
        return len(self.on_lambda) > 1

    def holds(self, requests: float) -> bool:
        """Whether the load is on the axis."""
        return self.requests[0] <= requests <= self.requests[-1]


@style.styled
def monthly_cost(
    duration_ms: float = 100,
    memory_mb: Sequence[int] = (_FULL_MB,),
    instances: Sequence[str] = ("t3.medium", "c6i.large", "c6i.2xlarge"),
    *,
    region: str = "eu-west-1",
    arch: str = "x86_64",
    free_tier: bool = False,
    requests: tuple[float, float] = (1e6, 3e8),
    today: dt.date | None = None,
    **fleet: Unpack[Ec2Options],
) -> Figure:
    """What a month costs, in US dollars, over the requests in it (both axes logarithmic), with the break-evens marked.

    Lambda at one memory size against instance types, or at several sizes against one type: instances are always sized
    for the vCPUs that Lambda gives the same requests. A burstable instance is held to its baseline unless
    `burst_baseline` says otherwise; `fleet` takes the options of `costs.ec2_bill`. LookupError for an unknown price,
    ValueError for several sizes against several types.
    """
    if min(len(memory_mb), len(instances)) > 1:
        raise ValueError(
            "Several memory sizes are compared with one instance type: give one of the two only once."
        )
    options = sustained(instances, region) | fleet
    month = _month(duration_ms, memory_mb, instances, region, arch, free_tier, requests, options)
    title = _month_title(month, duration_ms)
    how = _how_to_read(month)
    where = _month_origin(instances, region, arch, today, chosen(free_tier, options))
    axes = frame(title, how, where.data, warning=where.warning)
    axes.set_title(_same_work(month, duration_ms))
    _draw_month(axes, month)
    return Figure(
        axes.figure,
        title,
        _month_alt(month, title, duration_ms),
        how,
        _month_table(month),
        where.text,
    )


def sustained(instances: Sequence[str], region: str) -> dict[str, bool]:
    """The option that holds burstable instances to what they sustain all month; nothing for the others."""
    baselines = (prices.ec2_price(region, name).burst_baseline_per_vcpu for name in instances)
    return (
        {"burst_baseline": True} if any(not math.isnan(baseline) for baseline in baselines) else {}
    )


def _month_origin(
    instances: Sequence[str], region: str, arch: str, today: dt.date | None, setting: str
) -> Origin:
    fleet = [prices.ec2_price(region, name) for name in instances]
    place = f"{region}, Lambda {arch}, {setting}"
    return origin(place, today, aws_lambda=[prices.lambda_price(region, arch)], ec2=fleet)


def _month(
    duration_ms: float,
    memory_mb: Sequence[int],
    instances: Sequence[str],
    region: str,
    arch: str,
    free_tier: bool,
    requests: tuple[float, float],
    fleet: Ec2Options,
) -> _Month:
    place = {"arch": arch, "free_tier": free_tier}
    evens = {
        (name, mb): break_even(
            name, region=region, duration_ms=duration_ms, memory_mb=mb, **place, **fleet
        )
        for mb in memory_mb
        for name in instances
    }
    loads = _loads(requests, [even.requests for even in evens.values()])
    work = {"requests": loads, "region": region, "duration_ms": duration_ms}
    return _Month(
        loads,
        {mb: lambda_bill(memory_mb=mb, **work, **place).total_usd for mb in memory_mb},
        [
            _Fleet(
                name,
                mb,
                ec2_bill(name, memory_mb=mb, **work, **fleet).total_usd,
                even,
                _held(name, region, fleet),
            )
            for (name, mb), even in evens.items()
        ],
    )


def _held(instance: str, region: str, fleet: Ec2Options) -> bool:
    counted = bool(fleet.get("burst_baseline")) and fleet.get("concurrency") is None
    return counted and not math.isnan(prices.ec2_price(region, instance).burst_baseline_per_vcpu)


def _loads(span: tuple[float, float], evens: Sequence[float]) -> np.ndarray:
    """The loads that are drawn: dense, and exactly those that the table lists."""
    marks = [load for load in [*_steps(span), *evens] if span[0] <= load <= span[1]]
    return np.unique(np.concatenate([np.geomspace(*span, 900), marks]))


def _steps(span: tuple[float, float]) -> list[float]:
    decades = range(math.floor(math.log10(span[0])), math.ceil(math.log10(span[1])) + 1)
    return [step * 10.0**decade for decade in decades for step in _TABLE_STEPS]


def _month_title(month: _Month, duration_ms: float) -> str:
    fleets = sorted(month.on_ec2, key=lambda one: one.even.requests)
    first, last = fleets[0], fleets[-1]
    work = f"At {duration_ms:,g} ms" + ("" if month.sizes else f" and {first.memory_mb:,} MB")
    if math.isinf(first.even.requests):
        return f"{work} Lambda is cheaper at any load"
    if first.even.requests == 0:
        return f"{work} {first.instance} is cheaper from the first request"
    if not month.sizes:
        return f"Below {human_count(first.even.requests)} requests a month Lambda is cheaper than {first.instance}"
    beyond = "never" if math.isinf(last.even.requests) else human_count(last.even.requests)
    start = f"{first.instance} wins from {human_count(first.even.requests)} requests at {first.memory_mb:,} MB"
    return f"{start}, {beyond} at {last.memory_mb:,} MB"


def _how_to_read(month: _Month) -> str:
    whose = "a line's" if month.sizes else "an instance's"
    never = any(math.isinf(one.even.requests) for one in month.on_ec2)
    rest = "; dotted: at any load." if never else "."
    return (
        f"How to read: left of {whose} dot Lambda is cheaper (below, how busy EC2 is there){rest}"
    )


def _same_work(month: _Month, duration_ms: float) -> str:
    if month.sizes:
        dashed = f"dashed {month.on_ec2[0].instance}, same vCPU for each"
        return f"US$ a month, requests of {duration_ms:,g} ms: Lambda solid; {dashed}"
    share = month.on_ec2[0].memory_mb / FULL_VCPU_MB
    vcpu = "one vCPU" if share == 1 else f"{share:.2g} vCPU"
    return f"US$ a month for the same requests of {duration_ms:,g} ms, each on {vcpu}: Lambda solid, EC2 dashed"


def _month_alt(month: _Month, title: str, duration_ms: float) -> str:
    each = " ".join(f"{_named(month, one)}: {one.even.sentence}" for one in month.on_ec2)
    what = f"Monthly US$ over requests of {duration_ms:,g} ms: a rising line for each Lambda memory size"
    return f"{what}, stairs for EC2 sized for the same work. {title}. {each}"


def _named(month: _Month, one: _Fleet) -> str:
    return f"{one.instance} for {one.memory_mb:,} MB" if month.sizes else one.instance


def _month_table(month: _Month) -> tuple[tuple[str, ...], list[tuple]]:
    lambdas = (f"Lambda {mb:,} MB (US$)" for mb in month.on_lambda)
    headers = (
        "requests a month",
        *lambdas,
        *(f"{_named(month, one)} (US$)" for one in month.on_ec2),
    )
    span = (float(month.requests[0]), float(month.requests[-1]))
    wanted = sorted({*_steps(span), *(one.even.requests for one in month.on_ec2)})
    rows = np.flatnonzero(np.isin(month.requests, wanted))
    curves = [*month.on_lambda.values(), *(one.usd for one in month.on_ec2)]
    return headers, [
        (round(float(month.requests[row])), *(_known(curve[row]) for curve in curves))
        for row in rows
    ]


def _known(usd: float) -> float | None:
    return None if math.isnan(usd) else round(float(usd), 2)


def _draw_month(axes: Axes, month: _Month) -> None:
    colours = style.palette()
    labels = []
    for number, (memory_mb, usd) in enumerate(month.on_lambda.items()):
        axes.plot(
            month.requests,
            usd,
            color=colours.aws_lambda,
            linewidth=3.6 if number == 0 else 2,
            zorder=3,
        )
        labels.append(_end(month.requests, usd, f"Lambda {memory_mb:,} MB", colours.aws_lambda))
    for one in month.on_ec2:
        never = math.isinf(one.even.requests)
        axes.plot(
            month.requests,
            one.usd,
            ":" if never else "--",
            color=colours.ec2,
            linewidth=2 if never else None,
        )
    _log_axes(axes, month)
    if month.sizes:
        labels += [
            _end(month.requests, one.usd, _said(month, one), colours.ec2) for one in month.on_ec2
        ]
    label_ends(axes, labels)
    starts = {one.instance: one for one in month.on_ec2}.values()
    words = [(one, one.instance if month.sizes else _said(month, one)) for one in starts]
    label_starts(
        axes, [EndLabel(month.requests[0], one.usd[0], said, colours.ec2) for one, said in words]
    )
    _mark(axes, [one for one in month.on_ec2 if month.holds(one.even.requests)])


def _said(month: _Month, one: _Fleet) -> str:
    """A fleet's name; with what its dot would say, where there is none."""
    name, load = f"EC2 for {one.memory_mb:,} MB" if month.sizes else one.instance, one.even.requests
    if month.holds(load):
        return name
    return f"{name}: never" if math.isinf(load) else f"{name}: cheaper above {human_count(load)}"


def _mark(axes: Axes, fleets: Sequence[_Fleet]) -> None:
    """A dot at each break-even, and below it, on the requests' axis, how many they are and how busy EC2 is then."""
    look, floor, loads = (
        {"color": style.palette().ink, "zorder": 5},
        axes.get_ylim()[0],
        list[float](),
    )
    for one in fleets:
        loads.append(one.even.requests)
        axes.plot(loads[-1], one.even.usd, "o", markersize=10, **look)
        axes.vlines(loads[-1], floor, one.even.usd, linewidth=1.2, **look)
    label_axis(axes, loads, [f"{human_count(one.even.requests)}\n{one.busy}" for one in fleets])


def _end(requests: np.ndarray, usd: np.ndarray, words: str, colour: str) -> EndLabel:
    """A name where the line ends; where its price stops being known, if that is sooner, and then it says so."""
    last = int(np.flatnonzero(np.isfinite(usd))[-1])
    beyond = "" if last == len(usd) - 1 else ", then price unknown"
    return EndLabel(requests[last], usd[last], words + beyond, colour)


def _log_axes(axes: Axes, month: _Month) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    low = min(float(one.usd[0]) for one in month.on_ec2)
    curves = [*month.on_lambda.values(), *(one.usd for one in month.on_ec2)]
    high = max(float(np.nanmax(usd)) for usd in curves)
    axes.set(
        xlim=(month.requests[0], month.requests[-1]),
        ylim=(low / (60 if month.sizes else 20), high * 1.3),
        xlabel="requests a month",
    )
    axes.xaxis.set_major_formatter(FuncFormatter(lambda load, _: human_count(load)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda usd, _: tick_usd(usd)))
    axes.minorticks_off()
