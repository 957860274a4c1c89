"""The private folder in which the talk keeps its state: recordings, records of what it made, progress in the labs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs

VARIABLE = "LAMBDADECK_STATE"  # names another folder


def folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return $LAMBDADECK_STATE, else the user's state folder for lambdadeck; it may not exist yet."""
    given = environ.get(VARIABLE)
    return Path(given) if given else platformdirs.user_state_path("lambdadeck", appauthor=False)
