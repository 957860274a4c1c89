"""scripts/present: one command opens the deck, one Ctrl-C ends everything."""

import html
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from jupyter_client import BlockingKernelClient

from lambdadeck.stage import jupyter, ports, present
from tests.support.presenting import Presenting, ask, post


def kernel(deck: Presenting) -> str:
    """Start a kernel in the deck's Jupyter, as opening the notebook does; returns its id."""
    return json.loads(post(deck.url_said, "api/kernels", {"name": "python3"}))["id"]


# --- what it says ---


def test_the_address_answers_as_soon_as_it_is_printed(deck):
    status, body = ask(deck.url_said)
    assert status == 200
    assert "aws-lambda.ipynb" in body


def test_the_address_stands_on_one_line_and_nowhere_else(deck):
    assert len([line for line in deck.said if "token=" in line]) == 1
    assert deck.url_said.endswith(parse_qs(urlsplit(deck.url_said).query)["token"][0])


def free_port() -> str:
    """Return a free port below those that systems hand out, which another test could get."""
    return str(
        next(port for port in range(20_000 + os.getpid() % 5_000, 30_000) if ports.is_free(port))
    )


def test_the_browser_opens_a_private_page_that_logs_in_and_may_stay_open(root, tmp_path):
    os.mkfifo(tmp_path / "opened")
    browser = tmp_path / "browser"
    browser.write_text(
        f"#!/bin/sh\necho $1 > {tmp_path / 'opened'}\nexec sleep 600 > /dev/null 2>&1\n"
    )
    browser.chmod(0o700)
    pipe = os.open(tmp_path / "opened", os.O_RDONLY | os.O_NONBLOCK)
    port = free_port()
    with Presenting(root, "--port", port, environment={"BROWSER": str(browser)}) as presenting:
        url = presenting.url()
        assert urlsplit(url).port == int(port)
        assert select.select([pipe], [], [], 30)[0]
        opened = os.read(pipe, 1000).decode().strip()
        assert opened.startswith("file://") and url.split("token=")[1] not in opened
        page = Path(unquote(urlsplit(opened).path))
        assert page.stat().st_mode & 0o077 == 0
        login = html.unescape(re.search(r'content="0;url=([^"]+)"', page.read_text())[1])
        assert ask(login) == (302, "")
        kernel(presenting)
        assert presenting.named("ipykernel_launcher") and presenting.named("jupyter_server")
        windows = presenting.named("sleep")
        assert presenting.end(signal.SIGHUP) == 0
        assert set(presenting.gone(0)) == set(windows) and windows
        for window in windows:  # a window is the user's to close
            window.kill()
    os.close(pipe)


# --- ports ---


def test_a_port_that_is_taken_is_named_with_the_way_to_choose_another(root):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with Presenting(root, "--no-browser", "--port", port) as presenting:
            assert presenting.wait() == 1
    assert f"Port {port} is taken" in presenting.everything
    assert "--port" in presenting.everything
    assert "Traceback" not in presenting.everything


