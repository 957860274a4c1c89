"""The embedded Lambda: an AWS endpoint on 127.0.0.1 that runs functions."""

from lambdadeck.engine.model import ACCOUNT, Settings
from lambdadeck.engine.supervisor import (
    RESTARTS,
    START_LIMIT_S,
    Engine,
    EngineError,
    new_settings,
    start,
)

__all__ = [
    "ACCOUNT",
    "RESTARTS",
    "START_LIMIT_S",
    "Engine",
    "EngineError",
    "Settings",
    "new_settings",
    "start",
]
