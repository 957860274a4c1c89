"""Figures about how Lambda runs code: cold starts by language, and a burst's execution environments over time."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from lambdadeck import style
from lambdadeck.figure import Figure, frame
from lambdadeck.figure_text import settle

COLD_STARTS = Path(__file__).parents[1] / "assets" / "measured" / "cold_starts_2026-08.csv"
LANGUAGES = {  # the newest measured runtime of each language, as the measurements name it
    "rust_on_provided_al2023": "Rust",
    "go_on_provided_al2023": "Go",
    "python314": "Python 3.14",
    "nodejs24x": "Node.js 24",
    "java25": "Java 25",
    "ruby34": "Ruby 3.4",
    "dotnet10": ".NET 10",
}
_NAMED_ROWS = 10  # with more environments than this there is no room to name each


class Shot(Protocol):
    """One invocation of a burst: milliseconds on a common clock, the environment that served it, whether it was cold."""

    start_ms: float
    end_ms: float
    environment: str
    cold: bool


@dataclass(frozen=True)
class ColdStart:
    """The mean INIT of one runtime on both architectures, in ms."""

    language: str
    x86_ms: float
    arm_ms: float


def cold_starts(
    languages: Mapping[str, str] = LANGUAGES,
    *,
    memory_mb: int = 1024,
    package: str = "zip",
    path: Path = COLD_STARTS,
) -> Figure:
    """How long INIT of a hello world takes, by language and architecture, in ms.

    Measured by maxday/lambda-perf (daily means of a week), not by us: the corner says when. `languages` maps the
    measurement's runtime name to the label to show. LookupError when a runtime was not measured at this memory and
    package ("zip" or "image") on both architectures.
    """
    measured = [row for row in _read(path) if row["memory_mb"] == str(memory_mb) and row["package"] == package]
    found = sorted((_cold_start(measured, *item) for item in languages.items()), key=lambda start: -start.x86_ms)
    return _draw_cold_starts(found, _measured_by(measured, memory_mb, package))


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as table:
        return list(csv.DictReader(table))


def _cold_start(measured: Sequence[Mapping[str, str]], runtime: str, label: str) -> ColdStart:
    inits = {row["arch"]: float(row["avg_cold_init_ms"]) for row in measured if row["runtime"] == runtime}
    if set(inits) != {"x86_64", "arm64"}:
        raise LookupError(f"No cold starts of {runtime} on both architectures at this memory and package in the table.")
    return ColdStart(label, inits["x86_64"], inits["arm64"])


def _measured_by(measured: Sequence[Mapping[str, str]], memory_mb: int, package: str) -> str:
    oldest = min(measured, key=lambda row: row["as_of"])
    return f"hello world, {package}, {memory_mb:,} MB, no VPC · measured, not live: {oldest['source']}"


@style.styled
def _draw_cold_starts(found: Sequence[ColdStart], data: str) -> Figure:
    best, worst = min(found, key=_fastest), max(found, key=_slowest)
    title = f"INIT takes {_fastest(best):.0f} ms in {best.language} and {_slowest(worst):.0f} ms in {worst.language}"
    how = "How to read: each mark is a mean INIT; further left is a shorter cold start. Dependencies come on top."
    axes = frame(title, how, data)
    _draw_dumbbells(axes, found)
    alt = f"Dot plot of mean INIT by language. {title}. " + "; ".join(
        f"{start.language} {start.x86_ms:.0f} ms on x86_64, {start.arm_ms:.0f} ms on arm64" for start in found[::-1]
    )
    rows = [(start.language, start.x86_ms, start.arm_ms) for start in found[::-1]]
    return Figure(axes.figure, title, f"{alt}.", how, (("runtime", "x86_64 INIT (ms)", "arm64 INIT (ms)"), rows), data)


def _fastest(start: ColdStart) -> float:
    return min(start.x86_ms, start.arm_ms)


def _slowest(start: ColdStart) -> float:
    return max(start.x86_ms, start.arm_ms)


def _draw_dumbbells(axes: Axes, found: Sequence[ColdStart]) -> None:
    colours, rows = style.palette(), np.arange(len(found))
    x86, arm = [start.x86_ms for start in found], [start.arm_ms for start in found]
    axes.hlines(rows, x86, arm, color=colours.muted, linewidth=2)
    axes.plot(x86, rows, "o", color=colours.cold, markersize=11)
    axes.plot(arm, rows, "D", color=colours.cold, markersize=9, markerfacecolor=colours.paper, markeredgewidth=2)
    for row, start in enumerate(found):
        words = f"{start.x86_ms:.0f} / {start.arm_ms:.0f}"
        place = (_slowest(start), row)
        axes.annotate(words, place, xytext=(12, 0), textcoords="offset points", va="center", fontweight="bold")
    axes.set_yticks(rows, [start.language for start in found])
    axes.set(xlim=(0, max(map(_slowest, found)) * 1.15), ylim=(-0.6, len(found) - 0.4))
    axes.set_title("mean INIT in ms:  ● x86_64 / ◇ arm64")
    axes.grid(False, axis="y")


@style.styled
def burst_timeline(
    shots: Sequence[Shot], *, where: str = "measured on this machine", today: date | None = None
) -> Figure:
    """One row for each execution environment, one bar for each invocation; cold starts hatched.

    `where` says where the burst ran. Times are ms since the first request. ValueError without shots.
    """
    if not shots:
        raise ValueError("There is no invocation to draw; run a burst first: shots = burst(name, 10).")
    ordered = sorted(shots, key=lambda shot: shot.start_ms)
    rows = {name: row for row, name in enumerate(dict.fromkeys(shot.environment for shot in ordered), 1)}
    title, how = _burst_title(ordered, len(rows)), "How to read: a row is an execution environment, a bar one invocation."
    data = f"{where} · {(today or date.today()).isoformat()} · time as the caller saw it"
    axes = frame(title, how, data)
    _draw_bars(axes, ordered, rows)
    alt = f"Timeline of a burst. {title}. It took {_span(ordered):,.0f} ms from the first request to the last answer."
    return Figure(axes.figure, title, alt, how, _burst_table(ordered, rows), data)


def _burst_title(shots: Sequence[Shot], environments: int) -> str:
    cold = sum(shot.cold for shot in shots)
    return (
        f"{_count(len(shots), 'invocation')}, {_count(environments, 'environment')}: "
        f"{_count(cold, 'cold start')}, {len(shots) - cold:,} warm"
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _span(shots: Sequence[Shot]) -> float:
    return max(shot.end_ms for shot in shots) - shots[0].start_ms


def _burst_table(shots: Sequence[Shot], rows: Mapping[str, int]) -> tuple[tuple[str, ...], list[tuple]]:
    headers = ("row", "environment", "start (ms)", "end (ms)", "start was")
    first = shots[0].start_ms
    return headers, [
        (
            rows[shot.environment],
            shot.environment,
            round(shot.start_ms - first, 1),
            round(shot.end_ms - first, 1),
            "cold" if shot.cold else "warm",
        )
        for shot in shots
    ]


def _draw_bars(axes: Axes, shots: Sequence[Shot], rows: Mapping[str, int]) -> None:
    colours = style.palette()
    edge = 1.5 if len(rows) <= _NAMED_ROWS * 3 else 0
    height = 0.74 if edge else 1
    cold = {"facecolor": colours.paper, "edgecolor": colours.cold, "hatch": style.HATCH, "linewidth": edge}
    warm = {"facecolor": colours.warm, "edgecolor": colours.paper, "linewidth": edge / 2}
    for is_cold, look, label in ((True, cold, "cold: INIT, then the handler"), (False, warm, "warm: the handler alone")):
        some = [shot for shot in shots if shot.cold is is_cold]
        _draw_some(axes, some, rows, shots[0].start_ms, height=height, label=label, **look)
    axes.set(xlim=(0, _span(shots) * 1.01 or 1), xlabel="ms since the first request", ylim=(len(rows) + 0.6, 0.4))
    axes.grid(False, axis="y")
    _name_rows(axes, shots, rows)
    axes.legend(
        loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, handlelength=2.4, borderaxespad=0, borderpad=0
    )
    settle(axes)


def _draw_some(
    axes: Axes, shots: Sequence[Shot], rows: Mapping[str, int], first_ms: float, **look: object
) -> None:
    if shots:
        starts = [shot.start_ms - first_ms for shot in shots]
        widths = [shot.end_ms - shot.start_ms for shot in shots]
        axes.barh([rows[shot.environment] for shot in shots], widths, left=starts, **look)


def _name_rows(axes: Axes, shots: Sequence[Shot], rows: Mapping[str, int]) -> None:
    if len(rows) > _NAMED_ROWS:
        axes.set_title("environment")
        axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
        return
    names = []
    for name, row in rows.items():
        cold = [shot.cold for shot in shots if shot.environment == name]
        names.append(f"{row}: {sum(cold)} cold, {len(cold) - sum(cold)} warm")
    axes.set_yticks(list(rows.values()), names)
    axes.set_title("environment")
