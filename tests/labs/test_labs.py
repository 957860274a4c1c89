"""Every lab that is in notebooks/solutions/: its form, and all ways through it on a real kernel and a real engine."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from jupyter_core.utils import ensure_event_loop

from lambdadeck import cloud
from lambdadeck.labs import catalogue, generate
from lambdadeck.labs.generate import split
from lambdadeck.labs.grading import text
from lambdadeck.labs.model import BLANK, RIGHT
from tests.support.kernel import Kernel
from tests.support.labs import PREDICT, Notebook, Taught, is_open, notebooks
from tests.support.notebooks import FOLDER

LABS = notebooks()
CHECKS = [(lab, check) for lab in LABS for check in lab.lab.checks]
MUTATIONS = [
    (lab, check, number) for lab, check in CHECKS for number in range(len(check.mutations))
]

every_lab = pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.path.stem)
every_check = pytest.mark.parametrize(
    ("lab", "check"), CHECKS, ids=lambda part: getattr(part, "key", None) or part.path.stem
)
every_mutation = pytest.mark.parametrize(
    ("lab", "check", "number"),
    MUTATIONS,
    ids=[f"{lab.lab.number}.{check.key}-{number}" for lab, check, number in MUTATIONS],
)


# --- all ways through ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def taught(request, tmp_path_factory):
    """A function: all ways through a lab, run once. Two labs at a time, because much of a lab is waiting for time-outs.

    Each has a kernel and an engine of its own, as a learner has: labs may use the same names for their functions.
    """
    asked = (
        item
        for item in request.session.items
        if item.path == request.path and "taught" in item.fixturenames
    )
    labs = dict.fromkeys(item.callspec.params["lab"] for item in asked)
    folders = {lab: tmp_path_factory.mktemp(lab.path.stem) for lab in labs}
    with ThreadPoolExecutor(2) as pool:
        runs = {lab: pool.submit(all_ways, lab, folders[lab]) for lab in labs}
        yield lambda lab: runs[lab].result()


def all_ways(lab: Notebook, folder: Path) -> Taught:
    engine = cloud.start()
    try:
        environment = engine.environment | {"LAMBDADECK_STATE": str(folder / "state")}
        with Kernel(FOLDER / "solutions", folder / "ipython", environment) as kernel:
            return Taught(lab).run(kernel)
    finally:
        engine.stop()
        ensure_event_loop().close()  # of this thread: jupyter_client made it and leaves it open


@every_check
def test_a_check_passes_with_the_solution(lab, check, taught):
    assert taught(lab).solved.text(lab.check_cell(check).id) == f"✓ Right. {text(check, RIGHT, 0)}"


@every_check
def test_a_check_says_what_to_fill_in_while_the_blank_is_there(lab, check, taught):
    assert (
        taught(lab).unfilled.text(lab.check_cell(check).id)
        == f"… Still blank. {text(check, BLANK, 0)}"
    )


@every_mutation
def test_a_wrong_solution_is_caught_with_the_hint_that_belongs_to_it(lab, check, number, taught):
    told, shows = taught(lab).mutants[check.key, number], check.mutations[number].shows
    assert "✓" not in told
    if shows:
        assert told.startswith(f"✗ Not yet. {check.misconceptions[shows]}")


@every_check
def test_the_second_wrong_answer_gets_the_nearer_hint(lab, check, taught):
    told = [taught(lab).mutants[check.key, number] for number in range(1, len(check.mutations))]
    assert [text for text in told if text.startswith("✗") and check.hints[1] not in text] == []
    assert any(text.startswith("✗") for text in told)


@every_lab
def test_a_lab_that_is_solved_is_complete(lab, taught):
    checks, predictions = len(lab.lab.checks), len(lab.lab.predictions)
    assert (
        f"{checks} of {checks} checks passed, {predictions} of {predictions} predictions made"
        in taught(lab).progress
    )


@every_lab
def test_every_cell_of_a_solved_lab_shows_something(lab, taught):
    assert [each.id for each in taught(lab).solved.shown if not each.text] == []


# --- the form -----------------------------------------------------------------------------------------------------


def test_every_lab_has_a_notebook_and_every_notebook_a_lab():
    assert [lab.lab.number for lab in LABS] == catalogue.numbers()
    assert [lab.path.stem for lab in LABS] == [lab.lab.stem for lab in LABS]


def test_the_solutions_carry_no_output_and_make_the_learners_notebooks():
    assert list(generate.stale(FOLDER)) == [], "run scripts/labs"


@every_lab
def test_the_top_says_title_minutes_objectives_and_needs(lab):
    top = lab.source[0].source
    assert top.startswith(f"# Lab {lab.lab.number}: {lab.lab.title}\n")
    assert f"**{lab.lab.minutes} minutes.**" in top
    assert 15 <= lab.lab.minutes <= 25
    assert re.findall(r"^- (.+)$", top, re.MULTILINE) == [
        check.objective for check in lab.lab.checks
    ]
    assert "**You need**" in top


@every_lab
def test_the_end_says_what_was_learnt_what_to_think_on_and_what_aws_changes(lab):
    end = [cell.source for cell in lab.source[-3:]]
    titles = [
        "## What you can now say",
        "## Three questions to think on",
        "## What changes on real AWS",
    ]
    assert [source.splitlines()[0] for source in end] == titles
    assert re.findall(r"^(\d)\. .+\?$", end[1], re.MULTILINE) == ["1", "2", "3"]


@every_lab
def test_the_rhythm_is_predict_run_look_closer_change_make(lab):
    text = "\n".join(cell.source for cell in lab.source if cell.kind == "markdown")
    steps = re.findall(r"^\*\*(Predict|Run|Look closer|Change|Make)\.\*\*", text, re.MULTILINE)
    assert steps[:5] == ["Predict", "Run", "Look closer", "Change", "Make"]
    assert {step: steps.count(step) >= 2 for step in ("Predict", "Run", "Make")} == {
        "Predict": True,
        "Run": True,
        "Make": True,
    }


@every_lab
def test_a_worked_example_comes_first_then_one_with_gaps_then_a_blank_one(lab):
    tags = [tag for cell in lab.code for tag in cell.raw["metadata"].get("tags", [])]
    assert set(tags) == {"worked", "gaps", "blank"}
    assert tags.index("worked") < tags.index("gaps") < tags.index("blank")
    wrong = [
        c.id
        for c in lab.code
        if is_open(c) is not bool({"gaps", "blank"} & set(c.raw["metadata"].get("tags", [])))
    ]
    assert wrong == []


@every_lab
def test_every_prediction_is_asked_and_then_revealed(lab):
    order = re.findall(
        r'lesson\.(predict|reveal)\("\d+\.([a-z-]+)"', "\n".join(cell.source for cell in lab.code)
    )
    keys = [part.key for part in lab.lab.predictions]
    assert order == [(step, key) for key in keys for step in ("predict", "reveal")]
    assert len(PREDICT.findall("\n".join(cell.source for cell in lab.code))) == len(keys)
    asked = [
        lab.source[lab.source.index(cell) - 1].source
        for cell in lab.code
        if PREDICT.search(cell.source)
    ]
    assert [words for words in asked if "**Predict.**" not in words or "?" not in words] == []


@every_lab
def test_cells_are_short_enough_to_read(lab):
    lengths = {c.id: [len(form.splitlines()) for form in split(c.source)] for c in lab.code}
    assert {key: its for key, its in lengths.items() if max(its) > 12} == {}
    assert [line for cell in lab.code for line in cell.source.splitlines() if len(line) > 70] == []


@every_lab
def test_a_solution_is_behind_a_click_after_its_check_and_nowhere_else(lab):
    learner = [("".join(cell["source"]), cell["cell_type"]) for cell in lab.learner]
    for check in lab.lab.checks:
        place = next(
            n
            for n, (source, kind) in enumerate(learner)
            if kind == "code" and f'lesson.check("{lab.lab.number}.{check.key}"' in source
        )
        assert learner[place + 1][0].startswith(
            f"<details>\n<summary><u>{generate.SUMMARY}</u></summary>\n\n```python\n"
        )
        assert learner[place + 1][0].endswith("\n```\n\n</details>")
    open_text = "\n".join(source for source, _ in learner if not source.startswith("<details>"))
    assert "# solution" not in open_text


@every_check
def test_a_check_has_two_hints_three_mutations_and_an_example_of_each_misconception(lab, check):
    assert len({*check.hints, check.blank, *check.misconceptions.values()}) == 3 + len(
        check.misconceptions
    )
    assert len(check.mutations) >= 3
    assert {mutation.shows for mutation in check.mutations} - {""} == set(check.misconceptions)


@every_check
def test_no_hint_holds_a_line_of_the_solution(lab, check):
    texts = [check.blank, *check.hints, *check.misconceptions.values(), check.praise]
    exercises = [split(cell.source) for cell in lab.exercise(check)]
    lines = {
        line.strip()
        for solved, unsolved in exercises
        for line in set(solved.splitlines()) - set(unsolved.splitlines())
    }
    assert [
        (line, text) for line in lines for text in texts if len(line) > 7 and line in text
    ] == []


@every_mutation
def test_a_mutation_fits_into_one_place_of_the_solution(lab, check, number):
    assert lab.mutated(check, check.mutations[number])


@every_lab
def test_a_question_has_one_right_answer_and_every_answer_says_why(lab):
    assert len(lab.lab.questions) >= 3
    for question in lab.lab.questions:
        assert sum(option.right for option in question.options) == 1
        assert len(question.options) >= 3
        assert all(len(option.why.split()) >= 6 for option in question.options)
    places = {
        [option.right for option in question.options].index(True) for question in lab.lab.questions
    }
    assert len(places) > 1, "the right answer is always in the same place"
