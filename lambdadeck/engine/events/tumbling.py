"""Tumbling windows of streams: state that is handed from one invocation to the next.

Source: Lambda developer guide, "Implementing stateful Kinesis stream processing in Lambda".
"""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

STATE_LIMIT = 1024 * 1024  # bytes of state: a larger one ends the window early


@dataclass(frozen=True)
class Window:
    """A window with the state that its last invocation returned."""

    start: float
    length: int
    state: dict[str, Any] = field(default_factory=dict)

    def holds(self, arrived: float) -> bool:
        return self.start <= arrived < self.start + self.length

    def after(self, payload: bytes) -> "Window":
        """Return the window with the state in a function's answer."""
        try:
            answer = json.loads(payload or b"null")
        except ValueError:
            return self
        state = answer.get("state") if isinstance(answer, dict) else None
        return replace(self, state=state) if isinstance(state, dict) else self

    def fields(self, shard: str, stream: str, final: bool) -> dict[str, Any]:
        """Return what an event says of its window."""
        return {
            "window": {"start": _stamp(self.start), "end": _stamp(self.start + self.length)},
            "state": self.state,
            "shardId": shard,
            "eventSourceARN": stream,
            "isFinalInvokeForWindow": final,
            "isWindowTerminatedEarly": final and len(json.dumps(self.state)) > STATE_LIMIT,
        }


def window(arrived: float, length: int) -> Window:
    """Return the window in which a record arrived: windows of a length follow each other."""
    return Window(arrived // length * length, length)


def is_over(opened: Window | None, now: float) -> bool:
    """Return whether a window has passed."""
    return opened is not None and now >= opened.start + opened.length


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
