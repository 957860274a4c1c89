"""What stands between `# solution` and `# end` in a cell of notebooks/solutions/, and what the learner finds there instead.

    # solution: what to do, as the learner reads it
    calls = [functions.invoke("greet") for _ in range(3)]
    # blank
    # calls = [functions.invoke(...) for _ in ...]
    # end

The learner gets the prompt and the blank (without a `# blank`: `...`); the solution's lines go behind a click. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_START = re.compile(r"^(?P<indent>\s*)# solution(?:: *(?P<prompt>.+))?$")
_BLANK, _END = re.compile(r"^\s*# blank$"), re.compile(r"^\s*# end$")
PROMPT = "your turn"


class MarkerError(ValueError):
    """A marker that is open, alone or in the wrong order; the message says which."""


@dataclass(frozen=True)
class Exercise:
    """A cell with its markers taken out: with the solution in it, and as the learner gets it."""

    solved: str
    unsolved: str

    @property
    def is_open(self) -> bool:
        """Whether there is anything for the learner to do."""
        return self.solved != self.unsolved


def split(source: str) -> Exercise:
    """Read one cell; MarkerError when its markers do not fit together."""
    solved: list[str] = []
    unsolved: list[str] = []
    lines = iter(source.splitlines())
    for line in lines:
        if start := _START.match(line):
            answer, blank = _region(lines, line)
            solved += answer
            unsolved += [
                f"{start['indent']}# {PROMPT}: {start['prompt'] or 'replace ...'}",
                *(blank or [f"{start['indent']}..."]),
            ]
        elif _BLANK.match(line) or _END.match(line):
            raise MarkerError(f"{line.strip()!r} has no '# solution' before it.")
        else:
            solved.append(line)
            unsolved.append(line)
    return Exercise("\n".join(solved), "\n".join(unsolved))


def _region(lines: Iterator[str], opening: str) -> tuple[list[str], list[str]]:
    answer: list[str] = []
    blank: list[str] | None = None
    for line in lines:
        if _END.match(line):
            return answer, blank or []
        if _START.match(line) or (blank is not None and _BLANK.match(line)):
            raise MarkerError(
                f"{line.strip()!r} stands inside {opening.strip()!r}: close that with '# end' first."
            )
        if _BLANK.match(line):
            blank = []
        elif blank is None:
            answer.append(line)
        else:
            blank.append(_uncommented(line))
    raise MarkerError(f"{opening.strip()!r} has no '# end'.")


def _uncommented(line: str) -> str:
    found = re.match(r"^(\s*)# ?(.*)$", line)
    if found is None:
        raise MarkerError(
            f"{line.strip()!r} after '# blank' must be a comment: '# ' and the line as the learner gets it."
        )
    return found[1] + found[2]
