"""Every cell of the talk and of lab 1 that can run in a page runs there; Firefox too (--full)."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser

from lambdadeck.export.runs import recorded
from tests.support import firefox, running
from tests.support.exporting import code, opened
from tests.support.running import Cell


@pytest.fixture(autouse=True)
def full(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--full"):
        pytest.skip("Every cell in a page that runs takes minutes: scripts/test --full")


def notebook(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, 4)


def test_every_cell_of_the_talk_that_can_run_runs(
    chromium: Browser, root: Path, tmp_path: Path
) -> None:
    talk = notebook(root / "notebooks" / "aws-lambda.ipynb")
    sources = {cell.id: cell.source for cell in talk.cells if cell.cell_type == "code"}
    reasons = recorded.reasons(sources)
    with opened(chromium, running.page(talk, root / "notebooks", tmp_path), "?view=article") as on:
        outputs = {name: Cell(on.page, name).run() for name in sources if name not in reasons}
        failed = {name: text for name, text in outputs.items() if "Traceback (most" in text}
        assert failed == {}
        assert all("BROWSER · " in text for text in outputs.values())


def test_lab_1_is_passed_in_a_page_and_its_progress_is_kept(
    chromium: Browser, root: Path, tmp_path: Path
) -> None:
    lab = notebook(root / "notebooks" / "solutions" / "1-under-the-hood.ipynb")
    names = [cell.id for cell in lab.cells if cell.cell_type == "code"]
    with opened(chromium, running.page(lab, root / "notebooks", tmp_path), "?view=article") as on:
        for name in names:
            Cell(on.page, name).run()
        assert "4 of 4 checks passed" in Cell(on.page, "progress").output
        on.page.reload()
        assert "4 of 4 checks passed" in Cell(on.page, "start").run()


def test_firefox_runs_cells_too(root: Path, tmp_path: Path) -> None:
    if firefox.path() is None:
        pytest.skip("Firefox is not installed: apt-get install firefox-esr")
    greet = "functions.deploy('counter')\nfunctions.invoke('counter'), functions.invoke('counter')"
    setup = "from lambdadeck import cloud, functions\ncloud.connect()"
    cells = [code(setup, id="setup"), code(greet, id="twice")]
    page = running.page(nbformat.v4.new_notebook(cells=cells), tmp_path, tmp_path)
    with firefox.tab(tmp_path / "profile") as tab:
        tab.open(f"{page.as_uri()}?view=article")
        button = """document.querySelector('[data-cell="twice"] .run-button')"""
        tab.evaluate(f"({button}.click(), 1)")
        until(lambda: tab.evaluate(f"{button}.textContent") == "Run")
        shown = """document.querySelector('[data-cell="twice"] .outputs').textContent"""
        said = json.dumps(tab.evaluate(shown))
        assert "Init Duration" in said and "BROWSER" in said and said.count("REPORT") == 2
        assert [url for url in tab.requests[1:] if not url.startswith(("data:", "blob:"))] == []


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + running.PATIENCE_S
    while not holds() and time.monotonic() < end:
        time.sleep(0.2)
