"""The deck part: start-up time beside a bare nbclassic, and the times of the deck's cells."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import processes
from benchmarks.measure import BenchError, Result, median, ratio, summary
from lambdadeck.engine import start as start_engine
from lambdadeck.notebook.environment import environment
from lambdadeck.shared.paths import DECK, ROOT
from lambdadeck.stage import jupyter, present

NEW = ("start-ahead", "thousand-at-once")  # cells of slides that earlier measurements lack
KEYS = ("present_ratio", "deck_cells_s", "new_cells_s", "slowest_cell_s", "slowest_cell")
ROUNDS = 5
PATIENCE_S = 120.0
NOTES = [
    "present_ratio: scripts/present --no-browser (engine, Jupyter, RISE; the .venv is there) ÷ a "
    "bare `jupyter nbclassic` on the same notebook, each from its command until the page of the "
    "notebook answers 200, in turns, each with its own Jupyter settings.",
    "deck_cells_s: all code cells of the deck in a new kernel, with a running engine; without the "
    "kernel's own start. new_cells_s: those of slides that were added later, not in deck_cells_s.",
]


def measure(quick: bool = False) -> Result:
    """Measure the deck; BenchError names the cell that fails."""
    with processes.scratch() as folder:
        starts = _starts(folder, 1 if quick else ROUNDS)
        cells, kernel_s = _cells(DECK, folder)
    old = {name: took for name, took in cells.items() if name not in NEW}
    slowest = max(cells, key=cells.__getitem__)
    keys = {
        "present_ratio": ratio(median(starts["present"]), median(starts["nbclassic"])),
        "deck_cells_s": sum(old.values()),
        "new_cells_s": sum(cells.values()) - sum(old.values()),
        "slowest_cell_s": cells[slowest],
        "slowest_cell": slowest,
    }
    raw = {
        "start_s": summary(starts),
        "kernel_start_s": round(kernel_s, 3),
        "cells_s": {name: round(took, 3) for name, took in cells.items()},
    }
    return Result(keys, raw, list(NOTES))


def _starts(folder: Path, rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {"present": [], "nbclassic": []}
    for number in range(rounds):
        times["present"].append(_present_s(folder / f"present-{number}.log"))
        times["nbclassic"].append(_nbclassic_s(folder / f"nbclassic-{number}"))
    return times


def _present_s(log: Path) -> float:
    """Seconds from scripts/present to the address that it prints answering."""
    script, port = str(ROOT / "scripts" / "present"), str(processes.free_port())
    command = [sys.executable, script, "--no-browser", "--port", port]

    def address() -> str | None:
        found = re.search(
            r"http://127\.0\.0\.1:\d+/\S+\?token=\S+", log.read_text(errors="replace")
        )
        return found[0] if found else None

    return _seconds_until_answer(command, ROOT, processes.environment(), log, address)


def _nbclassic_s(folder: Path) -> float:
    """Seconds from `jupyter nbclassic` to the notebook's page answering."""
    folder.mkdir()
    port, token = processes.free_port(), secrets.token_hex(16)
    notebook = DECK
    command = [
        str(Path(sys.executable).with_name("jupyter")),
        "nbclassic",
        "--no-browser",
        "--allow-root",
        "--ip=127.0.0.1",
        f"--port={port}",
        f"--IdentityProvider.token={token}",
        str(notebook),
    ]
    own = {
        f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")
    }
    url = jupyter.deck_url(port, token, notebook.name)
    variables = processes.environment(IPYTHONDIR=str(folder / "ipython"), **own)
    return _seconds_until_answer(command, ROOT, variables, folder.with_suffix(".log"), lambda: url)


def _seconds_until_answer(
    command: Sequence[str | Path],
    folder: Path,
    variables: dict[str, str],
    log: Path,
    address: Callable[[], str | None],
) -> float:
    begun = time.perf_counter()
    with processes.running(command, folder, variables, log) as process:
        while time.perf_counter() - begun < PATIENCE_S and process.poll() is None:
            if (url := address()) and present.answers(url):
                return time.perf_counter() - begun
            time.sleep(0.01)
    raise BenchError(
        f"{Path(command[0]).name} {command[1]} shows no notebook. The last it said: "
        f"{log.read_text(errors='replace')[-500:] or '(nothing)'}"
    )


def _cells(path: Path, folder: Path) -> tuple[dict[str, float], float]:
    """Seconds of each code cell by its id, and of the kernel's start."""
    import nbclient
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=PATIENCE_S, resources={"metadata": {"path": str(path.parent)}}
    )
    engine = start_engine()
    begun = time.perf_counter()
    try:
        variables = environment(os.environ, ROOT, folder, engine.environment)
        with client.setup_kernel(env=variables, stderr=subprocess.DEVNULL):
            ready_s = time.perf_counter() - begun
            return {
                cell.id: _cell_s(client, index)
                for index, cell in enumerate(notebook.cells)
                if cell.cell_type == "code"
            }, ready_s
    finally:
        engine.stop()


def _cell_s(client: Any, index: int) -> float:
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    cell = client.nb.cells[index]
    begun = time.perf_counter()
    try:
        client.execute_cell(cell, index)
    except (CellExecutionError, CellTimeoutError) as problem:
        raise BenchError(
            f"The deck's cell {cell.id!r} fails, so its cells cannot be timed: "
            f"{str(problem)[-300:]}"
        ) from problem
    return time.perf_counter() - begun
