"""Figures of cold starts by language, and of a burst's execution environments over time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from lambdadeck.figures.base import Figure, figure
from lambdadeck.figures.labels import note, settle
from lambdadeck.prices.origin import Origin
from lambdadeck.reference.cold_starts import Measured, measured
from lambdadeck.shared import style
from lambdadeck.shared.timeline import BurstInvocation, Timeline, timeline

LANGUAGES = {  # the newest measured runtime of each language, as the measurements name it
    "rust_on_provided_al2023": "Rust",
    "go_on_provided_al2023": "Go",
    "python314": "Python 3.14",
    "nodejs24x": "Node.js 24",
    "java25": "Java 25",
    "ruby34": "Ruby 3.4",
    "dotnet10": ".NET 10",
}
_PARTED = 30  # with more environments than this there is no paper between the bars
_ALONE = (("the last", 1.0, 0),)  # what is marked of a group: words, share, points above the mark
_AMONG_MANY = (("half", 0.5, 8), ("9 in 10", 0.9, 13), ("the last", 1.0, 7))
_BELOW_A_LINE = (11.52, 4.32)  # inches: a slide has room for the sentence of burst.fitting() above


def cold_starts(*, memory_mb: int = 1024) -> Figure:
    """Draw the INIT of a hello world, by language and architecture, in ms.

    Measured by maxday/lambda-perf (daily means of a week), not here: the corner says so.
    LookupError if a language was not measured at this memory on both architectures.
    """
    found = sorted(
        (_both(*item, memory_mb) for item in LANGUAGES.items()), key=lambda one: one.x86.init_ms
    )
    best = min(found, key=lambda start: min(start.times))
    worst = max(found, key=lambda start: max(start.times))
    least, most = f"{min(best.times):.0f} ms", f"{max(worst.times):.0f} ms"
    each = (
        f"{start.label} {start.times[0]:.0f} ms on x86_64, {start.times[1]:.0f} ms on arm64"
        for start in found
    )
    how = "each mark is a mean INIT; further left is a shorter cold start. "
    work = f"hello world, zip, {memory_mb:,} MB, no VPC"
    headers = ("runtime", "x86_64 INIT (ms)", "arm64 INIT (ms)")
    return figure(
        title=f"INIT takes {least} in {best.label} and {most} in {worst.label}",
        alt=f"Dot plot of mean INIT by language. {'; '.join(each)}.",
        how_to_read=f"{how}Dependencies come on top.",
        table=(headers, [(start.label, *start.times) for start in found]),
        where=Origin(f"{work} · measured on AWS, not here: {best.x86.source}"),
        draw=lambda axes: _draw_dumbbells(axes, found[::-1]),
        number=f"{least} to {most}",
    )


@dataclass(frozen=True)
class _Both:
    label: str
    x86: Measured
    arm: Measured

    @property
    def times(self) -> tuple[float, float]:
        return self.x86.init_ms, self.arm.init_ms


def _both(runtime: str, label: str, memory_mb: int) -> _Both:
    x86, arm = (measured(runtime, memory_mb=memory_mb, arch=arch) for arch in ("x86_64", "arm64"))
    return _Both(label, x86, arm)


def _draw_dumbbells(axes: Axes, found: Sequence[_Both]) -> None:
    colors, rows = style.palette(), np.arange(len(found))
    x86, arm = zip(*(start.times for start in found), strict=True)
    axes.hlines(rows, x86, arm, color=colors.muted, linewidth=2)
    axes.plot(x86, rows, "o", color=colors.cold, markersize=11)
    (hollow,) = axes.plot(arm, rows, "D", color=colors.cold, markersize=9, markeredgewidth=2)
    hollow.set_markerfacecolor(colors.paper)
    for row, start in enumerate(found):
        note(axes, (max(start.times), row), "{:.0f} / {:.0f}".format(*start.times))
    axes.set_yticks(rows, [start.label for start in found])
    axes.set(xlim=(0, max(*x86, *arm) * 1.15), ylim=(-0.6, len(found) - 0.4))
    axes.set_title("mean INIT in ms:  ● x86_64 / ◇ arm64")
    axes.grid(False, axis="y")


def burst_timeline(
    shots: Sequence[BurstInvocation],
    *,
    where: str = "measured on this machine",
    number: str = "",
    today: date | None = None,
) -> Figure:
    """Draw a row for each execution environment, a bar for each invocation; INIT is hatched.

    `where` says where the burst ran. Times are ms since the first request. The slide's title ends
    with `number`, or with how many calls were cold.
    ValueError without an invocation.
    """
    found = timeline(shots)
    when = today or date.today()
    return figure(
        title=found.title,
        alt=found.alt,
        how_to_read="one row is one environment, one bar one call; ms since the first request.",
        table=found.table,
        where=Origin(
            f"{where} · {when} · time as the caller saw it",
            brief=f"{where.split(' (')[0]} · {when}",
        ),
        draw=lambda axes: _draw_bars(axes, found),
        number=number or found.number,
        size=style.SIZE if len(found.rows) <= _PARTED else _BELOW_A_LINE,
    )


def _draw_bars(axes: Axes, burst: Timeline) -> None:
    """Draw warm environments above cold ones, each group below its heading."""
    heading, top, places = 0.1 * len(burst.rows), 0.0, dict[str, float]()
    for group in burst.groups():
        color = style.palette().cold if group.cold else style.palette().aws_lambda
        places |= {name: top + heading + at + 0.5 for at, name in enumerate(group.names)}
        low = top + heading
        axes.text(0, low, group.heading, color=color, fontweight=600, va="bottom")
        top = low + len(group.names) + 0.02 * len(burst.rows)
        _draw_group(axes, group.shots, burst.first_ms, places)
    axes.set(xlim=(0, burst.axis_ms), ylim=(top, 0))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    settle(axes)


def _draw_group(
    axes: Axes, shots: Sequence[BurstInvocation], zero: float, places: Mapping[str, float]
) -> None:
    """Draw INIT hatched and the handler solid, and name the end of the last invocation."""
    colors, edge = style.palette(), 1.5 if len(places) <= _PARTED else 0
    look: dict[str, Any] = {"height": 0.74 if edge else 1}
    begin = np.array([shot.start_ms - zero for shot in shots])
    end = np.array([shot.end_ms - zero for shot in shots])
    rows = np.array([places[shot.environment] for shot in shots])
    works = [shot.report.duration_ms if shot.cold else math.inf for shot in shots]
    runs, cold = np.maximum(begin, end - works), np.isfinite(works)
    init: dict[str, Any] = {"facecolor": colors.paper, "edgecolor": colors.cold}
    draw = axes.barh if edge or len(set(rows)) < len(rows) else partial(_fill, axes)
    if cold.any():
        width = (runs - begin)[cold]
        draw(rows[cold], width, left=begin[cold], linewidth=edge, hatch=style.HATCH, **init, **look)
    draw(rows, end - runs, left=runs, color=colors.aws_lambda, **look)
    answered = sorted(zip(end, rows, strict=True))
    for said, share, up in _ALONE if edge else _AMONG_MANY:
        point = answered[math.ceil(share * len(answered)) - 1]
        if not edge:
            axes.plot(*point, "o", color=colors.ink, markersize=9)
        note(axes, point, f"{said}: {point[0]:,.0f} ms", (12, up))


def _fill(
    axes: Axes, rows: np.ndarray, width: np.ndarray, *, left: np.ndarray, height: float, **look: Any
) -> None:
    """Draw bars that touch as one outline, so that a picture of a thousand stays small."""
    order = np.argsort(rows)
    edges = (rows[order][:, None] + np.array([-height, height]) / 2).ravel()
    begin, end = np.repeat(left[order], 2), np.repeat((left + width)[order], 2)
    axes.fill(np.append(begin, end[::-1]), np.append(edges, edges[::-1]), **look)
