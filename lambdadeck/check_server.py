"""Whether the slides open: Jupyter, started as scripts/present does it, asked for the deck, and ended."""

from __future__ import annotations

import secrets
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from lambdadeck import jupyter, present
from lambdadeck.check_report import Finding, amber, green, red
from lambdadeck.ended import Ended, ending
from lambdadeck.install import ROOT

RISE = "nbextensions/rise/main.js"


def slides(port: int | None, root: Path = ROOT) -> Iterator[Finding]:
    """The port that the deck will have, and whether Jupyter answers there with slides; `port` is the one asked for, or None."""
    if port is not None and not present.is_free(port):
        yield red("port", f"{port} is taken or not allowed", f"choose another: scripts/present --port {port + 11}, or leave --port out")
        return
    was_free = present.is_free(port or jupyter.FIRST_PORT)
    begun = time.monotonic()
    try:
        found = _opened(port, root)
    except present.PresentError as problem:
        yield red("slides", f"Jupyter does not start: {' '.join(str(problem).split())[-300:]}", "rm -r .venv, then scripts/check again")
        return
    if was_free:
        yield green("port", f"{found} is free")
    else:
        yield amber("port", f"{jupyter.FIRST_PORT} is taken; the deck will be at {found}", "nothing to do: scripts/present prints the address")
    seconds = time.monotonic() - begun
    yield green("slides", f"Jupyter and RISE answer after {seconds:.1f} s", seconds=seconds)


def _opened(port: int | None, root: Path) -> int:
    """Start Jupyter, ask it for the deck and for RISE, end it; returns its port; PresentError when it does not answer."""
    from lambdadeck.local import watchdog

    token, marker = secrets.token_urlsafe(24), secrets.token_hex(16)
    folder = Path(tempfile.mkdtemp(prefix="lambdadeck-check-"))
    with ExitStack() as stack:
        stack.enter_context(watchdog.start(marker, folder))  # it removes the folder, too
        server = jupyter.start(root, port, token, folder, {"LAMBDADECK_PRESENT": marker})
        stack.enter_context(ending(server))
        ended = stack.enter_context(Ended())
        present.wait_for(lambda: _address(server, folder, token), ended)
        found = jupyter.port_of(folder)
        assert found
        if not present.answers(f"http://127.0.0.1:{found}/{RISE}?token={token}"):
            raise present.PresentError("it does not hold RISE, which makes slides of the notebook.")
        return found


def _address(server: subprocess.Popen[bytes], folder: Path, token: str) -> str | None:
    if server.poll() is not None:
        raise present.PresentError(f"exit code {server.returncode}, {present.tail(folder / 'jupyter.log', token, lines=2)}")
    found = jupyter.port_of(folder)
    return jupyter.deck_url(found, token) if found else None
