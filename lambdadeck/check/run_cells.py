"""The core talk once, without network: engine, kernel, every cell. `python -m lambdadeck.check.run_cells NOTEBOOK HANDLE`.

A process of scripts/check's own, because only a process with one thread can leave the network. What happens goes to the
file descriptor HANDLE, one JSON object a line, as it happens; what the cells showed is recorded for the stage.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from lambdadeck.check import network

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from lambdadeck.engine import Engine

CELL_LIMIT_S = 60.0
WARM_CALLS = 10


class Told:
    """Whom the events go to, and the clock between them."""

    def __init__(self, to: TextIO) -> None:
        self._to, self._since = to, time.monotonic()

    def say(self, event: str, **more: Any) -> None:
        """Send an event, and start the clock anew."""
        print(json.dumps({"event": event, **more}), file=self._to, flush=True)
        self._since = time.monotonic()

    def seconds(self) -> float:
        """Since the last event."""
        return time.monotonic() - self._since

    def engine(self, engine: Engine) -> None:
        """The embedded cloud listens: call a function on it, cold and then warm."""
        started = self.seconds()
        cold, warm = _cold_and_warm(engine)
        self.say("engine", seconds=started, cold_ms=cold, warm_ms=warm)

    def kernel(self, _: NotebookNode) -> None:
        self.say("kernel", seconds=self.seconds())

    def before(self, cell: NotebookNode) -> None:
        self.say("begins", cell=cell["id"])

    def after(self, cell: NotebookNode) -> None:
        self.say("ran", cell=cell["id"], seconds=self.seconds(), error=error_of(cell))


def error_of(cell: NotebookNode) -> str:
    """In one line why a cell failed; "" if it did not, or was to."""
    failed = [output for output in cell.outputs if output.output_type == "error"]
    if not failed or "raises-exception" in cell.metadata.get("tags", []):
        return ""
    if failed[-1].ename == "KeyboardInterrupt":
        return f"it ran for more than {CELL_LIMIT_S:.0f} s and was stopped"
    return " ".join(f"{failed[-1].ename}: {failed[-1].evalue}".split())


def _cold_and_warm(engine: Engine) -> tuple[float, float]:
    """What a caller waits for the first answer of a function, and at the median for the next ones, in ms."""
    import statistics

    from lambdadeck import cloud, functions

    cloud.use(engine.environment)
    cloud.connect()
    functions.deploy("check", functions.FUNCTIONS / "greet")
    cold, *warm = [functions.invoke("check") for _ in range(1 + WARM_CALLS)]
    if failed := next((call.error for call in (cold, *warm) if call.error), None):
        raise RuntimeError(f"a function on it failed: {failed}")
    functions.remove("check")
    return cold.wall_ms, statistics.median(call.wall_ms for call in warm)


def run(notebook: Path, told: Told) -> None:
    """Run all cells, keep what they showed, and tell of it; what makes that impossible is told too."""
    # Imported here, once the network is gone: these start threads.
    from lambdadeck.engine import EngineError
    from lambdadeck.notebook import execute
    from lambdadeck.notebook.errors import NotebookError
    from lambdadeck.stage import recordings

    ran = execute.without_outputs(execute.read(notebook))
    watch = execute.Watch(told.engine, told.kernel, told.before, told.after)
    told.say("starts")
    try:
        execute.fill(ran, notebook.parent, limit_s=CELL_LIMIT_S, watch=watch, keep_going=True)
    except (EngineError, NotebookError, RuntimeError) as problem:
        told.say("died", error=str(problem).partition("\n")[0])
    _record(ran, notebook, told, recordings)


def _record(ran: NotebookNode, notebook: Path, told: Told, recordings: Any) -> None:
    try:
        kept = recordings.save(ran, notebook)
        told.say("recorded", cells=len(kept), file=str(recordings.file_of(notebook)))
    except OSError as problem:
        told.say("recorded", cells=0, error=str(problem))


@contextmanager
def _without_network(told: Told) -> Iterator[None]:
    """No network, or a look at who uses it, until the end."""
    try:
        network.isolate()
    except OSError as problem:
        watcher, why = network.Watcher(), str(problem)
    else:
        watcher, why = None, ""
    with watcher or nullcontext():
        yield
    if watcher:
        told.say(
            "watched", why=why, processes=len(watcher.processes), beyond=sorted(watcher.beyond)
        )
    else:
        told.say("isolated")


def _stay_local() -> None:
    """Whatever cloud, profile or endpoint the shell asks for."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["LAMBDADECK_CLOUD"] = "local"


def main(notebook: Path, handle: int) -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    _stay_local()
    os.set_inheritable(handle, False)
    with open(handle, "w", encoding="utf-8") as to:
        told = Told(to)
        try:
            with _without_network(told):
                run(notebook, told)
        except (KeyboardInterrupt, BrokenPipeError):
            sys.exit(130)
        told.say("finished")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
