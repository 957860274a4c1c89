"""Run every cell once before the talk, in its own kernel and cloud (scripts/present --warm).

It warms compiled functions, the file cache and matplotlib's fonts, and records each output. The
talk's own cloud stays empty, so its first invocations are still cold starts.
"""

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
class CellCounter:
    """Count the cells on one line of a terminal; silent if `out` is not a terminal."""

    total: int
    out: TextIO
    begun: int = 0
    width: int = field(default=0, repr=False)

    def before(self, cell: NotebookNode) -> None:
        """Count and show the cell that begins."""
        self.begun += 1
        self._show(f"Warming up: cell {self.begun} of {self.total}, {cell['id']} …")

    def clear(self) -> None:
        """Empty the line."""
        self._show("")

    def _show(self, words: str) -> None:
        if self.out.isatty():
            self.out.write(f"\r{words:<{self.width}}" + ("" if words else "\r"))
            self.out.flush()
            self.width = len(words)


def up(notebook: Path, out: TextIO, clock: Callable[[], float] = time.monotonic) -> str:
    """Run and record the cells; returns a summary; NotebookError or EngineError on failure."""
    begun, ran = clock(), execute.without_outputs(execute.read(notebook))
    code = [cell["id"] for cell in ran.cells if cell.cell_type == "code"]
    counter = CellCounter(len(code), out)
    callbacks = execute.Callbacks(before=counter.before)
    execute.fill(ran, notebook.parent, callbacks=callbacks, keep_going=True)
    counter.clear()
    recorded = recordings.save(ran, notebook)
    return summary(len(code), [name for name in code if name not in recorded], clock() - begun)


def summary(cells: int, failed: list[str], took_s: float) -> str:
    """Return the sentence for the terminal."""
    took = f"Warmed up in {took_s:.0f} s"
    if failed:
        said = f"{took}, but {len(failed)} of {cells} cells failed: {', '.join(failed)}."
        return f"{said} scripts/check says why."
    return f"{took}: all {cells} cells ran, and their outputs are recorded (key g on a slide)."


def main() -> int:
    """Warm up the deck; returns the exit code."""
    from lambdadeck.engine import EngineError
    from lambdadeck.notebook.errors import NotebookError
    from lambdadeck.shared.known_secrets import SecretLeakError

    try:
        print(up(DECK, sys.stdout), flush=True)
    except (NotebookError, EngineError, SecretLeakError, OSError) as error:
        print(f"Not warmed up: {error}", flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
