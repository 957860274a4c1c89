"""Photograph every slide before and after its cells have run: `python -m tests.screenshots FOLDER [--url URL]`.

For people who look: what no test can tell is whether a slide is good. Also lists what the tests would complain about.
"""

import argparse
import os
import re
import time
from contextlib import nullcontext
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests import machine
from tests.presenting import Presenting
from tests.slides import Stage

ROOT = Path(__file__).resolve().parent.parent


def photograph(stage: Stage, folder: Path) -> None:
    """Walk the deck from where it is; two pictures a stop, named in the deck's order."""
    for number in range(1000):
        name = f"{number:02d}-{re.sub('[^a-z0-9]+', '-', stage.title.lower()).strip('-')[:40]}"
        stage.page.screenshot(path=folder / f"{name}-1-before.png")
        started = time.monotonic()
        errors = [f"{output.id}: {error}" for output in stage.run() for error in output.errors]
        took = time.monotonic() - started
        stage.page.screenshot(path=folder / f"{name}-2-after.png")
        print(f"{name}: {stage.words} words, {took:.1f} s", flush=True)
        for complaint in errors + stage.past_the_edge + stage.too_small + stage.shrunken + stage.missing_images:
            print(f"    {complaint}", flush=True)
        if not stage.forward():
            return


def main() -> None:
    """Start the deck if no address was given, and photograph it at 1280 x 720."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--url", help="a deck that runs already, with its token")
    parser.add_argument("--stage", default="1280x720", help="the stage in pixels, for example 1920x1080")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    width, height = map(int, asked.stage.split("x"))
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with nullcontext() if asked.url else Presenting(ROOT) as deck, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=machine.chromium(), args=flags)
        stage = Stage(browser.new_page(viewport={"width": width, "height": height})).open(asked.url or deck.url())
        photograph(stage, asked.folder)
        print(f"never run: {stage.never_run or 'none'}; asked of other hosts: {stage.foreign or 'nothing'}")
        browser.close()


if __name__ == "__main__":
    main()
