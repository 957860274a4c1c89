"""Figures of one invocation: the cheaper side by memory and duration, and the call just made."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from lambdadeck import prices
from lambdadeck.costs import (
    FULL_VCPU_MB,
    MOST_MS,
    UTILIZATION,
    Floats,
    ec2_bill,
    human_count,
    human_usd,
    lambda_bill,
)
from lambdadeck.figures.base import Figure, Table, figure, known, million_usd
from lambdadeck.figures.labels import (
    EndLabel,
    axis_words,
    callout,
    inline,
    label_ends,
    log_axes,
    note,
    paper,
    settle,
    tick_usd,
)
from lambdadeck.prices.origin import chosen, origin
from lambdadeck.report import Report
from lambdadeck.shared import style

_MEMORY_MB: Floats = np.geomspace(128, 10_240, 161)
_DURATION_MS: Floats = np.geomspace(1, 100_000, 201)
_MEMORY_TICKS = (128, 256, 512, 1024, 1769, 4096, 10_240)


def winner_map(
    requests: float = 10e6,
    instance: str = "c6i.large",
    *,
    region: str = "eu-west-1",
    arch: str = "x86_64",
    free_tier: bool = False,
    today: dt.date | None = None,
    **fleet: Any,
) -> Figure:
    """Draw where over memory (MB) and duration (ms) Lambda costs less than one instance type.

    Each point is a workload of `requests` a month: an instance serves a request with the vCPU
    share that Lambda gives at that memory, at most 65% busy. `fleet` takes the options of
    `costs.ec2_bill`. LookupError for an unknown price.
    """
    fleet = {"utilization": UTILIZATION, **fleet}
    ms, mb = _DURATION_MS[:, None], _MEMORY_MB
    on_lambda = lambda_bill(requests, ms, mb, region=region, arch=arch, free_tier=free_tier)
    on_ec2 = ec2_bill(
        instance, region=region, requests=requests, duration_ms=ms, memory_mb=mb, **fleet
    )
    ratio = np.asarray(on_lambda.total_usd / on_ec2.total_usd)
    title = _winner_title(ratio, requests, instance)
    find = "find your memory and duration; hatched, Lambda costs less"
    row, instance_row = prices.lambda_price(region, arch), prices.ec2_price(region, instance)
    surplus = "" if fleet.get("burst_baseline") else instance_row.surplus
    options, assumed = (chosen(free_tier, fleet, all_of_it=every) for every in (False, True))
    place = ", ".join(filter(None, [f"{region}, Lambda {arch}", options, surplus]))
    split = f"split where Lambda and {instance} cost the same"
    return figure(
        title=title,
        alt=f"Map of memory against duration, {split}. {title}.",
        assumed=assumed,
        how_to_read=f"{find}, along the thin lines half or a tenth.",
        table=_winner_table(ratio, instance),
        where=origin(place, today, aws_lambda=[row], ec2=[instance_row]),
        draw=lambda axes: _draw_winner(axes, ratio, instance),
    )


def _winner_title(ratio: Floats, requests: float, instance: str) -> str:
    """Return the finding for one full vCPU: where the winner changes as requests get longer."""
    column = ratio[:, int(np.argmin(np.abs(_MEMORY_MB - FULL_VCPU_MB)))]
    known = np.isfinite(column)
    wins, durations = column[known] < 1, _DURATION_MS[known]
    size, at = f"at {FULL_VCPU_MB:,.0f} MB", f"For {human_count(requests)} requests Lambda"
    if wins.all() or not wins.any():
        beats = "beats" if wins.all() else "never beats"
        return f"{at} {beats} {instance} {size}, 1 ms to {_time(durations[-1])}"
    change = _time(float(durations[np.argmax(wins != wins[0])]))
    return f"{at} beats {instance} {'up to' if wins[0] else 'only from'} {change} {size}"


def _time(ms: float) -> str:
    """Return milliseconds to two significant digits: "0.4 ms", "120 ms", "1.5 s"."""
    return f"{float(f'{ms:.2g}'):g} ms" if ms < 995 else f"{float(f'{ms / 1000:.2g}'):g} s"


def _winner_table(ratio: Floats, instance: str) -> Table:
    columns = [int(np.argmin(np.abs(_MEMORY_MB - mb))) for mb in _MEMORY_TICKS]
    headers = ("duration (ms)", *(f"Lambda / {instance} at {mb:,} MB" for mb in _MEMORY_TICKS))
    return headers, [
        (round(float(_DURATION_MS[row])), *(known(ratio[row, column], 3) for column in columns))
        for row in range(0, len(_DURATION_MS), 40)
    ]


def _draw_winner(axes: Axes, ratio: Floats, instance: str) -> None:
    colors = style.palette()
    grid = _MEMORY_MB, _DURATION_MS, ratio
    fill, hatches = [colors.paper, colors.panel], [style.HATCH, None]
    areas = axes.contourf(*grid, levels=[0, 1, np.inf], colors=fill, hatches=hatches)
    areas.set_edgecolor([colors.aws_lambda, colors.panel])
    areas.set_linewidth(0)
    axes.contour(*grid, levels=[0.1, 0.5, 1], colors=colors.ink, linewidths=[1.5, 1.5, 3])
    axes.set(xscale="log", yscale="log", xlabel="memory in MB")
    axes.set_xticks(_MEMORY_TICKS, [f"{mb:,}" for mb in _MEMORY_TICKS])
    axis_words(axes.yaxis, _time)
    axes.minorticks_off()
    axes.grid(False)
    axes.set_title("duration of a request; compared: US$ a month")
    settle(axes)
    _name_areas(axes, ratio, instance)


def _name_areas(axes: Axes, ratio: Floats, instance: str) -> None:
    colors = style.palette()
    look = {"ha": "center", "fontsize": style.points(style.type_scale().text), "bbox": paper(0.25)}
    taken = [
        note(axes, _middle(area), words, (0, 0), color=color, **look).get_window_extent()
        for area, words, color in (
            (ratio < 1, "Lambda costs less", colors.aws_lambda),
            (ratio >= 1, f"{instance} costs less", colors.ec2),
            (np.isnan(ratio), "price unknown", colors.muted),
        )
        if area.any()
    ]
    lines = ((0.1, 10, "a tenth of EC2"), (0.5, 52, "half of EC2"), (1, 110, "the same"))
    for level, first, words in lines:
        _name_line(axes, ~(ratio < level), words, first, taken)  # the edge of the unknown is none


def _name_line(
    axes: Axes, beyond: NDArray[np.bool_], words: str, first: int, taken: list[Bbox]
) -> None:
    """Name the edge of `beyond` on its line, in the first free column from `first` on."""
    columns = range(beyond.shape[1])
    for column in [*columns[first:128:8], *columns[4:first:8]]:
        row = int(np.argmax(beyond[:, column] != beyond[0, column]))
        if not row:
            continue
        name = inline(axes, (_MEMORY_MB[column], _DURATION_MS[row]), words, style.palette().ink)
        if not any(name.get_window_extent().overlaps(other.padded(4)) for other in taken):
            taken.append(name.get_window_extent())
            return
        name.remove()


def _middle(area: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the place inside the area that is nearest to its middle."""
    cells = np.argwhere(area)
    row, column = cells[np.argmin(np.abs((cells - cells.mean(axis=0)) / area.shape).sum(axis=1))]
    return float(_MEMORY_MB[column]), float(_DURATION_MS[row])


