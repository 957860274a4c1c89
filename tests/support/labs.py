"""Run a lab as learners might: unfilled, solved, and with each wrong solution of its checks."""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lambdadeck.labs import catalogue
from lambdadeck.labs.generate import CHECK, learners, split
from lambdadeck.labs.model import Check, Choice, Lab, Mutation
from tests.support.kernel import CellError, Kernel
from tests.support.notebooks import FOLDER, Cell, cells, words

SOLUTIONS = FOLDER / "solutions"
CORPUS = Path(__file__).parents[1] / "labs" / "corpus"
CELL = re.compile(r"^Run it yourself:\s(.*?)^Received: ", re.MULTILINE | re.DOTALL)
# What a cell of a miss must not raise; anything else comes from AWS or the learner's code.
FAULTS = (
    "NameError",
    "SyntaxError",
    "ImportError",
    "ModuleNotFound",
    "AttributeError",
    "TypeError",
)
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


@dataclass(frozen=True)
class Answer:
    """An answer of the corpus: the source of the exercise's first cell, or what replaces what."""

    name: str
    is_right: bool
    source: str = ""
    edits: tuple[tuple[str, str], ...] = ()
    cell: str = ""  # the cell that the source or the edits are for, if not the first or any

    def sources(self, cells: list[Cell]) -> list[str]:
        """Return the exercise with this answer; AssertionError if an edit does not fit."""
        solved = {cell.id: split(cell.source)[0] for cell in cells}
        own = self.cell or cells[0].id
        if self.source:
            magic = solved[own].startswith("%%") and f"{solved[own].splitlines()[0]}\n"
            solved[own] = f"{magic or ''}{self.source.lstrip()}"
        for old, new in self.edits:
            places = [name for name, text in solved.items() if old in text]
            assert places, f"{self.name}: {old!r} is not in the solution"
            for name in [self.cell] if self.cell else places:
                solved[name] = solved[name].replace(old, new)
        return list(solved.values())


def answers(number: int, check: str) -> list[Answer]:
    """Return the answers to a check that the corpus has, right ones first."""
    known = tomllib.loads((CORPUS / f"{number}.toml").read_text("utf-8"))[check]
    return [
        _answer(f"{number}.{check}.{name}", given, is_right=verdict == "right")
        for verdict in ("right", "wrong")
        for name, given in known[verdict].items()
    ]


def _answer(name: str, given: str | list | dict, *, is_right: bool, cell: str = "") -> Answer:
    if isinstance(given, dict):
        ((cell, inner),) = given.items()
        return _answer(name, inner, is_right=is_right, cell=cell)
    if isinstance(given, str):
        return Answer(name, is_right, source=given, cell=cell)
    return Answer(name, is_right, edits=tuple((old, new) for old, new in given), cell=cell)


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
    is_full: bool = False  # all wrong solutions and answers of the corpus, or a sample of them
    misjudged: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)  # cells of misses that do not run
    reproduced: set[str] = field(default_factory=set)  # checks with a miss whose cell has run

    def run(self, kernel: Kernel) -> Taught:
        """Run it unfilled, then solved, each exercise after its mutations; raise CellError.

        The first cell runs again before each check.
        """
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
                self._judge(kernel, exercises[cell.id])
            if _key(cell):  # as after a break: new clients, the same answers
                kernel.run(self.notebook.code[0].source)
            self.solved.shown.append(_shown(kernel, cell.id, _guessed(split(cell.source)[0])))
        progress = f"lesson.progress({self.notebook.lab.number})"
        self.progress = _shown(kernel, "progress", progress).text
        return self

    def said(self, run: Run, check: Check) -> str:
        return run.text(self.notebook.check_cell(check).id)

    def _mutate(self, kernel: Kernel, check: Check) -> None:
        for number, mutation in enumerate(check.mutations):
            if not (self.is_full or is_first_of_its_kind(check, number)):
                continue
            sources = self.notebook.mutated(check, mutation)
            told = self.mutants[check.key, number] = _checked(kernel, check.key, sources)
            found = CELL.search(told)
            if found and (self.is_full or check.key not in self.reproduced):
                self.reproduced.add(check.key)
                self._reproduce(kernel, f"{check.key} {number}", found[1])

    def _reproduce(self, kernel: Kernel, name: str, cell: str) -> None:
        """Run the cell that a miss shows, as a learner would."""
        try:
            if not _shown(kernel, name, cell).text:
                self.broken[name] = f"shows nothing:\n{cell}"
        except CellError as error:
            if str(error).startswith(FAULTS):
                self.broken[name] = str(error)

    def _judge(self, kernel: Kernel, check: Check) -> None:
        known = answers(self.notebook.lab.number, check.key)
        for answer in known if self.is_full else known[:1]:
            sources = answer.sources(self.notebook.exercise(check))
            told = _checked(kernel, check.key, sources)
            verdict = re.search("^[✓✗…!] ", told, re.MULTILINE)  # an answer may print, too
            if verdict is None or verdict[0].strip() not in ("✓" if answer.is_right else "✗!"):
                self.misjudged[answer.name] = told


def is_first_of_its_kind(check: Check, number: int) -> bool:
    """Return whether no mutation before this one is to bring the same hint."""
    kinds = [mutation.shows for mutation in check.mutations]
    return kinds.index(kinds[number]) == number


def _checked(kernel: Kernel, key: str, sources: list[str]) -> str:
    """Run the cells of an exercise, and return what its check says."""
    *made, last = sources
    for source in made:
        with suppress(CellError):  # what raises must not pass either
            kernel.run(source)
    try:
        return _shown(kernel, key, last).text
    except CellError as error:
        return f"! {error}"


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
    return Shown(cell_id, words(kernel.run(source), "\n"))


def _key(cell: Cell) -> str | None:
    found = CHECK.search(cell.source)
    return found[1] if found else None


def notebooks() -> list[Notebook]:
    """Return all labs."""
    return [Notebook(path) for path in sorted(SOLUTIONS.glob("*.ipynb"))]
