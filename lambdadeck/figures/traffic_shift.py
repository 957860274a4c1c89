"""The figure of a gradual deployment: the version behind each call through a weighted alias."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from matplotlib.axes import Axes

from lambdadeck.figures.base import Figure, figure
from lambdadeck.figures.labels import note, settle
from lambdadeck.prices.origin import Origin
from lambdadeck.shared import style
from lambdadeck.shared.rollout import Phase, Rollout, VersionedCall, rollout

_HALF = 0.3  # of the height of a row: a call's mark
_LEAST = 0.13  # of the width: less has no room for a phase's words


def shift(
    calls: Sequence[VersionedCall],
    *,
    where: str = "measured on this machine",
    size: tuple[float, float] = style.SIZE,
    today: date | None = None,
) -> Figure:
    """Draw a row for each version, a mark for each call; lines where the weights changed.

    `size` is in inches. ValueError without a call.
    """
    found = rollout(calls)
    return figure(
        title=found.title,
        alt=found.alt,
        how_to_read="each mark is one call, in the row of the version that answered it.",
        table=found.table,
        where=Origin(f"{where} · {today or date.today()} · ExecutedVersion of each Invoke"),
        draw=lambda axes: _draw(axes, found),
        size=size,
    )


def _draw(axes: Axes, found: Rollout) -> None:
    colors, versions, count = style.palette(), found.versions, found.calls
    looks = [colors.muted, *[colors.aws_lambda] * len(versions)]
    for row, version in enumerate(versions):
        places = [place + 0.5 for place in found.places(version)]
        axes.vlines(places, row - _HALF, row + _HALF, color=looks[row], linewidth=2.6)
    for phase in found.phases:
        _mark(axes, phase, versions, count)
    names = [f"version {version}" for version in versions]
    axes.set(xlim=(0, count), ylim=(len(versions) - 0.34, -0.95))
    axes.set_xlabel("calls through the alias, in order")
    axes.set_yticks(range(len(versions)), names, color=colors.ink, fontweight=600)
    axes.tick_params(axis="y", length=0)
    axes.grid(False)
    axes.spines["left"].set_visible(False)
    settle(axes)


def _mark(axes: Axes, phase: Phase, versions: Sequence[str], count: int) -> None:
    """Draw the phase's first line, the alias's weight, and how many calls each version answered."""
    colors = style.palette()
    if phase.start:
        axes.axvline(phase.start, color=colors.ink, linewidth=1.6, linestyle=(0, (4, 3)))
    if len(phase.versions) < _LEAST * count:
        return  # no room for words: the table and the alternative text have them
    away = (style.points(8), 0)
    note(axes, (phase.start, -0.68), phase.words, away)
    for row, version in enumerate(versions):
        counted = f"{phase.count(version)} of {len(phase.versions)}"
        point = (phase.start, row + _HALF + 0.17)
        note(axes, point, counted, away, color=colors.ink, fontweight="normal")
