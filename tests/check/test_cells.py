"""Findings of a run: slow and on-request cells are amber, a failed core cell is red."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lambdadeck.check import cells, run_cells
from lambdadeck.check.cells import CellPlace, RunFindings
from lambdadeck.check.findings import Finding, Light, Printer
from lambdadeck.stage import recordings
from tests.support.notebooks import DECK

MAIN, ASKED = (
    CellPlace("You pay per millisecond", False),
    CellPlace("A rollback is one call", True),
)


def slide(
    name: str, source: str, notes: str = "**1 min · 15-minute talk: show.**"
) -> list[NotebookNode]:
    """Make a slide with one cell and its notes."""
    kinds = ("slide", "-", "notes")
    title, code, speech = (
        new_markdown_cell(f"## About {name}", id=f"{name}-title"),
        new_code_cell(source, id=name),
        new_markdown_cell(notes, id=f"{name}-notes"),
    )
    for cell, kind in zip((title, code, speech), kinds, strict=True):
        cell.metadata["slideshow"] = {"slide_type": kind}
    return [title, code, speech]


def written(folder: Path, *slides: list[NotebookNode]) -> Path:
    path = folder / "talk.ipynb"
    nbformat.write(new_notebook(cells=[cell for one in slides for cell in one]), path)
    return path


def run(path: Path) -> list[Finding]:
    """Run a notebook; the printed lines must be the findings."""
    out = io.StringIO()
    printer = Printer(out)
    cells.run(path, cells.places(nbformat.read(path, 4)), printer)
    assert len(out.getvalue().splitlines()) == len(printer.findings)
    return printer.findings


def named(findings: list[Finding], name: str, words: str = "") -> Finding:
    (found,) = [finding for finding in findings if finding.name == name and words in finding.words]
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("check")


@pytest.fixture(scope="module")
def state(folder):
    """Make a state folder, also for child processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAMBDADECK_STATE", str(folder / "state"))
        yield folder / "state"


@pytest.fixture(scope="module")
def failing(folder, state) -> list[Finding]:
    """One run in which a cell fails on the main path, one on request, and one ends the kernel."""
    path = written(
        folder,
        slide("good", "print('good', __import__('os').environ['LAMBDADECK_CLOUD'])"),
        slide("bad", "{}['key']"),
        slide("leave-out", "1 / 0", "**1 min, on request · 15-minute talk: skip.**"),
        slide("killer", "import os; os._exit(1)"),
        slide("never", "print('not reached')"),
    )
    earlier = new_notebook(
        cells=[
            new_code_cell("{}['key']", id="bad", outputs=[new_output("stream", text="as it was")])
        ]
    )
    earlier.cells[0].metadata["execution"] = {
        "iopub.status.busy": "2026-11-20T17:40:03Z",
        "shell.execute_reply": "2026-11-20T17:40:03Z",
    }
    recordings.save(earlier, path)
    return run(path)


def test_the_engine_answers_cold_and_warm_and_the_kernel_starts(failing):
    assert (
        named(failing, "engine").light is Light.GREEN
        and "cold after" in named(failing, "engine").words
    )
    assert named(failing, "kernel", "starts in").light is Light.GREEN


def test_a_cell_that_runs_is_green_and_timed_with_its_slide_s_title(failing):
    found = named(failing, "cell", "· good")
    assert (
        found.light is Light.GREEN
        and "s  About good · good" in found.words
        and 0 < found.seconds < 60
    )


def test_a_cell_that_fails_on_the_main_path_is_red_says_why_and_names_its_last_good_output(failing):
    found = named(failing, "cell", "· bad")
    assert (
        found.light is Light.RED
        and "KeyError: 'key'" in found.words
        and "its output of 2026-11-20 is recorded" in found.words
    )
    assert "scripts/present" in found.todo


def test_a_cell_that_fails_on_a_slide_on_request_is_amber(failing):
    found = named(failing, "cell", "· leave-out")
    assert (
        found.light is Light.AMBER
        and "ZeroDivisionError" in found.words
        and "skip its slide" in found.todo
    )


def test_a_cell_that_ends_the_kernel_is_red_and_the_cells_behind_it_are_counted_as_missing(failing):
    assert "'killer'" in named(failing, "kernel", "ended the kernel").words
    assert named(failing, "kernel", "ended the kernel").light is Light.RED
    total = named(failing, "cells")
    assert total.light is Light.RED and total.words.startswith("1 of 5 ran")


def test_only_what_succeeded_is_recorded_and_the_older_recording_stays(failing, folder, state):
    assert "of 1 cells" in named(failing, "recordings").words
    data = recordings.page_data(folder / "talk.ipynb")
    assert data.keys() == {"good", "bad"}
    assert "good local" in data["good"]["html"] and data["good"]["where"].startswith("LOCAL · ")
    assert "as it was" in data["bad"]["html"] and data["bad"]["when"] == "2026-11-20T17:40:03Z"


def test_it_is_said_how_the_network_was_kept_out(failing):
    found = named(failing, "network")
    assert found.light is Light.GREEN and (
        "network namespace" in found.words or "processes checked" in found.words
    )