def test_an_invalid_port_is_refused_before_anything_starts(root):
    done = subprocess.run(
        [sys.executable, root / "scripts" / "present", "--port=-1"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "is not a valid port: choose a number" in done.stderr


# --- the end ---


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_one_signal_ends_everything_without_a_question(root, tmp_path, number, pytestconfig):
    if number == signal.SIGHUP and not pytestconfig.getoption("--full"):
        pytest.skip("SIGHUP ends the run that opens a browser; another one with --full")
    with Presenting(root, environment={"TMPDIR": str(tmp_path)}) as presenting:
        presenting.url()
        kernel(presenting)
        assert presenting.named("ipykernel_launcher") and presenting.named("jupyter_server")
        assert presenting.named("lambdadeck.engine.server")
        assert presenting.end(number) == 0
        assert presenting.gone(0) == []
    assert list(tmp_path.iterdir()) == []
    assert "y/[n]" not in presenting.everything and "Traceback" not in presenting.everything


def test_ctrl_c_ends_everything_also_a_cell_that_never_ends(root, tmp_path):
    with Presenting(root, environment={"TMPDIR": str(tmp_path)}) as presenting:
        presenting.url()
        (connection,) = tmp_path.glob(f"*/runtime/kernel-{kernel(presenting)}.json")
        client = BlockingKernelClient(connection_file=str(connection))
        client.load_connection_file()
        client.start_channels(hb=False)
        os.mkfifo(tmp_path / "running")
        pipe = str(tmp_path / "running")
        client.execute(f"with open({pipe!r}, 'w') as file: file.write('x')\nwhile True: pass")
        pipe = os.open(tmp_path / "running", os.O_RDONLY | os.O_NONBLOCK)
        assert select.select([pipe], [], [], 60)[0]  # the cell runs
        os.close(pipe)
        client.stop_channels()
        assert presenting.named("ipykernel_launcher") and presenting.named("jupyter_server")
        assert presenting.named("lambdadeck.engine.server")
        assert presenting.end() == 0
        assert presenting.gone(0) == []
    (tmp_path / "running").unlink()
    assert list(tmp_path.iterdir()) == []
    assert "y/[n]" not in presenting.everything and "Traceback" not in presenting.everything


def test_a_ctrl_c_in_the_middle_of_starting_leaves_nothing(root):
    with Presenting(root) as presenting:
        assert "Starting the deck …\n" in iter(presenting.process.stdout.readline, "")
        presenting.processes()
        assert presenting.end() == 0
        assert presenting.gone(0) == []


def test_a_killed_present_leaves_no_process_and_no_file(root, tmp_path):
    with Presenting(root, environment={"TMPDIR": str(tmp_path)}) as presenting:
        presenting.url()
        kernel(presenting)
        started = presenting.processes()
        assert len(started) >= 5  # present, its watchdog, engine, Jupyter, kernel
        presenting.process.kill()
        assert presenting.gone() == []
    assert list(tmp_path.iterdir()) == []


def test_a_killed_jupyter_ends_all_and_says_so(root):
    with Presenting(root) as presenting:
        presenting.url()
        kernel(presenting)
        presenting.processes()
        presenting.named("jupyter_server")[0].kill()
        assert presenting.wait() == 1
        assert presenting.gone(0) == []
    assert "Jupyter exited (exit code -9)" in presenting.everything
    assert "run scripts/present again" in presenting.everything


# --- small parts ---


def test_a_secret_in_jupyters_last_words_is_blotted_out(tmp_path):
    (tmp_path / "log").write_text("one\ntwo token=s3cret\n")
    assert present.tail(tmp_path / "log", "s3cret", lines=1) == "two token=…"


def test_a_jupyter_that_never_answers_is_given_up_with_a_sentence():
    with (
        present.Shutdown() as ended,
        sleeping() as jupyter,
        pytest.raises(present.PresentError, match="did not answer within 0 seconds"),
    ):
        present.wait_for(f"http://127.0.0.1:{free_port()}/", jupyter, ended, patience_s=0)


def test_a_talk_that_ends_while_jupyter_starts_does_not_wait_for_it():
    with present.Shutdown() as ended, sleeping() as jupyter:
        ended.set()
        assert not present.wait_for(f"http://127.0.0.1:{free_port()}/", jupyter, ended)


@contextmanager
def sleeping() -> Iterator[subprocess.Popen[bytes]]:
    """Start a Jupyter that does nothing."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


# Take the port between Jupyter's check and its listening.
LATE = """
import socket
from tornado.tcpserver import TCPServer
def listen(self, port, *rest, own=TCPServer.listen, **more):
    with socket.create_server(("127.0.0.1", port)):
        own(self, port, *rest, **more)
TCPServer.listen = listen
"""


@pytest.mark.parametrize("late", [False, True])
def test_a_deck_whose_port_somebody_else_took_meanwhile_is_started_again(tmp_path, root, late):
    """Two decks start with the same port, also if it is free again immediately."""
    (tmp_path / "sitecustomize.py").write_text(LATE)  # read if PYTHONPATH says so
    begun: list[tuple[int, str]] = []
    with present.Shutdown() as ended, ExitStack() as stack:
        stack.callback(shutil.rmtree, jupyter.runtime(tmp_path), ignore_errors=True)

        def begin(port: int, token: str) -> subprocess.Popen[bytes]:
            begun.append((port, token))
            if len(begun) > 1:
                return jupyter.start(root, port, token, tmp_path)
            added = {"PYTHONPATH": str(tmp_path)} if late else {}
            taken = nullcontext() if late else socket.create_server(("127.0.0.1", port))
            with taken:  # free again before anybody could look
                process = jupyter.start(root, port, token, tmp_path, added)
                process.wait(60)
            return process

        served = present.serve(None, begin, tmp_path, stack, ended)
        assert served.answered and (served.port, served.token) == begun[-1]
        assert len(begun) > 1 and begun[1][1] != begun[0][1]
    assert served.process.poll() is not None


def test_a_signal_is_not_missed_at_whatever_moment_it_comes():
    """The signal comes while Python is busy starting the wait, over and over."""
    code = """
import os, signal, threading
from lambdadeck.stage.present import Shutdown
for _ in range(300):
    with Shutdown() as ended:
        ended.set_by(signal.SIGUSR1)
        threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGUSR1)).start()
        assert ended.wait(60)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_address_counts_only_once_it_answers_200():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert not present.answers(f"http://127.0.0.1:{closed.getsockname()[1]}/?token=x")


def test_no_browser_is_opened_where_there_is_no_window():
    assert not present.can_open_browser({"TERM": "xterm"}, "linux")
    assert present.can_open_browser({"DISPLAY": ":0"}, "linux")
    assert present.can_open_browser({}, "darwin")
