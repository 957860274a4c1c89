"""scripts/check on a poor laptop: the talk runs, what stops it is red, Ctrl-C leaves nothing."""

import importlib.metadata
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

import lambdadeck
from lambdadeck.check import cells, cli
from lambdadeck.notebook import execute
from lambdadeck.stage import recordings
from tests.check.test_cells import slide, written
from tests.support.notebooks import DECK
from tests.support.terminal import CTRL_C, Terminal

MARK = "CHECK_TEST_MARK"


def left(mark: str) -> list[psutil.Process]:
    """Return the processes with this mark that are left after a minute."""

    def ours(process: psutil.Process) -> bool:
        try:
            return process.environ().get(MARK) == mark
        except psutil.Error:
            return False

    return psutil.wait_procs([one for one in psutil.process_iter() if ours(one)], timeout=60)[1]


class Ran:
    """One run of scripts/check on the whole deck."""

    def __init__(self, folder: Path, root: Path) -> None:
        (folder / "bin").mkdir()
        (folder / "idna-0.0.1.dist-info").mkdir()
        (folder / "idna-0.0.1.dist-info" / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: idna\nVersion: 0.0.1\n"
        )
        self.state = folder / "state"
        kept = {name: os.environ[name] for name in ("HOME", "TMPDIR", "LANG") if name in os.environ}
        # A poor laptop: no languages, browser or screen, a replaced package, AWS variables.
        environment = kept | {
            "PATH": str(folder / "bin"),
            "PYTHONPATH": str(folder),
            "LAMBDADECK_STATE": str(self.state),
            MARK: str(folder),
            "LAMBDADECK_CLOUD": "aws",
            "AWS_PROFILE": "production",
            "AWS_ENDPOINT_URL_S3": "http://192.0.2.1",
        }
        with socket.create_server(
            ("127.0.0.1", 0)
        ) as somebody:  # has the port that the deck would have
            port = somebody.getsockname()[1]
            imports = "from lambdadeck.check import cli; from lambdadeck.stage import ports"
            taken = f"{imports}; ports.FIRST_PORT = {port}"
            command = [
                sys.executable,
                "-c",
                f"import sys; {taken}; sys.exit(cli.main(sys.argv[1:]))",
                "--json",
                folder / "check.json",
            ]
            self.done = subprocess.run(
                command, cwd=root, env=environment, capture_output=True, text=True, timeout=900
            )
        self.lines = self.done.stdout.splitlines()
        self.json = json.loads((folder / "check.json").read_text())
        self.left = left(str(folder))

    def named(self, name: str, words: str = "") -> dict:
        (found,) = [
            one for one in self.json["findings"] if one["name"] == name and words in one["words"]
        ]
        return found


@pytest.fixture(scope="module")
def ran(tmp_path_factory, root) -> Ran:
    return Ran(tmp_path_factory.mktemp("laptop"), root)


def test_on_a_poor_laptop_the_core_talk_runs_and_the_exit_code_is_0(ran):
    assert ran.done.returncode == 0, ran.done.stdout + ran.done.stderr
    assert ran.lines[-1].startswith("The talk can be given: ") and " red" not in ran.lines[-1]


def test_every_cell_of_the_deck_ran_and_is_timed_in_its_order(ran):
    ran_cells = [one for one in ran.json["findings"] if one["name"] == "cell"]
    expected = list(cells.places(execute.read(DECK)))
    assert [one["words"].rpartition(" · ")[2] for one in ran_cells] == expected
    assert all(one["light"] in ("green", "amber") and one["seconds"] >= 0 for one in ran_cells)
    assert ran.named("cells")["words"].startswith(f"{len(expected)} of {len(expected)} ran")


def test_what_is_missing_is_amber_with_what_to_do(ran):
    for words in ("Java needs", "Node.js needs", "C# needs"):
        assert (
            ran.named("languages", words)["light"] == "amber"
            and "install" in ran.named("languages", words)["todo"]
        )
    for name in ("screen", "browser", "port"):
        assert ran.named(name)["light"] == "amber" and ran.named(name)["todo"]


def test_a_package_that_somebody_replaced_is_named(ran):
    assert (
        f"idna 0.0.1 (pinned: {importlib.metadata.version('idna')})"
        in ran.named("packages")["words"]
    )


def test_no_network_was_needed_and_none_of_the_shell_s_aws_was_used(ran):
    found = ran.named("network")
    assert found["light"] == "green" and (
        "network namespace" in found["words"] or "no connection beyond" in found["words"]
    )
    assert not any(one["name"] == "AWS" for one in ran.json["findings"])


