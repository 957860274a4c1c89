"""The notebook run from top to bottom on a clean kernel, with an embedded cloud of its own."""

from __future__ import annotations

import datetime as dt
import os
import platform
import secrets
import tempfile
from contextlib import ExitStack
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert.filters.ansi import strip_ansi
from nbformat import NotebookNode
from traitlets.config import Config

from lambdadeck.export.errors import ExportError, in_cell
from lambdadeck.export.exporter import RUN
from lambdadeck.install import ROOT

CELL_LIMIT_S = 120


def run(path: Path, *, limit_s: float = CELL_LIMIT_S) -> NotebookNode:
    """The notebook with fresh outputs, each cell stamped with its time, and where it ran in `metadata[RUN]`.

    LOCAL, whatever the shell's settings. The file itself is not touched, and no process is left behind. ExportError
    names the cell that failed, or that took longer than `limit_s` seconds.
    """
    notebook = without_outputs(read(path))
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="lambdadeck-export-"))
        environment = _surroundings(stack, folder)
        _run(_client(notebook, path.parent, folder, limit_s), environment)
    notebook.metadata[RUN] = place()
    return notebook


def read(path: Path) -> NotebookNode:
    """The notebook in that file; ExportError when it cannot be read."""
    try:
        return nbformat.read(path, as_version=4)
    except OSError as problem:
        raise ExportError(f"The notebook {path} cannot be read: {problem.strerror}.") from problem
    except nbformat.reader.NotJSONError as problem:
        raise ExportError(f"{path} is no notebook: it holds no JSON.") from problem


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


def _surroundings(stack: ExitStack, folder: Path) -> dict[str, str]:
    """A watchdog, an embedded cloud and an empty Jupyter home until the stack closes; the kernel's environment.

    The watchdog removes `folder` at the end, however this process ends.
    """
    from lambdadeck import cloud, jupyter
    from lambdadeck.local import watchdog

    marker = secrets.token_hex(16)
    dog = watchdog.start(marker, folder)
    stack.callback(dog.wait)
    assert dog.stdin
    stack.callback(dog.stdin.close)
    engine = cloud.start()
    stack.callback(engine.stop)
    return jupyter.environment(os.environ, ROOT, folder, engine.environment, {"LAMBDADECK_PRESENT": marker})


def _client(notebook: NotebookNode, path: Path, folder: Path, limit_s: float) -> NotebookClient:
    # Over files of this user instead of TCP, where every user of the machine could listen.
    transport = {"transport": "ipc", "ip": str(folder / "kernel"), "connection_file": str(folder / "kernel.json")}
    return NotebookClient(
        notebook,
        timeout=limit_s,
        kernel_name="python3",  # of this very environment, whatever the notebook was saved with
        record_timing=True,
        resources={"metadata": {"path": str(path)}},
        config=Config({"KernelManager": transport}),
    )


def _run(client: NotebookClient, environment: dict[str, str]) -> None:
    running = "none yet"

    def note(cell: NotebookNode, cell_index: int) -> None:
        nonlocal running
        running = cell["id"]

    client.on_cell_execute = note
    try:
        client.execute(env=environment)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as problem:
        raise in_cell(running, _reason(problem, client.timeout)) from problem
    except RuntimeError as problem:  # jupyter_client's word for a kernel that does not start
        raise ExportError(f"The kernel did not start: {problem}") from problem


def _reason(problem: Exception, limit_s: float) -> str:
    if isinstance(problem, CellExecutionError):
        return f"it failed with {problem.ename}: {problem.evalue}\n{strip_ansi(problem.traceback)}"
    if isinstance(problem, CellTimeoutError):
        return f"it ran for more than {limit_s:g} seconds and was stopped."
    return "it ended the kernel."
