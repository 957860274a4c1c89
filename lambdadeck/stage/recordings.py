"""Keep the last good output of each cell, to be shown if a cell fails on stage."""

import copy
import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from nbformat import NotebookNode

from lambdadeck.notebook import RUN
from lambdadeck.shared import files, redaction
from lambdadeck.shared.paths import DECK
from lambdadeck.shared.state import folder as state_folder
from lambdadeck.stage import recorded_html

VERSION = 1


@dataclass(frozen=True)
class Recording:
    """A cell's nbformat outputs, its source's hash, and when (UTC, ISO 8601) and where it ran."""

    source_sha256: str
    when: str
    where: str
    outputs: list[NotebookNode]


def file_of(notebook: Path = DECK, *, state: Path | None = None) -> Path:
    """Return the file with a notebook's recordings, named by the notebook's full path."""
    place = hashlib.sha256(str(notebook.resolve()).encode()).hexdigest()[:8]
    return (state or state_folder()) / f"recordings-{notebook.stem}-{place}.json"


def source_sha256(source: str) -> str:
    """Return the SHA-256 of a source as UTF-8, in hexadecimal, as crypto.subtle computes it."""
    return hashlib.sha256(source.encode()).hexdigest()


def save(ran: NotebookNode, notebook: Path = DECK, *, state: Path | None = None) -> list[str]:
    """Record the outputs of the cells of `ran` that succeeded; returns their ids.

    Cells that failed or did not run keep their earlier recording; cells that are gone lose it. The
    file is replaced atomically and readable by its owner only. OSError if that fails.
    """
    code = [cell for cell in ran.cells if cell.cell_type == "code"]
    fresh = {cell["id"]: _recording(cell, ran) for cell in code if succeeded(cell)}
    kept = load(notebook, state=state)
    cells = {cell["id"]: fresh.get(cell["id"]) or kept.get(cell["id"]) for cell in code}
    found = {name: asdict(recording) for name, recording in cells.items() if recording}
    text = {"version": VERSION, "cells": found}
    target = file_of(notebook, state=state)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    files.replace(target, json.dumps(text, ensure_ascii=False).encode())
    return list(fresh)


def load(notebook: Path = DECK, *, state: Path | None = None) -> dict[str, Recording]:
    """Return a notebook's recordings by cell id; empty if missing, damaged or outdated."""
    try:
        text = json.loads(file_of(notebook, state=state).read_text(encoding="utf-8"))
        cells = text["cells"].items() if text["version"] == VERSION else ()
        return {name: Recording(**cell) for name, cell in cells}
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # the next check replaces a damaged file


def page_data(notebook: Path = DECK, *, state: Path | None = None) -> dict[str, dict[str, str]]:
    """Return for the page on stage, by cell id: source_sha256, when, where, html."""
    return {
        name: {
            "source_sha256": recording.source_sha256,
            "when": recording.when,
            "where": recording.where,
            "html": recorded_html.fragment(recording.outputs),
        }
        for name, recording in load(notebook, state=state).items()
    }


def shown(outputs: list[NotebookNode]) -> str:
    """Return a cell's outputs as HTML for the page on stage: static and redacted."""
    kept = recorded_html.static(copy.deepcopy(outputs), NotebookNode())
    redaction.outputs(kept)
    return recorded_html.fragment(kept)


def succeeded(cell: NotebookNode) -> bool:
    """Return whether a code cell ran to its end without an error, or is tagged raises-exception."""
    ran = "shell.execute_reply" in cell.metadata.get("execution", {})
    raised = any(output.output_type == "error" for output in cell.outputs)
    return ran and (not raised or "raises-exception" in cell.metadata.get("tags", []))


def _recording(cell: NotebookNode, ran: NotebookNode) -> Recording:
    busy = dt.datetime.fromisoformat(cell.metadata["execution"]["iopub.status.busy"])
    outputs = recorded_html.static(copy.deepcopy(cell.outputs), ran.metadata.get("widgets", {}))
    redaction.outputs(outputs)
    where = ran.metadata.get(RUN, {}).get("where", "where it ran is not recorded")
    return Recording(
        source_sha256(cell.source), f"{busy.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}", where, outputs
    )
