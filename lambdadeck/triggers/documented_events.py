"""Documented events (assets/events) of services that cannot be fired here, with their sources."""

import json
from typing import Any

from lambdadeck import functions
from lambdadeck.shared.paths import ASSETS
from lambdadeck.triggers.base import Fire, Wiring

EVENTS = ASSETS / "events"


def event(name: str, mark: str = "example") -> Any:
    """Return a documented event; `mark` replaces the id that the service would put in."""
    text = json.dumps(_stored(name)["event"])
    return json.loads(text.replace("MARK", mark))


def source(name: str) -> str:
    """Return where the event is documented, and the day it was read."""
    stored = _stored(name)
    return f"{stored['source']}, read {stored['read']}"


def replay(name: str, wiring: Wiring) -> Fire:
    """Send the documented event by Invoke, which needs no wiring and no permission."""
    return lambda mark: (
        functions.invoke(wiring.function, event(name, mark), client=wiring.lambda_).payload
    )


def _stored(name: str) -> dict[str, Any]:
    try:
        stored: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = ", ".join(sorted(path.stem for path in EVENTS.glob("*.json")))
        sentence = f"There is no documented event {name!r}. There are: {known}."
        raise FileNotFoundError(sentence) from None
    return stored
