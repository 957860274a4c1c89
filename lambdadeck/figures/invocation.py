"""Figures over the size of one invocation: who wins at which memory and duration, and the call just made."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Protocol, Unpack

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter
from matplotlib.transforms import Bbox

from lambdadeck import prices
from lambdadeck.costs import FULL_VCPU_MB, ec2_bill, human_count, human_usd, lambda_bill
from lambdadeck.costs.ec2_bill import Ec2Options
from lambdadeck.figures.base import Figure, frame
from lambdadeck.figures.labels import EndLabel, callout, inline, label_ends, settle, tick_usd
from lambdadeck.figures.monthly_cost import sustained
from lambdadeck.prices.origin import chosen, origin
from lambdadeck.shared import style

_MEMORY_MB = np.geomspace(128, 10_240, 161)
_DURATION_MS = np.geomspace(1, 100_000, 201)
_MEMORY_TICKS = (128, 256, 512, 1024, 1769, 4096, 10_240)
_MILLION = 1e6


@style.styled
def winner_map(
    requests: float = 10e6,
    instance: str = "c6i.large",
    *,
    region: str = "eu-west-1",
    arch: str = "x86_64",
    free_tier: bool = False,
    today: dt.date | None = None,
    **fleet: Unpack[Ec2Options],
) -> Figure:
    """Where over memory (MB) and duration (ms) Lambda costs less than instances of one type, at `requests` a month.

    Each point is a workload of its own: an instance serves a request with the vCPU share that Lambda gives at that
    memory. `fleet` takes the options of `costs.ec2_bill`. LookupError for an unknown price.
    """
    options = sustained([instance], region) | fleet
    work = {"requests": requests, "duration_ms": _DURATION_MS[:, None], "memory_mb": _MEMORY_MB}
    on_lambda = lambda_bill(**work, region=region, arch=arch, free_tier=free_tier).total_usd
    ratio = on_lambda / ec2_bill(instance, region=region, **work, **options).total_usd
    title = _winner_title(ratio, requests, instance)
    how = "How to read: find your memory and duration; hatched, Lambda costs less, along the thin lines half or a tenth."
    table = [prices.lambda_price(region, arch)], [prices.ec2_price(region, instance)]
    where = origin(
        f"{region}, Lambda {arch}, {chosen(free_tier, options)}",
        today,
        aws_lambda=table[0],
        ec2=table[1],
    )
    axes = frame(title, how, where.data, warning=where.warning)
    _draw_winner(axes, ratio, instance)
    alt = (
        f"Map of memory against duration, split where Lambda and {instance} cost the same. {title}."
    )
    return Figure(axes.figure, title, alt, how, _winner_table(ratio, instance), where.text)


def _winner_title(ratio: np.ndarray, requests: float, instance: str) -> str:
    """What the map says for one full vCPU: where the winner changes as requests get longer."""
    column = ratio[:, int(np.argmin(np.abs(_MEMORY_MB - FULL_VCPU_MB)))]
    known = np.isfinite(column)
    wins, durations = column[known] < 1, _DURATION_MS[known]
    size, at = f"at {FULL_VCPU_MB:,.0f} MB", f"For {human_count(requests)} requests Lambda"
    if wins.all() or not wins.any():
        return f"{at} {'beats' if wins.all() else 'never beats'} {instance} {size}, 1 ms to {_time(durations[-1])}"
    change = _time(float(durations[np.argmax(wins != wins[0])]))
    return f"{at} beats {instance} {'up to' if wins[0] else 'only from'} {change} {size}"


def _time(ms: float) -> str:
    """Milliseconds to two significant digits: "0.4 ms", "120 ms", "1.5 s"."""
    return f"{float(f'{ms:.2g}'):g} ms" if ms < 995 else f"{float(f'{ms / 1000:.2g}'):g} s"


def _winner_table(ratio: np.ndarray, instance: str) -> tuple[tuple[str, ...], list[tuple]]:
    columns = [int(np.argmin(np.abs(_MEMORY_MB - mb))) for mb in _MEMORY_TICKS]
    headers = ("duration (ms)", *(f"Lambda / {instance} at {mb:,} MB" for mb in _MEMORY_TICKS))
    return headers, [
        (round(float(_DURATION_MS[row])), *(_known(ratio[row, column]) for column in columns))
        for row in range(0, len(_DURATION_MS), 40)
    ]


def _known(ratio: float) -> float | None:
    return None if math.isnan(ratio) else round(float(ratio), 3)


def _draw_winner(axes: Axes, ratio: np.ndarray, instance: str) -> None:
    colours = style.palette()
    fill = {"colors": [colours.paper, colours.panel], "hatches": [style.HATCH, None]}
    areas = axes.contourf(_MEMORY_MB, _DURATION_MS, ratio, levels=[0, 1, np.inf], **fill)
    areas.set_edgecolor([colours.aws_lambda, colours.panel])
    areas.set_linewidth(0)
    axes.contour(
        _MEMORY_MB,
        _DURATION_MS,
        ratio,
        levels=[0.1, 0.5, 1],
        colors=colours.ink,
        linewidths=[1.5, 1.5, 3],
    )
    axes.set(xscale="log", yscale="log", xlabel="memory in MB")
    axes.set_xticks(_MEMORY_TICKS, [f"{mb:,}" for mb in _MEMORY_TICKS])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda ms, _: _time(ms)))
    axes.minorticks_off()
    axes.grid(False)
    axes.set_title("duration of a request; compared: US$ a month")
    settle(axes)
    _name_areas(axes, ratio, instance)


def _name_areas(axes: Axes, ratio: np.ndarray, instance: str) -> None:
    colours = style.palette()
    box = {"boxstyle": "square,pad=0.25", "facecolor": colours.paper, "edgecolor": "none"}
    look = {
        "ha": "center",
        "va": "center",
        "fontweight": "bold",
        "bbox": box,
        "fontsize": style.points(20),
    }
    taken = [
        axes.text(*_middle(area), words, color=colour, **look).get_window_extent()
        for area, words, colour in (
            (ratio < 1, "Lambda costs less", colours.aws_lambda),
            (ratio >= 1, f"{instance} costs less", colours.ec2),
            (np.isnan(ratio), "price unknown", colours.muted),
        )
        if area.any()
    ]
    for level, first, words in (
        (0.1, 10, "a tenth of EC2"),
        (0.5, 52, "half of EC2"),
        (1, 110, "the same"),
    ):
        _name_line(axes, ~(ratio < level), words, first, taken)  # the edge of the unknown is none


def _name_line(axes: Axes, beyond: np.ndarray, words: str, first: int, taken: list[Bbox]) -> None:
    """Name the edge of `beyond` on the line itself, in the first column from `first` on where no other name is."""
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


def _middle(area: np.ndarray) -> tuple[float, float]:
    """The place inside the area that is nearest to the middle of it."""
    cells = np.argwhere(area)
    row, column = cells[np.argmin(np.abs((cells - cells.mean(axis=0)) / area.shape).sum(axis=1))]
    return float(_MEMORY_MB[column]), float(_DURATION_MS[row])


class Measured(Protocol):
    """What a REPORT line says of one invocation: ms run and billed, MB, and ms of INIT (None when warm)."""

    duration_ms: float
    billed_ms: float
    memory_mb: float
    init_ms: float | None


@style.styled
def this_call(
    report: Measured,
    *,
    where: str = "at the duration measured here, not in AWS",
    region: str = "eu-west-1",
    arch: str = "x86_64",
    size: tuple[float, float] = style.SIZE,
    today: dt.date | None = None,
) -> Figure:
    """The invocation just made, on the curve of what a million like it cost (US dollars, requests included).

    Priced at the duration measured here, which is not AWS's: `where` says so in the corner. A cold start's INIT is
    billed, so a cold call is drawn beside the same call warm. No free tier. `size` is in inches.
    LookupError for an unknown price.
    """
    price = prices.lambda_price(region, arch)
    usd = _million(report.billed_ms, report.memory_mb, region, arch)
    billed = f"{report.billed_ms:,.0f} ms billed at {report.memory_mb:,.0f} MB"
    title = f"A million calls like this cost {human_usd(usd)}: {billed}"
    how = "How to read: the dot is the call just made; right is longer, up is dearer, each line is a memory size."
    spot = origin(f"{where} · {region}, {arch}, no free tier", today, aws_lambda=[price])
    axes = frame(title, how, spot.data, warning=spot.warning, size=size)
    sizes = sorted({128, 512, 1769, 10_240, round(report.memory_mb)})
    _draw_call(axes, report, sizes, region, arch)
    rows = [(mb, round(float(_million(report.billed_ms, mb, region, arch)), 4)) for mb in sizes]
    alt = f"US$ for a million calls over billed duration, a line for each memory size. {title}. {_warm_words(report)}"
    table = ("memory (MB)", f"US$ for a million calls of {report.billed_ms:,.0f} ms"), rows
    return Figure(axes.figure, title, alt, how, table, spot.text)


def _million(
    billed_ms: float | np.ndarray, memory_mb: float, region: str, arch: str
) -> float | np.ndarray:
    # Billed ms are whole already: no rounding, so that the curve is smooth between them.
    return lambda_bill(
        _MILLION, billed_ms, memory_mb, region=region, arch=arch, rounding_ms=1e-6
    ).total_usd


def _warm_ms(report: Measured) -> int:
    """What the same call is billed when warm: its duration without INIT, rounded up."""
    return max(1, math.ceil(report.duration_ms))


def _warm_words(report: Measured) -> str:
    if report.init_ms is None:
        return "The start was warm."
    return f"The start was cold: INIT took {report.init_ms:,.0f} ms; warm it would be billed {_warm_ms(report):,} ms."


def _draw_call(axes: Axes, report: Measured, sizes: Sequence[int], region: str, arch: str) -> None:
    colours = style.palette()
    grid = np.geomspace(1, max(10_000, report.billed_ms * 3), 200)
    labels = []
    for mb in sizes:
        usd, own = _million(grid, mb, region, arch), mb == round(report.memory_mb)
        axes.plot(
            grid,
            usd,
            color=colours.aws_lambda if own else colours.muted,
            linewidth=4 if own else 1.5,
        )
        labels.append(
            EndLabel(grid[-1], usd[-1], f"{mb:,} MB", colours.aws_lambda if own else colours.muted)
        )
    axes.set(xscale="log", yscale="log", xlim=(grid[0], grid[-1]), xlabel="billed duration")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda ms, _: _time(ms)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda usd, _: tick_usd(usd)))
    axes.minorticks_off()
    axes.set_ylim(_million(1, sizes[0], region, arch) / 9)
    axes.set_title("US$ for a million calls")
    label_ends(axes, labels)
    _mark_call(axes, report, region, arch)


def _mark_call(axes: Axes, report: Measured, region: str, arch: str) -> None:
    colours = style.palette()
    point = (report.billed_ms, _million(report.billed_ms, report.memory_mb, region, arch))
    axes.plot(*point, "o", color=colours.ink, markersize=13, zorder=6, clip_on=False)
    start = "warm" if report.init_ms is None else "cold"
    callout(axes, point, f"this call, {start}: {human_usd(point[1])}", **_aside(axes, point, 66))
    if report.init_ms is not None and _warm_ms(report) < report.billed_ms:
        warm = (_warm_ms(report), _million(_warm_ms(report), report.memory_mb, region, arch))
        axes.plot(*warm, "D", color=colours.aws_lambda, markersize=11, zorder=6, clip_on=False)
        callout(axes, warm, f"the same, warm: {human_usd(warm[1])}", **_aside(axes, warm, -34))


def _aside(axes: Axes, point: tuple[float, float], up: float) -> dict[str, object]:
    """Where beside a point there is room for words: towards the middle, `up` pixels higher unless that is outside."""
    x, y = axes.transAxes.inverted().transform(axes.transData.transform(point))
    height = axes.get_window_extent().height
    return {
        "offset": (28 if x < 0.4 else -28, min(up, height * (0.95 - y))),
        "ha": "left" if x < 0.4 else "right",
    }
