"""Run every cell once without network: `python -m lambdadeck.check.run_cells NOTEBOOK FD`.

A child process of scripts/check, because only a process with one thread can leave the network.
It writes its events to the file descriptor FD immediately, one JSON object a line.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from lambdadeck.check import network

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from lambdadeck.engine import Engine

CELL_LIMIT_S = 60.0
WARM_CALLS = 10


class EventStream:
    """Write events as JSON lines, and measure the time between them."""

    def __init__(self, to: TextIO) -> None:
        self._to, self._since = to, time.monotonic()

    def send(self, event: str, **more: Any) -> None:
        """Write an event and restart the clock."""
        print(json.dumps({"event": event, **more}), file=self._to, flush=True)
        self._since = time.monotonic()

    def seconds(self) -> float:
        """Return the seconds since the last event."""
        return time.monotonic() - self._since

    def engine(self, engine: Engine) -> None:
        """Send the latency of a cold and of warm invocations on the engine."""
        started = self.seconds()
        cold, warm = _cold_and_warm(engine)
        self.send("engine", seconds=started, cold_ms=cold, warm_ms=warm)

    def kernel(self, _: NotebookNode) -> None:
        self.send("kernel", seconds=self.seconds())

    def before(self, cell: NotebookNode) -> None:
        self.send("begins", cell=cell["id"])

    def after(self, cell: NotebookNode) -> None:
        self.send("ran", cell=cell["id"], seconds=self.seconds(), error=error_of(cell))


def error_of(cell: NotebookNode) -> str:
    """Return a cell's error in one line; "" if it has none or is tagged raises-exception."""
    failed = [output for output in cell.outputs if output.output_type == "error"]
    if not failed or "raises-exception" in cell.metadata.get("tags", []):
        return ""
    if failed[-1].ename == "KeyboardInterrupt":
        return f"it ran for more than {CELL_LIMIT_S:.0f} s and was stopped"
    return " ".join(f"{failed[-1].ename}: {failed[-1].evalue}".split())


def _cold_and_warm(engine: Engine) -> tuple[float, float]:
    """Return the latency of the first invocation, and the median of the next, in ms."""
    import statistics

    from lambdadeck import cloud, functions

    os.environ.update(engine.environment)
    cloud.connect()
    functions.deploy("check", functions.FUNCTIONS / "greet")
    cold, *warm = [functions.invoke("check") for _ in range(1 + WARM_CALLS)]
    if failed := next((call.error for call in (cold, *warm) if call.error), None):
        raise RuntimeError(f"a function failed: {failed}")
    functions.remove("check")
    return cold.wall_ms, statistics.median(call.wall_ms for call in warm)


def run(notebook: Path, events: EventStream) -> None:
    """Run all cells and record their outputs; sends events, also if that is impossible."""
    # Imported here, after the network is gone: these start threads.
    from lambdadeck.engine import EngineError
    from lambdadeck.notebook import execute
    from lambdadeck.notebook.errors import NotebookError
    from lambdadeck.shared.known_secrets import SecretLeakError
    from lambdadeck.stage import recordings

    ran = execute.without_outputs(execute.read(notebook))
    callbacks = execute.Callbacks(events.engine, events.kernel, events.before, events.after)
    events.send("starts")
    try:
        execute.fill(
            ran, notebook.parent, limit_s=CELL_LIMIT_S, callbacks=callbacks, keep_going=True
        )
    except (EngineError, NotebookError, RuntimeError) as error:
        events.send("died", error=str(error).partition("\n")[0])
    try:
        kept = recordings.save(ran, notebook)
        events.send("recorded", cells=len(kept), file=str(recordings.file_of(notebook)))
    except (OSError, SecretLeakError) as error:
        events.send("recorded", cells=0, error=str(error))


@contextmanager
def _without_network(events: EventStream) -> Iterator[None]:
    """Leave the network, or watch its use until the end if that is not allowed."""
    try:
        network.isolate()
    except OSError as error:
        with network.ConnectionWatcher() as watcher:
            yield
        processes, beyond = len(watcher.processes), sorted(watcher.beyond)
        events.send("watched", why=str(error), processes=processes, beyond=beyond)
    else:
        yield
        events.send("isolated")


def _stay_local() -> None:
    """Ignore the shell's cloud, profile and endpoints."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["LAMBDADECK_CLOUD"] = "local"


def main(notebook: Path, descriptor: int) -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    _stay_local()
    os.set_inheritable(descriptor, False)
    with open(descriptor, "w", encoding="utf-8") as to:
        events = EventStream(to)
        try:
            with _without_network(events):
                run(notebook, events)
        except (KeyboardInterrupt, BrokenPipeError):
            sys.exit(130)
        events.send("finished")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
