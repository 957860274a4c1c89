"""HTTP requests and responses between the modules of the engine."""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from typing import Any, NamedTuple

# ASGI, as uvicorn and ministack speak it
Scope = dict[str, Any]
Receive = Callable[[], Coroutine[Any, Any, dict[str, Any]]]
Send = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]


class Request(NamedTuple):
    """A request as received: header names in lower case, `path` and `query` still encoded."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """Return the type of the body in lower case, without parameters; "" if none is stated."""
        return media_type(self.headers.get("content-type", ""))

    @property
    def source(self) -> str:
        """Return the address of the caller: the first that a proxy states, else this machine."""
        return self.headers.get("x-forwarded-for", "").split(",")[0].strip() or "127.0.0.1"


def media_type(header: str) -> str:
    """Return the media type of a header in lower case, without parameters."""
    return header.partition(";")[0].strip().lower()


def joined_by_commas(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the values by name; those that come more than once are joined."""
    named: dict[str, str] = {}
    for name, value in pairs:
        named[name] = f"{named[name]},{value}" if name in named else value
    return named


class Response(NamedTuple):
    """A response; header names and values as bytes, as in ASGI."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    pieces: AsyncIterator[bytes] | None = None  # of a body that is sent piece by piece


class BrokenOffError(Exception):
    """A body ends before it is whole."""
