"""Before the talk: every cell of the deck once, in a kernel and a cloud of its own. Run by scripts/present --warm.

What stays warm is what outlives them: compiled functions, the files of Python, Java and .NET in memory, matplotlib's fonts;
and each cell's output is recorded. The talk's own cloud stays empty, so what is cold on a slide is cold.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from nbformat import NotebookNode

from lambdadeck.notebook import execute
from lambdadeck.shared.paths import DECK
from lambdadeck.stage import recordings


@dataclass
class Counter:
    """One line of a terminal that counts the cells; elsewhere it says nothing."""

    total: int
    out: TextIO
    done: int = 0
    width: int = field(default=0, repr=False)

    def before(self, cell: NotebookNode) -> None:
        """This cell begins."""
        self._show(f"Warming up: cell {self.done + 1} of {self.total}, {cell['id']} …")

    def after(self, cell: NotebookNode) -> None:
        """This cell has ended."""
        self.done += 1

    def clear(self) -> None:
        """Leave an empty line."""
        self._show("")

    def _show(self, words: str) -> None:
        if self.out.isatty():
            self.out.write(f"\r{words:<{self.width}}" + ("" if words else "\r"))
            self.out.flush()
            self.width = len(words)


def up(notebook: Path, out: TextIO, clock: Callable[[], float] = time.monotonic) -> str:
    """Run and record the notebook's cells; a sentence on how that went. NotebookError, EngineError: it cannot run at all."""
    begun, ran = clock(), execute.without_outputs(execute.read(notebook))
    code = [cell for cell in ran.cells if cell.cell_type == "code"]
    counter = Counter(len(code), out)
    execute.fill(
        ran,
        notebook.parent,
        watch=execute.Watch(before=counter.before, after=counter.after),
        keep_going=True,
    )
    counter.clear()
    recorded = recordings.save(ran, notebook)
    return told(
        len(code), [cell["id"] for cell in code if cell["id"] not in recorded], clock() - begun
    )


def told(cells: int, failed: list[str], took_s: float) -> str:
    """The sentence for the terminal."""
    if failed:
        return f"Warmed up in {took_s:.0f} s, but {len(failed)} of {cells} cells failed: {', '.join(failed)}. scripts/check says why."
    return f"Warmed up in {took_s:.0f} s: all {cells} cells ran, and what they showed is recorded (key g on a slide)."


def main() -> int:
    """Warm up the deck; 1, with a sentence, when that is not possible."""
    from lambdadeck.engine import EngineError
    from lambdadeck.notebook.errors import NotebookError

    try:
        print(up(DECK, sys.stdout), flush=True)
    except (NotebookError, EngineError, OSError) as problem:
        print(f"Not warmed up: {problem}", flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
