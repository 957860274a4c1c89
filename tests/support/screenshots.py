"""Photograph every slide before and after its cells have run, for people to look at.

Usage: python -m tests.support.screenshots FOLDER [--lab | --export]

Also lists what the tests would complain about, and puts the whole deck on contact sheets:
FOLDER/sheet-before.png and sheet-after.png, of an export sheet-light.png and sheet-dark.png.
"""

import argparse
import os
import re
import time
from contextlib import nullcontext
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.support import contact_sheet, exporting, machine
from tests.support.presenting import Presenting
from tests.support.slides import Stage

ROOT = Path(__file__).resolve().parents[2]


def named(number: int, title: str) -> str:
    """Return a file name that sorts in the deck's order."""
    return f"{number:02d}-{re.sub('[^a-z0-9]+', '-', title.lower()).strip('-')[:40]}"


def photograph(stage: Stage, folder: Path) -> None:
    """Walk the deck from where it is; two pictures a stop, named in the deck's order."""
    for number in range(1000):
        name = named(number, stage.title)
        stage.page.screenshot(path=folder / f"{name}-before.png")
        for rule in stage.broken:
            print(f"    before: {rule}", flush=True)
        started = time.monotonic()
        errors = [f"{output.id}: {error}" for output in stage.run() for error in output.errors]
        took = time.monotonic() - started
        stage.page.screenshot(path=folder / f"{name}-after.png")
        print(f"{name}: {stage.words} words, {took:.1f} s", flush=True)
        for complaint in (
            errors
            + stage.past_the_edge
            + stage.too_small
            + stage.broken
            + stage.shrunken
            + stage.missing_images
        ):
            print(f"    {complaint}", flush=True)
        if not stage.forward():
            return


def photograph_deck(browser: Browser, asked: argparse.Namespace, size: tuple[int, int]) -> None:
    """Photograph the deck in RISE; scripts/present starts it if no address is given."""
    with (
        nullcontext()
        if asked.url
        else Presenting(ROOT, "--no-browser", *(["--lab"] if asked.lab else [])) as deck
    ):
        stage = Stage(browser.new_page(viewport={"width": size[0], "height": size[1]})).open(
            asked.url or deck.url()
        )
        photograph(stage, asked.folder)
        print(
            f"never run: {stage.never_run or 'none'}; "
            f"asked of other hosts: {stage.foreign or 'nothing'}"
        )
    sheets(asked.folder, "before", "after")


def photograph_export(browser: Browser, asked: argparse.Namespace, size: tuple[int, int]) -> None:
    """Photograph the exported page, light and dark."""
    page = asked.export if isinstance(asked.export, Path) else exporting.deck()
    for theme in ("light", "dark"):
        with exporting.opened(browser, page, f"?theme={theme}", size) as ready:
            for number, slide in enumerate(ready.slides()):
                ready.page.screenshot(path=asked.folder / f"{named(number, slide)}-{theme}.png")
    sheets(asked.folder, "light", "dark")


def sheets(folder: Path, *kinds: str) -> None:
    """Make a contact sheet of each kind of picture in the folder."""
    for kind in kinds:
        print(contact_sheet.save(folder, f"-{kind}.png", f"sheet-{kind}.png"))


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.screenshots", description=__doc__.splitlines()[0]
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--url", help="a deck that runs already, with its token")
    parser.add_argument("--lab", action="store_true", help="the deck in JupyterLab")
    parser.add_argument(
        "--export",
        nargs="?",
        const=True,
        type=Path,
        metavar="PAGE",
        help="the exported page instead; made first if none is named",
    )
    parser.add_argument(
        "--stage", default="1280x720", help="the stage in pixels, for example 1920x1080"
    )
    return parser.parse_args()


def main() -> None:
    """Photograph what was asked for, in a headless Chromium."""
    asked = options()
    asked.folder.mkdir(parents=True, exist_ok=True)
    width, height = map(int, asked.stage.split("x"))
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=machine.chromium(), args=flags)
        (photograph_export if asked.export else photograph_deck)(browser, asked, (width, height))
        browser.close()


if __name__ == "__main__":
    main()