def this_call(
    report: Report,
    *,
    where: str = "at the duration measured here, not on AWS",
    region: str = "eu-west-1",
    arch: str = "x86_64",
    today: dt.date | None = None,
) -> Figure:
    """Draw the invocation just made on the curve of a million like it (US dollars, with requests).

    Priced at the duration measured here, which is not AWS's: `where` says so in the corner. A cold
    start's INIT is billed, so a cold call is drawn beside the same call warm. No free tier.
    LookupError for an unknown price.
    """
    price = prices.lambda_price(region, arch)
    usd = float(million_usd(report.billed_ms, report.memory_mb, region, arch))
    billed = f"{report.billed_ms:,.0f} ms billed at {report.memory_mb:,.0f} MB"
    title = f"A million calls like this cost {human_usd(usd)}: {billed}"
    dot = "the dot is the call just made; right is longer, up is more expensive"
    sizes = sorted({128, 512, 1769, 10_240, round(report.memory_mb)})
    costs = [float(million_usd(report.billed_ms, mb, region, arch)) for mb in sizes]
    headers = ("memory (MB)", f"US$ for a million calls of {report.billed_ms:,.0f} ms")
    what = "US$ for a million calls over billed duration, a line for each memory size"
    return figure(
        title=title,
        alt=f"{what}. {title}. {_warm_words(report)}",
        how_to_read=f"{dot}, each line is a memory size.",
        table=(headers, [(mb, round(usd, 4)) for mb, usd in zip(sizes, costs, strict=True)]),
        where=origin(f"{region} · {where}, {arch}, no free tier", today, aws_lambda=[price]),
        draw=lambda axes: _draw_call(axes, report, sizes, region, arch),
        number=f"{human_usd(usd)} a million",
    )


