"""A gradual deployment: which version answered each call through an alias, phase by phase."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol


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

    @property
    def words(self) -> str:
        """Return what the alias did: "all old", "10% new", "rolled back"."""
        if self.weight:
            return f"{self.weight:.0%} new"
        return "rolled back" if self.start else "all old"

    def count(self, version: str) -> int:
        """Return how many of these calls the version answered."""
        return self.versions.count(version)


@dataclass(frozen=True)
class Rollout:
    """The phases of a deployment, and its versions, the oldest first."""

    phases: Sequence[Phase]
    versions: Sequence[str]

    @property
    def calls(self) -> int:
        """Return how many calls there were."""
        return sum(len(phase.versions) for phase in self.phases)

    @property
    def title(self) -> str:
        """Return the finding: how many calls reached the new version."""
        shifted = [phase for phase in self.phases if phase.weight]
        if not shifted:
            return f"All {self.calls} calls reached version {self.versions[0]}"
        phase, after, new = shifted[0], self.phases[-1], self.versions[-1]
        reached = f"{phase.count(new)} of {len(phase.versions)} calls reached version {new}"
        title = f"{reached} at {phase.weight:.0%} weight"
        if after.weight or after.start <= phase.start:
            return title
        return f"{title}; after the rollback, {after.count(new) or 'none'}"

    @property
    def alt(self) -> str:
        """Return the finding and all counts, for who does not see the picture."""
        parts = (
            f"{phase.words}: "
            + ", ".join(f"version {one} answered {phase.count(one)}" for one in self.versions)
            for phase in self.phases
        )
        return f"{self.title}. {'; '.join(parts)}."

    @property
    def table(self) -> tuple[tuple[str, ...], list[tuple[str | int | float, ...]]]:
        """Return headers, and a row for each phase."""
        counts = (f"version {version} (calls)" for version in self.versions)
        headers = ("alias", "weight of the new version (%)", "calls", *counts)
        return headers, [
            (
                phase.words,
                round(phase.weight * 100, 2),
                len(phase.versions),
                *(phase.count(version) for version in self.versions),
            )
            for phase in self.phases
        ]

    def places(self, version: str) -> list[int]:
        """Return which calls, from 0 on, the version answered."""
        return [
            phase.start + place
            for phase in self.phases
            for place, one in enumerate(phase.versions)
            if one == version
        ]


def rollout(calls: Sequence[VersionedCall]) -> Rollout:
    """Return the phases of the calls, in their order; ValueError without a call."""
    if not calls:
        raise ValueError("There is no call to draw: calls = canary.call('greet', 100).")
    named = {call.version for call in calls} | {call.new for call in calls if call.new}
    return Rollout(_phases(calls), sorted(named, key=_number))


def _phases(calls: Sequence[VersionedCall]) -> list[Phase]:
    found, start = list[Phase](), 0
    for weight, group in groupby(calls, key=lambda call: (call.new, call.weight)):
        versions = tuple(call.version for call in group)
        found.append(Phase(start, versions, weight[1]))
        start += len(versions)
    return found


def _number(version: str) -> tuple[int, str]:
    return (int(version), version) if version.isdigit() else (0, version)
