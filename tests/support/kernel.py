"""A clean IPython kernel without network, as a notebook gets it."""

import os
from pathlib import Path
from types import TracebackType
from typing import Any

from jupyter_client.manager import start_new_kernel

# Whatever would leave this machine fails at once, with the address it asked for.
NO_NETWORK = """
def _no_network(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if host not in (None, "", "localhost") and not str(host).startswith("127."):
        raise OSError(f"the network was asked for: {host}")
import sys
sys.addaudithook(_no_network)
del _no_network, sys
"""


class CellError(AssertionError):
    """A cell raised; the message is the kernel's own."""


class Kernel:
    """One kernel; `run` returns what a cell showed."""

    def __init__(
        self, folder: Path, ipython: Path, environment: dict[str, str] | None = None
    ) -> None:
        # An IPython of its own: no history, no startup files of whoever runs the tests.
        variables = os.environ | {"IPYTHONDIR": str(ipython)} | (environment or {})
        self._manager, self._client = start_new_kernel(cwd=str(folder), env=variables)
        self.run(NO_NETWORK)

    def run(self, code: str, timeout_s: float = 120) -> list[dict[str, Any]]:
        """Run a cell; returns its outputs; raises CellError."""
        shown: list[dict[str, Any]] = []
        reply = self._client.execute_interactive(
            code,
            timeout=timeout_s,
            allow_stdin=False,
            output_hook=lambda message: shown.append(message),
        )
        if reply["content"]["status"] != "ok":
            raise CellError(
                f"{reply['content']['ename']}: {reply['content']['evalue']}\nin:\n{code}"
            )
        kinds = ("stream", "display_data", "execute_result")
        return [message["content"] for message in shown if message["msg_type"] in kinds]

    def forget(self) -> None:
        """Empty the namespace, as a restart would."""
        self.run("%reset -f")

    def __enter__(self) -> "Kernel":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel()  # asked, not killed: an engine that it started ends with it
