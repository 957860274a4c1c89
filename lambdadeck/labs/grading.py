"""Grade answers: right, blank, or wrong with the hint that helps next."""

import ast
import html
import re
from dataclasses import dataclass
from pathlib import Path

from lambdadeck.labs.blanks import count
from lambdadeck.labs.html import box
from lambdadeck.labs.model import BLANK, MISS, RIGHT, Check
from lambdadeck.labs.probes import NotTestedError

NOT_TESTED = "not tested"
_HEADINGS = {RIGHT: "✓ Right.", BLANK: "… Still blank.", NOT_TESTED: "! Not tested yet."}


@dataclass(frozen=True)
class Grade:
    """The result of a check: RIGHT, BLANK, MISS, NOT_TESTED or a misconception; and what to say."""

    outcome: str
    text: str
    evidence: str = ""  # of a miss: what was sent, received and expected

    @property
    def passed(self) -> bool:
        return self.outcome == RIGHT

    @property
    def is_miss(self) -> bool:
        """Return whether there was an answer, and it was wrong or could not be tested."""
        return self.outcome not in (RIGHT, BLANK)

    def __repr__(self) -> str:
        return "\n".join(filter(None, (f"{self._heading} {self.text}", self.evidence)))

    def _repr_html_(self) -> str:
        words = f"<strong>{self._heading}</strong> {html.escape(self.text)}"
        if self.evidence:
            words += f"<pre style='white-space: pre-wrap'>{html.escape(self.evidence)}</pre>"
        is_wrong = self.is_miss and self.outcome != NOT_TESTED
        return box(words, "good" if self.passed else "bad" if is_wrong else "muted")

    @property
    def _heading(self) -> str:
        return _HEADINGS.get(self.outcome, "✗ Not yet.")


def grade(check: Check, answers: tuple[object, ...], misses: int, work: Path) -> Grade:
    """Test the answers; the hint depends on `misses`, the number of earlier misses of this check.

    An answer that names a function is blank if its file in `work` still has a blank.
    """
    if not answers or any(is_blank(answer) or has_blank(work, answer) for answer in answers):
        return Grade(BLANK, check.blank)
    try:
        outcome = check.grade(*answers)
    except NotTestedError as error:
        return Grade(NOT_TESTED, _nearer(str(error), check, misses))
    except Exception as error:  # noqa: BLE001  (an answer may be of any kind)
        kinds = ", ".join(type(answer).__name__ for answer in answers)
        said = f"The check cannot read this answer ({kinds}): {type(error).__name__}: {error}."
        return Grade(NOT_TESTED, _nearer(said, check, misses))
    return Grade(str(outcome), text(check, outcome, misses), getattr(outcome, "evidence", ""))


def _nearer(said: str, check: Check, misses: int) -> str:
    return f"{said} {check.nearer}" if misses else said


def is_blank(answer: object) -> bool:
    """Return whether the answer is `...`, or a list, tuple or dictionary that holds one."""
    if isinstance(answer, dict):
        return any(map(is_blank, answer.values()))
    return answer is ... or (isinstance(answer, (list, tuple)) and any(map(is_blank, answer)))


def has_blank(work: Path, name: object) -> bool:
    """Return whether that function's file (NAME.py or NAME/bootstrap) still has a `...`."""
    if not isinstance(name, str) or not re.fullmatch(r"[\w-]+", name):
        return False
    file, script = work / f"{name}.py", work / name / "bootstrap"
    if script.is_file():
        return any(line.strip() == "..." for line in script.read_text("utf-8").splitlines())
    try:
        return file.is_file() and count(ast.parse(file.read_text("utf-8"))) > 0
    except SyntaxError:
        return False  # invoking the function shows a better message


def text(check: Check, outcome: str, misses: int) -> str:
    """Return what to say; raise ValueError if the check does not know the outcome."""
    if outcome == RIGHT:
        return check.praise or f"You can {check.objective}."
    if outcome == BLANK:
        return check.blank
    if outcome == MISS:
        return check.nearer if misses else check.hint
    if outcome not in check.misconceptions:
        raise ValueError(f"{outcome!r} is not a misconception of the check {check.key!r}.")
    return _nearer(check.misconceptions[outcome], check, misses)
