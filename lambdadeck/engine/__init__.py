"""The embedded Lambda: an AWS endpoint on 127.0.0.1 that runs the code. It knows nothing of the talk."""

from lambdadeck.engine.supervisor import (
    Engine,
    EngineFailed,
    RESTARTS,
    START_LIMIT_S,
    new_settings,
    start,
)

__all__ = [
    "Engine",
    "EngineFailed",
    "RESTARTS",
    "START_LIMIT_S",
    "new_settings",
    "start",
]
