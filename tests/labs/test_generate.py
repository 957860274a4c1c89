"""From notebooks/solutions/ to the learners' notebooks: markers, folded solutions, drift."""

import json
import subprocess
import sys

import pytest

from lambdadeck.labs import cli, generate
from lambdadeck.labs.generate import LabError, split

SOLVED = """def handler(event, context):
    before = 1
    # solution: add them up
    total = before + 1
    # blank
    # total = before + ...
    # end
    return total"""


def code(source, name="code"):
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {},
        "source": source.splitlines(True),
        "outputs": ["old"],
        "execution_count": 3,
    }


def words(source, name="words"):
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source.splitlines(True)}


def sources(cells):
    return ["".join(cell["source"]) for cell in cells]


# --- markers --------------------------------------------------------------------------------------


def test_a_cell_is_solved_without_its_markers_and_unsolved_with_prompt_and_blank():
    default = "# your turn: replace ...\n"
    before = "def handler(event, context):\n    before = 1\n"
    cells = {
        SOLVED: (
            before + "    total = before + 1\n    return total",
            before + "    # your turn: add them up\n    total = before + ...\n    return total",
        ),
        "a = 1\n    # solution\n    b = 2\n    # end": (  # no blank of its own
            "a = 1\n    b = 2",
            f"a = 1\n    {default}    ...",
        ),
        "# solution\nx = 1\n# blank\n# if x:\n#     ...\n#\n# y = ...\n# end": (
            "x = 1",
            f"{default}if x:\n    ...\n\ny = ...",
        ),
        "a = 1\n\n# the end of it": ("a = 1\n\n# the end of it",) * 2,  # no marker
    }
    assert {source: split(source) for source in cells} == cells


def test_misplaced_markers_are_named():
    errors = {
        "# solution\na = 1": "'# solution' has no '# end'.",
        "# solution: do it\na = 1": "'# solution: do it' has no '# end'.",
        "a = 1\n# end": "'# end' has no '# solution' before it.",
        "# blank\n# a": "'# blank' has no '# solution' before it.",
        "# solution\n# solution\n# end": "'# solution' stands inside '# solution'.",
        "# solution\n# blank\n# blank\n# end": "'# blank' stands inside '# solution'.",
        "# solution\n# blank\na = ...\n# end": "'a = ...' after '# blank' must be a comment.",
    }
    told = {}
    for source in errors:
        with pytest.raises(LabError) as raised:
            split(source)
        told[source] = str(raised.value)
    assert told == errors


# --- the learner's cells --------------------------------------------------------------------------


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
        "<details>\n<summary><u>Show the solution</u></summary>\n\n"
        "```python\ndef handler(event, context):\n    before = 1\n    total = before + 1\n"
        "    return total\n```\n\n```python\nb = 2\n```\n\n</details>"
    )
    assert "# solution" not in sources(made)[0] + sources(made)[1]


def test_a_check_without_an_exercise_gets_no_solution():
    assert len(generate.learners([code('lesson.check("1.b", 3)')])) == 1


def test_a_solution_that_no_check_follows_is_refused():
    with pytest.raises(LabError, match=r"No lesson\.check follows the solution 'b = 2'"):
        generate.learners([code("# solution\nb = 2\n# end")])


def test_outputs_and_counts_are_left_out_and_all_else_of_a_cell_stays():
    cell = code("a = 1") | {"metadata": {"tags": ["worked"]}}
    assert generate.learners([cell]) == [cell | {"outputs": [], "execution_count": None}]


def test_a_wrong_marker_is_told_with_its_notebook_and_cell(folder):
    put(folder, code("# end", "sum"))
    with pytest.raises(LabError, match=r"1-one\.ipynb: Cell 'sum': '# end' has no '# solution'"):
        generate.stale(folder)


# --- scripts/labs ---------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """Make a notebooks folder with one lab in solutions/."""
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
    solved = json.loads((folder / "solutions" / "1-one.ipynb").read_text())
    assert solved["cells"][0]["outputs"] == []
    assert cli.main([], folder) == 0
    assert "nothing has changed" in capsys.readouterr().out


def test_check_says_what_has_drifted_and_writes_nothing(folder, capsys):
    cli.main([], folder)
    target = folder / "1-one.ipynb"
    for drift in (target.read_text().replace("your turn", "my turn"), None):
        target.unlink() if drift is None else target.write_text(drift)
        assert cli.main(["--check"], folder) == 1
        says = "1-one.ipynb does not match notebooks/solutions/: run scripts/labs.\n"
        assert capsys.readouterr().err == says
        assert not target.exists() if drift is None else target.read_text() == drift


def test_a_learners_notebook_without_its_solutions_is_drift(folder, capsys):
    cli.main([], folder)
    (folder / "2-two.ipynb").write_text("{}")
    assert generate.stale(folder) == {folder / "2-two.ipynb": None}
    assert cli.main([], folder) == 1
    assert "2-two.ipynb does not match" in capsys.readouterr().err


def test_a_mistake_leaves_the_learners_notebooks_as_they_were(folder, capsys):
    cli.main([], folder)
    before = (folder / "1-one.ipynb").read_text()
    put(folder, code("# solution", "a"))
    assert cli.main([], folder) == 1
    assert "Cell 'a': '# solution' has no '# end'." in capsys.readouterr().err
    assert (folder / "1-one.ipynb").read_text() == before


def test_labs_needs_nothing_that_is_not_in_python(root):
    """Run it with -I -S, so that only the standard library can be imported."""
    said = subprocess.run(
        [sys.executable, "-I", "-S", root / "scripts" / "labs", "--check"],
        capture_output=True,
        text=True,
    )
    assert (said.returncode, said.stderr) == (0, "")
