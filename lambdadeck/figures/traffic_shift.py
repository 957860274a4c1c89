"""The figure of a deployment in steps: which version answered each call through a weighted alias."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Protocol

from matplotlib.axes import Axes

from lambdadeck.figures.base import Figure, frame
from lambdadeck.figures.labels import settle
from lambdadeck.shared import style

_HALF = 0.3  # of the height of a row: a call's mark
_LEAST = 0.13  # of the width: less has no room for a phase's words


class Answer(Protocol):
    """One call: the version that answered, and the share of calls that the alias then gave to the version `new`."""

    version: str
    new: str
    weight: float


@dataclass(frozen=True)
class Phase:
    """Neighbouring calls under the same weights: from where (0-based), which version answered each, the new one's share."""

    start: int
    versions: tuple[str, ...]
    weight: float

    def count(self, version: str) -> int:
        """How many of these calls the version answered."""
        return self.versions.count(version)


@style.styled
def shift(
    calls: Sequence[Answer],
    *,
    where: str = "measured on this machine",
    size: tuple[float, float] = (11.0, 3.4),
    today: date | None = None,
) -> Figure:
    """A row for each version, a mark for each call at its place in the order; lines where the weights changed.

    `size` is in inches. ValueError without a call.
    """
    if not calls:
        raise ValueError("There is no call to draw: calls = shifting.call('greet', 100).")
    phases, versions = (
        _phases(calls),
        sorted(
            {call.version for call in calls} | {call.new for call in calls if call.new}, key=_number
        ),
    )
    title, how = (
        _title(phases, versions),
        "How to read: each mark is one call, in the row of the version that answered it.",
    )
    data = f"{where} · {(today or date.today()).isoformat()} · ExecutedVersion of each Invoke"
    axes = frame(title, how, data, size=size)
    _draw(axes, phases, versions, len(calls))
    return Figure(
        axes.figure,
        title,
        f"{title}. {_sentence(phases, versions)}",
        how,
        _table(phases, versions),
        data,
    )


def _phases(calls: Sequence[Answer]) -> list[Phase]:
    found, start = [], 0
    for weight, group in groupby(calls, key=lambda call: (call.new, call.weight)):
        versions = tuple(call.version for call in group)
        found.append(Phase(start, versions, weight[1]))
        start += len(versions)
    return found


def _title(phases: Sequence[Phase], versions: Sequence[str]) -> str:
    shifted = [phase for phase in phases if phase.weight]
    if not shifted:
        return f"All {sum(len(phase.versions) for phase in phases)} calls reached version {versions[0]}"
    phase, new = shifted[0], versions[-1]
    title = f"{phase.count(new)} of {len(phase.versions)} calls tried version {new}, at {phase.weight:.0%} of the weight"
    after = phases[-1]
    return (
        f"{title}; after the roll-back, {after.count(new) or 'none'}"
        if not after.weight and after.start > phase.start
        else title
    )


def _words(phase: Phase) -> str:
    return (
        f"{phase.weight:.0%} new" if phase.weight else "rolled back" if phase.start else "all old"
    )


def _sentence(phases: Sequence[Phase], versions: Sequence[str]) -> str:
    parts = (
        f"{_words(phase)}: "
        + ", ".join(f"version {version} answered {phase.count(version)}" for version in versions)
        for phase in phases
    )
    return "; ".join(parts) + "."


def _table(phases: Sequence[Phase], versions: Sequence[str]) -> tuple[tuple[str, ...], list[tuple]]:
    headers = (
        "alias",
        "weight of the new version (%)",
        "calls",
        *(f"version {version} (calls)" for version in versions),
    )
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
    colours = style.palette()
    looks = [colours.muted, *[colours.aws_lambda] * len(versions)]
    for row, version in enumerate(versions):
        places = [
            phase.start + place
            for phase in phases
            for place, one in enumerate(phase.versions)
            if one == version
        ]
        axes.vlines(
            [place + 0.5 for place in places],
            row - _HALF,
            row + _HALF,
            color=looks[row],
            linewidth=2.6,
        )
    for phase in phases:
        _mark(axes, phase, versions, count)
    names = [f"version {version}" for version in versions]
    axes.set(
        xlim=(0, count),
        ylim=(len(versions) - 0.34, -0.95),
        xlabel="calls through the alias, in order",
    )
    axes.set_yticks(range(len(versions)), names, color=colours.ink, fontweight="bold")
    axes.tick_params(axis="y", length=0)
    axes.grid(False)
    axes.spines["left"].set_visible(False)
    settle(axes)


def _mark(axes: Axes, phase: Phase, versions: Sequence[str], count: int) -> None:
    """A line where the phase begins, what the alias says, and how many calls each version answered."""
    colours = style.palette()
    if phase.start:
        axes.axvline(phase.start, color=colours.ink, linewidth=1.6, linestyle=(0, (4, 3)))
    if len(phase.versions) < _LEAST * count:
        return  # no room for words: the table and the alternative text have them
    look = {
        "textcoords": "offset points",
        "xytext": (style.points(8), 0),
        "va": "center",
        "annotation_clip": False,
    }
    axes.annotate(_words(phase), (phase.start, -0.68), fontweight="bold", **look)
    for row, version in enumerate(versions):
        counted = f"{phase.count(version)} of {len(phase.versions)}"
        axes.annotate(counted, (phase.start, row + _HALF + 0.17), color=colours.ink, **look)


def _number(version: str) -> tuple[int, str]:
    return (int(version), version) if version.isdigit() else (0, version)