def test_an_engine_that_cannot_start_is_red_with_its_last_words(folder, state, monkeypatch):
    broken = folder / "broken"
    broken.mkdir()
    (broken / "ministack.py").write_text(
        "raise ImportError('ministack is broken on this laptop')\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(broken))
    (found,) = [one for one in run(written(folder, slide("one", "1"))) if one.name == "engine"]
    assert found.light is Light.RED and "did not start" in found.words


def test_a_run_that_ends_by_itself_is_red_with_the_last_it_said(folder, state, monkeypatch):
    monkeypatch.setenv("PYTHONHOME", str(folder))  # a Python that finds nothing of its own
    (found,) = run(written(folder, slide("one", "1")))
    assert (
        found.light is Light.RED
        and "ended early" in found.words
        and "it printed nothing" not in found.words
    )


def test_the_notebook_itself_is_not_touched(failing, folder):
    assert all(not cell.get("outputs") for cell in nbformat.read(folder / "talk.ipynb", 4).cells)


def test_every_code_cell_of_the_deck_has_its_slide_s_title():
    found = cells.places(nbformat.read(DECK, 4))
    assert len(found) > 30 and "(no title)" not in {place.title for place in found.values()}
    assert found["setup"] == CellPlace("One cell connects the slides to a cloud", False)
    assert {place.on_request for place in found.values()} == {True, False}


def events(*events: dict, where: dict[str, CellPlace] | None = None) -> list[Finding]:
    talk = RunFindings(DECK, where or {"main": MAIN, "asked": ASKED})
    return [finding for event in events for finding in talk.findings(dict(event))] + list(
        talk.total()
    )


def test_a_cell_of_more_than_five_seconds_is_amber(state):
    slow, total = events(
        {"event": "ran", "cell": "main", "seconds": 5.1, "error": ""}, where={"main": MAIN}
    )
    assert (
        slow.light is Light.AMBER
        and slow.words.startswith(" 5.1 s  You pay")
        and "keep talking" in slow.todo
    )
    assert total.light is Light.GREEN and "slowest: main 5.1 s" in total.words


def test_a_cell_that_was_not_reached_is_red(state):
    _, missed, total = events({"event": "ran", "cell": "main", "seconds": 1, "error": ""})
    assert missed.light is total.light is Light.RED and missed.words == "did not run: asked"


def test_a_connection_that_was_seen_is_amber_and_named(state):
    found = events(
        {"event": "watched", "why": "no", "processes": 3, "beyond": ["python to 192.0.2.1:443"]}
    )[0]
    assert found.light is Light.AMBER and "python to 192.0.2.1:443" in found.words


def test_recordings_that_cannot_be_kept_are_amber(state):
    found = events({"event": "recorded", "cells": 0, "error": "No space left on device"})[0]
    assert found.light is Light.AMBER and "No space left on device" in found.words


def test_a_process_that_says_nothing_is_not_waited_for_for_ever():
    ours, theirs = os.pipe()
    os.write(theirs, b'{"event": "kernel", "seconds": 1}\n{"half')
    with os.fdopen(ours, "rb", buffering=0) as pipe:
        assert list(cells._events(pipe, silence_s=0.05)) == [{"event": "kernel", "seconds": 1}]
    os.close(theirs)


def test_an_error_that_a_slide_is_about_is_no_failure():
    error = new_output("error", ename="KeyError", evalue="x\ny", traceback=[])
    assert run_cells.error_of(new_code_cell("", outputs=[error])) == "KeyError: x y"
    assert (
        run_cells.error_of(
            new_code_cell("", outputs=[error], metadata={"tags": ["raises-exception"]})
        )
        == ""
    )
    assert run_cells.error_of(new_code_cell("", outputs=[new_output("stream", text="x")])) == ""


def test_a_cell_that_runs_too_long_is_said_to(monkeypatch):
    stopped = new_output("error", ename="KeyboardInterrupt", evalue="", traceback=[])
    assert (
        run_cells.error_of(new_code_cell("", outputs=[stopped]))
        == "it ran for more than 60 s and was stopped"
    )


def test_where_the_network_cannot_be_taken_away_it_is_watched_and_said_so(monkeypatch, state):
    def refused() -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(run_cells.network, "isolate", refused)
    monkeypatch.setattr(run_cells.network, "EVERY_S", 0.01)
    told = io.StringIO()
    with run_cells._without_network(run_cells.EventStream(told)):
        subprocess.run(
            [sys.executable, "-c", "import sys; sys.stdin.read()"], input=b"", check=True
        )
    event = json.loads(told.getvalue())
    assert event["event"] == "watched" and "not permitted" in event["why"] and event["beyond"] == []
    ran = {"event": "ran", "cell": "main", "seconds": 1, "error": ""}
    found = named(events(ran, event, where={"main": MAIN}), "network")
    assert (
        found.light is Light.GREEN
        and "processes checked" in found.words
        and "not permitted" in found.words
    )


def test_where_nobody_reads_any_more_the_run_ends_and_leaves_nothing(root, folder, state):
    """scripts/check killed outright: its pipe is closed, and the next event ends the run."""
    path, (ours, theirs) = written(folder, slide("one", "1")), os.pipe()
    command = [sys.executable, "-m", "lambdadeck.check.run_cells", str(path), str(theirs)]
    process = subprocess.Popen(
        command,
        pass_fds=[theirs],
        env=os.environ | {"CHECK_MARK": str(path)},
        cwd=root,
        stderr=subprocess.PIPE,
    )
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        assert json.loads(pipe.readline())["event"] == "starts"
    process.communicate(timeout=60)
    assert process.returncode != 0
    left = [one for one in psutil.process_iter() if _mark_of(one) == str(path)]
    assert psutil.wait_procs(left, timeout=60)[1] == []


def _mark_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get("CHECK_MARK")
    except psutil.Error:
        return None
