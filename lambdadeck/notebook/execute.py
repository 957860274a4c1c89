"""The notebook run from top to bottom on a clean kernel, with an embedded cloud of its own."""

from __future__ import annotations

import datetime as dt
import os
import platform
import secrets
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert.filters.ansi import strip_ansi
from nbformat import NotebookNode
from traitlets.config import Config

from lambdadeck.notebook import RUN
from lambdadeck.notebook.environment import environment
from lambdadeck.notebook.errors import NotebookError, in_cell
from lambdadeck.shared.paths import ROOT

if TYPE_CHECKING:
    from lambdadeck.engine import Engine

CELL_LIMIT_S = 120


def _nobody(_: object) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True)
class Watch:
    """Who wants to know while it runs: told of the engine once it listens, of the kernel, of each code cell before and after."""

    engine: Callable[[Engine], None] = _nobody
    kernel: Callable[[NotebookNode], None] = _nobody
    before: Callable[[NotebookNode], None] = _nobody
    after: Callable[[NotebookNode], None] = _nobody


def run(path: Path, *, limit_s: float = CELL_LIMIT_S) -> NotebookNode:
    """The notebook with fresh outputs, each cell stamped with its time, and where it ran in `metadata[RUN]`.

    LOCAL, whatever the shell's settings. The file itself is not touched, and no process is left behind. NotebookError
    names the cell that failed, or that took longer than `limit_s` seconds.
    """
    notebook = without_outputs(read(path))
    from lambdadeck.engine import EngineError

    try:
        fill(notebook, path.parent, limit_s=limit_s)
    except EngineError as problem:
        raise NotebookError(str(problem)) from problem
    return notebook


def fill(
    notebook: NotebookNode,
    path: Path,
    *,
    limit_s: float = CELL_LIMIT_S,
    watch: Watch = Watch(),
    keep_going: bool = False,
) -> None:
    """Run the notebook's cells in the folder `path`, their outputs into it; otherwise as `run`.

    With `keep_going` a cell that fails or takes too long does not end the run: its output is the error. NotebookError
    when the kernel dies, engine.EngineError when the embedded cloud does not start; outputs until then are kept.
    """
    notebook.metadata[RUN] = place()
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="lambdadeck-export-"))
        environment = _surroundings(stack, folder, watch)
        client = _client(notebook, path, folder, limit_s)
        client.allow_errors = client.interrupt_on_timeout = keep_going
        _run(client, environment, watch)


def read(path: Path) -> NotebookNode:
    """The notebook in that file; NotebookError when it cannot be read."""
    try:
        return nbformat.read(path, as_version=4)
    except OSError as problem:
        raise NotebookError(f"The notebook {path} cannot be read: {problem.strerror}.") from problem
    except nbformat.reader.NotJSONError as problem:
        raise NotebookError(f"{path} is no notebook: it holds no JSON.") from problem


def without_outputs(notebook: NotebookNode) -> NotebookNode:
    """The notebook with all outputs and times taken out, so that nothing old can pass for new."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def place(today: dt.date | None = None) -> dict[str, str]:
    """Where cells run that are run here: for the badges and for the article's first lines."""
    return {
        "where": f"LOCAL · {platform.system()} {platform.machine()}",
        "when": (today or dt.datetime.now(dt.UTC).date()).isoformat(),
        "meaning": "LOCAL is an embedded cloud on one machine: no AWS account, no network. Its milliseconds are that machine's, not AWS's.",
    }


def _surroundings(stack: ExitStack, folder: Path, watch: Watch) -> dict[str, str]:
    """A watchdog, an embedded cloud and an empty Jupyter home until the stack closes; the kernel's environment.

    The watchdog removes `folder` at the end, however this process ends.
    """
    from lambdadeck import cloud
    from lambdadeck.engine import watchdog

    marker = secrets.token_hex(16)
    dog = watchdog.start(marker, folder)
    stack.callback(dog.wait)
    assert dog.stdin
    stack.callback(dog.stdin.close)
    engine = cloud.start()
    stack.callback(engine.stop)
    watch.engine(engine)
    # Guesses and passed checks of whoever exports belong on no page.
    local = {
        "LAMBDADECK_CLOUD": "local",
        "LAMBDADECK_PRESENT": marker,
        "LAMBDADECK_STATE": str(folder / "labs"),
    }
    return environment(os.environ, ROOT, folder, engine.environment, local)


def _client(notebook: NotebookNode, path: Path, folder: Path, limit_s: float) -> NotebookClient:
    # Over files of this user instead of TCP, where every user of the machine could listen.
    transport = {
        "transport": "ipc",
        "ip": str(folder / "kernel"),
        "connection_file": str(folder / "kernel.json"),
    }
    return NotebookClient(
        notebook,
        timeout=limit_s,
        kernel_name="python3",  # of this very environment, whatever the notebook was saved with
        record_timing=True,
        resources={"metadata": {"path": str(path)}},
        config=Config({"KernelManager": transport}),
    )


def _run(client: NotebookClient, environment: dict[str, str], watch: Watch) -> None:
    running = "none yet"

    def note(cell: NotebookNode, cell_index: int) -> None:
        nonlocal running
        running = cell["id"]
        watch.before(cell)

    client.on_notebook_start = lambda notebook: watch.kernel(notebook)
    client.on_cell_execute = note
    client.on_cell_executed = lambda cell, cell_index, execute_reply: watch.after(cell)
    try:
        client.execute(env=environment)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as problem:
        client.set_widgets_metadata()  # nbclient does it at the end, which did not come
        raise in_cell(running, _reason(problem, client.timeout)) from problem
    except RuntimeError as problem:  # jupyter_client's word for a kernel that does not start
        raise NotebookError(f"The kernel did not start: {problem}") from problem


def _reason(problem: Exception, limit_s: float) -> str:
    if isinstance(problem, CellExecutionError):
        return f"it failed with {problem.ename}: {problem.evalue}\n{strip_ansi(problem.traceback)}"
    if isinstance(problem, CellTimeoutError):
        return f"it ran for more than {limit_s:g} seconds and was stopped."
    return "it ended the kernel."
