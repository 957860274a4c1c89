"""Figures of one invocation: the cheaper side by memory and duration, and the call just made."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Protocol, Unpack

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from lambdadeck import prices
from lambdadeck.costs import (
    FULL_VCPU_MB,
    Ec2Options,
    Floats,
    Numbers,
    ec2_bill,
    human_count,
    human_usd,
    lambda_bill,
)
from lambdadeck.figures.base import Figure, Table, figure, frame
from lambdadeck.figures.labels import (
    EndLabel,
    TextLook,
    axis_words,
    callout,
    inline,
    label_ends,
    paper,
    settle,
    tick_usd,
)
from lambdadeck.figures.monthly_cost import sustained
from lambdadeck.prices.origin import chosen, origin
from lambdadeck.shared import style

_MEMORY_MB: Floats = np.geomspace(128, 10_240, 161)
_DURATION_MS: Floats = np.geomspace(1, 100_000, 201)
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
    """Draw where over memory (MB) and duration (ms) Lambda costs less than one instance type.

    Each point is a workload of `requests` a month: an instance serves a request with the vCPU
    share that Lambda gives at that memory. `fleet` takes the options of `costs.ec2_bill`.
    LookupError for an unknown price.
    """
    options: Ec2Options = {**sustained([instance], region), **fleet}
    ms, mb = _DURATION_MS[:, None], _MEMORY_MB
    on_lambda = lambda_bill(requests, ms, mb, region=region, arch=arch, free_tier=free_tier)
    on_ec2 = ec2_bill(
        instance, region=region, requests=requests, duration_ms=ms, memory_mb=mb, **options
    )
    ratio = np.asarray(on_lambda.total_usd / on_ec2.total_usd)
    title = _winner_title(ratio, requests, instance)
    how = (
        "How to read: find your memory and duration; hatched, Lambda costs less, "
        "along the thin lines half or a tenth."
    )
    place = f"{region}, Lambda {arch}, {chosen(free_tier, options)}"
    row, instance_row = prices.lambda_price(region, arch), prices.ec2_price(region, instance)
    where = origin(place, today, aws_lambda=[row], ec2=[instance_row])
    axes = frame(title, how, where.data, warning=where.warning)
    _draw_winner(axes, ratio, instance)
    split = f"split where Lambda and {instance} cost the same"
    alt = f"Map of memory against duration, {split}. {title}."
    return figure(axes, title, alt, how, _winner_table(ratio, instance), where.text)


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
        (round(float(_DURATION_MS[row])), *(_known(ratio[row, column]) for column in columns))
        for row in range(0, len(_DURATION_MS), 40)
    ]


def _known(ratio: float) -> float | None:
    return None if math.isnan(ratio) else round(float(ratio), 3)


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
    look: TextLook = {"ha": "center", "va": "center", "fontweight": "bold", "bbox": paper(0.25)}
    look["fontsize"] = style.points(20)
    taken = [
        axes.text(*_middle(area), words, color=color, **look).get_window_extent()
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


class ReportLine(Protocol):
    """The REPORT line of an invocation: ms run and billed, MB, and ms of INIT (None if warm)."""

    @property
    def duration_ms(self) -> float: ...
    @property
    def billed_ms(self) -> float: ...
    @property
    def memory_mb(self) -> float: ...
    @property
    def init_ms(self) -> float | None: ...


@style.styled
def this_call(
    report: ReportLine,
    *,
    where: str = "at the duration measured here, not in AWS",
    region: str = "eu-west-1",
    arch: str = "x86_64",
    size: tuple[float, float] = style.SIZE,
    today: dt.date | None = None,
) -> Figure:
    """Draw the invocation just made on the curve of a million like it (US dollars, with requests).

    Priced at the duration measured here, which is not AWS's: `where` says so in the corner. A cold
    start's INIT is billed, so a cold call is drawn beside the same call warm. No free tier. `size`
    is in inches. LookupError for an unknown price.
    """
    price = prices.lambda_price(region, arch)
    usd = float(_million(report.billed_ms, report.memory_mb, region, arch))
    billed = f"{report.billed_ms:,.0f} ms billed at {report.memory_mb:,.0f} MB"
    title = f"A million calls like this cost {human_usd(usd)}: {billed}"
    how = (
        "How to read: the dot is the call just made; right is longer, up is more expensive, "
        "each line is a memory size."
    )
    spot = origin(f"{where} · {region}, {arch}, no free tier", today, aws_lambda=[price])
    axes = frame(title, how, spot.data, warning=spot.warning, size=size)
    sizes = sorted({128, 512, 1769, 10_240, round(report.memory_mb)})
    _draw_call(axes, report, sizes, region, arch)
    rows = [(mb, round(float(_million(report.billed_ms, mb, region, arch)), 4)) for mb in sizes]
    what = "US$ for a million calls over billed duration, a line for each memory size"
    alt = f"{what}. {title}. {_warm_words(report)}"
    table = ("memory (MB)", f"US$ for a million calls of {report.billed_ms:,.0f} ms"), rows
    return figure(axes, title, alt, how, table, spot.text)


def _million(billed_ms: Numbers, memory_mb: float, region: str, arch: str) -> Floats:
    # Billed ms are whole already: no rounding, so that the curve is smooth between them.
    bill = lambda_bill(_MILLION, billed_ms, memory_mb, region=region, arch=arch, rounding_ms=1e-6)
    return np.asarray(bill.total_usd)


def _warm_ms(report: ReportLine) -> int:
    """Return the billed ms of the same call when warm: without INIT, rounded up."""
    return max(1, math.ceil(report.duration_ms))


def _warm_words(report: ReportLine) -> str:
    if report.init_ms is None:
        return "The start was warm."
    cold = f"The start was cold: INIT took {report.init_ms:,.0f} ms"
    return f"{cold}; warm it would be billed {_warm_ms(report):,} ms."


def _draw_call(
    axes: Axes, report: ReportLine, sizes: Sequence[int], region: str, arch: str
) -> None:
    colors = style.palette()
    grid = np.geomspace(1, max(10_000, report.billed_ms * 3), 200)
    labels = []
    for mb in sizes:
        usd, own = _million(grid, mb, region, arch), mb == round(report.memory_mb)
        color, width = (colors.aws_lambda, 4) if own else (colors.muted, 1.5)
        axes.plot(grid, usd, color=color, linewidth=width)
        labels.append(EndLabel(grid[-1], usd[-1], f"{mb:,} MB", color))
    axes.set(xscale="log", yscale="log", xlim=(grid[0], grid[-1]), xlabel="billed duration")
    axis_words(axes.xaxis, _time)
    axis_words(axes.yaxis, tick_usd)
    axes.minorticks_off()
    axes.set_ylim(float(_million(1, sizes[0], region, arch)) / 9)
    axes.set_title("US$ for a million calls")
    label_ends(axes, labels)
    _mark_call(axes, report, region, arch)


def _mark_call(axes: Axes, report: ReportLine, region: str, arch: str) -> None:
    colors = style.palette()
    usd = float(_million(report.billed_ms, report.memory_mb, region, arch))
    axes.plot(report.billed_ms, usd, "o", color=colors.ink, markersize=13, zorder=6, clip_on=False)
    start = "warm" if report.init_ms is None else "cold"
    _name(axes, (report.billed_ms, usd), f"this call, {start}", 66)
    ms = _warm_ms(report)
    if report.init_ms is not None and ms < report.billed_ms:
        usd = float(_million(ms, report.memory_mb, region, arch))
        axes.plot(ms, usd, "D", color=colors.aws_lambda, markersize=11, zorder=6, clip_on=False)
        _name(axes, (ms, usd), "the same, warm", -34)


def _name(axes: Axes, point: tuple[float, float], words: str, up: float) -> None:
    """Name a point, towards the middle and `up` pixels higher, unless that is outside."""
    x, y = axes.transAxes.inverted().transform(axes.transData.transform(point))
    up = min(up, axes.get_window_extent().height * (0.95 - y))
    away, ha = (28, "left") if x < 0.4 else (-28, "right")
    callout(axes, point, f"{words}: {human_usd(point[1])}", offset=(away, up), ha=ha)
