"""Real AWS: the caller and the confirmation; the modules guard, record, meter and explain calls."""

from lambdadeck.aws.account import (
    ACCOUNT,
    CLOUD,
    Caller,
    StoppedError,
    ask,
    ask_for,
    asked,
    caller,
    check,
    confirm,
    confirmed,
    handed_on,
    is_terminal,
    limit_s,
    place,
)

__all__ = [
    "ACCOUNT",
    "CLOUD",
    "Caller",
    "StoppedError",
    "ask",
    "ask_for",
    "asked",
    "caller",
    "check",
    "confirm",
    "confirmed",
    "handed_on",
    "is_terminal",
    "limit_s",
    "place",
]
