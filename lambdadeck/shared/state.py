"""The private folder that holds recordings, the ledger of what was made, and progress in labs."""

import os
from pathlib import Path

import platformdirs

VARIABLE = "LAMBDADECK_STATE"  # names another folder


def folder() -> Path:
    """Return $LAMBDADECK_STATE, else the user's state folder; it may not exist yet."""
    given = os.environ.get(VARIABLE)
    return Path(given) if given else platformdirs.user_state_path("lambdadeck", appauthor=False)
