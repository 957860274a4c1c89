"""A function that waits until a test lets it continue, however busy the machine is."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

PATIENCE_S = 60.0
# The function's part: `pass_gate(port)` returns once the test has opened.
PASS = """
import socket
def pass_gate(port):
    with socket.create_connection(("127.0.0.1", port)) as waiting:
        waiting.recv(1)
"""


class Gate:
    """Where functions wait: `port` is what they are told."""

    def __init__(self, server: socket.socket) -> None:
        self._server, self._waiting = server, ExitStack()
        self.port: int = server.getsockname()[1]

    def until_here(self, count: int = 1) -> None:
        """Return when so many more have come; TimeoutError when they do not."""
        for _ in range(count):
            self._waiting.enter_context(self._server.accept()[0])

    def open(self) -> None:
        """Let all that have come go on."""
        self._waiting.close()


@contextmanager
def gate() -> Iterator[Gate]:
    """Close a gate until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE_S)
        made = Gate(server)
        try:
            yield made
        finally:
            made.open()
