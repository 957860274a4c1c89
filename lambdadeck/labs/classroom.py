"""Read a class's folder: who passed what, misses, quiz answers, minutes, who is stuck."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from lambdadeck.labs import catalogue
from lambdadeck.labs.grading import NOT_TESTED
from lambdadeck.labs.journal import BREAK_S, JournalLine, minutes, read
from lambdadeck.labs.model import BLANK, MISS, RIGHT
from lambdadeck.shared.paths import NOTEBOOKS

STUCK_MISSES = 3  # in a row at one check
STUCK_S = 8 * 60  # without anything
_KEY = re.compile(r'lesson\.(?:predict|reveal|check)\("\d+\.([a-z-]+)"|lesson\.(quiz)\(')


@dataclass(frozen=True)
class Learner:
    """A learner's lines, in order of time."""

    name: str
    lines: tuple[JournalLine, ...]

    def of(self, lab: int) -> "Learner":
        """Return the same learner with the lines of one lab alone."""
        return Learner(self.name, tuple(line for line in self.lines if line.lab == lab))

    @property
    def labs(self) -> list[int]:
        return sorted({line.lab for line in self.lines} & set(catalogue.numbers()))

    def outcomes(self, what: str) -> dict[str, list[str]]:
        """Return all outcomes by key: of "check" without blanks, or of "quiz"."""
        found = defaultdict(list)
        for line in self.lines:
            if line.what == what and line.outcome != BLANK:
                found[line.key].append(line.outcome)
        return dict(found)

    def stuck(self, now: float) -> str:
        """Return where the learner is stuck, in words; "" if they are not, or have left."""
        if not self.lines or now - self.lines[-1].at_s > BREAK_S:
            return ""
        lab = self.lines[-1].lab
        tried = self.of(lab).outcomes("check")
        if len(passed := [key for key in tried if RIGHT in tried[key]]) == len(_checks(lab)):
            return ""
        key = self.lines[-1].key
        if key not in passed and len(told := tried.get(key, [])) >= STUCK_MISSES:
            return f"{lab}.{key}: {len(told)} misses, the last one {told[-1]}"
        quiet = now - self.lines[-1].at_s
        return f"lab {lab}: nothing for {quiet / 60:.0f} minutes" if quiet > STUCK_S else ""


def learners(folder: Path) -> tuple[list[Learner], int]:
    """Return all learners of a class's folder by name, and the number of unreadable lines."""
    found, lost = [], 0
    for path in sorted(folder.glob("*.jsonl")):
        lines, unread = read(path)
        lost += unread
        name = next((str(line.name) for line in lines if line.name), path.stem)
        found.append(Learner(name, tuple(sorted(lines, key=lambda line: line.at_s))))
    return found, lost


def grid(room: Sequence[Learner], lab: int) -> list[list[str]]:
    """Return a row a learner: what they passed (✓), missed (count) or left open, and minutes."""
    rows = []
    for learner in (each.of(lab) for each in room):
        if not learner.lines:
            continue
        tried = learner.outcomes("check")
        marks = [_mark(tried.get(key, [])) for key in _checks(lab)]
        rows.append([learner.name, *marks, f"{minutes(learner.lines):.0f}"])
    return rows


def _mark(told: list[str]) -> str:
    missed = sum(each != RIGHT for each in told)
    if RIGHT in told:
        return f"✓ after {missed}" if missed else "✓"
    return f"✗ {missed}" if missed else "–"


def misses(room: Iterable[Learner], lab: int) -> list[tuple[str, str, int, str]]:
    """Return check, misconception, how many learners had it, and its hint; the most common first.

    Misses that the check does not know by name are "miss".
    """
    known = {check.key: check for check in catalogue.lab(lab).checks}
    had: Counter[tuple[str, str]] = Counter()
    for learner in room:
        for key, told in learner.of(lab).outcomes("check").items():
            had.update({(key, each) for each in set(told) - {RIGHT} if key in known})
    return [
        (key, name, count, _hint(known[key].misconceptions, name))
        for (key, name), count in had.most_common()
    ]


def _hint(known: object, name: str) -> str:
    words = {MISS: "another mistake", NOT_TESTED: "could not be tested"}
    return words.get(name) or (str(known.get(name, "")) if isinstance(known, dict) else "")


def answers(room: Sequence[Learner], lab: int) -> list[tuple[str, str, bool, int]]:
    """Return each option of each quiz question, if it is right, and how many chose it first."""
    chosen: Counter[tuple[str, str]] = Counter()
    for learner in room:
        for key, told in learner.of(lab).outcomes("quiz").items():
            chosen[key, told[0]] += 1
    return [
        (question.asks, option.words, option.right, chosen[question.key, option.words])
        for question in catalogue.lab(lab).questions
        for option in question.options
    ]


def section_minutes(learner: Learner, lab: int) -> dict[str, float]:
    """Return the minutes by section: the time before a line belongs to the section of its key."""
    spent: dict[str, float] = dict.fromkeys(sections(lab).values(), 0.0)
    for before, line in pairwise(learner.of(lab).lines):
        if title := sections(lab).get(line.key or line.what):
            spent[title] += minutes((before, line))
    return spent


@cache
def sections(lab: int) -> dict[str, str]:
    """Return the heading above each prediction and check of a lab, and above its quiz."""
    path = NOTEBOOKS / f"{catalogue.lab(lab).stem}.ipynb"
    title = ""
    found: dict[str, str] = {}
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and source.startswith("## "):
            title = source.splitlines()[0].removeprefix("## ")
        elif cell["cell_type"] == "code":
            found |= {key or quiz: title for key, quiz in _KEY.findall(source)}
    return found | {question.key: found["quiz"] for question in catalogue.lab(lab).questions}


def _checks(lab: int) -> list[str]:
    return [check.key for check in catalogue.lab(lab).checks]
