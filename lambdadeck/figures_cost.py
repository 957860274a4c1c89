"""Figures about a month's bill: cost over requests, who wins where, and the invocation just made on its curve."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from lambdadeck import prices, style
from lambdadeck.costs import FULL_VCPU_MB, BreakEven, break_even, ec2_bill, human_count, lambda_bill
from lambdadeck.ec2_costs import Ec2Options
from lambdadeck.figure import Figure, frame
from lambdadeck.figure_prices import Origin, chosen, origin
from lambdadeck.figure_text import EndLabel, callout, label_ends, label_starts

_FULL_MB = round(FULL_VCPU_MB)


@dataclass(frozen=True)
class _Month:
    """The curves of one month: Lambda's by memory size, EC2's by instance type, and where they meet."""

    requests: np.ndarray
    on_lambda: dict[int, np.ndarray]
    on_ec2: dict[str, np.ndarray]
    meet: list[BreakEven]


@style.styled
def monthly_cost(
    duration_ms: float = 100,
    memory_mb: Sequence[int] = (_FULL_MB, 512, 128),
    instances: Sequence[str] = ("t3.medium", "c6i.large", "c6i.2xlarge"),
    *,
    region: str = "eu-west-1",
    arch: str = "x86_64",
    free_tier: bool = False,
    requests: tuple[float, float] = (2e5, 1e9),
    today: dt.date | None = None,
    **fleet: Unpack[Ec2Options],
) -> Figure:
    """What a month costs, in US dollars, over the requests in it (both axes logarithmic), with the break-even marked.

    Lambda at each memory size; EC2 sized for requests of the first one, a burstable instance at its baseline unless
    `burst_baseline` says otherwise. `fleet` takes the options of `costs.ec2_bill`. LookupError for an unknown price.
    """
    options = sustained(instances, region) | fleet
    month = _month(duration_ms, memory_mb, instances, region, arch, free_tier, requests, options)
    title = _month_title(month.meet, duration_ms, memory_mb[0])
    how = "How to read: left of a dot Lambda is cheaper than that instance. Each grid line is ten times the one before."
    where = _month_origin(instances, region, arch, today, chosen(free_tier, options))
    axes = frame(title, how, where.data, warning=where.warning)
    sized = f"requests of {duration_ms:,g} ms and {memory_mb[0]:,} MB"
    axes.set_title(f"US$ a month: Lambda solid; dashed EC2, sized for {sized}")
    _draw_month(axes, month)
    each = " ".join(f"{one.instance_type}: {one.sentence}" for one in month.meet)
    alt = f"Monthly US$ over requests: a rising line for each Lambda memory size, stairs for EC2. {title}. {each}"
    return Figure(axes.figure, title, alt, how, _month_table(month), where.text)


def sustained(instances: Sequence[str], region: str) -> dict[str, bool]:
    """The option that holds burstable instances to what they sustain all month; nothing for the others."""
    baselines = (prices.ec2_price(region, name).burst_baseline_per_vcpu for name in instances)
    return {"burst_baseline": True} if any(not math.isnan(baseline) for baseline in baselines) else {}


def _month_origin(instances: Sequence[str], region: str, arch: str, today: dt.date | None, setting: str) -> Origin:
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
    loads = np.geomspace(*requests, 600)
    place = {"region": region, "arch": arch, "free_tier": free_tier}
    work = {"region": region, "duration_ms": duration_ms, "memory_mb": memory_mb[0]}
    return _Month(
        loads,
        {mb: lambda_bill(loads, duration_ms, mb, **place).total_usd for mb in memory_mb},
        {name: ec2_bill(name, requests=loads, **work, **fleet).total_usd for name in instances},
        [break_even(name, arch=arch, free_tier=free_tier, **work, **fleet) for name in instances],
    )


def _month_title(meet: Sequence[BreakEven], duration_ms: float, memory_mb: int) -> str:
    first = min(meet, key=lambda one: one.requests)
    if math.isinf(first.requests):
        return f"At {duration_ms:,g} ms and {memory_mb:,} MB Lambda is cheaper at any load"
    if first.requests == 0:
        return f"At {duration_ms:,g} ms and {memory_mb:,} MB {first.instance_type} is cheaper from the first request"
    return f"Below {human_count(first.requests)} requests a month Lambda is cheaper than {first.instance_type}"


def _month_table(month: _Month) -> tuple[tuple[str, ...], list[tuple]]:
    lambdas = (f"Lambda {mb:,} MB (US$)" for mb in month.on_lambda)
    headers = ("requests a month", *lambdas, *(f"{name} (US$)" for name in month.on_ec2))
    low, high = np.log10(month.requests[[0, -1]])
    wanted = 10.0 ** np.arange(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    rows = [int(np.argmin(np.abs(np.log10(month.requests) - np.log10(load)))) for load in wanted]
    curves = [month.requests, *month.on_lambda.values(), *month.on_ec2.values()]
    return headers, [tuple(_known(curve[row]) for curve in curves) for row in rows]


def _known(usd: float) -> float | None:
    return None if math.isnan(usd) else round(float(usd), 2)


def _draw_month(axes: Axes, month: _Month) -> None:
    colours = style.palette()
    labels = []
    for number, (memory_mb, usd) in enumerate(month.on_lambda.items()):
        axes.plot(month.requests, usd, color=colours.aws_lambda, linewidth=3.6 if number == 0 else 2)
        labels.append(_end(month.requests, usd, f"Lambda {memory_mb:,} MB", colours.aws_lambda))
    for usd in month.on_ec2.values():
        axes.plot(month.requests, usd, "--", color=colours.ec2)
    _log_axes(axes, month)
    label_ends(axes, labels)
    label_starts(axes, [EndLabel(month.requests[0], usd[0], name, colours.ec2) for name, usd in month.on_ec2.items()])
    for one in month.meet:
        if month.requests[0] <= one.requests <= month.requests[-1]:
            axes.plot(one.requests, one.usd, "o", color=colours.ink, markersize=10, zorder=5)
            callout(axes, (one.requests, one.usd), human_count(one.requests), offset=(-26, 26), ha="right")


def _end(requests: np.ndarray, usd: np.ndarray, words: str, colour: str) -> EndLabel:
    """A name where the line ends; where its price stops being known, if that is sooner, and then it says so."""
    last = int(np.flatnonzero(np.isfinite(usd))[-1])
    beyond = "" if last == len(usd) - 1 else ", then price unknown"
    return EndLabel(requests[last], usd[last], words + beyond, colour)


def _log_axes(axes: Axes, month: _Month) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    low = min(float(usd[0]) for usd in month.on_ec2.values())
    high = max(float(np.nanmax(usd)) for usd in [*month.on_lambda.values(), *month.on_ec2.values()])
    axes.set(xlim=(month.requests[0], month.requests[-1]), ylim=(low / 30, high * 1.3), xlabel="requests a month")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda load, _: human_count(load)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda usd, _: tick_usd(usd)))
    axes.minorticks_off()


def tick_usd(usd: float) -> str:
    """US dollars on an axis: "$1,000", "$1", "$0.10"."""
    return f"${usd:,.0f}" if usd >= 1 else f"${usd:.2f}"
