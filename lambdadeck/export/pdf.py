"""The page as a tagged PDF, printed by the Chromium that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from lambdadeck.notebook.errors import NotebookError

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
LIMIT_S = 120


def chromium() -> str:
    """The path of an installed Chromium or Chrome; NotebookError when there is none."""
    for name in (*CHROMIUMS, *([MAC] if sys.platform == "darwin" else [])):
        if path := shutil.which(name):
            return path
    raise NotebookError(
        "A PDF needs Chromium or Chrome, and none is installed. Open the page and print it, or leave --pdf out."
    )


def printed(page: Path, browser: str) -> Path:
    """Print the page beside itself, a slide a sheet; returns the PDF. NotebookError when the browser fails."""
    target = page.with_suffix(".pdf")
    with tempfile.TemporaryDirectory(prefix="lambdadeck-pdf-") as folder:
        fresh = Path(folder) / target.name
        done = subprocess.run(
            _command(browser, page, fresh, folder),
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        if done.returncode or not fresh.is_file():
            raise NotebookError(
                f"{Path(browser).name} could not print the page: {done.stderr.strip()[-500:]}"
            )
        shutil.copyfile(fresh, partial := target.with_name(f".{target.name}-{os.getpid()}"))
        os.replace(partial, target)
    return target


def _command(browser: str, page: Path, fresh: Path, profile: str) -> list[str]:
    # Chromium's sandbox refuses to run as root, which is what containers are.
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return [
        browser,
        "--headless",
        *root,
        f"--user-data-dir={profile}/profile",
        "--disable-gpu",
        "--no-first-run",
        "--no-pdf-header-footer",
        "--generate-pdf-document-outline",
        "--export-tagged-pdf",
        "--virtual-time-budget=10000",
        f"--print-to-pdf={fresh}",
        f"{page.resolve().as_uri()}?print-pdf",
    ]
