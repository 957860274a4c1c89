"""Run a lab as learners might: unfilled, solved, and with each wrong solution of its checks."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lambdadeck.labs import catalogue
from lambdadeck.labs.generate import CHECK, learners, split
from lambdadeck.labs.model import Check, Choice, Lab, Mutation
from tests.support.kernel import CellError, Kernel
from tests.support.notebooks import FOLDER, Cell, cells

SOLUTIONS = FOLDER / "solutions"
PREDICT = re.compile(r'lesson\.predict\("(\d+\.[a-z-]+)", \.\.\.\)')


@dataclass(frozen=True)
class Shown:
    """The text of all outputs of a cell."""

    id: str
    text: str


@dataclass
class Run:
    """One way through a lab: what each code cell showed."""

    shown: list[Shown] = field(default_factory=list)

    def text(self, cell_id: str) -> str:
        return next(each.text for each in self.shown if each.id == cell_id)


class Notebook:
    """A lab's notebook in solutions/, with its cells solved and as the learner gets them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lab: Lab = catalogue.lab(int(path.stem.partition("-")[0]))

    @cached_property
    def source(self) -> list[Cell]:
        return cells(self.path)

    @cached_property
    def code(self) -> list[Cell]:
        return [cell for cell in self.source if cell.kind == "code"]

    @cached_property
    def learner(self) -> list[dict]:
        return learners([cell.raw for cell in self.source])

    def check_cell(self, check: Check) -> Cell:
        return next(cell for cell in self.code if _key(cell) == f"{self.lab.number}.{check.key}")

    def exercise(self, check: Check) -> list[Cell]:
        """Return the cells from the first solution since the last check to this check."""
        end = self.code.index(self.check_cell(check))
        start = max((n + 1 for n, cell in enumerate(self.code[:end]) if _key(cell)), default=0)
        first = next(n for n in range(start, end + 1) if is_open(self.code[n]))
        return self.code[first : end + 1]

    def mutated(self, check: Check, mutation: Mutation) -> list[str]:
        """Solve the exercise with this mutation, which must fit in exactly one place."""
        sources = [split(cell.source)[0] for cell in self.exercise(check)]
        assert sum(source.count(mutation.old) for source in sources) == 1, (
            f"{mutation.old!r} is not there exactly once"
        )
        return [source.replace(mutation.old, mutation.new) for source in sources]


@dataclass
class Taught:
    """One lab, run in all ways."""

    notebook: Notebook
    unfilled: Run = field(default_factory=Run)
    solved: Run = field(default_factory=Run)
    progress: str = ""
    mutants: dict[tuple[str, int], str] = field(default_factory=dict)

    def run(self, kernel: Kernel) -> Taught:
        """Run it unfilled, then solved, each exercise after its mutations; raise CellError."""
        for cell in self.notebook.learner:
            if cell["cell_type"] == "code":
                self.unfilled.shown.append(_shown(kernel, cell["id"], "".join(cell["source"])))
        kernel.run(f"lesson.reset({self.notebook.lab.number})")
        kernel.forget()
        exercises = {
            self.notebook.exercise(check)[0].id: check for check in self.notebook.lab.checks
        }
        for cell in self.notebook.code:
            if cell.id in exercises:
                self._mutate(kernel, exercises[cell.id])
            self.solved.shown.append(_shown(kernel, cell.id, _guessed(split(cell.source)[0])))
        progress = f"lesson.progress({self.notebook.lab.number})"
        self.progress = _shown(kernel, "progress", progress).text
        return self

    def said(self, run: Run, check: Check) -> str:
        return run.text(self.notebook.check_cell(check).id)

    def _mutate(self, kernel: Kernel, check: Check) -> None:
        for number, mutation in enumerate(check.mutations):
            *made, last = self.notebook.mutated(check, mutation)
            for source in made:
                with suppress(CellError):  # what raises must not pass either
                    kernel.run(source)
            self.mutants[check.key, number] = _shown(kernel, check.key, last).text


def is_open(cell: Cell) -> bool:
    """Return whether a cell has something for the learner to do."""
    solved, unsolved = split(cell.source)
    return solved != unsolved


def _guessed(source: str) -> str:
    """Return the cell with a guess in place of the blank of its prediction."""
    found = PREDICT.search(source)
    if found is None:
        return source
    _, asked = catalogue.prediction(found[1])
    guess = next(iter(asked.options)) if isinstance(asked, Choice) else 10
    return source.replace("...", repr(guess))


def _shown(kernel: Kernel, cell_id: str, source: str) -> Shown:
    outputs = kernel.run(source)
    texts = (out.get("text") or out.get("data", {}).get("text/plain", "") for out in outputs)
    return Shown(cell_id, "\n".join(texts))


def _key(cell: Cell) -> str | None:
    found = CHECK.search(cell.source)
    return found[1] if found else None


def notebooks() -> list[Notebook]:
    """Return all labs."""
    return [Notebook(path) for path in sorted(SOLUTIONS.glob("*.ipynb"))]
