"""The kernel of a page that runs: cells, what they show, and libraries that a page cannot hold."""

import ast
import sys
from pathlib import Path

import pytest

from lambdadeck.export.runs import absent
from lambdadeck.export.runs.kernel import Shell


@pytest.fixture
def shown() -> list[dict[str, str]]:
    return []


@pytest.fixture
def shell(shown: list[dict[str, str]]) -> Shell:
    return Shell(shown.append)


class Table:
    def _repr_html_(self) -> str:
        return "<b>1</b>"


def test_a_cell_shows_its_last_value_in_its_best_form(
    shell: Shell, shown: list[dict[str, str]]
) -> None:
    shell.names["Table"] = Table
    for source in ("x = 2", "x + 1", "Table()", "None", "x; x"):
        assert shell.run(source, "cell")
    assert shown == [{"result": "3"}, {"html": "<b>1</b>"}, {"result": "2"}]


class Counted(Table):
    def _repr_mimebundle_(self) -> tuple[dict[str, object], dict[str, object]]:
        return {"text/html": "<b>1</b>"}, {"lambdadeck": {"number": "2 of 3 cold"}}


def test_a_value_with_a_number_adds_it_to_the_title_of_its_slide(
    shell: Shell, shown: list[dict[str, str]]
) -> None:
    shell.names["counted"] = Counted()
    assert shell.run("counted", "cell")
    assert shown == [{"html": "<b>1</b>"}, {"number": "2 of 3 cold"}]


def test_an_error_is_traced_from_the_cell_on(shell: Shell, shown: list[dict[str, str]]) -> None:
    assert not shell.run("def f():\n    return 1 / 0\nf()", "broken")
    error = shown[0]["error"]
    assert error.splitlines()[1] == '  File "<broken>", line 3, in <module>'
    assert "return 1 / 0" in error and error.endswith("ZeroDivisionError: division by zero")
    assert not shell.run("1 +", "syntax")
    assert "SyntaxError" in shown[1]["error"]


def test_a_cell_writes_a_file(
    shell: Shell,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        assert shell.run("%%writefile app.py\nx = 1\n", "file")
    assert Path("app.py").read_text() == "x = 1\n"
    assert capsys.readouterr().out == "Writing app.py\nOverwriting app.py\n"


def test_a_cell_goes_through_the_transformers_of_lessons(
    shell: Shell, shown: list[dict[str, str]]
) -> None:
    class Doubled(ast.NodeTransformer):
        def visit_Constant(self, node: ast.Constant) -> ast.Constant:  # ast's name
            return ast.Constant(node.value * 2)

    shell.ast_transformers.append(Doubled())
    assert shell.run("21", "cell")
    assert shown == [{"result": "42"}]


def test_an_absent_library_can_be_imported_and_says_so_when_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setitem(sys.modules, "ipywidgets", sys)  # whatever it was, it comes back
    del sys.modules["ipywidgets"]
    absent.install()
    names: dict[str, object] = {}
    exec("import ipywidgets as w\nKind = float | w.Box\nItems = w.List[int]", names)
    with pytest.raises(absent.AbsentError, match=r"does not hold ipywidgets\.VBox: run the cell"):
        exec("w.VBox()", names)
