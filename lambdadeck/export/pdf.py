"""Print the page as a tagged PDF with the installed Chromium."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from lambdadeck.notebook.errors import NotebookError
from lambdadeck.shared import files

HEADLESS = "chromium-headless-shell"  # Debian's: it has no window and takes a third less CPU
CHROMIUMS = (HEADLESS, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
LIMIT_S = 120


def chromium() -> str:
    """Return the path of an installed Chromium or Chrome; NotebookError if missing."""
    for name in (*CHROMIUMS, *([MAC] if sys.platform == "darwin" else [])):
        if path := shutil.which(name):
            return path
    raise NotebookError(
        "A PDF needs Chromium or Chrome, which is not installed. "
        "Print the page in another browser, or omit --pdf."
    )


def printed(page: Path, browser: str) -> Path:
    """Print the page to a PDF beside it, a slide a sheet; NotebookError if the browser fails."""
    target = page.with_suffix(".pdf")
    with tempfile.TemporaryDirectory(prefix="lambdadeck-pdf-") as folder:
        fresh = Path(folder) / target.name
        command = _command(browser, page, fresh, folder)
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
        if done.returncode or not fresh.is_file():
            said = done.stderr.strip()[-500:]
            raise NotebookError(f"{Path(browser).name} could not print the page: {said}")
        files.replace(target, fresh.read_bytes(), mode=0o644)
    return target


def _command(browser: str, page: Path, fresh: Path, profile: str) -> list[str]:
    # Chromium's sandbox does not run as root, for example in containers.
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
