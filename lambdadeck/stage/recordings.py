"""Keep the last good output of each cell, to be shown if a cell fails on stage."""

import copy
import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from nbformat import NotebookNode

from lambdadeck.notebook import RUN
from lambdadeck.shared import files, known_secrets, redaction
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
    file is replaced atomically and readable by its owner only. OSError if that fails;
    SecretLeakError, and nothing is written, if a cell would be kept with a secret.
    """
    code = [cell for cell in ran.cells if cell.cell_type == "code"]
    fresh = {cell["id"]: _recording_of(cell, ran) for cell in code if succeeded(cell)}
    kept = load(notebook, state=state)
    cells = {cell["id"]: fresh.get(cell["id"]) or kept.get(cell["id"]) for cell in code}
    found = {name: asdict(made) for name, made in cells.items() if made}
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
    return {name: shown(made) for name, made in load(notebook, state=state).items()}


def shown(made: Recording) -> dict[str, str]:
    """Return one recording for the page on stage: source_sha256, when, where, html."""
    return {
        "source_sha256": made.source_sha256,
        "when": made.when,
        "where": made.where,
        "html": recorded_html.fragment(made.outputs),
    }


def recording(
    cell: NotebookNode, when: dt.datetime, where: str, widgets: NotebookNode
) -> Recording:
    """Return a recording of a cell's outputs, static and redacted.

    `widgets` is the notebook's metadata. SecretLeakError if redaction has left a secret.
    """
    kept = recorded_html.static(copy.deepcopy(cell.outputs), widgets)
    redaction.outputs(kept)
    known_secrets.check(f"The output of cell {cell['id']!r}", "\n".join(_texts(kept)))
    utc = f"{when.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
    return Recording(source_sha256(cell.source), utc, where, kept)


def _texts(value: object) -> Iterator[str]:
    """Yield all texts of outputs, names of fields included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from value
        yield from _texts(list(value.values()))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def succeeded(cell: NotebookNode) -> bool:
    """Return whether a code cell ran to its end without an error, or is tagged raises-exception."""
    ran = "shell.execute_reply" in cell.metadata.get("execution", {})
    raised = any(output.output_type == "error" for output in cell.outputs)
    return ran and (not raised or "raises-exception" in cell.metadata.get("tags", []))


def _recording_of(cell: NotebookNode, ran: NotebookNode) -> Recording:
    busy = dt.datetime.fromisoformat(cell.metadata["execution"]["iopub.status.busy"])
    where = ran.metadata.get(RUN, {}).get("where", "where it ran is not recorded")
    return recording(cell, busy, where, ran.metadata.get("widgets", {}))
