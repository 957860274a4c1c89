"""The core talk as scripts/check sees it: the process that runs every cell, and each of its events as a line."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from nbformat import NotebookNode

from lambdadeck.check.findings import Finding, Light, Printer, amber, green, red
from lambdadeck.check.run_cells import CELL_LIMIT_S
from lambdadeck.notebook.slides import Slide, stacks
from lambdadeck.stage import recordings

SLOW_S = 5.0
SILENCE_S = CELL_LIMIT_S + 30  # nothing that the process does takes longer without a word
ENDING_S = 10.0
HEARD_S = 0.5  # a signal that comes just as select begins is heard when select returns
BY_HAND = "scripts/present, run the first slide's cell, then that one: all of its error is there"
STARTING = "scripts/present fails the same way; the reason stands here"


@dataclass(frozen=True)
class Place:
    """Where a cell stands in the talk: its slide's title, and whether that slide is shown only on request."""

    title: str
    on_request: bool


def places(notebook: NotebookNode) -> dict[str, Place]:
    """The place of each code cell, by id."""
    slides = [slide for stack in stacks(notebook.cells) for slide in stack]
    return {
        cell["id"]: _place(slide)
        for slide in slides
        for part in slide.parts
        for cell in part.cells
        if cell.cell_type == "code"
    }


def _place(slide: Slide) -> Place:
    words = "\n".join(
        cell.source for part in slide.parts for cell in part.cells if cell.cell_type == "markdown"
    )
    title = re.search(r"^#+ +(.+)$", words, re.MULTILINE)
    notes = slide.notes[0].source.partition("\n")[0] if slide.notes else ""
    return Place(title[1] if title else "(no title)", ", on request" in notes)


class Talk:
    """Turns the events of one run into findings."""

    def __init__(self, notebook: Path, where: Mapping[str, Place]) -> None:
        self._where, self._kept = where, recordings.load(notebook)
        self._seconds: dict[str, float] = {}
        self._failed: list[str] = []
        self._over = False

    def findings(self, event: dict[str, Any]) -> Iterator[Finding]:
        """What an event means; nothing for most."""
        told: Callable[..., Iterator[Finding]] | None = getattr(
            self, f"_{event.pop('event')}", None
        )
        if told:
            yield from told(**event)

    def _engine(self, seconds: float, cold_ms: float, warm_ms: float) -> Iterator[Finding]:
        calls = f"answers a call cold after {cold_ms:.0f} ms, warm after {warm_ms:.1f} ms"
        yield green("engine", f"starts in {seconds:.1f} s, {calls}", seconds=seconds)

    def _kernel(self, seconds: float) -> Iterator[Finding]:
        yield green("kernel", f"starts in {seconds:.1f} s", seconds=seconds)

    def _ran(self, cell: str, seconds: float, error: str) -> Iterator[Finding]:
        place = self._where.get(cell, Place("(no slide)", False))
        self._seconds[cell] = seconds
        words = f"{seconds:4.1f} s  {place.title} · {cell}"
        if error:
            self._failed.append(cell)
            yield self._failure(cell, place, f"{words}: {error[:300]}", seconds)
        elif seconds > SLOW_S:
            yield amber(
                "cell",
                words,
                "keep talking while it runs, or run it before its slide",
                seconds=seconds,
            )
        else:
            yield green("cell", words, seconds=seconds)

    def _failure(self, cell: str, place: Place, words: str, seconds: float) -> Finding:
        old = self._kept.get(cell)
        shown = f"; its output of {old.when[:10]} is kept for the stage" if old else ""
        light = Light.AMBER if place.on_request else Light.RED
        asked = "; its slide is on request, leave it out" if place.on_request else ""
        return Finding(light, "cell", words + shown, BY_HAND + asked, seconds)

    def _died(self, error: str) -> Iterator[Finding]:
        self._over = True
        name = "kernel" if self._seconds or "ernel" in error else "engine"
        yield red(
            name, error, "mend that first: no later cell was tried" if self._seconds else STARTING
        )

    def _recorded(self, cells: int, file: str = "", error: str = "") -> Iterator[Finding]:
        if error:
            yield amber(
                "recordings",
                f"could not be kept: {error}",
                "without them no key can show an output if a cell fails on stage",
            )
        elif cells:
            yield green("recordings", f"of {cells} cells kept for the stage, in {file}")

    def _isolated(self) -> Iterator[Finding]:
        if self._seconds:
            yield green(
                "network",
                "not needed: every cell ran where there is none but loopback (network namespace)",
            )

    def _watched(self, why: str, processes: int, beyond: list[str]) -> Iterator[Finding]:
        how = f"{processes} processes looked at every half second (taking it away is not allowed here: {why})"
        if beyond:
            yield amber(
                "network",
                f"used: {', '.join(beyond)}; {how}",
                "on stage this may be missing: look which cell asks for it",
            )
        elif self._seconds:
            yield green("network", f"no connection beyond this machine seen: {how}")

    def total(self) -> Iterator[Finding]:
        """The cells in one line; red when some were not reached."""
        missed = [cell for cell in self._where if cell not in self._seconds]
        if missed and self._seconds and not self._over:
            yield red("cells", f"not reached: {', '.join(missed)}", "see above")
        if self._seconds:
            slowest = sorted(self._seconds, key=lambda cell: -self._seconds[cell])[:3]
            said = ", ".join(f"{cell} {self._seconds[cell]:.1f} s" for cell in slowest)
            good = len(self._seconds) - len(self._failed)
            words = f"{good} of {len(self._where)} ran, in {sum(self._seconds.values()):.0f} s; slowest: {said}"
            yield Finding(
                Light.RED if missed else Light.GREEN if not self._failed else Light.AMBER,
                "cells",
                words,
            )


