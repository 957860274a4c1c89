"""The figure of a gradual deployment: the version behind each call through a weighted alias."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Protocol

from matplotlib.axes import Axes

from lambdadeck.figures.base import Figure, Table, figure
from lambdadeck.figures.labels import note, settle
from lambdadeck.prices.origin import Origin
from lambdadeck.shared import style

_HALF = 0.3  # of the height of a row: a call's mark
_LEAST = 0.13  # of the width: less has no room for a phase's words


class VersionedCall(Protocol):
    """A call: the version that answered, and the alias's share for the version `new` then."""

    @property
    def version(self) -> str: ...
    @property
    def new(self) -> str: ...
    @property
    def weight(self) -> float: ...


@dataclass(frozen=True)
class Phase:
    """Neighboring calls under the same weights: the first (from 0), versions, the new share."""

    start: int
    versions: tuple[str, ...]
    weight: float

    def count(self, version: str) -> int:
        """Return how many of these calls the version answered."""
        return self.versions.count(version)


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
    if not calls:
        raise ValueError("There is no call to draw: calls = canary.call('greet', 100).")
    phases = _phases(calls)
    named = {call.version for call in calls} | {call.new for call in calls if call.new}
    versions = sorted(named, key=_number)
    title = _title(phases, versions)
    return figure(
        title=title,
        alt=f"{title}. {_sentence(phases, versions)}",
        how_to_read="each mark is one call, in the row of the version that answered it.",
        table=_table(phases, versions),
        where=Origin(f"{where} · {today or date.today()} · ExecutedVersion of each Invoke"),
        draw=lambda axes: _draw(axes, phases, versions, len(calls)),
        size=size,
    )


def _phases(calls: Sequence[VersionedCall]) -> list[Phase]:
    found, start = list[Phase](), 0
    for weight, group in groupby(calls, key=lambda call: (call.new, call.weight)):
        versions = tuple(call.version for call in group)
        found.append(Phase(start, versions, weight[1]))
        start += len(versions)
    return found


def _title(phases: Sequence[Phase], versions: Sequence[str]) -> str:
    shifted = [phase for phase in phases if phase.weight]
    if not shifted:
        count = sum(len(phase.versions) for phase in phases)
        return f"All {count} calls reached version {versions[0]}"
    phase, after, new = shifted[0], phases[-1], versions[-1]
    reached = f"{phase.count(new)} of {len(phase.versions)} calls reached version {new}"
    title = f"{reached} at {phase.weight:.0%} weight"
    if after.weight or after.start <= phase.start:
        return title
    return f"{title}; after the rollback, {after.count(new) or 'none'}"


def _words(phase: Phase) -> str:
    if phase.weight:
        return f"{phase.weight:.0%} new"
    return "rolled back" if phase.start else "all old"


def _sentence(phases: Sequence[Phase], versions: Sequence[str]) -> str:
    parts = (
        f"{_words(phase)}: "
        + ", ".join(f"version {version} answered {phase.count(version)}" for version in versions)
        for phase in phases
    )
    return "; ".join(parts) + "."


def _table(phases: Sequence[Phase], versions: Sequence[str]) -> Table:
    counts = (f"version {version} (calls)" for version in versions)
    headers = ("alias", "weight of the new version (%)", "calls", *counts)
    return headers, [
        (
            _words(phase),
            round(phase.weight * 100, 2),
            len(phase.versions),
            *(phase.count(version) for version in versions),
        )
        for phase in phases
    ]


def _draw(axes: Axes, phases: Sequence[Phase], versions: Sequence[str], count: int) -> None:
    colors = style.palette()
    looks = [colors.muted, *[colors.aws_lambda] * len(versions)]
    for row, version in enumerate(versions):
        places = [
            phase.start + place + 0.5
            for phase in phases
            for place, one in enumerate(phase.versions)
            if one == version
        ]
        axes.vlines(places, row - _HALF, row + _HALF, color=looks[row], linewidth=2.6)
    for phase in phases:
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
    note(axes, (phase.start, -0.68), _words(phase), away)
    for row, version in enumerate(versions):
        counted = f"{phase.count(version)} of {len(phase.versions)}"
        point = (phase.start, row + _HALF + 0.17)
        note(axes, point, counted, away, color=colors.ink, fontweight="normal")


def _number(version: str) -> tuple[int, str]:
    return (int(version), version) if version.isdigit() else (0, version)
