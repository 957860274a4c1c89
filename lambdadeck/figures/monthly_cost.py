"""The figure of a month's bill: the same requests on Lambda and on EC2, and their break-evens."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from lambdadeck import prices
from lambdadeck.costs import (
    FULL_VCPU_MB,
    UTILIZATION,
    BreakEven,
    Floats,
    break_even,
    ec2_bill,
    human_count,
    lambda_bill,
)
from lambdadeck.figures.base import Figure, Table, figure, known
from lambdadeck.figures.labels import (
    EndLabel,
    label_axis,
    label_ends,
    label_starts,
    log_axes,
    shade_winner,
    tick_usd,
)
from lambdadeck.prices.origin import chosen, origin
from lambdadeck.shared import style

_FULL_MB = round(FULL_VCPU_MB)
_TABLE_STEPS = (1, 3)  # of a decade


@dataclass(frozen=True)
class _Fleet:
    """Instances of one type for the work at one memory size: their cost and the break-even."""

    instance: str
    memory_mb: int
    usd: Floats
    even: BreakEven


@dataclass(frozen=True)
class _Month:
    """The curves of a month over its requests: Lambda's by memory size, EC2's by fleet."""

    requests: Floats
    on_lambda: dict[int, Floats]
    on_ec2: list[_Fleet]

    @property
    def sizes(self) -> bool:
        """Return if it compares memory sizes, not instance types."""
        return len(self.on_lambda) > 1

    def holds(self, requests: float) -> bool:
        """Return if the load is on the axis."""
        return bool(self.requests[0] <= requests <= self.requests[-1])


def monthly_cost(
    duration_ms: float = 100,
    memory_mb: Sequence[int] = (_FULL_MB,),
    instances: Sequence[str] = ("c6i.large",),
    *,
    region: str = "eu-west-1",
    arch: str = "x86_64",
    free_tier: bool = False,
    requests: tuple[float, float] = (1e6, 3e8),
    today: dt.date | None = None,
    **fleet: Any,
) -> Figure:
    """Draw a month's cost in US dollars over its requests, both logarithmic, with the break-evens.

    Lambda at one memory size against instance types, or at several sizes against one type:
    instances are sized for the vCPUs that Lambda gives the same requests, at most 65% busy. The
    background has the winner's color. `fleet` takes the options of `costs.ec2_bill`. LookupError
    for an unknown price, ValueError for several sizes against several types.
    """
    if min(len(memory_mb), len(instances)) > 1:
        once = "give one of the two only once"
        raise ValueError(f"Several memory sizes are compared with one instance type: {once}.")
    fleet = {"utilization": UTILIZATION, **fleet}
    load = {"region": region, "duration_ms": duration_ms}
    on_lambda = {**load, "arch": arch, "free_tier": free_tier}
    month = _month(memory_mb, instances, requests, on_lambda, {**load, **fleet})
    title = _month_title(month, duration_ms)
    fleets = [prices.ec2_price(region, name) for name in instances]
    surplus = [row.surplus for row in fleets if row.surplus and not fleet.get("burst_baseline")]
    place = ", ".join([f"{region}, Lambda {arch}", chosen(free_tier, fleet), *surplus])
    return figure(
        title=title,
        alt=_month_alt(month, title, duration_ms),
        assumed=chosen(free_tier, fleet, all_of_it=True),
        how_to_read=_how_to_read(month),
        table=_month_table(month),
        where=origin(place, today, aws_lambda=[prices.lambda_price(region, arch)], ec2=fleets),
        draw=lambda axes: _draw_month(axes, month, duration_ms),
        number=_even(month),
    )


def _month(
    memory_mb: Sequence[int],
    instances: Sequence[str],
    requests: tuple[float, float],
    on_lambda: dict[str, Any],
    on_ec2: dict[str, Any],
) -> _Month:
    evens = {
        (name, mb): break_even(name, memory_mb=mb, **(on_lambda | on_ec2))
        for mb in memory_mb
        for name in instances
    }
    loads = _loads(requests, [even.requests for even in evens.values()])
    bills = {mb: lambda_bill(loads, memory_mb=mb, **on_lambda) for mb in memory_mb}
    fleets = []
    for (name, mb), even in evens.items():
        bill = ec2_bill(name, requests=loads, memory_mb=mb, **on_ec2)
        fleets.append(_Fleet(name, mb, np.asarray(bill.total_usd), even))
    return _Month(loads, {mb: np.asarray(bill.total_usd) for mb, bill in bills.items()}, fleets)


def _loads(span: tuple[float, float], evens: Sequence[float]) -> Floats:
    """Return the loads to draw: dense, and exactly those that the table lists."""
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
        below = f"Below {human_count(first.even.requests)} requests a month"
        return f"{below} Lambda is cheaper than {first.instance}"
    beyond = "never" if math.isinf(last.even.requests) else human_count(last.even.requests)
    start = f"{first.instance} wins from {human_count(first.even.requests)} requests"
    return f"{start} at {first.memory_mb:,} MB, {beyond} at {last.memory_mb:,} MB"


def _even(month: _Month) -> str:
    """Return the lowest break-even as the number of the slide; "" if there is none above zero."""
    first = min(one.even.requests for one in month.on_ec2)
    return f"{human_count(first)} requests" if 0 < first < math.inf else ""


def _how_to_read(month: _Month) -> str:
    if len(month.on_ec2) == 1 and not math.isinf(month.on_ec2[0].even.requests):
        return "background: the color of the cheapest; at the dot both cost the same."
    whose = "a line's" if month.sizes else "an instance's"
    never = any(math.isinf(one.even.requests) for one in month.on_ec2)
    rest = "; dotted: at any load." if never else "."
    below = "below, how busy EC2 is there"
    shades = "" if month.sizes else "background: the color of the cheapest; "
    return f"{shades}left of {whose} dot Lambda is cheaper ({below}){rest}"


def _same_work(month: _Month, duration_ms: float) -> str:
    if month.sizes:
        dashed = f"dashed {month.on_ec2[0].instance}, same vCPU for each"
        return f"US$ a month, requests of {duration_ms:,g} ms: Lambda solid; {dashed}"
    share = month.on_ec2[0].memory_mb / FULL_VCPU_MB
    vcpu = "one vCPU" if share == 1 else f"{share:.2g} vCPU"
    same = f"US$ a month for the same requests of {duration_ms:,g} ms, each on {vcpu}"
    return f"{same}: Lambda solid, EC2 dashed"


def _month_alt(month: _Month, title: str, duration_ms: float) -> str:
    each = " ".join(f"{_named(month, one)}: {one.even.sentence}" for one in month.on_ec2)
    what = f"Monthly US$ over requests of {duration_ms:,g} ms"
    lines = "a rising line for each Lambda memory size, stairs for EC2 sized for the same work"
    return f"{what}: {lines}. {title}. {each}"


def _named(month: _Month, one: _Fleet) -> str:
    return f"{one.instance} for {one.memory_mb:,} MB" if month.sizes else one.instance


def _month_table(month: _Month) -> Table:
    names = [f"Lambda {mb:,} MB" for mb in month.on_lambda]
    names += [_named(month, one) for one in month.on_ec2]
    headers = ("requests a month", *(f"{name} (US$)" for name in names))
    span = (float(month.requests[0]), float(month.requests[-1]))
    wanted = sorted({*_steps(span), *(one.even.requests for one in month.on_ec2)})
    rows = np.flatnonzero(np.isin(month.requests, wanted))
    curves = [*month.on_lambda.values(), *(one.usd for one in month.on_ec2)]
    return headers, [
        (round(float(month.requests[row])), *(known(curve[row], 2) for curve in curves))
        for row in rows
    ]


def _draw_month(axes: Axes, month: _Month, duration_ms: float) -> None:
    colors, loads, labels = style.palette(), month.requests, list[EndLabel]()
    ec2 = [one.usd for one in month.on_ec2]
    for number, (memory_mb, usd) in enumerate(month.on_lambda.items()):
        width = 3.6 if number == 0 else 2
        axes.plot(loads, usd, color=colors.aws_lambda, linewidth=width, zorder=3)
        labels.append(_end(loads, usd, f"Lambda {memory_mb:,} MB", colors.aws_lambda))
    for one in month.on_ec2:
        dots, width = (":", 2) if math.isinf(one.even.requests) else ("--", 2.6)
        axes.plot(loads, one.usd, dots, color=colors.ec2, linewidth=width)
        if month.sizes:
            labels.append(_end(loads, one.usd, _said(month, one), colors.ec2))
    _set_axes(axes, month)
    if not month.sizes:
        (on_lambda,) = month.on_lambda.values()
        shade_winner(axes, loads, on_lambda, np.min(ec2, axis=0))
    axes.set_title(_same_work(month, duration_ms))
    label_ends(axes, labels)
    starts = {one.instance: one for one in month.on_ec2}.values()
    words = [(one, one.instance if month.sizes else _said(month, one)) for one in starts]
    label_starts(axes, [EndLabel(loads[0], one.usd[0], said, colors.ec2) for one, said in words])
    _mark(axes, [one for one in month.on_ec2 if month.holds(one.even.requests)])


def _said(month: _Month, one: _Fleet) -> str:
    """Return a fleet's name, and the break-even if it has no dot on the axis."""
    name, load = f"EC2 for {one.memory_mb:,} MB" if month.sizes else one.instance, one.even.requests
    if month.holds(load):
        return name
    return f"{name}: never" if math.isinf(load) else f"{name}: cheaper above {human_count(load)}"


