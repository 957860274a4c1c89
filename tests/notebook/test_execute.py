"""Running the deck on a clean kernel: loud when a cell fails, and the last good file stays."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from lambdadeck.notebook import RUN, execute
from lambdadeck.notebook.errors import NotebookError
from lambdadeck.shared import files
from tests.support.exporting import code, markdown, shows


def notebook(folder: Path, *cells: NotebookNode) -> Path:
    path = folder / "talk.ipynb"
    nbformat.write(new_notebook(cells=[markdown("# Talk", id="title"), *cells]), path)
    return path


def export(path: Path, out: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lambdadeck.export.cli", path, "--out", out],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | environment,
    )


def test_a_cell_that_fails_stops_the_export_names_itself_and_keeps_the_last_good_file(
    tmp_path: Path,
) -> None:
    good = tmp_path / "out" / "talk.html"
    good.parent.mkdir()
    good.write_text("the last good one")
    done = export(notebook(tmp_path, code("1 / 0", id="divide")), good.parent)
    assert done.returncode == 1
    assert "Cell 'divide': it failed with ZeroDivisionError: division by zero" in done.stderr
    assert "Nothing was written" in done.stderr
    assert good.read_text() == "the last good one"
    assert [path.name for path in good.parent.iterdir()] == ["talk.html"]


def test_outputs_are_fresh_and_stamped_and_the_notebook_itself_is_untouched(tmp_path: Path) -> None:
    path = notebook(tmp_path, code("print(6 * 7)", shows(text_plain="old"), id="sum"))
    before = path.read_bytes()
    ran = execute.run(path)
    assert ran.cells[1].outputs[0].text == "42\n" and len(ran.cells[1].outputs) == 1
    assert ran.cells[1].metadata["execution"]["iopub.status.busy"]
    assert ran.metadata[RUN]["where"].startswith("LOCAL · ")
    assert path.read_bytes() == before


def test_the_kernel_reaches_the_embedded_cloud_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    lines = """import os, boto3
print(sorted(n for n in os.environ if n in ('AWS_PROFILE', 'AWS_ENDPOINT_URL_S3')))
print(boto3.client('lambda').meta.endpoint_url, len(boto3.client('s3').list_buckets()['Buckets']))
"""
    text = "".join(
        output.text for output in execute.run(notebook(tmp_path, code(lines))).cells[1].outputs
    )
    assert text.startswith("[]\nhttp://127.0.0.1:") and text.endswith(" 0\n")


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    done = export(notebook(tmp_path, code("print(1)")), tmp_path / "out", EXPORT_MARK=str(tmp_path))
    assert done.returncode == 0, done.stderr

    def ours(process: psutil.Process) -> bool:
        try:
            return process.environ().get("EXPORT_MARK") == str(tmp_path)
        except psutil.Error:
            return False

    left = [process for process in psutil.process_iter() if ours(process)]
    assert psutil.wait_procs(left, timeout=60)[1] == []


def test_a_cell_that_never_ends_is_stopped_and_named(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="Cell 'endless': it ran for more than 2 seconds"):
        execute.run(notebook(tmp_path, code("while True: pass", id="endless")), limit_s=2)


def test_a_cell_that_kills_the_kernel_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="Cell 'killer': it ended the kernel"):
        execute.run(notebook(tmp_path, code("import os; os._exit(1)", id="killer")))


def test_a_file_that_is_no_notebook_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="Cannot read the notebook"):
        execute.read(tmp_path / "none.ipynb")
    (tmp_path / "text.ipynb").write_text("hello")
    with pytest.raises(NotebookError, match="is not a notebook"):
        execute.read(tmp_path / "text.ipynb")


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    target.mkdir()  # a folder of that name cannot be replaced by a file
    with pytest.raises(IsADirectoryError):
        files.replace(target, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_help_is_answered_before_anything_is_installed(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-S", root / "scripts" / "export", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--pdf" in done.stdout and "--out" in done.stdout
