"""The figure of the languages: cold and warm on this machine, and what INIT takes in AWS."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from matplotlib.axes import Axes

from lambdadeck.figures.base import Figure, frame
from lambdadeck.figures.labels import settle
from lambdadeck.reference.cold_starts import Measured
from lambdadeck.shared import style

_HOW = "How to read: hatched, INIT of the first call here; hollow, INIT in AWS; solid, a warm call here."
_STEP = 0.28  # from bar to bar of a language; languages are 1 apart
_HEIGHT = 0.22
_ROOM = 1.45  # right of the longest bar, for its words


class Greeting(Protocol):
    """A language, its INIT and its warm duration here in ms (None where it did not run), INIT in AWS."""

    language: str
    ran_on: str
    cold_ms: float | None
    warm_ms: float | None
    aws: Measured | None


@style.styled
def cold_and_warm(
    greetings: Sequence[Greeting],
    *,
    where: str = "measured on this machine",
    size: tuple[float, float] = style.SIZE,
    today: date | None = None,
) -> Figure:
    """Three bars a language: cold here and warm here, measured; between them INIT in AWS, which is recorded.

    Times are ms; `size` is in inches. ValueError when no language ran.
    """
    ran = [one for one in greetings if one.cold_ms is not None]
    if not ran:
        raise ValueError(
            "No language ran, so there is nothing to draw: see languages.table(calls) for the reasons."
        )
    title, data = _title(ran), _data(greetings, where, today or date.today())
    axes = frame(title, _HOW, data, size=size)
    _draw(axes, greetings)
    alt = f"Bars by language. {title}. " + " ".join(map(_sentence, greetings))
    return Figure(axes.figure, title, alt, _HOW, _table(greetings), data)


def _title(ran: Sequence[Greeting]) -> str:
    cold = sorted(ran, key=lambda one: one.cold_ms or 0)
    slowest = max(one.warm_ms or 0 for one in ran)
    ends = [f"{one.cold_ms:.0f} ms in {one.language}" for one in (cold[0], cold[-1])]
    span = f"from {ends[0]} to {ends[1]}" if len(cold) > 1 else ends[0]
    return f"Cold, {span}; warm, none over {max(1, -(-slowest // 1)):.0f} ms"


def _data(greetings: Sequence[Greeting], where: str, today: date) -> str:
    measured = next((one.aws for one in greetings if one.aws), None)
    here = f"{where}, {today.isoformat()}"
    return (
        f"{here} · hollow: recorded in AWS, not here: {measured.source}, {measured.arch}"
        if measured
        else here
    )


def _sentence(one: Greeting) -> str:
    here = "did not run here"
    if one.cold_ms is not None:
        here = f"({one.ran_on}) cold {one.cold_ms:.0f} ms, warm {one.warm_ms or 0:.2f} ms"
    there = f"; in AWS {one.aws.init_ms:.0f} ms as {one.aws.runtime}" if one.aws else ""
    return f"{one.language} {here}{there}."


def _table(greetings: Sequence[Greeting]) -> tuple[tuple[str, ...], list[tuple]]:
    headers = (
        "language",
        "ran here on",
        "cold: INIT here (ms)",
        "warm here (ms)",
        "INIT in AWS (ms)",
        "in AWS as",
    )
    return headers, [
        (one.language, one.ran_on, one.cold_ms, one.warm_ms, *_in_aws(one.aws)) for one in greetings
    ]


def _in_aws(aws: Measured | None) -> tuple[float | None, str | None]:
    return (aws.init_ms, aws.runtime) if aws else (None, None)


def _draw(axes: Axes, greetings: Sequence[Greeting]) -> None:
    longest = max(max(one.cold_ms or 0, one.aws.init_ms if one.aws else 0) for one in greetings)
    for row, one in enumerate(greetings):
        _draw_language(axes, row, one)
    axes.set_yticks(range(len(greetings)), [one.language for one in greetings])
    axes.set(xlim=(0, longest * _ROOM), ylim=(len(greetings) - 0.5, -0.5), xlabel="ms")
    axes.grid(False, axis="y")
    settle(axes)


def _draw_language(axes: Axes, row: int, one: Greeting) -> None:
    ink = style.palette()
    if one.cold_ms is None or one.warm_ms is None:
        _label(axes, 0, row - _STEP, "did not run here", ink.muted)
    else:
        _bar(
            axes,
            row - _STEP,
            one.cold_ms,
            f"cold {one.cold_ms:.0f} ms, {one.ran_on}",
            ink.cold,
            hatch=style.HATCH,
        )
        _bar(
            axes,
            row + _STEP,
            one.warm_ms,
            f"warm {one.warm_ms:.2f} ms",
            ink.warm,
            facecolor=ink.warm,
        )
    if one.aws:
        _bar(
            axes,
            row,
            one.aws.init_ms,
            f"in AWS {one.aws.init_ms:.0f} ms, {one.aws.runtime}",
            ink.muted,
        )


def _bar(axes: Axes, y: float, ms: float, words: str, colour: str, **look: object) -> None:
    hollow = {"facecolor": style.palette().paper, "edgecolor": colour, "linewidth": 1.5}
    axes.barh(y, ms, height=_HEIGHT, **hollow | look)
    _label(axes, ms, y, words, colour)


def _label(axes: Axes, x: float, y: float, words: str, colour: str) -> None:
    paper = {"boxstyle": "square,pad=0.05", "facecolor": style.palette().paper, "edgecolor": "none"}
    note = axes.annotate(
        words,
        (x, y),
        xytext=(style.points(8), 0),
        textcoords="offset points",
        va="center",
        color=colour,
        fontweight="bold",
        bbox=paper,
    )
    note.set_in_layout(False)