def test_one_line_a_finding_in_words_and_signs_and_no_colour_where_nobody_looks(ran):
    assert "\x1b" not in ran.done.stdout and "\r" not in ran.done.stdout and ran.done.stderr == ""
    signs = {"green": "✓ green", "amber": "! amber", "red": "✗ red"}
    for line, one in zip(ran.lines, ran.json["findings"], strict=False):
        assert line.startswith(signs[one["light"]]) and one["words"] in line and one["todo"] in line


def test_every_cell_s_output_is_recorded_for_the_stage(ran):
    data = recordings.page_data(DECK, state=ran.state)
    assert data.keys() == cells.places(execute.read(DECK)).keys()
    for name, source in [
        (cell["id"], cell.source) for cell in execute.read(DECK).cells if cell.cell_type == "code"
    ]:
        assert data[name]["source_sha256"] == recordings.source_sha256(source)
        assert data[name]["where"].startswith("LOCAL · ") and data[name]["when"].endswith("Z")
        assert data[name]["html"] and "<script" not in data[name]["html"]
    assert "Lambda is" in data["panel"]["html"] and "<img" in data["panel"]["html"]


def test_a_slide_names_the_languages_that_are_missing_and_the_figure_too(ran):
    data = recordings.page_data(DECK, state=ran.state)
    table = data["call-all"]["html"]
    missing = re.findall(r"needs .+?, here none: (?:apt-get|brew) install", table)
    assert "Hello, Ada!" in table and len(missing) >= 3
    assert "did not run here" in data["cold-and-warm-figure"]["html"]


def test_nothing_is_left_running(ran):
    assert ran.left == []


def test_ctrl_c_in_the_middle_of_a_cell_leaves_no_process(root, tmp_path):
    path = written(tmp_path, slide("one", "1"), slide("waits", "import time; time.sleep(600)"))
    environment = os.environ | {
        MARK: str(tmp_path),
        "LAMBDADECK_STATE": str(tmp_path / "state"),
        "TERM": "xterm",
    }
    with Terminal(root / "scripts" / "check", str(path), environment=environment) as terminal:
        assert "… About waits · waits" in terminal.until("waits …", timeout_s=240), (
            "it says what it is doing"
        )
        terminal.type(CTRL_C)
        assert terminal.end() == 130
    assert "Stopped; no process is left." in terminal.said and "Traceback" not in terminal.said
    assert left(str(tmp_path)) == []


def test_a_missing_package_is_red_and_nothing_else_is_tried(root, tmp_path, capfd, monkeypatch):
    from lambdadeck.check import machine

    (tmp_path / "requirements.txt").write_text("no-such-package-here==1\n")
    monkeypatch.setattr(machine.packages, "__defaults__", (tmp_path / "requirements.txt",))
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)]
    try:
        assert cli.main([]) == 1
    finally:
        for number, handler in zip((signal.SIGTERM, signal.SIGHUP), before, strict=True):
            signal.signal(number, handler)
    first, _, last = capfd.readouterr().out.splitlines()
    assert (
        first.startswith("✗ red    packages    not installed: no-such-package-here")
        and "cannot be given" in last
        and f"(lambdadeck {lambdadeck.__version__}, " in last
    )


def test_a_notebook_that_cannot_be_read_is_red(tmp_path):
    from lambdadeck.check.findings import Light, Printer

    printer = Printer(io.StringIO())
    (tmp_path / "talk.ipynb").write_text("<<<<<<< ours")
    assert cli._read(tmp_path / "talk.ipynb", printer) is None
    (found,) = printer.findings
    assert found.light is Light.RED and "is not a notebook" in found.words


def test_a_mistyped_option_is_answered_before_anything_is_installed(root, capsys):
    mistyped = {
        "'0' is not a valid port": ["--port", "0"],
        "choose a number from 1024 to 65535": ["--port", "80"],
        "there is no notebook nosuch.ipynb": ["nosuch.ipynb"],
        "belong to --aws": ["--region", "eu-west-1"],
    }
    for said, arguments in mistyped.items():
        with pytest.raises(SystemExit, match="2"):
            cli.options(arguments)
        assert said in capsys.readouterr().err
    command = [sys.executable, "-S", root / "scripts" / "check", "--jsn"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and "unrecognized" in done.stderr


def test_help_says_how_long_it_takes_and_what_the_exit_code_means(root):
    done = subprocess.run(
        [sys.executable, "-S", root / "scripts" / "check", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (
        "under a minute" in done.stdout
        and "Exit code 0 unless the core talk cannot run" in done.stdout
    )
