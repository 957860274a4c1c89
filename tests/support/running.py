"""Pages that run, for tests: made once from what npm has fetched, and driven by their buttons."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, Page

from lambdadeck.export.exporter import DeckExporter
from lambdadeck.export.runs import pyodide
from lambdadeck.notebook.errors import NotebookError

PATIENCE_S = 120


@cache
def lacking() -> str:
    """Return why no page that runs can be made here, "" if it can: Pyodide comes by npm once."""
    try:
        pyodide.fetched()
    except NotebookError as error:
        return str(error)
    return ""


def need() -> None:
    """Skip, in CI fail, if no page that runs can be made here."""
    if reason := lacking():
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


def page(notebook: nbformat.NotebookNode, folder: Path, into: Path) -> Path:
    """Export a notebook of a folder, without running it, as a page that runs."""
    need()
    resources = {"metadata": {"path": str(folder)}}
    target = into / "runs.html"
    target.write_text(DeckExporter(runs=True).from_notebook_node(notebook, resources)[0])
    return target


class Cell:
    """A cell of a page that runs."""

    def __init__(self, page: Page, name: str) -> None:
        self._page = page
        self.box = page.locator(f'[data-cell="{name}"]')

    @property
    def button(self) -> Locator:
        return self.box.locator(".run-button").first

    @property
    def status(self) -> str:
        return self.box.locator(".run-status").inner_text()

    @property
    def output(self) -> str:
        shown = self.box.locator(".outputs")
        return shown.inner_text() if shown.count() else ""

    def begin(self) -> Iterator[str]:
        """Press Run; yield what the status says until the cell has run."""
        self.button.click()
        for _ in range(PATIENCE_S * 20):
            yield self.status
            if self.button.inner_text() == "Run":
                return
            self._page.wait_for_timeout(50)
        raise TimeoutError(f"It still runs: {self.status}")

    def run(self) -> str:
        """Press Run; return the output when the cell has run."""
        list(self.begin())
        return self.output

    def edit(self, source: str) -> "Cell":
        """Write another source into the cell."""
        if not self.box.locator("textarea").count():
            self.box.get_by_role("button", name="Edit").click()
        self.box.locator("textarea").fill(source)
        return self
