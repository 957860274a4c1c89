"""Check that the slides open: start Jupyter as scripts/present does, and ask for the deck."""

import secrets
import subprocess
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
    """Yield the deck's port and whether Jupyter serves the slides; `port` None means any."""
    if port is not None and not ports.is_free(port):
        todo = f"choose another: scripts/present --port {ports.another(port)}, or omit --port"
        yield red("port", f"{port} is taken or not allowed", todo)
        return
    begun = time.monotonic()
    try:
        found = _opened(port, root)
    except (present.PresentError, ports.PortError) as error:
        words = f"Jupyter does not start: {' '.join(str(error).split())[-300:]}"
        yield red("slides", words, "rm -r .venv, then scripts/check again")
        return
    if found == (port or ports.FIRST_PORT):
        yield green("port", f"{found} is free")
    else:
        words = f"{ports.FIRST_PORT} is taken; the deck will be at {found}"
        yield amber("port", words, "nothing to do: scripts/present prints the address")
    seconds = time.monotonic() - begun
    yield green("slides", f"Jupyter and RISE answer after {seconds:.1f} s", seconds)


def _opened(port: int | None, root: Path) -> int:
    """Start Jupyter, ask for the deck and RISE, end it; returns its port; or PresentError."""
    from lambdadeck.engine import watchdog

    marker = secrets.token_hex(16)
    folder = Path(tempfile.mkdtemp(prefix="lambdadeck-check-"))
    with ExitStack() as stack:
        stack.enter_context(
            watchdog.start(marker, folder, jupyter.runtime(folder))
        )  # removes the folder, too

        def begin(at: int, token: str) -> subprocess.Popen[bytes]:
            return jupyter.start(root, at, token, folder, {"LAMBDADECK_PRESENT": marker})

        served = present.serve(port, begin, folder, stack, stack.enter_context(Shutdown()))
        if not served.answered:
            last = present.tail(folder / "jupyter.log", served.token, lines=2)
            raise present.PresentError(f"exit code {served.process.returncode}, {last}")
        if not present.answers(jupyter.url(served.port, served.token, RISE)):
            raise present.PresentError("RISE, which makes slides of the notebook, is missing.")
        return served.port
