"""Bound the memory that request bodies take while they are read and answered."""

from collections.abc import Iterator
from contextlib import contextmanager

from lambdadeck.engine.http.message import Receive
from lambdadeck.engine.http.sigv4 import AccessDeniedError

MIB = 1024 * 1024


class Body:
    """One body in the making; it counts against its budget until it is released."""

    def __init__(self, budget: "Budget") -> None:
        self._budget = budget
        self._chunks: list[bytes] = []
        self.size = 0

    def add(self, chunk: bytes) -> None:
        """Append a chunk; raise AccessDeniedError if this body or all together are too large."""
        if self.size + len(chunk) > self._budget.each:
            message = f"The body is over {self._budget.each} bytes."
            raise AccessDeniedError("RequestEntityTooLarge", message, 413)
        self._budget.take(len(chunk))
        self.size += len(chunk)
        self._chunks.append(chunk)

    def joined(self) -> bytes:
        return b"".join(self._chunks)

    def release(self) -> None:
        self._budget.free += self.size
        self.size = 0
        self._chunks.clear()


class Budget:
    """The bytes that bodies of one class of callers may hold: `each`, and together."""

    def __init__(self, each: int, together: int) -> None:
        self.each, self.free = each, together

    def take(self, size: int) -> None:
        if size > self.free:
            message = "Other requests hold all memory for bodies: try again when they are answered."
            raise AccessDeniedError("ServiceUnavailable", message, 503)
        self.free -= size

    @contextmanager
    def body(self) -> Iterator[Body]:
        """Return a body that is released at the end of the block."""
        body = Body(self)
        try:
            yield body
        finally:
            body.release()


async def read(receive: Receive, body: Body) -> bytes:
    """Read a request's whole body into `body`; raise AccessDeniedError as `Body.add`."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise AccessDeniedError("IncompleteBody", "The caller hung up before its body ended.")
        body.add(message.get("body", b""))
        more = message.get("more_body", False)
    return body.joined()
