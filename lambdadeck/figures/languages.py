"""The figure of the languages: cold and warm on this machine, and INIT in AWS."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

from matplotlib.axes import Axes

from lambdadeck.figures.base import Figure, Table, figure
from lambdadeck.figures.labels import Look, note, paper, settle
from lambdadeck.prices.origin import Origin
from lambdadeck.reference.cold_starts import Measured
from lambdadeck.shared import style

_HOW = "hatched, INIT of the first call here; hollow, INIT on AWS; solid, a warm call here."
_STEP = 0.32  # from bar to bar of a language; languages are 1 apart
_HEIGHT = 0.25
_ROOM = 1.45  # right of the longest bar, for its words


class LanguageTimes(Protocol):
    """A language, its INIT and warm duration here in ms (None if it did not run), INIT in AWS."""

    @property
    def language(self) -> str: ...
    @property
    def ran_on(self) -> str: ...
    @property
    def cold_ms(self) -> float | None: ...
    @property
    def warm_ms(self) -> float | None: ...
    @property
    def aws(self) -> Measured | None: ...


def cold_and_warm(
    greetings: Sequence[LanguageTimes],
    *,
    where: str = "measured on this machine",
    today: date | None = None,
) -> Figure:
    """Draw three bars a language: cold here, warm here; between them the recorded INIT in AWS.

    Times are ms. ValueError if no language ran.
    """
    ran = [one for one in greetings if one.cold_ms is not None]
    if not ran:
        reasons = "see languages.table(calls) for the reasons"
        raise ValueError(f"No language ran, so there is nothing to draw: {reasons}.")
    title = _title(ran)
    return figure(
        title=title,
        alt=f"Bars by language. {title}. " + " ".join(map(_sentence, greetings)),
        how_to_read=_HOW,
        table=_table(greetings),
        where=_origin(greetings, f"{where}, {today or date.today()}"),
        draw=lambda axes: _draw(axes, greetings),
        number=_slowest(max(one.warm_ms or 0 for one in ran)),
    )


def _title(ran: Sequence[LanguageTimes]) -> str:
    cold = sorted(ran, key=lambda one: one.cold_ms or 0)
    slowest = max(one.warm_ms or 0 for one in ran)
    ends = [f"{one.cold_ms:.0f} ms in {one.language}" for one in (cold[0], cold[-1])]
    span = f"from {ends[0]} to {ends[1]}" if len(cold) > 1 else ends[0]
    return f"Cold, {span}; warm, none over {max(1, -(-slowest // 1)):.0f} ms"


def _slowest(warm_ms: float) -> str:
    """Return the number for the slide's title, which has room for three characters."""
    return f"{warm_ms:.{1 if warm_ms < 9.95 else 0}f} ms at most"


def _origin(greetings: Sequence[LanguageTimes], here: str) -> Origin:
    for aws in (one.aws for one in greetings if one.aws):
        aside = f"{here} · hollow: recorded on AWS, not here"
        return Origin(f"{aside}: {aws.source}, {aws.arch}", brief=aside)
    return Origin(here)


def _sentence(one: LanguageTimes) -> str:
    here = "did not run here"
    if one.cold_ms is not None:
        here = f"({one.ran_on}) cold {one.cold_ms:.0f} ms, warm {one.warm_ms or 0:.2f} ms"
    there = f"; on AWS {one.aws.init_ms:.0f} ms as {one.aws.runtime}" if one.aws else ""
    return f"{one.language} {here}{there}."


def _table(greetings: Sequence[LanguageTimes]) -> Table:
    here = ("language", "ran here on", "cold: INIT here (ms)", "warm here (ms)")
    headers = (*here, "INIT on AWS (ms)", "AWS runtime")
    return headers, [
        (
            *(one.language, one.ran_on, one.cold_ms, one.warm_ms),
            *((one.aws.init_ms, one.aws.runtime) if one.aws else (None, None)),
        )
        for one in greetings
    ]


def _draw(axes: Axes, greetings: Sequence[LanguageTimes]) -> None:
    longest = max(max(one.cold_ms or 0, one.aws.init_ms if one.aws else 0) for one in greetings)
    for row, one in enumerate(greetings):
        _draw_language(axes, row, one)
    axes.set_yticks(range(len(greetings)), [one.language for one in greetings])
    axes.set(xlim=(0, longest * _ROOM), ylim=(len(greetings) - 0.5, -0.5), xlabel="ms")
    axes.grid(False, axis="y")
    settle(axes)


def _draw_language(axes: Axes, row: int, one: LanguageTimes) -> None:
    ink = style.palette()
    if one.cold_ms is None or one.warm_ms is None:
        _label(axes, (0, row - _STEP), "did not run here", ink.muted)
    else:
        words = f"cold {one.cold_ms:.0f} ms, {one.ran_on}"
        _bar(axes, row - _STEP, one.cold_ms, words, ink.cold, hatch=style.HATCH)
        words = f"warm {one.warm_ms:.2f} ms"
        _bar(axes, row + _STEP, one.warm_ms, words, ink.aws_lambda, facecolor=ink.aws_lambda)
    if one.aws:
        words = f"on AWS {one.aws.init_ms:.0f} ms, {one.aws.runtime}"
        _bar(axes, row, one.aws.init_ms, words, ink.muted)


def _bar(axes: Axes, y: float, ms: float, words: str, color: str, **look: Any) -> None:
    hollow: Look = {"facecolor": style.palette().paper, "edgecolor": color, "linewidth": 1.5}
    axes.barh(y, ms, _HEIGHT, **(hollow | look))
    _label(axes, (ms, y), words, color)


def _label(axes: Axes, point: tuple[float, float], words: str, color: str) -> None:
    away = (style.points(8), 0)
    note(axes, point, words, away, color=color, bbox=paper(0.05)).set_in_layout(False)