def run(notebook: Path, cells: Mapping[str, Place], printer: Printer) -> None:
    """Run every cell in a process of its own, printing as it goes; no process is left, however this ends."""
    talk = Talk(notebook, cells)
    printer.doing("starting the embedded cloud and a kernel …")
    last = ""
    with tempfile.TemporaryFile() as log:
        with _running(notebook, log) as events:
            for event in events:
                last = event["event"]
                if last == "begins":
                    printer.doing(f"{cells[event['cell']].title} · {event['cell']} …")
                printer.found(*talk.findings(event))
        printer.found(*talk.total())
        if last != "finished":
            printer.found(
                red(
                    "cells",
                    f"their process did not get to its end: {_tail(log)}",
                    "run scripts/check again",
                )
            )


@contextmanager
def _running(notebook: Path, log: IO[bytes]) -> Iterator[Iterator[dict[str, Any]]]:
    """The process, and its events; it is ended on the way out, and what it started with it."""
    ours, theirs = os.pipe()
    command = [sys.executable, "-m", "lambdadeck.check.run_cells", str(notebook), str(theirs)]
    # A session of its own, so that Ctrl-C reaches it through us, once.
    process = subprocess.Popen(
        command,
        pass_fds=[theirs],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    os.close(theirs)
    with os.fdopen(ours, "rb", buffering=0) as pipe:
        try:
            yield _events(pipe)
            _has_ended(process)  # it may still be saying why
        finally:
            process.terminate()
            if not _has_ended(process):
                process.kill()  # the watchdog of its run clears up
                process.wait()


def _has_ended(process: subprocess.Popen[bytes], patience_s: float = ENDING_S) -> bool:
    """Wait for the end, at most that long; returns whether it came."""
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        return False
    return True


def _events(pipe: IO[bytes], silence_s: float = SILENCE_S) -> Iterator[dict[str, Any]]:
    """Each line as it comes; ends when the process does, or has said nothing for silence_s seconds."""
    held = b""
    while _comes(pipe, silence_s) and (data := pipe.read(1 << 16)):
        *lines, held = (held + data).split(b"\n")
        yield from map(json.loads, lines)


def _comes(pipe: IO[bytes], silence_s: float) -> bool:
    """Whether there is something to read, or the end of it, within that time."""
    deadline = time.monotonic() + silence_s
    while (left := deadline - time.monotonic()) > 0:
        if select.select([pipe], [], [], min(left, HEARD_S))[0]:
            return True
    return False


def _tail(log: IO[bytes]) -> str:
    log.seek(max(0, log.seek(0, os.SEEK_END) - 2000))
    lines = log.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
