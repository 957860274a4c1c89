"""The exported page as a whole, in a real browser, from file://, with the network off."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser

from tests.support.exporting import code, converted, markdown, opened

MOST_BYTES = 1_500_000


@pytest.mark.parametrize("query", ["", "?view=article", "?print-pdf", "?theme=dark"])
def test_the_page_asks_for_nothing_shows_every_slide_in_order_and_no_notes(
    chromium: Browser, page: Path, root: Path, query: str
) -> None:
    cells = nbformat.read(root / "notebooks" / "aws-lambda.ipynb", 4).cells
    starts = [
        cell.id for cell in cells if cell.metadata.slideshow.slide_type in ("slide", "subslide")
    ]
    with opened(chromium, page, query) as ready:
        if not query:
            assert list(ready.slides()) == starts
        notes = ready.page.locator("aside.notes")
        assert notes.count() > 0
        assert not any(notes.evaluate_all("all => all.map(one => one.checkVisibility())"))
        assert (ready.asked, ready.said) == ([], [])


def test_the_page_is_one_file_that_can_be_sent(page: Path) -> None:
    assert page.stat().st_size <= MOST_BYTES


def test_the_policy_lets_no_other_script_run(chromium: Browser, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    injected = (
        "<script>document.title = 'owned'</script><img src=x onerror=\"document.title='owned'\">"
    )
    target.write_text(converted(markdown("# Safe")).replace("</main>", f"{injected}</main>", 1))
    with opened(chromium, target) as ready:
        assert ready.page.title() != "owned"
        assert any("Content Security Policy" in line for line in ready.said)


def test_the_same_page_comes_from_jupyter_nbconvert(tmp_path: Path) -> None:
    notebook = tmp_path / "small.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[markdown("# Small"), code("1 + 1")]), notebook)
    command = [sys.executable, "-m", "nbconvert", "--to", "lambdadeck", notebook]
    subprocess.run(command, check=True, capture_output=True, env=os.environ)
    assert "<h1>Small</h1>" in (tmp_path / "small.html").read_text()


def test_reveal_is_the_release_that_its_record_names(root: Path) -> None:
    folder = root / "assets" / "deck" / "reveal"
    record = json.loads((folder / "version.json").read_text())
    found = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in record["sha256"]
    }
    assert found == record["sha256"]
    assert record["version"].startswith("6.") and {"LICENSE", "reveal.js", "reveal.css"} == set(
        found
    )


def test_the_licence_of_reveal_goes_with_the_page(page: Path) -> None:
    text = page.read_text()
    assert "Permission is hereby granted" in text and "Hakim El Hattab" in text
