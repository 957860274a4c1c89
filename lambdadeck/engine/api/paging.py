"""Pages of a listing."""

import base64
from collections.abc import Callable, Sequence
from typing import Any

PAGE = 50


def page(
    given: dict[str, Any], member: str, items: Sequence[Any], key: Callable[[Any], str]
) -> dict[str, Any]:
    """Return the page that Marker and MaxItems name; NextMarker leads to the next one."""
    size = min(given.get("MaxItems") or PAGE, PAGE)
    marker = given.get("Marker")
    start = 0
    if marker:
        known = [_marker(key(item)) for item in items]
        start = known.index(marker) + 1 if marker in known else len(items)
    shown = list(items[start : start + size])
    more = {"NextMarker": _marker(key(shown[-1]))} if start + size < len(items) else {}
    return {member: shown, **more}


def _marker(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()
