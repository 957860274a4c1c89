"""The header of a lab: title, minutes, objectives and progress."""

import html
from dataclasses import dataclass

from lambdadeck.labs.html import box, color
from lambdadeck.labs.model import Lab
from lambdadeck.labs.progress import Progress


@dataclass(frozen=True)
class Header:
    """A lab and the learner's progress in it."""

    lab: Lab
    progress: Progress
    usual_minutes: float = 0.0
    runs: int = 0  # on this machine, of which `usual_minutes` is the median

    @property
    def summary(self) -> str:
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
        title = f"Lab {self.lab.number}: {self.lab.title} · {self.lab.minutes} minutes"
        if not self.runs:
            return title
        runs = "run" if self.runs == 1 else "runs"
        return f"{title} (on this machine {self.usual_minutes:.0f}, median of {self.runs} {runs})"

    def _marks(self) -> list[str]:
        marks = {check.key: "○ open:" for check in self.lab.checks}
        marks |= dict.fromkeys(self._passed, "✓ done:")
        return [f"{marks[check.key]} {check.objective}" for check in self.lab.checks]

    @property
    def _bar(self) -> str:
        look = f"width: 40%; accent-color: {color('lambda')}; vertical-align: middle"
        name = f'aria-label="{self.summary}" style="{look}"'
        done = len(self._guessed) + len(self._passed)
        total = len(self.lab.predictions) + len(self.lab.checks)
        return f'<progress max="{total}" value="{done}" {name}></progress> {self.summary}'

    def __repr__(self) -> str:
        marks = (f"  {line}" for line in self._marks())
        return "\n".join([self._title, self.summary, "You will be able to", *marks])

    def _repr_html_(self) -> str:
        items = "".join(f"<div>{html.escape(line)}</div>" for line in self._marks())
        return box(
            f"<strong>{html.escape(self._title)}</strong><div>{self._bar}</div>"
            f"<div style='margin-top: 0.4em'>You will be able to</div>{items}",
            "lambda",
        )
