"""The learner's progress, one small JSON file per lab, and the files written in a lab."""

import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lambdadeck.shared import files, state


@dataclass
class Progress:
    """Guesses and results by prediction, misses by check, and passed checks."""

    guesses: dict[str, Any] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    misses: dict[str, int] = field(default_factory=dict)
    passed: list[str] = field(default_factory=list)


def folder() -> Path:
    """Return the labs' part of the state folder; create it if it is missing."""
    path = state.folder() / "labs"
    path.mkdir(parents=True, exist_ok=True)
    return path


def read(number: int, root: Path | None = None) -> Progress:
    """Return the progress in a lab; set an unreadable file aside (`.unreadable`) and start over."""
    path = _file(number, root)
    try:
        return Progress(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Progress()
    except (ValueError, TypeError):  # cut off, or written by another version
        os.replace(path, path.with_suffix(".unreadable"))
        return Progress()


def write(number: int, progress: Progress) -> None:
    """Replace the file atomically: a killed kernel leaves the old progress or the new."""
    path = _file(number)
    files.replace(path, json.dumps(asdict(progress), indent=1).encode())


def work(number: int) -> Path:
    """Return the folder for files that a learner writes in a lab; create it if it is missing."""
    path = folder() / f"lab-{number}"
    path.mkdir(exist_ok=True)
    return path


def reset(number: int) -> None:
    """Forget the progress in a lab and remove the files written in it."""
    _file(number).unlink(missing_ok=True)
    for left in work(number).iterdir():  # the folder stays: a kernel may work in it
        shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()


def _file(number: int, root: Path | None = None) -> Path:
    return (root or folder()) / f"lab-{number}.json"
