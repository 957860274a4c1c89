"""HTTP requests and responses between the modules of the engine."""

from __future__ import annotations

from typing import NamedTuple


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
