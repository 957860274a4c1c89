"""scripts/bench: that it measures, computes and says what it should; never how fast anything is."""

import hashlib
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_notebook

from benchmarks import cli, contenders, costs, emulator, engine, measure, processes, report
from benchmarks.measure import BenchError, Result
from tests.support.exporting import code, markdown

TINY = engine.RunSize(1, 2, 1, colds=1, bursts=1, parallel=3, sleep_s=0.05, thousand=4)


def bench(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, root / "scripts" / "bench", *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        cwd="/",  # it works from any folder
    )


@pytest.mark.parametrize(
    ("values", "expected"), [([3.0], 3.0), ([9.0, 1.0, 2.0], 2.0), ([4.0, 1.0, 2.0, 100.0], 3.0)]
)
def test_a_median_is_the_middle_value(values: list[float], expected: float) -> None:
    assert measure.median(values) == expected


def test_p99_is_the_value_that_ninety_nine_of_a_hundred_do_not_exceed() -> None:
    hundred = [float(number) for number in range(100, 0, -1)]
    assert measure.percentile(hundred, 99) == 99
    assert measure.percentile([7.0, 5.0], 99) == 7


def test_nothing_has_no_median() -> None:
    with pytest.raises(ValueError, match="measure at least once"):
        measure.median([])


def test_a_ratio_is_ours_over_theirs_and_unknown_without_theirs() -> None:
    assert measure.ratio(1.0, 4.0) == 0.25
    assert measure.ratio(1.0, None) is None


def test_keys_are_medians_of_the_runs_and_what_no_run_measured_stays_unknown() -> None:
    runs = [
        {"a": 3.0, "b": None, "c": "first"},
        {"a": 1.0, "b": None, "c": "second"},
        {"a": 2.0, "b": None, "c": "third"},
    ]
    assert measure.of_runs(runs) == {"a": 2.0, "b": None, "c": "third"}


def test_the_object_has_the_keys_on_top_and_every_run_below() -> None:
    runs = {
        "engine": [
            Result({"warm_ratio_rie": 0.8}, {"raw": 1}),
            Result({"warm_ratio_rie": 1.0}, {"raw": 2}),
        ]
    }
    found = report.as_object(runs, {"date": "2026-11-23"})
    assert found["warm_ratio_rie"] == 0.9 and found["date"] == "2026-11-23"
    assert [run["details"]["raw"] for run in found["details"]["engine"]] == [1, 2]


def test_the_table_says_whether_the_mark_is_reached_and_calls_the_unknown_unknown() -> None:
    text = report.as_text(
        "engine", [Result({"warm_ratio_rie": 0.95, "cold_ratio_rie": None, "parallel50_s": 2.0})]
    )
    warm, cold, parallel = text.splitlines()[1:4]
    assert "NOT reached" in warm and "unknown" in cold and "reached" not in cold
    assert parallel.endswith("≤ 3  reached")


def test_an_unknown_part_gets_a_sentence(root: Path) -> None:
    ran = bench(root, "motor")
    assert ran.returncode == 2
    assert "There is no part 'motor': choose from engine, deck, costs, export." in ran.stderr


def test_help_says_what_is_compared(root: Path) -> None:
    ran = bench(root, "--help")
    assert ran.returncode == 0 and "Runtime Interface" in ran.stdout and "cold start" in ran.stdout


