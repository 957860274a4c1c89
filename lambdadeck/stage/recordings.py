"""The last good output of each cell, kept on this machine by scripts/check, for the moment when a cell fails on stage."""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from nbformat import NotebookNode

from lambdadeck.notebook import RUN
from lambdadeck.shared import redaction
from lambdadeck.shared.paths import DECK
from lambdadeck.shared.state import folder as state_folder
from lambdadeck.stage import recorded_html

VERSION = 1


@dataclass(frozen=True)
class Recording:
    """What one cell showed: the hash of the source that ran, when (UTC, ISO 8601), where, nbformat outputs."""

    source_sha256: str
    when: str
    where: str
    outputs: list[dict]


def file_of(notebook: Path = DECK, *, state: Path | None = None) -> Path:
    """The file with the recordings of a notebook; two notebooks of one name in two places have two."""
    place = hashlib.sha256(str(notebook.resolve()).encode()).hexdigest()[:8]
    return (state or state_folder()) / f"recordings-{notebook.stem}-{place}.json"


def source_sha256(source: str) -> str:
    """SHA-256 of a cell's source as UTF-8, in hexadecimal: a browser's crypto.subtle gives the same."""
    return hashlib.sha256(source.encode()).hexdigest()


def save(ran: NotebookNode, notebook: Path = DECK, *, state: Path | None = None) -> list[str]:
    """Keep the outputs of the cells of `ran` (as export.execute returns it) that succeeded; returns their ids.

    Of a cell that failed or did not run, the recording from before stays; of a cell that is gone, none. The file is
    replaced in one step, readable by its owner alone. OSError when it cannot be written.
    """
    code = [cell for cell in ran.cells if cell.cell_type == "code"]
    fresh = {cell["id"]: _recording(cell, ran) for cell in code if succeeded(cell)}
    kept = load(notebook, state=state)
    cells = {cell["id"]: fresh.get(cell["id"]) or kept.get(cell["id"]) for cell in code}
    text = {
        "version": VERSION,
        "cells": {name: asdict(found) for name, found in cells.items() if found},
    }
    _write(file_of(notebook, state=state), json.dumps(text, ensure_ascii=False))
    return list(fresh)


def load(notebook: Path = DECK, *, state: Path | None = None) -> dict[str, Recording]:
    """The recordings of a notebook by cell id; none where nothing was recorded, or by another version of this file."""
    try:
        text = json.loads(file_of(notebook, state=state).read_text(encoding="utf-8"))
        return (
            {name: Recording(**cell) for name, cell in text["cells"].items()}
            if text["version"] == VERSION
            else {}
        )
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}  # not ours, or damaged: the next check writes it anew


def page_data(notebook: Path = DECK, *, state: Path | None = None) -> dict[str, dict[str, str]]:
    """For the page on stage, by cell id: source_sha256, when, where, html.

    `html` is a static fragment: escaped text, cleaned tables, pictures as data: addresses; no script, nothing to fetch.
    """
    return {name: _shown(recording) for name, recording in load(notebook, state=state).items()}


def succeeded(cell: NotebookNode) -> bool:
    """Whether a code cell ran to its end: without an error, unless it is tagged as one that raises."""
    ran = "shell.execute_reply" in cell.metadata.get("execution", {})
    raised = any(output.output_type == "error" for output in cell.outputs)
    return ran and (not raised or "raises-exception" in cell.metadata.get("tags", []))


def _recording(cell: NotebookNode, ran: NotebookNode) -> Recording:
    busy = dt.datetime.fromisoformat(
        cell.metadata["execution"]["iopub.status.busy"].replace("Z", "+00:00")
    )
    outputs = recorded_html.static(copy.deepcopy(cell.outputs), ran.metadata.get("widgets", {}))
    redaction.outputs(outputs)
    where = ran.metadata.get(RUN, {}).get("where", "where it ran is not recorded")
    return Recording(
        source_sha256(cell.source), f"{busy.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}", where, outputs
    )


def _shown(recording: Recording) -> dict[str, str]:
    return {
        "source_sha256": recording.source_sha256,
        "when": recording.when,
        "where": recording.where,
        "html": recorded_html.fragment(recording.outputs),
    }


def _write(target: Path, text: str) -> None:
    """Replace the file in one step: whoever reads it finds the old or the new one. mkstemp makes it 0600."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
