"""The learner's journal: a line for each guess, check and quiz answer, also for a class that asks.

Nothing is sent anywhere: a learner who joins a class has the lines written into its folder, too.
"""

import getpass
import json
import re
import secrets
import time
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from lambdadeck.labs import progress
from lambdadeck.shared import files

BREAK_S = 15 * 60  # who does nothing for longer has left: the minutes are not counted
_NAME = "class.json"  # of the file that says which class was joined


@dataclass(frozen=True)
class JournalLine:
    """What a learner did at a time (seconds since 1970).

    `what` is "start", "predict", "reveal", "check", "quiz" or "reset"; `key` names the part of the
    lab, `outcome` the result: of a check as in `grading`, of a quiz "right" or the wrong answer.
    """

    at_s: float
    lab: int
    what: str
    key: str = ""
    outcome: str = ""
    name: str = ""


@dataclass(frozen=True)
class Membership:
    """The class that a learner has joined: the file for their lines, and their name in it."""

    file: str
    name: str


class ClassError(ValueError):
    """A class cannot be joined; the message says what to do."""


def note(lab: int, what: str, key: str = "", outcome: str = "") -> None:
    """Append a line to the learner's own journal, and to the class's if they have joined one."""
    joined = membership()
    line = JournalLine(
        round(time.time(), 1), lab, what, key, outcome, joined.name if joined else ""
    )
    _append(_own(), line)
    if joined:
        try:
            _append(Path(joined.file), line)
        except OSError as error:
            warnings.warn(
                f"Your class's folder is out of reach ({error}): ask your teacher, or leave the "
                "class with lesson.leave(). Your own progress is kept.",
                stacklevel=2,
            )


def _append(path: Path, line: JournalLine) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(
            f"{json.dumps(asdict(line), ensure_ascii=False)}\n"
        )  # one write: lines stay whole


def _own() -> Path:
    return progress.folder() / "journal.jsonl"


def join(folder: Path, name: str = "") -> Membership:
    """Write this learner's lines into a class's folder from now on; raise ClassError."""
    said = " ".join((name or getpass.getuser()).split())[:40]
    word = re.sub(r"[^\w-]+", "-", said).strip("-") or "learner"
    file = folder.expanduser().absolute() / f"{word}-{secrets.token_hex(3)}.jsonl"
    try:
        file.touch(0o644, exist_ok=False)
    except OSError as error:
        raise ClassError(
            f"{folder} is not a folder that you may write to ({error.strerror}): ask your teacher "
            "for the class's folder."
        ) from error
    joined = Membership(str(file), said)
    files.replace(progress.folder() / _NAME, json.dumps(asdict(joined)).encode())
    return joined


def leave() -> None:
    """Leave the class; what was written into its folder stays there."""
    (progress.folder() / _NAME).unlink(missing_ok=True)


def membership() -> Membership | None:
    """Return the class that this learner has joined, None if they have not."""
    try:
        return Membership(**json.loads((progress.folder() / _NAME).read_text("utf-8")))
    except FileNotFoundError:
        return None


def read(path: Path | None = None) -> tuple[list[JournalLine], int]:
    """Return the lines of a journal, and the number of those that are not readable."""
    file = path or _own()
    texts = file.read_text("utf-8", errors="replace").splitlines() if file.exists() else []
    lines = [line for text in texts if (line := _line(text))]
    return lines, len(texts) - len(lines)


def _line(text: str) -> JournalLine | None:
    try:
        fields: dict[str, Any] = json.loads(text)
        line = JournalLine(**fields)
        float(line.at_s), int(line.lab)
        return line
    except (ValueError, TypeError):
        return None


def minutes(lines: Iterable[JournalLine]) -> float:
    """Return the minutes from the first line to the last, without breaks."""
    times = sorted(line.at_s for line in lines)
    steps = [later - sooner for sooner, later in pairwise(times)]
    return sum(step for step in steps if step < BREAK_S) / 60


def usual_minutes(lab: int, checks: int) -> tuple[float, int]:
    """Return the median minutes of all completed runs of a lab on this machine, and their count."""
    took = [minutes(run) for run in _completed(read()[0], lab, checks)]
    return (median(took) if took else 0.0, len(took))


def _completed(lines: Iterable[JournalLine], lab: int, checks: int) -> Iterator[list[JournalLine]]:
    """Yield the lines of each run up to the moment in which all checks had passed."""
    run: list[JournalLine] = []
    passed: set[str] = set()
    for line in lines:
        if line.lab != lab:
            continue
        if line.what == "reset":
            run, passed = [], set()
            continue
        run.append(line)
        is_new = line.what == "check" and line.outcome == "right" and line.key not in passed
        if is_new:
            passed.add(line.key)
        if is_new and len(passed) == checks:
            yield run
