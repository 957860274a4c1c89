"""The top of a lab: its title, its minutes, what the learner will be able to do, and how far it has come."""

from __future__ import annotations

import html
from dataclasses import dataclass

from lambdadeck.labs.html import box, colour
from lambdadeck.labs.model import Lab
from lambdadeck.labs.progress import Progress


@dataclass(frozen=True)
class Header:
    """A lab and its progress, as `lesson.start` and `lesson.progress` show it."""

    lab: Lab
    progress: Progress

    @property
    def done(self) -> int:
        """How many of the predictions are made and of the checks are passed."""
        return len(self._guessed) + len(self._passed)

    @property
    def total(self) -> int:
        return len(self.lab.predictions) + len(self.lab.checks)

    @property
    def summary(self) -> str:
        """The progress in words."""
        return (
            f"{len(self._passed)} of {len(self.lab.checks)} checks passed, "
            f"{len(self._guessed)} of {len(self.lab.predictions)} predictions made"
        )

    @property
    def _guessed(self) -> list[str]:
        return [part.key for part in self.lab.predictions if part.key in self.progress.guesses]

    @property
    def _passed(self) -> list[str]:
        return [part.key for part in self.lab.checks if part.key in self.progress.passed]

    @property
    def _title(self) -> str:
        return f"Lab {self.lab.number}: {self.lab.title} · {self.lab.minutes} minutes"

    def _marks(self) -> list[str]:
        passed = self._passed
        return [
            f"{'✓ done:' if part.key in passed else '○ open:'} {part.objective}"
            for part in self.lab.checks
        ]

    @property
    def _bar(self) -> str:
        look = f"width: 40%; accent-color: {colour('lambda')}; vertical-align: middle"
        return f'<progress max="{self.total}" value="{self.done}" aria-label="{self.summary}" style="{look}"></progress> {self.summary}'

    def __repr__(self) -> str:
        lines = [
            self._title,
            self.summary,
            "You will be able to",
            *(f"  {line}" for line in self._marks()),
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        items = "".join(f"<div>{html.escape(line)}</div>" for line in self._marks())
        return box(
            f"<strong>{html.escape(self._title)}</strong><div>{self._bar}</div>"
            f"<div style='margin-top: 0.4em'>You will be able to</div>{items}",
            "lambda",
        )