def _warm_ms(report: Report) -> int:
    """Return the billed ms of the same call when warm: without INIT, rounded up."""
    return max(1, math.ceil(report.duration_ms))


def _warm_words(report: Report) -> str:
    if report.init_ms is None:
        return "The start was warm."
    cold = f"The start was cold: INIT took {report.init_ms:,.0f} ms"
    return f"{cold}; warm it would be billed {_warm_ms(report):,} ms."


def _draw_call(axes: Axes, report: Report, sizes: Sequence[int], region: str, arch: str) -> None:
    colors = style.palette()
    grid = np.geomspace(1, min(max(10_000, report.billed_ms * 3), MOST_MS), 200)
    labels = []
    for mb in sizes:
        usd, own = million_usd(grid, mb, region, arch), mb == round(report.memory_mb)
        color, width = (colors.aws_lambda, 4) if own else (colors.muted, 1.5)
        axes.plot(grid, usd, color=color, linewidth=width)
        labels.append(EndLabel(grid[-1], usd[-1], f"{mb:,} MB", color))
    log_axes(axes, _time, tick_usd)
    axes.set(xlim=(grid[0], grid[-1]), xlabel="billed duration")
    axes.set_ylim(float(million_usd(1, sizes[0], region, arch)) / 9)
    axes.set_title("US$ for a million calls")
    label_ends(axes, labels)
    _mark_call(axes, report, region, arch)


def _mark_call(axes: Axes, report: Report, region: str, arch: str) -> None:
    colors = style.palette()
    usd = float(million_usd(report.billed_ms, report.memory_mb, region, arch))
    axes.plot(report.billed_ms, usd, "o", color=colors.ink, markersize=13, zorder=6, clip_on=False)
    start = "warm" if report.init_ms is None else "cold"
    _name(axes, (report.billed_ms, usd), f"this call, {start}", 66)
    ms = _warm_ms(report)
    if report.init_ms is not None and ms < report.billed_ms:
        usd = float(million_usd(ms, report.memory_mb, region, arch))
        axes.plot(ms, usd, "D", color=colors.aws_lambda, markersize=11, zorder=6, clip_on=False)
        _name(axes, (ms, usd), "the same, warm", -34)


def _name(axes: Axes, point: tuple[float, float], words: str, up: float) -> None:
    """Name a point, towards the middle and `up` pixels higher, unless that is outside."""
    x, y = axes.transAxes.inverted().transform(axes.transData.transform(point))
    up = min(up, axes.get_window_extent().height * (0.95 - y))
    away, ha = (28, "left") if x < 0.4 else (-28, "right")
    callout(axes, point, f"{words}: {human_usd(point[1])}", offset=(away, up), ha=ha)
