"""Documented events of services that cannot be fired here: assets/events, each with its source and the day it was read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lambdadeck import functions
from lambdadeck.triggers.base import Fire, Wiring

EVENTS = Path(__file__).parents[2] / "assets" / "events"


def event(name: str, mark: str = "example") -> Any:
    """The documented event of that name; `mark` stands where the service would put an id of its own."""
    text = json.dumps(_stored(name)["event"])
    return json.loads(text.replace("MARK", mark))


def source(name: str) -> str:
    """Where the event is documented, and the day that was read."""
    stored = _stored(name)
    return f"{stored['source']}, read {stored['read']}"


def replay(name: str, wiring: Wiring) -> Fire:
    """Send the documented event by Invoke: nothing is wired, so nothing needs leave."""
    return lambda mark: (
        functions.invoke(wiring.function, event(name, mark), client=wiring.lambda_).payload
    )


def _stored(name: str) -> dict[str, Any]:
    try:
        return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        there = ", ".join(sorted(path.stem for path in EVENTS.glob("*.json")))
        raise FileNotFoundError(
            f"There is no documented event {name!r}. There are: {there}."
        ) from None
