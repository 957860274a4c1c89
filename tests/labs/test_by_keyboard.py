"""Do each lab with the keyboard alone, in JupyterLab and Notebook 7; run all cells (--full)."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from lambdadeck.labs import catalogue
from lambdadeck.labs.generate import split
from lambdadeck.labs.model import Choice
from lambdadeck.notebook.environment import environment
from tests.support.keyboard import Keyboard, opened
from tests.support.labs import PREDICT, Notebook, notebooks
from tests.support.notebooks import FOLDER
from tests.support.presenting import Presenting, ask

FAILED = '[data-mime-type$="error"], [data-mime-type$="stderr"]'
CHECK = re.compile(r'lesson\.check\("(\d+\.[a-z-]+)"')


@dataclass(frozen=True)
class Served:
    """A Jupyter server: an address for each notebook in the repository."""

    base: str
    query: str

    def address(self, notebook: Path) -> str:
        # A workspace for each notebook: a page shows what others of its workspace have opened.
        base = self.base.format(workspace=f"{notebook.parent.name}-{notebook.stem}")
        return f"{base}/{notebook.relative_to(FOLDER.parent).as_posix()}?{self.query}"


@contextmanager
def jupyterlab(root: Path, folder: Path) -> Iterator[Served]:
    """Start JupyterLab as learners do here."""
    own = {"LAMBDADECK_STATE": str(folder / "state")}
    with Presenting(root, "--lab", "--no-browser", environment=own) as presenting:
        parts = urlsplit(presenting.url())
        yield Served(f"http://{parts.netloc}/lab/workspaces/{{workspace}}/tree", parts.query)


@contextmanager
def notebook7(root: Path, folder: Path) -> Iterator[Served]:
    """Start Notebook 7 with the settings that it comes with."""
    (folder / "token").write_text("secret")
    own = {"LAMBDADECK_STATE": str(folder / "state")}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "notebook", "--no-browser", "--allow-root", f"--port={port}"]
    with (
        open(folder / "log", "wb") as log,
        subprocess.Popen(
            command,
            cwd=root,
            env=environment(os.environ, root, folder, own),
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as server,
    ):
        try:
            _wait_for(f"http://127.0.0.1:{port}/api")
            yield Served(f"http://127.0.0.1:{port}/notebooks", "token=secret")
        finally:
            server.terminate()
            with suppress(subprocess.TimeoutExpired):
                server.wait(timeout=20)
            server.kill()


def _wait_for(url: str) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            ask(url)
        except ConnectionRefusedError:
            assert time.monotonic() < until, f"{url} does not answer"
            time.sleep(0.1)
        else:
            return


@pytest.fixture(scope="module", params=[jupyterlab, notebook7], ids=lambda start: start.__name__)
def served(request, root, tmp_path_factory, pytestconfig) -> Iterator[Served]:
    if not pytestconfig.getoption("--full"):
        pytest.skip("takes minutes: run scripts/test --full")
    with request.param(root, tmp_path_factory.mktemp(request.param.__name__)) as served:
        yield served


@pytest.fixture(params=notebooks(), ids=lambda lab: f"lab{lab.lab.number}")
def lab(request) -> Notebook:
    return request.param


def test_each_lab_is_done_by_keyboard_each_exercise_wrong_first(chromium, served, lab, tmp_path):
    path = FOLDER / lab.path.name
    exercises = {lab.exercise(check)[0].id: check for check in lab.lab.checks}
    done: set[str] = set()
    with opened(chromium, served.address(path), path, tmp_path) as keyboard:
        for cell in lab.code:
            if cell.id in exercises:
                done |= {each.id for each in lab.exercise(exercises[cell.id])}
                _exercise(keyboard, lab, exercises[cell.id])
            elif found := PREDICT.search(cell.source):
                _predict(keyboard, cell.id, found[1])
            elif cell.id not in done:
                keyboard.run(cell.id)
        keyboard.go("ask")
        keyboard.tab_to(".jupyter-button")
        keyboard.press("Space")
        keyboard.picture("quiz")
        checks, predictions = len(lab.lab.checks), len(lab.lab.predictions)
        complete = f"{checks} of {checks} checks passed, {predictions} of {predictions} predictions"
        assert complete in keyboard.run("progress")
        keyboard.picture("progress")


def _exercise(keyboard: Keyboard, lab: Notebook, check) -> None:
    """Give a wrong answer, which must get its hint, then the right one."""
    mutation = check.mutations[0]
    wrong = lab.mutated(check, mutation)
    hint = check.misconceptions[mutation.shows] if mutation.shows else check.hint
    right = [split(cell.source)[0] for cell in lab.exercise(check)]
    for sources, said in ((wrong, f"✗ Not yet. {hint}"), (right, "✓ Right.")):
        for cell, source in zip(lab.exercise(check), sources, strict=True):
            if source != split(cell.source)[1]:
                keyboard.write(cell.id, source)
            shown = keyboard.run(cell.id)
        keyboard.picture(f"{check.key}-{said[2:5]}")
        assert said in shown, check.key


def _predict(keyboard: Keyboard, cell_id: str, key: str) -> None:
    _, asked = catalogue.prediction(key)
    if not isinstance(asked, Choice):
        keyboard.write(cell_id, f'lesson.predict("{key}", 12)')
    keyboard.run(cell_id)
    if isinstance(asked, Choice):
        keyboard.go(cell_id)
        keyboard.tab_to(".jupyter-button")
        keyboard.press("Space")
    keyboard.cell(cell_id).get_by_text("Your guess:").wait_for()


def test_run_all_says_blank_at_each_check_and_with_the_solutions_right(
    chromium, served, lab, tmp_path
):
    said = {
        folder.name: _all_run(chromium, served, folder / lab.path.name, tmp_path)
        for folder in (FOLDER, lab.path.parent)
    }
    checks = {f"{lab.lab.number}.{check.key}": check for check in lab.lab.checks}
    assert said["notebooks"] == {
        key: f"… Still blank. {check.blank}" for key, check in checks.items()
    }
    assert {key: words[:8] for key, words in said["solutions"].items()} == dict.fromkeys(
        checks, "✓ Right."
    )


def _all_run(chromium, served: Served, path: Path, pictures: Path) -> dict[str, str]:
    """Run all cells in a new kernel, from the palette; return what each check says."""
    lab, said = Notebook(path), {}
    with opened(chromium, served.address(path), path, pictures) as keyboard:
        keyboard.command("Restart Kernel and Run All Cells")
        keyboard.page.locator(".jp-Dialog .jp-mod-accept").press("Enter")
        try:
            keyboard.ran(lab.code[1].id, patience_s=60)
        except PlaywrightTimeoutError:  # Jupyter loses what comes while it connects to a new kernel
            keyboard.command("Run All Cells")
        keyboard.go("progress")
        keyboard.ran("progress", patience_s=600)
        keyboard.picture(path.parent.name)
        for cell in lab.code[1:]:  # the first one is folded, and arrow keys skip it
            keyboard.go(cell.id)
            shown = keyboard.cell(cell.id)
            assert re.search(r"\d", shown.locator(".jp-InputPrompt").first.inner_text()), cell.id
            assert shown.locator(FAILED).count() == 0, keyboard.shown(cell.id)
            if found := CHECK.search(cell.source):
                said[found[1]] = keyboard.shown(cell.id).partition("\n")[2].strip()
    return said
