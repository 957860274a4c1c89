"""scripts/present --warm runs and records every cell, and leaves nothing behind."""

import io
import signal
import subprocess
import sys
import time

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from lambdadeck.shared import state as state_module
from lambdadeck.stage import jupyter, recordings, warm_up
from tests.support.presenting import Presenting


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Warm up a notebook with a good and a bad cell."""
    place = tmp_path_factory.mktemp("notebook") / "talk.ipynb"
    cells = [
        new_markdown_cell("# Talk"),
        new_code_cell("print('warm')", id="good"),
        new_code_cell("1 / 0", id="bad"),
    ]
    nbformat.write(new_notebook(cells=cells), place)
    terminal = Terminal()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(state_module.VARIABLE, str(place.parent / "state"))
        said = warm_up.up(place, terminal)
        recorded = recordings.page_data(place)
    return place, said, terminal.getvalue(), recorded


def test_every_cell_runs_and_what_worked_is_recorded(run):
    _, _, _, recorded = run
    assert list(recorded) == ["good"]
    assert "warm" in recorded["good"]["html"] and recorded["good"]["where"].startswith("LOCAL")


def test_a_cell_that_fails_is_named(run):
    _, said, _, _ = run
    assert "1 of 2 cells failed: bad. scripts/check says why." in said


def test_the_terminal_counts_the_cells_on_one_line_and_ends_it_empty(run):
    _, _, shown, _ = run
    assert "cell 1 of 2, good" in shown and "cell 2 of 2, bad" in shown and "\n" not in shown
    assert shown.endswith("\r") and shown.rstrip("\r").split("\r")[-1].strip() == ""


def test_the_notebook_is_left_as_it_was(run):
    place, _, _, _ = run
    assert all(not cell.get("outputs") for cell in nbformat.read(place, as_version=4).cells)


def test_a_file_gets_no_counting():
    file = io.StringIO()
    counter = warm_up.CellCounter(2, file)
    counter.before(new_code_cell("1", id="one"))
    counter.clear()
    assert file.getvalue() == ""


def test_success_is_said_with_the_key_that_shows_what_was_recorded():
    assert (
        warm_up.summary(37, [], 24.6)
        == "Warmed up in 25 s: all 37 cells ran, and their outputs are recorded (key g on a slide)."
    )


def test_a_kernel_that_is_preloaded_has_its_imports_and_no_name_of_ours(tmp_path):
    jupyter.preload(tmp_path)
    (startup,) = tmp_path.rglob("startup/*.py")
    code = f"import sys; space = {{}}; exec(open({str(startup)!r}).read(), space)"
    code += "; print(sorted(space), 'lambdadeck.panel' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['__builtins__'] True"


def test_a_ctrl_c_while_it_warms_up_leaves_nothing(root, tmp_path):
    with Presenting(
        root,
        "--no-browser",
        "--warm",
        environment={"TMPDIR": str(tmp_path), state_module.VARIABLE: str(tmp_path / "state")},
    ) as presenting:
        assert presenting.process.stdout is not None
        while "Warming up" not in presenting.process.stdout.readline():
            pass
        until_s = time.monotonic() + 120
        while not presenting.named("ipykernel_launcher"):
            assert presenting.process.poll() is None and time.monotonic() < until_s
        assert presenting.end(signal.SIGINT) == 0
        assert presenting.gone() == []
    assert list(tmp_path.iterdir()) == []
