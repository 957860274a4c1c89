"""Run the talk's cells in a child process and turn its events into findings."""

import json
import os
import re
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from nbformat import NotebookNode

from lambdadeck.check.findings import Finding, Light, Printer, amber, green, red
from lambdadeck.check.run_cells import CELL_LIMIT_S
from lambdadeck.notebook.slides import Slide, stacks
from lambdadeck.stage import recordings
from lambdadeck.stage.shutdown import ending

SLOW_S = 5.0
SILENCE_S = CELL_LIMIT_S + 30  # the process always sends an event within this time
ENDING_S = 10.0  # then the run's watchdog cleans up
POLL_S = 0.5  # Python handles a signal that arrives as select begins only when select returns
BY_HAND = "run scripts/present, the first cell, then this one to see the whole error"
STARTING = "scripts/present will fail, too: fix this first"


@dataclass(frozen=True)
class CellPlace:
    """The title of a cell's slide, and whether that slide is shown on request only."""

    title: str
    on_request: bool


def places(notebook: NotebookNode) -> dict[str, CellPlace]:
    """Return the place of each code cell, by id."""
    slides = [slide for stack in stacks(notebook.cells) for slide in stack]
    return {
        cell["id"]: _place(slide)
        for slide in slides
        for part in slide.parts
        for cell in part.cells
        if cell.cell_type == "code"
    }


def _place(slide: Slide) -> CellPlace:
    words = "\n".join(
        cell.source for part in slide.parts for cell in part.cells if cell.cell_type == "markdown"
    )
    title = re.search(r"^#+ +(.+)$", words, re.MULTILINE)
    notes = slide.notes[0].source.partition("\n")[0] if slide.notes else ""
    return CellPlace(title[1] if title else "(no title)", ", on request" in notes)


class RunFindings:
    """Turn the events of one run into findings."""

    def __init__(self, notebook: Path, where: Mapping[str, CellPlace]) -> None:
        self._where, self._kept = where, recordings.load(notebook)
        self._seconds: dict[str, float] = {}
        self._failed: list[str] = []
        self._over = False

    def findings(self, event: dict[str, Any]) -> Iterator[Finding]:
        """Return the findings of an event; most events have none."""
        name = f"_{event.pop('event')}"
        handler: Callable[..., Iterator[Finding]] | None = getattr(self, name, None)
        if handler:
            yield from handler(**event)

    def _engine(self, seconds: float, cold_ms: float, warm_ms: float) -> Iterator[Finding]:
        calls = f"answers a call cold after {cold_ms:.0f} ms, warm after {warm_ms:.1f} ms"
        yield green("engine", f"starts in {seconds:.1f} s, {calls}", seconds)

    def _kernel(self, seconds: float) -> Iterator[Finding]:
        yield green("kernel", f"starts in {seconds:.1f} s", seconds)

    def _ran(self, cell: str, seconds: float, error: str) -> Iterator[Finding]:
        place = self._where.get(cell, CellPlace("(no slide)", False))
        self._seconds[cell] = seconds
        words = f"{seconds:4.1f} s  {place.title} · {cell}"
        if error:
            self._failed.append(cell)
            yield self._failure(cell, place, f"{words}: {error[:300]}", seconds)
        elif seconds > SLOW_S:
            todo = "keep talking while it runs, or run it before its slide"
            yield amber("cell", words, todo, seconds)
        else:
            yield green("cell", words, seconds)

    def _failure(self, cell: str, place: CellPlace, words: str, seconds: float) -> Finding:
        old = self._kept.get(cell)
        shown = f"; its output of {old.when[:10]} is recorded" if old else ""
        light = Light.AMBER if place.on_request else Light.RED
        asked = "; or skip its slide, which is on request" if place.on_request else ""
        return Finding(light, "cell", words + shown, BY_HAND + asked, seconds)

    def _died(self, error: str) -> Iterator[Finding]:
        self._over = True
        name = "kernel" if self._seconds or "ernel" in error else "engine"
        todo = "fix this first: later cells did not run" if self._seconds else STARTING
        yield red(name, error, todo)

    def _recorded(self, cells: int, file: str = "", error: str = "") -> Iterator[Finding]:
        if error:
            todo = "if a cell fails on stage, key g has no output to show"
            yield amber("recordings", f"not saved: {error}", todo)
        elif cells:
            yield green("recordings", f"of {cells} cells saved for the stage, in {file}")

    def _isolated(self) -> Iterator[Finding]:
        if self._seconds:
            words = "not needed: every cell ran with loopback only (network namespace)"
            yield green("network", words)

    def _watched(self, why: str, processes: int, beyond: list[str]) -> Iterator[Finding]:
        how = f"{processes} processes checked every half second (cannot be isolated here: {why})"
        if beyond:
            todo = "the network may be missing on stage: find the cell that needs it"
            yield amber("network", f"used: {', '.join(beyond)}; {how}", todo)
        elif self._seconds:
            yield green("network", f"no connection beyond this machine seen: {how}")

    def total(self) -> Iterator[Finding]:
        """Return the summary of all cells; red if some did not run."""
        if not self._seconds:
            return
        missed = [cell for cell in self._where if cell not in self._seconds]
        if missed and not self._over:
            yield red("cells", f"did not run: {', '.join(missed)}", "see above")
        slowest = sorted(self._seconds, key=lambda cell: -self._seconds[cell])[:3]
        times = ", ".join(f"{cell} {self._seconds[cell]:.1f} s" for cell in slowest)
        good, took_s = len(self._seconds) - len(self._failed), sum(self._seconds.values())
        light = Light.RED if missed else Light.AMBER if self._failed else Light.GREEN
        words = f"{good} of {len(self._where)} ran, in {took_s:.0f} s; slowest: {times}"
        yield Finding(light, "cells", words)


