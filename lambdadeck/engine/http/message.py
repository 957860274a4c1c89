"""HTTP requests and responses between the modules of the engine."""

from collections.abc import Callable, Coroutine
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


class Response(NamedTuple):
    """A response; header names and values as bytes, as in ASGI."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
