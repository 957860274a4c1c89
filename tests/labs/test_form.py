"""The form of every lab: its notebook in notebooks/solutions/, its predictions, checks and quiz."""

import re

from lambdadeck.labs import catalogue, generate
from lambdadeck.labs.generate import split
from tests.support.labs import PREDICT, answers, is_open, notebooks
from tests.support.notebooks import FOLDER

LABS = notebooks()
CHECKS = [(lab, check) for lab in LABS for check in lab.lab.checks]


def tags(cell):
    return cell.raw["metadata"].get("tags", [])


def test_every_lab_has_a_notebook_and_every_notebook_a_lab():
    assert [lab.lab.number for lab in LABS] == catalogue.numbers()
    assert [lab.path.stem for lab in LABS] == [lab.lab.stem for lab in LABS]


def test_the_solutions_carry_no_output_and_make_the_learners_notebooks():
    assert list(generate.stale(FOLDER)) == [], "run scripts/labs"


def test_the_top_says_title_minutes_objectives_and_needs():
    for lab in LABS:
        top = lab.source[0].source
        assert top.startswith(f"# Lab {lab.lab.number}: {lab.lab.title}\n")
        assert f"**{lab.lab.minutes} minutes.**" in top
        assert 20 <= lab.lab.minutes <= 40, lab.path
        objectives = [check.objective for check in lab.lab.checks]
        assert re.findall(r"^- (.+)$", top, re.MULTILINE) == objectives
        assert "**You need**" in top


def test_the_end_says_what_was_learned_what_to_think_about_and_what_aws_changes():
    titles = [
        "## What you can now say",
        "## Three questions to think about",
        "## What changes on real AWS",
    ]
    for lab in LABS:
        end = [cell.source for cell in lab.source[-3:]]
        assert [source.splitlines()[0] for source in end] == titles, lab.path
        numbers = re.findall(r"^(\d)\. .+\?$", end[1], re.MULTILINE)
        assert numbers == ["1", "2", "3"], lab.path


def test_the_rhythm_is_predict_run_look_closer_change_make():
    for lab in LABS:
        text = "\n".join(cell.source for cell in lab.source if cell.kind == "markdown")
        steps = re.findall(r"^\*\*(Predict|Run|Look closer|Change|Make)\.\*\*", text, re.MULTILINE)
        assert steps[:5] == ["Predict", "Run", "Look closer", "Change", "Make"], lab.path
        counts = {step: steps.count(step) for step in ("Predict", "Run", "Make")}
        assert min(counts.values()) >= 2, (lab.path, counts)


def test_a_worked_example_comes_first_then_one_with_gaps_then_a_blank_one():
    for lab in LABS:
        order = [tag for cell in lab.code for tag in tags(cell)]
        assert set(order) == {"worked", "gaps", "blank"}, lab.path
        places = [order.index(tag) for tag in ("worked", "gaps", "blank")]
        assert places == sorted(places), lab.path
        tagged = {cell.id: bool({"gaps", "blank"} & set(tags(cell))) for cell in lab.code}
        assert tagged == {cell.id: is_open(cell) for cell in lab.code}, lab.path


def test_every_prediction_is_asked_and_then_revealed():
    for lab in LABS:
        text = "\n".join(cell.source for cell in lab.code)
        order = re.findall(r'lesson\.(predict|reveal)\("\d+\.([a-z-]+)"', text)
        keys = [part.key for part in lab.lab.predictions]
        assert order == [(step, key) for key in keys for step in ("predict", "reveal")], lab.path
        assert len(PREDICT.findall(text)) == len(keys), lab.path
        cells = [cell for cell in lab.code if PREDICT.search(cell.source)]
        asked = [lab.source[lab.source.index(cell) - 1].source for cell in cells]
        assert [words for words in asked if "**Predict.**" not in words or "?" not in words] == []


