"""Labs out of order: every cell twice, after a restart, and each "Change" step (--full)."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from lambdadeck.engine import start as start_engine
from lambdadeck.labs.generate import CHECK, split
from tests.support.kernel import CellError, Kernel
from tests.support.labs import notebooks
from tests.support.notebooks import FOLDER, words

LABS = notebooks()


@dataclass(frozen=True)
class Change:
    """A step that asks the learner to change a cell, run it, and look."""

    lab: int
    asks: str
    cell: str
    edits: list[list[str]]
    shows: str
    run: tuple[str, ...] = ()

    def edited(self, source: str) -> str:
        """Return the cell's source with the edits; AssertionError if one does not fit."""
        for old, new in self.edits:
            assert old in source, (self.asks, old)
            source = source.replace(old, new)
        return source


CHANGES = [
    Change(**each)
    for each in tomllib.loads(Path(__file__).with_name("changes.toml").read_text())["changes"]
]


def test_each_change_step_is_on_the_list():
    asked = [
        (lab.lab.number, cell.id)
        for lab in LABS
        for cell in lab.source
        if cell.kind == "markdown" and "**Change.**" in cell.source
    ]
    assert sorted({(each.lab, each.asks) for each in CHANGES}) == sorted(asked)


class Room:
    """A kernel and an engine, in which cells of one lab run; what went wrong is kept."""

    def __init__(self, lab, kernel: Kernel) -> None:
        self.lab, self.kernel = lab, kernel
        self.solved = {cell.id: split(cell.source)[0] for cell in lab.code}
        self.wrong: list[tuple[str, str]] = []

    def run(self, cell_id: str, source: str = "") -> str:
        try:
            return words(self.kernel.run(source or self.solved[cell_id]), "\n")
        except CellError as error:
            self.wrong.append((cell_id, str(error).split("\nin:")[0]))
            return ""

    def expect(self, pattern: str, cell_id: str, shown: str) -> None:
        if not re.search(pattern, shown):
            self.wrong.append((cell_id, f"{pattern!r} is not in: {shown}"))

    def change(self, change: Change) -> None:
        """Make a change to the letter, and take it back."""
        shown = self.run(change.cell, change.edited(self.solved[change.cell]))
        for cell_id in change.run:
            shown = self.run(cell_id)
        self.expect(change.shows, change.asks, shown)
        for cell_id in (change.cell, *change.run):
            self.run(cell_id)


@pytest.fixture(params=LABS, ids=lambda lab: f"lab{lab.lab.number}")
def room(request, tmp_path, pytestconfig):
    if not pytestconfig.getoption("--full"):
        pytest.skip("takes minutes: run scripts/test --full")
    engine = start_engine()
    try:
        environment = engine.environment | {"LAMBDADECK_STATE": str(tmp_path / "state")}
        with Kernel(FOLDER / "solutions", tmp_path / "ipython", environment) as kernel:
            yield Room(request.param, kernel)
    finally:
        engine.stop()


def test_every_cell_may_run_twice_and_each_change_may_be_made(room):
    for cell in room.lab.source:
        if cell.kind == "markdown":
            for change in CHANGES:
                if (change.lab, change.asks) == (room.lab.lab.number, cell.id):
                    room.change(change)
            continue
        for _ in range(2):
            if CHECK.search(cell.source):
                room.run("setup")  # as after a break: new clients
            shown = room.run(cell.id)
            if CHECK.search(cell.source):
                room.expect("✓ Right", cell.id, shown)
    assert room.wrong == []


def test_after_a_restart_a_check_is_right_or_says_in_a_sentence_what_to_run(room):
    """Restart before each exercise, with a new, empty cloud; run the first cell and go on."""
    misleading = []
    for check in room.lab.lab.checks:
        room.kernel.forget()
        room.run("setup")
        *exercise, last = room.lab.exercise(check)
        for cell in exercise:
            room.run(cell.id)
        shown = room.run(last.id)
        if shown and "✓ Right" not in shown and not re.search("[Rr]un the cell", shown):
            misleading.append(shown)
    assert misleading == []
