"""Run each lab of notebooks/solutions/ in all ways, on a kernel and an engine of its own."""

import pytest

from lambdadeck.engine import start as start_engine
from lambdadeck.labs.grading import text
from lambdadeck.labs.model import BLANK, RIGHT
from tests.support.kernel import Kernel
from tests.support.labs import Taught, is_first_of_its_kind, notebooks
from tests.support.notebooks import FOLDER


@pytest.fixture(scope="module", params=notebooks(), ids=lambda lab: f"lab{lab.lab.number}")
def taught(request, tmp_path_factory, pytestconfig):
    """Run one lab, once for all its tests; by its id, labs run side by side in several workers."""
    folder = tmp_path_factory.mktemp(request.param.path.stem)
    engine = start_engine()
    try:
        environment = engine.environment | {"LAMBDADECK_STATE": str(folder / "state")}
        with Kernel(FOLDER / "solutions", folder / "ipython", environment) as kernel:
            is_full = pytestconfig.getoption("--full")
            yield Taught(request.param, is_full=is_full).run(kernel)
    finally:
        engine.stop()


def test_each_check_passes_with_the_solution(taught):
    checks = taught.notebook.lab.checks
    said = {check.key: taught.said(taught.solved, check) for check in checks}
    assert said == {check.key: f"✓ Right. {text(check, RIGHT, 0)}" for check in checks}


def test_each_check_says_what_to_fill_in_while_the_blank_is_there(taught):
    checks = taught.notebook.lab.checks
    said = {check.key: taught.said(taught.unfilled, check) for check in checks}
    assert said == {check.key: f"… Still blank. {text(check, BLANK, 0)}" for check in checks}


def test_each_wrong_solution_is_caught_with_the_hint_that_belongs_to_it(taught):
    """Try one wrong solution for each hint of a check; with --full all."""
    uncaught = {}
    for check in taught.notebook.lab.checks:
        for number, mutation in enumerate(check.mutations):
            if not (taught.is_full or is_first_of_its_kind(check, number)):
                continue
            told = taught.mutants[check.key, number]
            hint = check.misconceptions[mutation.shows] if mutation.shows else ""
            if "✓" in told or not told.startswith(f"✗ Not yet. {hint}" if hint else ""):
                uncaught[check.key, number] = told
    assert uncaught == {}


def test_each_answer_of_the_corpus_gets_its_verdict(taught):
    """Try one right answer for each check; with --full all, right and wrong."""
    assert taught.misjudged == {}


def test_a_miss_shows_what_was_sent_received_and_expected(taught):
    bare = {
        key: told
        for key, told in taught.mutants.items()
        if told.startswith("✗") and not ("Received: " in told and "Expected: " in told)
    }
    assert bare == {}


def test_the_cell_that_a_miss_shows_runs(taught):
    """Run the cell of the first miss of each check that shows one; with --full of all misses."""
    assert taught.reproduced
    assert taught.broken == {}


def test_the_second_wrong_answer_gets_the_nearer_hint(taught):
    for check in taught.notebook.lab.checks:
        told = [words for (key, n), words in taught.mutants.items() if key == check.key and n]
        missed = [words for words in told if words.startswith("✗")]
        assert missed, check.key
        assert [words for words in missed if check.nearer not in words] == [], check.key


def test_a_solved_lab_is_complete_and_every_cell_shows_something(taught):
    lab = taught.notebook.lab
    checks, predictions = len(lab.checks), len(lab.predictions)
    complete = f"{checks} of {checks} checks passed, {predictions} of {predictions} predictions"
    assert f"{complete} made" in taught.progress
    assert [each.id for each in taught.solved.shown if not each.text] == []