def test_cells_are_short_enough_to_read():
    long = {}
    for lab in LABS:
        for cell in lab.code:
            height = max(len(form.splitlines()) for form in split(cell.source))
            width = max(map(len, cell.source.splitlines()))
            if height > 12 or width > 70 or len(cell.source.splitlines()) > 15:
                long[lab.path.stem, cell.id] = (height, width)
    assert long == {}


def test_a_solution_is_behind_a_click_after_its_check_and_nowhere_else():
    folded = f"<details>\n<summary><u>{generate.SUMMARY}</u></summary>\n\n```python\n"
    for lab, check in CHECKS:
        sources = ["".join(cell["source"]) for cell in lab.learner]
        place = next(
            n
            for n, (cell, source) in enumerate(zip(lab.learner, sources, strict=True))
            if cell["cell_type"] == "code"
            and f'lesson.check("{lab.lab.number}.{check.key}"' in source
        )
        assert sources[place + 1].startswith(folded), check.key
        assert sources[place + 1].endswith("\n```\n\n</details>"), check.key
        open_text = [source for source in sources if not source.startswith("<details>")]
        assert "# solution" not in "\n".join(open_text), lab.path


def test_a_check_has_two_hints_three_mutations_and_an_example_of_each_misconception():
    for lab, check in CHECKS:
        key, known = f"{lab.lab.number}.{check.key}", check.misconceptions
        assert len({check.hint, check.nearer, check.blank, *known.values()}) == 3 + len(known), key
        assert len(check.mutations) >= 3, key
        assert {mutation.shows for mutation in check.mutations} - {""} == set(known), key


def test_no_hint_holds_a_line_of_the_solution():
    told = []
    for lab, check in CHECKS:
        hints = (check.blank, check.hint, check.nearer, check.praise)
        texts = [*hints, *check.misconceptions.values()]
        for solved, unsolved in (split(cell.source) for cell in lab.exercise(check)):
            lines = {line.strip() for line in set(solved.splitlines()) - set(unsolved.splitlines())}
            told += [(line, text) for line in lines for text in texts if line in text and line[7:]]
    assert told == []


def test_no_hint_names_what_only_the_solution_names():
    """A name such as `log_stream_name` gives an answer away, unless the learner has read it."""
    told = []
    for lab in LABS:
        read = "".join(
            "".join(cell["source"]) for cell in lab.learner if not cell["id"].endswith("-solution")
        )
        for check in lab.lab.checks:
            solved = "".join(split(cell.source)[0] for cell in lab.exercise(check))
            names = set(re.findall(r"[A-Za-z]+_\w+", solved)) - set(re.findall(r"\w+", read))
            hints = (check.blank, check.hint, check.nearer, *check.misconceptions.values())
            told += [(check.key, name) for name in names if any(name in hint for hint in hints)]
    assert told == []


def test_every_check_has_ten_right_and_ten_wrong_answers_and_each_fits_its_solution():
    for lab, check in CHECKS:
        known = answers(lab.lab.number, check.key)
        for verdict in (True, False):
            count = sum(each.is_right is verdict for each in known)
            assert count >= 10, (lab.lab.number, check.key, verdict, count)
        for answer in known:
            assert answer.sources(lab.exercise(check))  # names the edit that does not fit


def test_a_mutation_fits_into_one_place_of_the_solution():
    for lab, check in CHECKS:
        for mutation in check.mutations:
            assert lab.mutated(check, mutation)  # names the mutation that does not


def test_a_question_has_one_right_answer_and_every_answer_says_why():
    for lab in LABS:
        assert len(lab.lab.questions) >= 3, lab.path
        for question in lab.lab.questions:
            assert sum(option.right for option in question.options) == 1, question.key
            assert len(question.options) >= 3, question.key
            short = [option for option in question.options if len(option.why.split()) < 6]
            assert short == [], question.key
        places = {
            [option.right for option in each.options].index(True) for each in lab.lab.questions
        }
        assert len(places) > 1, f"{lab.path}: the right answer is always in the same place"
