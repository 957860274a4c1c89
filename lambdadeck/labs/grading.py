"""From a check and an answer to a verdict: right, or the hint that helps next. Pure but for what the judge does."""

from __future__ import annotations

import ast
import html
import re
from dataclasses import dataclass
from pathlib import Path

from lambdadeck.labs.blanks import count
from lambdadeck.labs.html import box
from lambdadeck.labs.model import BLANK, MISS, RIGHT, Check
from lambdadeck.labs.probes import Failed


@dataclass(frozen=True)
class Verdict:
    """What a check says. `outcome` is right, blank, miss, failed or the name of a misconception."""

    outcome: str
    text: str

    @property
    def passed(self) -> bool:
        return self.outcome == RIGHT

    @property
    def is_miss(self) -> bool:
        """Whether an answer was given, and was wrong."""
        return self.outcome not in (RIGHT, BLANK, "failed")

    def __repr__(self) -> str:
        return f"{self._heading} {self.text}"

    def _repr_html_(self) -> str:
        words = f"<strong>{self._heading}</strong> {html.escape(self.text)}"
        return box(words, "good" if self.passed else "bad" if self.is_miss else "muted")

    @property
    def _heading(self) -> str:
        return {RIGHT: "✓ Right.", BLANK: "… Still blank.", "failed": "! Not tested yet."}.get(
            self.outcome, "✗ Not yet."
        )


def judged(check: Check, answers: tuple[object, ...], misses: int, work: Path) -> Verdict:
    """Test the answers; `misses` is how often this check has been missed before, which chooses the hint.

    An answer that names a function whose file in the folder `work` (NAME.py) still has a blank is blank too.
    """
    if not answers or any(is_blank(answer) or has_blank(work, answer) for answer in answers):
        return Verdict(BLANK, check.blank)
    try:
        outcome = check.judge(*answers)
    except Failed as problem:
        return Verdict("failed", str(problem))
    except Exception as problem:  # an answer of a kind that the judge was not made for
        return Verdict("failed", _unreadable(answers, problem))
    return Verdict(outcome, text(check, outcome, misses))


def is_blank(answer: object) -> bool:
    """Whether the answer is `...`, or a list, tuple or dictionary with one in it."""
    if isinstance(answer, dict):
        return any(map(is_blank, answer.values()))
    return answer is ... or (isinstance(answer, (list, tuple)) and any(map(is_blank, answer)))


def has_blank(work: Path, name: object) -> bool:
    """Whether the file of the function of that name (NAME.py, NAME/bootstrap), as it was written, still has a `...` in it."""
    if not isinstance(name, str) or not re.fullmatch(r"[\w-]+", name):
        return False
    file, script = work / f"{name}.py", work / name / "bootstrap"
    if script.is_file():
        return any(line.strip() == "..." for line in script.read_text("utf-8").splitlines())
    if not file.is_file():
        return False
    try:
        return count(ast.parse(file.read_text("utf-8"))) > 0
    except SyntaxError:
        return False  # Lambda says so better, when the function is invoked


def text(check: Check, outcome: str, misses: int) -> str:
    """What to say: from the second miss on, with the nearer hint. ValueError when a judge answers what its check does not know."""
    if outcome == RIGHT:
        return check.praise or f"You can {check.objective}."
    if outcome == BLANK:
        return check.blank
    if outcome == MISS:
        return check.hints[min(misses, 1)]
    if outcome not in check.misconceptions:
        raise ValueError(
            f"The judge of {check.key!r} answered {outcome!r}, which is none of its misconceptions."
        )
    return " ".join([check.misconceptions[outcome], *check.hints[1:][:misses]])


def _unreadable(answers: tuple[object, ...], problem: Exception) -> str:
    kinds = ", ".join(type(answer).__name__ for answer in answers)
    return f"The check cannot read this answer ({kinds}): {type(problem).__name__}: {problem}."
