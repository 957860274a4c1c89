"""Run a notebook from top to bottom on a clean kernel with its own embedded cloud."""

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
from lambdadeck.shared import style
from lambdadeck.shared.paths import ROOT

if TYPE_CHECKING:
    from lambdadeck.engine import Engine

CELL_LIMIT_S = 120
MEANING = (
    "LOCAL is an embedded cloud on one machine: no AWS account, no network. "
    "Its milliseconds are that machine's, not AWS's."
)


def _ignore(_: object) -> None:
    pass


@dataclass(frozen=True)
class Callbacks:
    """Called once the engine listens, once the kernel runs, and before and after each code cell."""

    engine: Callable[["Engine"], None] = _ignore
    kernel: Callable[[NotebookNode], None] = _ignore
    before: Callable[[NotebookNode], None] = _ignore
    after: Callable[[NotebookNode], None] = _ignore


NO_CALLBACKS = Callbacks()


def run(path: Path, *, limit_s: float = CELL_LIMIT_S) -> NotebookNode:
    """Return the notebook with fresh, dated outputs; `metadata[RUN]` says where it ran.

    Always LOCAL. The file is not changed and no process is left behind. NotebookError names the
    cell that failed or took longer than `limit_s` seconds.
    """
    from lambdadeck.engine import EngineError

    notebook = without_outputs(read(path))
    try:
        fill(notebook, path.parent, limit_s=limit_s, pictures="svg")
    except EngineError as error:
        raise NotebookError(str(error)) from error
    return notebook


def fill(
    notebook: NotebookNode,
    path: Path,
    *,
    limit_s: float = CELL_LIMIT_S,
    callbacks: Callbacks = NO_CALLBACKS,
    keep_going: bool = False,
    pictures: str = "png",
) -> None:
    """Run the cells in the folder `path` and store their outputs in `notebook`; otherwise as `run`.

    With `keep_going`, an error or a timeout becomes the cell's output. NotebookError if the kernel
    dies, engine.EngineError if the embedded cloud does not start; earlier outputs are kept.
    """
    notebook.metadata[RUN] = provenance()
    with ExitStack() as stack:
        # Short: a socket's path has 107 characters at most, and TMPDIR may be long.
        folder = Path(tempfile.mkdtemp(prefix="run-"))
        variables = _start_cloud(stack, folder, callbacks) | {style.PICTURES: pictures}
        client = _client(notebook, path, folder, limit_s)
        client.allow_errors = client.interrupt_on_timeout = keep_going
        _run(client, variables, callbacks)


def read(path: Path) -> NotebookNode:
    """Read a notebook; NotebookError if that fails."""
    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)
    except OSError as error:
        raise NotebookError(f"Cannot read the notebook {path}: {error.strerror}.") from error
    except nbformat.reader.NotJSONError as error:
        raise NotebookError(f"{path} is not a notebook: it is not JSON.") from error
    return notebook


def without_outputs(notebook: NotebookNode) -> NotebookNode:
    """Remove all outputs and times in place; returns the same notebook."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def provenance() -> dict[str, str]:
    """Return where and when cells run here, for badges and the article's first lines."""
    return {
        "where": f"LOCAL · {platform.system()} {platform.machine()}",
        "when": dt.datetime.now(dt.UTC).date().isoformat(),
        "meaning": MEANING,
    }


def _start_cloud(stack: ExitStack, folder: Path, callbacks: Callbacks) -> dict[str, str]:
    """Start watchdog and embedded cloud until the stack closes; returns the kernel's variables.

    The watchdog removes `folder` at the end, even if this process is killed.
    """
    from lambdadeck.engine import start, watchdog

    marker = secrets.token_hex(16)
    dog = watchdog.start(marker, folder)
    stack.callback(dog.wait)  # after Ctrl-C, too
    stack.enter_context(dog)
    engine = start()
    stack.callback(engine.stop)
    callbacks.engine(engine)
    local = {
        "LAMBDADECK_CLOUD": "local",
        "LAMBDADECK_PRESENT": marker,
        "LAMBDADECK_STATE": str(folder / "labs"),  # the user's own lab progress is not exported
    }
    return environment(os.environ, ROOT, folder, engine.environment, local)


def _client(notebook: NotebookNode, path: Path, folder: Path, limit_s: float) -> NotebookClient:
    # Files of this user, not TCP: other users of the machine could connect to TCP ports.
    transport = {
        "transport": "ipc",
        "ip": str(folder / "kernel"),
        "connection_file": str(folder / "kernel.json"),
    }
    return NotebookClient(
        notebook,
        timeout=limit_s,
        kernel_name="python3",  # of this environment, whatever the notebook names
        record_timing=True,
        resources={"metadata": {"path": str(path)}},
        config=Config({"KernelManager": transport}),
    )


def _run(client: NotebookClient, variables: dict[str, str], callbacks: Callbacks) -> None:
    running = "none yet"

    def begin(cell: NotebookNode, cell_index: int) -> None:
        nonlocal running
        running = cell["id"]
        callbacks.before(cell)

    client.on_notebook_start = lambda notebook: callbacks.kernel(notebook)
    client.on_cell_execute = begin
    client.on_cell_executed = lambda cell, cell_index, execute_reply: callbacks.after(cell)
    try:
        client.execute(env=variables)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        client.set_widgets_metadata()  # nbclient does this only at a normal end
        raise in_cell(running, _reason(error, client.timeout)) from error
    except RuntimeError as error:  # raised by jupyter_client if a kernel does not start
        raise NotebookError(f"The kernel did not start: {error}") from error


def _reason(error: Exception, limit_s: float | None) -> str:
    if isinstance(error, CellExecutionError):
        return f"it failed with {error.ename}: {error.evalue}\n{strip_ansi(error.traceback)}"
    if isinstance(error, CellTimeoutError):
        return f"it ran for more than {limit_s:g} seconds and was stopped."
    return "it ended the kernel."