def _mark(axes: Axes, fleets: Sequence[_Fleet]) -> None:
    """Draw a dot at each break-even; write its load and EC2's utilization below, on the axis."""
    ink, floor = style.palette().ink, axes.get_ylim()[0]
    for one in fleets:
        load, usd = one.even.requests, one.even.usd
        axes.plot(load, usd, "o", markersize=10, color=ink, zorder=5)
        axes.vlines(load, floor, usd, linewidth=1.2, color=ink, zorder=5)
    words = [f"{human_count(one.even.requests)}\n{one.even.utilization:.0%} busy" for one in fleets]
    label_axis(axes, [one.even.requests for one in fleets], words)


def _end(requests: Floats, usd: Floats, words: str, color: str) -> EndLabel:
    """Name a line at its end, or where its price becomes unknown, and then say so."""
    last = int(np.flatnonzero(np.isfinite(usd))[-1])
    beyond = "" if last == len(usd) - 1 else ", then price unknown"
    return EndLabel(requests[last], usd[last], words + beyond, color)


def _set_axes(axes: Axes, month: _Month) -> None:
    low = min(float(one.usd[0]) for one in month.on_ec2)
    curves = [*month.on_lambda.values(), *(one.usd for one in month.on_ec2)]
    high = max(float(np.nanmax(usd)) for usd in curves)
    log_axes(axes, human_count, tick_usd)
    axes.set(xlim=(month.requests[0], month.requests[-1]), xlabel="requests a month")
    axes.set(ylim=(low / (60 if month.sizes else 20), high * 1.3))
