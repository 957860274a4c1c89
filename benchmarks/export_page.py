"""The export beside stock `nbconvert --to slides`, on the same executed notebook."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

from benchmarks.measure import Result
from lambdadeck.export import pdf
from lambdadeck.notebook import execute
from lambdadeck.shared.paths import DECK, ROOT

KEYS = ("export_ratio_nbconvert", "export_bytes", "first_paint_ratio")
OURS, STOCK = "lambdadeck", "slides"
PAINTED = """() => new Promise(resolve => new PerformanceObserver((list, observer) => {
  const paint = list.getEntries().find(entry => entry.name === "first-contentful-paint");
  if (paint) { observer.disconnect(); resolve(paint.startTime); }
}).observe({ type: "paint", buffered: true }))"""


def measure(quick: bool = False) -> Result:
    """Return KEYS (ours ÷ stock's) and what they were made from, as medians of alternating runs.

    Conversion: wall time of the whole nbconvert command, without execution. First paint: Chromium's
    first-contentful-paint from file:// without network.
    """
    with tempfile.TemporaryDirectory(prefix="lambdadeck-bench-export-") as temporary:
        notebook = _executed(Path(temporary))
        converted: dict[str, list[float]] = {OURS: [], STOCK: []}
        for _ in range(1 if quick else 7):
            for kind, times in converted.items():
                times.append(_convert(notebook, kind))
        pages = {OURS: notebook.with_suffix(".html"), STOCK: notebook.with_suffix(".slides.html")}
        painted = _painted(pages, 2 if quick else 11)
        return _figures(
            converted, painted, {kind: page.stat().st_size for kind, page in pages.items()}
        )


def _figures(
    converted: dict[str, list[float]], painted: dict[str, list[float]], size: dict[str, int]
) -> Result:
    convert_ms, paint_ms = (
        {kind: statistics.median(times) for kind, times in both.items()}
        for both in (converted, painted)
    )
    keys: dict[str, float | str | None] = {
        "export_ratio_nbconvert": convert_ms[OURS] / convert_ms[STOCK],
        "export_bytes": size[OURS],
        "first_paint_ratio": paint_ms[OURS] / paint_ms[STOCK],
    }
    details = {
        "convert_ms": {kind: round(ms) for kind, ms in convert_ms.items()},
        "first_paint_ms": {kind: round(ms, 1) for kind, ms in paint_ms.items()},
        "bytes": size,
    }
    return Result(keys, details)


def _executed(folder: Path) -> Path:
    """Write the talk with fresh outputs to a folder in which its pictures are found."""
    (folder / "assets").symlink_to(ROOT / "assets")
    (folder / "notebooks").mkdir()
    path = folder / "notebooks" / DECK.name
    nbformat.write(execute.run(DECK), path)
    return path


def _convert(notebook: Path, kind: str) -> float:
    """Milliseconds that `jupyter nbconvert --to kind` takes."""
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", kind, notebook], check=True, capture_output=True
    )
    return (time.perf_counter() - begun) * 1000


def _painted(pages: dict[str, Path], runs: int) -> dict[str, list[float]]:
    """Return milliseconds to each first paint, in fresh contexts; the first run warms up."""
    from playwright.sync_api import sync_playwright  # with the tests' requirements

    times: dict[str, list[float]] = {kind: [] for kind in pages}
    with sync_playwright() as playwright:
        # Chromium's sandbox refuses to run as root, which is what containers are.
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=pdf.chromium(), args=flags)
        for run in range(runs + 1):
            for kind, page in pages.items():
                context = browser.new_context(viewport={"width": 1280, "height": 720}, offline=True)
                tab = context.new_page()
                tab.goto(page.as_uri(), wait_until="commit")
                times[kind] += [tab.evaluate(PAINTED)] if run else []
                context.close()
        browser.close()
    return times
