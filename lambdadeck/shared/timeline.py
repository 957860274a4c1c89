"""A burst on a clock: which execution environment served each invocation, from when to when."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class Reported(Protocol):
    """What Lambda reports of an invocation."""

    @property
    def duration_ms(self) -> float: ...


class BurstInvocation(Protocol):
    """An invocation of a burst: ms on a common clock, its environment, if its start was cold."""

    @property
    def start_ms(self) -> float: ...
    @property
    def end_ms(self) -> float: ...
    @property
    def environment(self) -> str: ...
    @property
    def cold(self) -> bool: ...
    @property
    def report(self) -> Reported: ...


@dataclass(frozen=True)
class Group:
    """The environments that were warm, or that began cold, and all that they served."""

    cold: bool
    names: Sequence[str]
    shots: Sequence[BurstInvocation]

    @property
    def heading(self) -> str:
        """Return how many there are, and what each did."""
        did = "cold: INIT first, then the handler" if self.cold else "warm: the handler alone"
        return f"{len(self.names)} {did}"


@dataclass(frozen=True)
class Timeline:
    """Invocations by their start, and a row from 1 on for each environment, by its last answer."""

    shots: Sequence[BurstInvocation]
    rows: Mapping[str, int]

    @property
    def title(self) -> str:
        """Return the finding: invocations, environments, cold and warm starts."""
        cold = sum(shot.cold for shot in self.shots)
        return (
            f"{_count(len(self.shots), 'invocation')}, {_count(len(self.rows), 'environment')}: "
            f"{_count(cold, 'cold start')}, {len(self.shots) - cold:,} warm"
        )

    @property
    def alt(self) -> str:
        """Return the finding and how long it took, for who does not see the picture."""
        took = f"It took {self.span_ms:,.0f} ms from the first request to the last answer."
        return f"Timeline of a burst. {self.title}. {took}"

    @property
    def number(self) -> str:
        """Return how many invocations were cold."""
        return f"{sum(shot.cold for shot in self.shots)} of {len(self.shots)} cold"

    @property
    def first_ms(self) -> float:
        """Return when the first request was sent, on the common clock."""
        return self.shots[0].start_ms

    @property
    def span_ms(self) -> float:
        """Return the time from the first request to the last answer."""
        return max(shot.end_ms for shot in self.shots) - self.first_ms

    @property
    def axis_ms(self) -> float:
        """Return the length of the axis: the span, and room for words beside the last answer."""
        return self.span_ms * 1.24 or 1

    @property
    def table(self) -> tuple[tuple[str, ...], list[tuple[str | int | float, ...]]]:
        """Return headers, and a row for each invocation."""
        headers = ("row", "environment", "start (ms)", "end (ms)", "start was")
        return headers, [
            (
                self.rows[shot.environment],
                shot.environment,
                round(shot.start_ms - self.first_ms, 1),
                round(shot.end_ms - self.first_ms, 1),
                "cold" if shot.cold else "warm",
            )
            for shot in self.shots
        ]

    def groups(self) -> Iterator[Group]:
        """Yield the warm environments, then those that began cold; a group has at least one."""
        began = {shot.environment for shot in self.shots if shot.cold}
        for cold in (False, True):
            if names := [name for name in self.rows if (name in began) is cold]:
                shots = [one for one in self.shots if (one.environment in began) is cold]
                yield Group(cold, names, shots)


def timeline(shots: Sequence[BurstInvocation]) -> Timeline:
    """Return the timeline of a burst; ValueError without an invocation."""
    if not shots:
        raise ValueError(
            "There is no invocation to draw; run a burst first: shots = burst(name, 10)."
        )
    ordered = sorted(shots, key=lambda shot: shot.start_ms)
    ends = {shot.environment: shot.end_ms for shot in ordered}
    return Timeline(
        ordered, {name: row for row, name in enumerate(sorted(ends, key=ends.__getitem__), 1)}
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
