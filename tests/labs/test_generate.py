"""From notebooks/solutions/ to the learner's notebooks: markers, blanks, solutions behind a click, drift."""

import json
import subprocess
import sys

import pytest

from lambdadeck.labs import cli, generate
from lambdadeck.labs.markers import MarkerError, split

SOLVED = """def handler(event, context):
    before = 1
    # solution: add them up
    total = before + 1
    # blank
    # total = before + ...
    # end
    return total"""


def code(source, id="code"):
    return {
        "cell_type": "code",
        "id": id,
        "metadata": {},
        "source": source.splitlines(True),
        "outputs": ["old"],
        "execution_count": 3,
    }


def words(source, id="words"):
    return {"cell_type": "markdown", "id": id, "metadata": {}, "source": source.splitlines(True)}


def sources(cells):
    return ["".join(cell["source"]) for cell in cells]


# --- markers ------------------------------------------------------------------------------------------------------


def test_the_solution_is_there_without_its_markers():
    assert (
        split(SOLVED).solved
        == "def handler(event, context):\n    before = 1\n    total = before + 1\n    return total"
    )


def test_the_learner_gets_the_prompt_and_the_blank_where_the_solution_was():
    assert split(SOLVED).unsolved == (
        "def handler(event, context):\n    before = 1\n    # your turn: add them up\n    total = before + ...\n    return total"
    )


def test_without_a_blank_of_its_own_the_learner_gets_dots():
    assert (
        split("a = 1\n    # solution\n    b = 2\n    # end").unsolved
        == "a = 1\n    # your turn: replace ...\n    ..."
    )


def test_a_blank_keeps_its_indentation_and_may_have_empty_lines():
    source = "# solution\nx = 1\n# blank\n# if x:\n#     ...\n#\n# y = ...\n# end"
    assert split(source).unsolved == "# your turn: replace ...\nif x:\n    ...\n\ny = ..."


def test_a_cell_without_markers_stays_as_it_is():
    exercise = split("a = 1\n\n# the end of it\n")
    assert exercise.solved == exercise.unsolved == "a = 1\n\n# the end of it"
    assert not exercise.is_open


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("# solution\na = 1", "'# solution' has no '# end'"),
        ("a = 1\n# end", "'# end' has no '# solution' before it"),
        ("# blank\n# a", "'# blank' has no '# solution' before it"),
        ("# solution\n# solution\n# end", "'# solution' stands inside '# solution'"),
        ("# solution\n# blank\n# blank\n# end", "'# blank' stands inside"),
        ("# solution\n# blank\na = ...\n# end", "'a = ...' after '# blank' must be a comment"),
    ],
)
def test_markers_that_do_not_fit_together_are_named(source, says):
    with pytest.raises(MarkerError, match=says):
        split(source)


# --- the learner's cells ------------------------------------------------------------------------------------------


def test_the_solutions_of_an_exercise_stand_behind_a_click_after_its_check():
    cells = [
        code(SOLVED, "a"),
        code("# solution\nb = 2\n# end", "b"),
        code('lesson.check("1.b", b)', "check-b"),
        words("end", "c"),
    ]
    made = generate.learners(cells)
    assert [cell["id"] for cell in made] == ["a", "b", "check-b", "check-b-solution", "c"]
    assert sources(made)[3] == (
        "<details>\n<summary><u>Show the solution</u></summary>\n\n```python\ndef handler(event, context):\n    before = 1\n"
        "    total = before + 1\n    return total\n```\n\n```python\nb = 2\n```\n\n</details>"
    )
    assert "# solution" not in sources(made)[0] + sources(made)[1]


def test_a_check_without_an_exercise_gets_no_solution():
    assert len(generate.learners([code('lesson.check("1.b", 3)')])) == 1


def test_a_solution_that_no_check_follows_is_refused():
    with pytest.raises(generate.LabError, match="followed by no lesson.check: 'b = 2'"):
        generate.learners([code("# solution\nb = 2\n# end")])


def test_outputs_and_counts_are_left_out_and_all_else_of_a_cell_stays():
    cell = code("a = 1") | {"metadata": {"tags": ["worked"]}}
    assert generate.learners([cell]) == [cell | {"outputs": [], "execution_count": None}]


def test_a_wrong_marker_is_told_with_its_notebook_and_cell(folder):
    put(folder, code("# end", "sum"))
    with pytest.raises(
        generate.LabError, match=r"1-one.ipynb: Cell 'sum': '# end' has no '# solution'"
    ):
        generate.made_of(folder / "solutions" / "1-one.ipynb")


# --- scripts/labs -------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """A notebooks folder with one lab in solutions/."""
    (tmp_path / "solutions").mkdir()
    put(tmp_path, code("# solution\na = 1\n# end", "a"), code('lesson.check("1.a", a)', "check-a"))
    return tmp_path


def put(folder, *cells):
    text = json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    (folder / "solutions" / "1-one.ipynb").write_text(text)


def test_labs_makes_the_learners_notebook_and_strips_the_solutions(folder, capsys):
    assert cli.main([], folder) == 0
    assert "made 1-one.ipynb" in capsys.readouterr().out
    made = json.loads((folder / "1-one.ipynb").read_text())
    assert sources(made["cells"])[0] == "# your turn: replace ...\n..."
    assert (
        json.loads((folder / "solutions" / "1-one.ipynb").read_text())["cells"][0]["outputs"] == []
    )
    assert cli.main([], folder) == 0
    assert "nothing has changed" in capsys.readouterr().out


def test_check_says_what_has_drifted_and_writes_nothing(folder, capsys):
    cli.main([], folder)
    target = folder / "1-one.ipynb"
    for drift in (target.read_text().replace("your turn", "my turn"), None):
        target.unlink() if drift is None else target.write_text(drift)
        assert cli.main(["--check"], folder) == 1
        assert (
            "1-one.ipynb is not what notebooks/solutions/ makes: run scripts/labs."
            in capsys.readouterr().err
        )
        assert not target.exists() if drift is None else target.read_text() == drift


def test_a_learners_notebook_without_its_solutions_is_drift(folder):
    cli.main([], folder)
    (folder / "2-two.ipynb").write_text("{}")
    assert generate.drifted(folder) == [folder / "2-two.ipynb"]


def test_a_mistake_leaves_the_learners_notebooks_as_they_were(folder, capsys):
    cli.main([], folder)
    before = (folder / "1-one.ipynb").read_text()
    put(folder, code("# solution", "a"))
    assert cli.main([], folder) == 1
    assert "Cell 'a': '# solution' has no '# end'." in capsys.readouterr().err
    assert (folder / "1-one.ipynb").read_text() == before


def test_labs_needs_nothing_that_is_not_in_python(root):
    """A learner's notebook is made before anything is installed: -I -S leave the standard library alone."""
    said = subprocess.run(
        [sys.executable, "-I", "-S", root / "scripts" / "labs", "--check"],
        capture_output=True,
        text=True,
    )
    assert (said.returncode, said.stderr) == (0, "")
