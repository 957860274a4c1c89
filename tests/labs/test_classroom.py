"""Ten learners at once on one machine, an engine each: none reaches another, nothing is left.

They are plain Python processes that call the same functions as a notebook in a kernel would.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from lambdadeck.labs import progress
from lambdadeck.shared import state as state_module

ROOT = Path(__file__).resolve().parents[2]
COUNT = 10


@dataclass
class Learner:
    """A process of tests/support/learner.py, and what it has said."""

    number: int
    state: Path
    process: subprocess.Popen[str]
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def errs(self) -> bool:
        return self.number % 2 == 1

    def ask(self, step: str, *given: object) -> None:
        print(json.dumps([step, *given]), file=self.process.stdin, flush=True)

    def hear(self) -> None:
        line = self.process.stdout.readline()
        assert line, f"learner {self.number} ended with {self.process.wait()}"
        self.told |= json.loads(line)

    def leave(self) -> None:
        """Close it as a notebook is closed; kill every third, as a hub does to an idle one."""
        if self.number % 3 == 0:
            self.process.kill()
        self.process.stdin.close()


@dataclass
class Class:
    """All learners, and all their processes."""

    learners: list[Learner]
    processes: list[psutil.Process] = field(default_factory=list)

    def step(self, name: str, given: list[tuple[object, ...]]) -> None:
        """Ask all before waiting for the first."""
        for learner, each in zip(self.learners, given, strict=True):
            learner.ask(name, *each)
        for learner in self.learners:
            learner.hear()

    def end(self) -> None:
        for learner in self.learners:
            learner.leave()
        for learner in self.learners:
            learner.process.wait(timeout=60)
            learner.process.stdout.close()

    def each(self, what: str) -> list[Any]:
        return [learner.told[what] for learner in self.learners]


def begun(number: int, folder: Path) -> Learner:
    state = folder / f"learner-{number}"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.learner"],
        cwd=ROOT,
        env=os.environ | {state_module.VARIABLE: str(state)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    return Learner(number, state / "labs", process)


@pytest.fixture(scope="module")
def room(tmp_path_factory) -> Iterator[Class]:
    folder = tmp_path_factory.mktemp("room")
    room = Class([begun(number, folder) for number in range(COUNT)])
    try:
        room.step("connect", [()] * COUNT)
        room.step("learn", [(learner.number, learner.errs) for learner in room.learners])
        endpoints = room.each("endpoint")
        room.step("knock", list(zip(endpoints, endpoints[1:] + endpoints[:1], strict=True)))
        room.processes = [one for learner in room.learners for one in family(learner)]
        yield room
    finally:
        room.end()


def family(learner: Learner) -> list[psutil.Process]:
    process = psutil.Process(learner.process.pid)
    return [process, *process.children(recursive=True)]


def test_every_learner_has_an_engine_of_their_own(room):
    for what in ("endpoint", "key", "start"):
        assert len(set(room.each(what))) == COUNT, what
    for learner in room.learners:
        assert sum("lambdadeck.engine.server" in one.cmdline() for one in family(learner)) == 1


def test_functions_with_one_name_are_one_per_learner(room):
    assert room.each("learner") == list(range(COUNT))


def test_a_learner_does_not_see_what_another_has_deployed(room):
    assert room.each("functions") == [[f"of-{number}", "whoami"] for number in range(COUNT)]


def test_the_keys_of_one_are_refused_by_the_engine_of_another(room):
    assert {tuple(codes) for codes in room.each("own")} == {("answered",) * 3}  # Lambda, S3, SQS
    assert {tuple(codes) for codes in room.each("others")} == {("UnrecognizedClientException",) * 3}


def test_each_learner_is_told_about_their_own_mistake(room):
    expected = [
        ["function-name", "right"] if learner.errs else ["right"] for learner in room.learners
    ]
    assert room.each("said") == expected


def test_guesses_misses_and_files_are_kept_by_learner(room):
    for learner in room.learners:
        kept = progress.read(1, learner.state)
        assert (kept.guesses, kept.misses, kept.passed) == (
            {"faster": learner.number},
            {"machine": 1} if learner.errs else {},
            ["machine"],
        )
        assert (
            f'"learner": {learner.number}}}' in (learner.state / "lab-1" / "whoami.py").read_text()
        )


def test_nothing_is_left_when_the_class_is_over(room):
    """End the learners, every third by SIGKILL; last in this file."""
    # learner, engine, watchdog, at least one execution environment
    assert len(room.processes) >= 4 * COUNT
    room.end()
    _, left = psutil.wait_procs(room.processes, timeout=60)
    assert [" ".join(one.cmdline()) for one in left] == []
