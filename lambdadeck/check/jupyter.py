"""Whether the slides open: Jupyter, started as scripts/present does it, asked for the deck, and ended."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from lambdadeck.check.findings import Finding, amber, green, red
from lambdadeck.shared.paths import ROOT
from lambdadeck.stage import jupyter, ports, present
from lambdadeck.stage.shutdown import Shutdown

RISE = "nbextensions/rise/main.js"


def slides(port: int | None, root: Path = ROOT) -> Iterator[Finding]:
    """The port that the deck will have, and whether Jupyter answers there with slides; `port` is the one asked for, or None."""
    if port is not None and not ports.is_free(port):
        yield red(
            "port",
            f"{port} is taken or not allowed",
            f"choose another: scripts/present --port {ports.another(port)}, or leave --port out",
        )
        return
    begun = time.monotonic()
    try:
        found = _opened(port, root)
    except (present.PresentError, ports.PortError) as problem:
        yield red(
            "slides",
            f"Jupyter does not start: {' '.join(str(problem).split())[-300:]}",
            "rm -r .venv, then scripts/check again",
        )
        return
    if found == (port or ports.FIRST_PORT):
        yield green("port", f"{found} is free")
    else:
        yield amber(
            "port",
            f"{ports.FIRST_PORT} is taken; the deck will be at {found}",
            "nothing to do: scripts/present prints the address",
        )
    seconds = time.monotonic() - begun
    yield green("slides", f"Jupyter and RISE answer after {seconds:.1f} s", seconds=seconds)


def _opened(port: int | None, root: Path) -> int:
    """Start Jupyter, ask it for the deck and for RISE, end it; returns its port; PresentError when it does not answer."""
    from lambdadeck.engine import watchdog

    marker = secrets.token_hex(16)
    folder = Path(tempfile.mkdtemp(prefix="lambdadeck-check-"))
    with ExitStack() as stack:
        stack.enter_context(watchdog.start(marker, folder))  # it removes the folder, too
        ended = stack.enter_context(Shutdown())
        served = present.serve(
            port,
            lambda at, token: jupyter.start(
                root, at, token, folder, {"LAMBDADECK_PRESENT": marker}
            ),
            folder,
            stack,
            ended,
        )
        if not served.answered:
            last = present.tail(folder / "jupyter.log", served.token, lines=2)
            raise present.PresentError(f"exit code {served.process.returncode}, {last}")
        if not present.answers(jupyter.url(served.port, served.token, RISE)):
            raise present.PresentError("it does not hold RISE, which makes slides of the notebook.")
        return served.port
