"""Findings of scripts/check as lines and as JSON: each light is a word, a sign and a color."""

import enum
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TextIO

from lambdadeck import __version__

NAME_WIDTH = 10


class Light(enum.Enum):
    """Green: fine. Amber: the talk works without it. Red: the core talk cannot run."""

    GREEN = "✓", "green", "32"
    AMBER = "!", "amber", "33"
    RED = "✗", "red", "31"

    def __init__(self, sign: str, word: str, color: str) -> None:
        self.sign, self.word, self.color = sign, word, color

    def __str__(self) -> str:
        return f"{self.sign} {self.word:5}"


@dataclass(frozen=True)
class Finding:
    """One line: the thing checked, the result, the fix; `seconds` if it was timed."""

    light: Light
    name: str
    words: str
    todo: str = ""
    seconds: float | None = None


def green(name: str, words: str, seconds: float | None = None) -> Finding:
    return Finding(Light.GREEN, name, words, seconds=seconds)


def amber(name: str, words: str, todo: str, seconds: float | None = None) -> Finding:
    return Finding(Light.AMBER, name, words, todo, seconds)


def red(name: str, words: str, todo: str) -> Finding:
    return Finding(Light.RED, name, words, todo)


class Printer:
    """Print each finding immediately, and on a terminal what is in progress below them."""

    def __init__(self, out: TextIO | None = None, environ: Mapping[str, str] = os.environ) -> None:
        self._out = out or sys.stdout
        self._live = self._out.isatty() and environ.get("TERM") != "dumb"
        self._colored = self._live and "NO_COLOR" not in environ
        self.findings: list[Finding] = []

    def doing(self, words: str) -> None:
        """Show what is in progress; the next line replaces it."""
        if self._live:
            columns = os.get_terminal_size(self._out.fileno()).columns or 80  # 0 if unknown
            self._say(f"\r\x1b[K  … {words[: columns - 6]}", end="")

    def found(self, *findings: Finding) -> None:
        """Keep and print them."""
        for finding in findings:
            self.findings.append(finding)
            self.line(line(finding, colored=self._colored))

    def line(self, text: str = "") -> None:
        """Print a line."""
        self._say(f"\r\x1b[K{text}" if self._live else text)

    def _say(self, text: str, end: str = "\n") -> None:
        print(text, end=end, file=self._out, flush=True)


def line(finding: Finding, *, colored: bool = False) -> str:
    """Return the finding as one line."""
    light = f"\x1b[{finding.light.color}m{finding.light}\x1b[0m" if colored else str(finding.light)
    todo = f"  → {finding.todo}" if finding.todo else ""
    return f"{light}  {finding.name:{NAME_WIDTH}}  {finding.words}{todo}"


def verdict(findings: Sequence[Finding]) -> str:
    """Return the last line: whether the talk can be given, and the lights of each color."""
    counts = {light: sum(finding.light is light for finding in findings) for light in Light}
    said = ", ".join(f"{count} {light.word}" for light, count in counts.items() if count)
    if counts[Light.RED]:
        return f"The talk cannot be given: {said}. Fix the red items, then run scripts/check again."
    if counts[Light.AMBER]:
        return f"The talk can be given: {said}. The amber items say what to do or expect."
    return f"The talk can be given: {said}."


def exit_code(findings: Sequence[Finding]) -> int:
    """Return 0, or 1 if the core talk cannot run."""
    return int(any(finding.light is Light.RED for finding in findings))


def as_json(findings: Sequence[Finding]) -> str:
    """Return version, verdict, findings as JSON; `seconds` is null if a finding was not timed."""
    rows = [
        asdict(finding)
        | {
            "light": finding.light.word,
            "seconds": None if finding.seconds is None else round(finding.seconds, 3),
        }
        for finding in findings
    ]
    report = {
        "version": __version__,
        "exit": exit_code(findings),
        "verdict": verdict(findings),
        "findings": rows,
    }
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"
