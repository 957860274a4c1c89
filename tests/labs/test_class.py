"""A class: learners join by a folder; its page and CSV say what they did, and nothing else."""

import csv
import threading
import urllib.error
import urllib.request

import pytest

from lambdadeck import lesson
from lambdadeck.labs import class_cli, class_page, classroom, journal, progress
from lambdadeck.labs.classroom import Learner
from lambdadeck.labs.journal import ClassError, JournalLine
from lambdadeck.shared import state as state_module


@pytest.fixture(autouse=True)
def own_state(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(state_module.VARIABLE, str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def cold_starts(logs):
    return sum("REPORT" in log and "Init Duration" in log.split("REPORT")[-1] for log in logs)


def test_what_a_learner_does_is_in_the_folder_that_they_joined_and_only_until_they_leave(tmp_path):
    folder = tmp_path / "class"
    folder.mkdir()
    lesson.check("1.cold", len)
    lesson.join(str(folder), "Ada  Lovelace")
    lesson.check("1.cold", len)
    lesson.check("1.cold", cold_starts)
    lesson.leave()
    lesson.check("1.cold", cold_starts)
    (ada,), lost = classroom.learners(folder)
    assert (ada.name, lost) == ("Ada Lovelace", 0)
    assert [line.outcome for line in ada.lines] == ["own-output", "right"]
    own, _ = journal.read()
    assert [line.outcome for line in own] == ["own-output", "own-output", "right", "right"]


def test_a_folder_that_cannot_be_written_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(ClassError, match="ask your teacher"):
        lesson.join(str(tmp_path / "nowhere"), "Ada")


def test_a_class_folder_that_is_gone_does_not_stop_the_lab(tmp_path):
    folder = tmp_path / "class"
    folder.mkdir()
    lesson.join(str(folder), "Ada")
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    with pytest.warns(UserWarning, match="out of reach"):
        assert lesson.check("1.cold", cold_starts).passed


def room(now: float) -> list[Learner]:
    """Return a class of three: one is done, one is stuck, one has gone home."""

    def told(name: str, ago_s: float, *done: tuple[str, str, str]) -> Learner:
        began = now - ago_s - 60 * (len(done) - 1)
        lines = [JournalLine(began + 60 * n, 1, *each, name) for n, each in enumerate(done)]
        return Learner(name, tuple(lines))

    checks = ("machine", "cold", "saved", "durable")
    passed = [("check", key, "right") for key in checks]
    missed = [("check", "cold", "own-output")] * 3
    return [
        told("Ada", 0, ("start", "", ""), *passed, ("quiz", "two", "Two")),
        told("=Bob", 30, ("start", "", ""), ("check", "machine", "blank"), *missed),
        told("Cy", 7200, ("start", "", ""), ("check", "saved", "answers-first")),
    ]


def test_it_says_who_passed_what_after_how_many_misses_and_who_is_stuck():
    now = 1_800_000_000.0
    assert classroom.grid(room(now), 1) == [
        ["Ada", "✓", "✓", "✓", "✓", "5"],
        ["=Bob", "–", "✗ 3", "–", "–", "4"],
        ["Cy", "–", "–", "✗ 1", "–", "1"],
    ]
    assert [each.stuck(now) for each in room(now)] == [
        "",
        "1.cold: 3 misses, the last one own-output",
        "",
    ]
    assert room(now)[1].stuck(now + 10 * 60) == "1.cold: 3 misses, the last one own-output"
    assert [row[:3] for row in classroom.misses(room(now), 1)] == [
        ("cold", "own-output", 1),
        ("saved", "answers-first", 1),
    ]


def test_the_minutes_belong_to_the_section_above_and_a_break_does_not_count():
    lines = [
        JournalLine(0, 1, "start"),
        JournalLine(120, 1, "check", "machine", "right"),
        JournalLine(120 + 3600, 1, "reveal", "faster"),
        JournalLine(120 + 3600 + 60, 1, "check", "cold", "right"),
    ]
    spent = classroom.section_minutes(Learner("Ada", tuple(lines)), 1)
    assert {title: spent for title, spent in spent.items() if spent} == {
        "What machine is this?": 2,
        "Cold, then warm": 1,
    }
    assert list(spent)[-1] == "Four questions"


def test_the_csv_has_a_row_for_each_part_and_no_formula():
    rows = list(csv.DictReader(class_page.table(room(0.0)).splitlines()))
    cold = [row for row in rows if (row["kind"], row["part"]) == ("check", "cold")]
    assert [(row["learner"], row["result"], row["misses"]) for row in cold] == [
        ("Ada", "right", "0"),
        ("'=Bob", "wrong", "3"),
        ("Cy", "open", "0"),
    ]
    assert {row["kind"] for row in rows} == {"check", "quiz", "section", "lab"}


def test_the_page_is_served_to_this_machine_with_markup_in_names_as_text(tmp_path):
    (tmp_path / "x.jsonl").write_text(
        'no line\n{"at_s": 1, "lab": 1, "what": "start", "name": "<i>"}\n'
    )
    with class_cli.server(tmp_path, 0, clock=lambda: 2.0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        page = urllib.request.urlopen(address).read().decode()
        assert "&lt;i&gt;" in page
        assert "<i>" not in page
        assert "1 lines of the folder are not readable" in page
        assert urllib.request.urlopen(f"{address}/class.csv").read().startswith(b"learner,lab,kind")
        foreign = urllib.request.Request(address, headers={"Host": "evil.example:80"})
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(foreign)
        server.shutdown()


def test_the_header_shows_the_median_of_the_runs_on_this_machine():
    lines = []
    for run, minutes in enumerate((20, 30, 50)):
        began = 1e5 * run
        steps = 8
        lines += [
            JournalLine(began + n * minutes * 60 / steps, 1, "reveal", "x") for n in range(steps)
        ]
        lines += [
            JournalLine(began + minutes * 60, 1, "check", key, "right")
            for key in ("machine", "cold", "saved", "durable")
        ]
        lines.append(JournalLine(began + minutes * 60 + 1, 1, "reset"))
    progress.folder()
    for line in lines:
        journal._append(journal._own(), line)
    assert journal.usual_minutes(1, 4) == (30, 3)
    assert "35 minutes (on this machine 30, median of 3 runs)" in repr(lesson.progress(1))
    assert "on this machine" not in repr(lesson.progress(2))


def test_one_exercise_is_restored_alone():
    progress.write(1, progress.Progress(misses={"saved": 1, "cold": 2}, passed=["cold"]))
    restored = lesson.restore("1.durable")
    assert [source.splitlines()[-1] for source in restored.sources] == ["...", "..."]
    assert progress.read(1).passed == ["cold"]
    again = lesson.restore("1.cold")
    assert "return sum(... for log in logs)" in again.sources[0]
    assert "report.parse" not in repr(again)
    assert progress.read(1).passed == []
    assert progress.read(1).misses == {"saved": 1}