def test_a_part_runs_from_any_folder(root: Path) -> None:
    ran = bench(root, "costs", "--quick")
    assert ran.returncode == 0 and "catalogue_ms" in ran.stdout, ran.stderr


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the export part measure a talk of two slides with a picture."""
    talk = new_notebook(
        cells=[
            markdown("# Talk", id="title"),
            code("print(6 * 7)", id="sum"),
            markdown("## A picture\n\n![Lambda](../assets/images/handler.svg)", id="picture"),
        ]
    )
    nbformat.write(talk, tmp_path / "talk.ipynb")
    monkeypatch.setattr("benchmarks.export_page.DECK", tmp_path / "talk.ipynb")


def test_the_command_writes_one_object_of_the_parts_asked_for(
    small: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bench.json"
    assert cli.main(["costs", "export", "--quick", "--runs", "2", "--json", str(file)]) == 0
    found = json.loads(file.read_text())
    assert (
        found["catalogue_ms"] > 0
        and found["export_ratio_nbconvert"] > 0
        and found["first_paint_ratio"] > 0
    )
    assert (
        found["quick"] is True
        and found["runs"] == 2
        and found["machine"]["cores"] == os.cpu_count()
    )
    assert set(found["details"]) == {"costs", "export"} and len(found["details"]["costs"]) == 2
    assert "catalogue_ms" in capsys.readouterr().out


def test_a_part_that_cannot_be_measured_says_why_and_keeps_its_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(quick: bool) -> Result:
        raise BenchError("The abacus is missing.")

    monkeypatch.setattr(costs, "measure", fail)
    result, measured = cli.run("costs", quick=True)
    assert not measured and result.keys == {"catalogue_ms": None, "comparison_ms": None}
    assert "The abacus is missing." in result.notes[0]


def missing() -> Path:
    raise BenchError("No emulator for this machine.")


def test_every_contender_answers_in_one_run_and_nothing_stays_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not (emulator.cache() / "aws-lambda-rie").exists():  # tests fetch nothing
        monkeypatch.setattr(emulator, "binary", missing)
    result = engine.measure(plan=TINY)
    assert tuple(result.keys) == engine.KEYS
    details = json.loads(json.dumps(result.details))
    contestants = {"embedded", "ministack", "echo"}
    assert contestants <= set(details["warm_ms"]) and contestants - {"echo"} <= set(
        details["cold_ms"]
    )
    assert (
        details["warm_ms"]["embedded"]["count"] == 2 and result.keys["parallel50_environments"] == 3
    )
    left = [p for p in psutil.process_iter() if _has_marker(p)]
    assert left == []


def _has_marker(process: psutil.Process) -> bool:
    try:
        return process.environ().get("LAMBDADECK_BENCH") == processes.MARKER
    except psutil.Error:
        return False


def test_without_the_emulator_its_ratios_are_unknown_and_a_note_says_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(emulator, "binary", missing)
    result = engine.measure(plan=TINY)
    assert result.keys["warm_ratio_rie"] is None and result.keys["warm_ratio_ministack"] is not None
    assert any("No emulator for this machine." in note for note in result.notes)


def test_a_first_invocation_by_a_process_that_was_there_is_no_cold_start() -> None:
    with contenders.embedded() as control, pytest.raises(BenchError, match="no cold start"):
        contenders.first_ms(control.client, control.name)


def test_an_emulator_that_is_not_the_known_one_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "aws-lambda-rie").write_bytes(b"something else")
    with pytest.raises(BenchError, match=hashlib.sha256(b"something else").hexdigest()):
        emulator.binary(tmp_path, "Linux", "x86_64")


def test_a_system_without_an_emulator_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="not on Darwin arm64"):
        emulator.binary(tmp_path, "Darwin", "arm64")


def test_a_server_that_ends_instead_of_listening_is_an_error_with_its_last_words(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    words = [sys.executable, "-c", "print('out of paper')"]
    running = processes.running(words, tmp_path, processes.environment(), log)
    with running as process, pytest.raises(BenchError, match="out of paper"):
        processes.wait_until_listening(processes.free_port(), process, log)


def test_the_echo_server_answers_a_request_that_comes_in_pieces(tmp_path: Path) -> None:
    with contenders.floor(tmp_path) as floor:
        address = f"{floor.client.meta.endpoint_url}/anything"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(
            urllib.request.Request(address, data=b"x" * 200_000), timeout=60
        ) as answer:
            assert json.loads(answer.read()) == {"pid": 0}


def test_memory_of_two_processes_is_more_than_of_one() -> None:
    own, other = os.getpid(), os.getppid()
    assert 0 < processes.memory_mb([own]) < processes.memory_mb([own, other])
    assert processes.memory_kind() in ("PSS", "RSS")
