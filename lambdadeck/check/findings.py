"""What scripts/check found, as lines for people and as JSON: a light in a word, a sign and a colour, never by colour alone."""

from __future__ import annotations

import enum
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

NAME_WIDTH = 10


class Light(enum.Enum):
    """Green: as it should be. Amber: the talk goes on without it. Red: the core talk cannot run."""

    GREEN = "✓", "green", "32"
    AMBER = "!", "amber", "33"
    RED = "✗", "red", "31"

    @property
    def sign(self) -> str:
        return self.value[0]

    @property
    def word(self) -> str:
        return self.value[1]

    def __str__(self) -> str:
        return f"{self.sign} {self.word:5}"

    def coloured(self) -> str:
        """The same for a terminal that knows colours."""
        return f"\x1b[{self.value[2]}m{self}\x1b[0m"


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, what was found, what to do about it. `seconds` where it was timed."""

    light: Light
    name: str
    words: str
    todo: str = ""
    seconds: float | None = None


def green(name: str, words: str, **more: float) -> Finding:
    return Finding(Light.GREEN, name, words, **more)


def amber(name: str, words: str, todo: str, **more: float) -> Finding:
    return Finding(Light.AMBER, name, words, todo, **more)


def red(name: str, words: str, todo: str, **more: float) -> Finding:
    return Finding(Light.RED, name, words, todo, **more)


class Printer:
    """Prints each finding when it is made; on a terminal, below them, what is under way."""

    def __init__(self, out: TextIO | None = None, environ: Mapping[str, str] = os.environ) -> None:
        self._out = out or sys.stdout
        self._live = self._out.isatty() and environ.get("TERM") != "dumb"
        self._coloured = self._live and "NO_COLOR" not in environ
        self.findings: list[Finding] = []

    def doing(self, words: str) -> None:
        """Say what has begun; the next line takes its place."""
        if self._live:
            columns = (
                os.get_terminal_size(self._out.fileno()).columns or 80
            )  # some terminals do not know
            self._say(f"\r\x1b[K  … {words[: columns - 6]}", end="")

    def found(self, *findings: Finding) -> None:
        """Keep and print them."""
        for finding in findings:
            self.findings.append(finding)
            self.line(line(finding, coloured=self._coloured))

    def line(self, text: str = "") -> None:
        """Print a line as it stands."""
        self._say(f"\r\x1b[K{text}" if self._live else text)

    def _say(self, text: str, end: str = "\n") -> None:
        print(text, end=end, file=self._out, flush=True)


def line(finding: Finding, *, coloured: bool = False) -> str:
    """The finding in one line."""
    light = finding.light.coloured() if coloured else str(finding.light)
    todo = f"  → {finding.todo}" if finding.todo else ""
    return f"{light}  {finding.name:{NAME_WIDTH}}  {finding.words}{todo}"


def verdict(findings: Sequence[Finding]) -> str:
    """The last line: whether the talk can be given, and how many lights of each colour."""
    counts = {light: sum(finding.light is light for finding in findings) for light in Light}
    said = ", ".join(f"{count} {light.word}" for light, count in counts.items() if count)
    if counts[Light.RED]:
        return f"The talk cannot be given as it is: {said}. Mend what is red, then run scripts/check again."
    if counts[Light.AMBER]:
        return f"The talk can be given: {said}. Read what is amber: it says what to do, or what to expect."
    return f"The talk can be given: {said}."


def exit_code(findings: Sequence[Finding]) -> int:
    """0 unless the core talk cannot run."""
    return int(any(finding.light is Light.RED for finding in findings))


def as_json(findings: Sequence[Finding]) -> str:
    """All findings and the verdict, seconds rounded to milliseconds; null where there was nothing to time."""
    rows = [
        {
            "name": finding.name,
            "light": finding.light.word,
            "words": finding.words,
            "todo": finding.todo,
            "seconds": None if finding.seconds is None else round(finding.seconds, 3),
        }
        for finding in findings
    ]
    return (
        json.dumps(
            {"exit": exit_code(findings), "verdict": verdict(findings), "findings": rows},
            indent=2,
            ensure_ascii=False,
        )
        + "\n"
    )
