"""Real AWS: who calls and the confirmation here; guard, ledger, metering, spend and errors in the modules."""

from lambdadeck.aws.account import (
    ACCOUNT,
    CLOUD,
    CLOUDS,
    Caller,
    Stopped,
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
    "CLOUDS",
    "Caller",
    "Stopped",
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