def run(notebook: Path, cells: Mapping[str, CellPlace], printer: Printer) -> None:
    """Run every cell in a child process and print each finding; leaves no process behind."""
    findings = RunFindings(notebook, cells)
    printer.doing("starting the embedded cloud and a kernel …")
    last = ""
    with tempfile.TemporaryFile() as log:
        with _running(notebook, log) as events:
            for event in events:
                last = event["event"]
                if last == "begins":
                    printer.doing(f"{cells[event['cell']].title} · {event['cell']} …")
                printer.found(*findings.findings(event))
        printer.found(*findings.total())
        if last != "finished":
            words = f"their process ended early: {_tail(log)}"
            printer.found(red("cells", words, "run scripts/check again"))


@contextmanager
def _running(notebook: Path, log: IO[bytes]) -> Iterator[Iterator[dict[str, Any]]]:
    """Start the process and yield its events; ends it and its children on exit."""
    ours, theirs = os.pipe()
    command = [sys.executable, "-m", "lambdadeck.check.run_cells", str(notebook), str(theirs)]
    # Its own session, so that Ctrl-C reaches it once, from here.
    process = subprocess.Popen(
        command,
        pass_fds=[theirs],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    os.close(theirs)
    with os.fdopen(ours, "rb", buffering=0) as pipe, ending(process, ENDING_S):
        yield _events(pipe)
        with suppress(subprocess.TimeoutExpired):
            process.wait(ENDING_S)  # it may still be logging the reason


def _events(pipe: IO[bytes], silence_s: float = SILENCE_S) -> Iterator[dict[str, Any]]:
    """Yield each line as it arrives, until the process ends or is silent for silence_s."""
    held = b""
    while _is_readable(pipe, silence_s) and (data := pipe.read(1 << 16)):
        *lines, held = (held + data).split(b"\n")
        yield from map(json.loads, lines)


def _is_readable(pipe: IO[bytes], silence_s: float) -> bool:
    """Wait for data or the end of the pipe, at most silence_s."""
    deadline = time.monotonic() + silence_s
    while (left := deadline - time.monotonic()) > 0:
        if select.select([pipe], [], [], min(left, POLL_S))[0]:
            return True
    return False


def _tail(log: IO[bytes]) -> str:
    log.seek(max(0, log.seek(0, os.SEEK_END) - 2000))
    lines = log.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it printed nothing"
