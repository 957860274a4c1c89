"""scripts/present: one command opens the deck, one Ctrl-C ends everything, and nothing stays behind however it ends."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from lambdadeck import jupyter, present
from tests.presenting import Presenting


def ask(url: str, **headers: str) -> tuple[int, str]:
    """One GET without any proxy: status and body."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    connection.request("GET", f"{parts.path}?{parts.query}", headers=headers)
    answer = connection.getresponse()
    body = answer.read().decode(errors="replace")
    connection.close()
    return answer.status, body


def kernel(deck: Presenting) -> str:
    """Start a kernel in the deck's Jupyter, as opening the notebook does; returns its id."""
    return json.loads(post(deck.url_said, "api/kernels", {"name": "python3"}))["id"]


def post(url: str, path: str, body: object, method: str = "POST") -> bytes:
    """A call of Jupyter's own API with the token of the deck's address."""
    parts = urlsplit(url)
    request = urllib.request.Request(
        f"http://{parts.netloc}/{path}",
        json.dumps(body).encode(),
        {"Authorization": f"token {parse_qs(parts.query)['token'][0]}", "Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        return answer.read()


# --- what it says -------------------------------------------------------------------------------------------------


def test_the_address_answers_as_soon_as_it_is_printed(deck):
    status, body = ask(deck.url_said)
    assert status == 200
    assert "aws-lambda.ipynb" in body


def test_the_address_stands_on_one_line_and_nowhere_else(deck):
    assert len([line for line in deck.said if "token=" in line]) == 1
    assert deck.url_said.endswith(parse_qs(urlsplit(deck.url_said).query)["token"][0])


def test_the_token_is_in_no_command_line_and_in_no_log(deck):
    token = parse_qs(urlsplit(deck.url_said).query)["token"][0]
    ask(deck.url_said.replace("aws-lambda", "no-such-notebook"))  # an error, which Jupyter logs with its address
    folder = Path(deck.named("jupyter_server")[0].environ()["JUPYTER_RUNTIME_DIR"]).parent
    assert "no-such-notebook" in (folder / "jupyter.log").read_text()
    assert token not in (folder / "jupyter.log").read_text()
    assert all(token not in " ".join(process.cmdline()) for process in deck.processes())
    assert folder.stat().st_mode & 0o077 == 0


def test_without_the_token_jupyter_shows_nothing(deck):
    address = deck.url_said.split("?")[0]
    status, body = ask(address)
    assert status == 302 and "aws-lambda" not in body
    status, _ = ask(address.replace("/nbclassic/notebooks/", "/api/contents/"))
    assert status == 403


def test_a_page_from_another_name_cannot_reach_jupyter(deck):
    status, _ = ask(deck.url_said, Host="attacker.example")
    assert status == 403


def test_it_listens_on_this_machine_alone(deck):
    port = urlsplit(deck.url_said).port
    addresses = {c.laddr.ip for p in deck.processes() for c in p.net_connections() if c.status == "LISTEN"}
    assert addresses == {"127.0.0.1"}
    assert port in {c.laddr.port for c in deck.named("jupyter_server")[0].net_connections() if c.status == "LISTEN"}


def test_a_terminal_cannot_be_opened_through_the_browser(deck):
    with pytest.raises(urllib.error.HTTPError, match="404") as refused:
        post(deck.url_said, "api/terminals", {})
    refused.value.close()


def test_a_kernel_gets_the_engine_and_nothing_of_another_cloud():
    mine = {"AWS_PROFILE": "work", "AWS_ENDPOINT_URL_S3": "https://elsewhere", "JUPYTER_CONFIG_DIR": "/home/me", "LANG": "C"}
    given = jupyter.environment(mine, Path("/root"), Path("/folder"), {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    assert {name: value for name, value in given.items() if name.startswith("AWS_")} == {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    assert given["JUPYTER_CONFIG_DIR"] == "/folder/config"
    assert given["LANG"] == "C"


def test_a_talk_leaves_no_output_in_the_notebook(deck, root):
    name = f"notebooks/saved-{os.getpid()}.ipynb"
    output = {"output_type": "stream", "name": "stdout", "text": "hello"}
    cell = {"cell_type": "code", "id": "one", "source": "1", "metadata": {"scrolled": True, "slideshow": {"slide_type": "slide"}}}
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell | {"outputs": [output], "execution_count": 7}]}
    try:
        post(deck.url_said, f"api/contents/{name}", {"type": "notebook", "content": content}, "PUT")
        saved = json.loads((root / name).read_text())["cells"][0]
    finally:
        (root / name).unlink(missing_ok=True)
    assert saved["outputs"] == [] and saved["execution_count"] is None
    assert saved["metadata"] == {"slideshow": {"slide_type": "slide"}}
    assert saved["source"] == ["1"]


# --- ports --------------------------------------------------------------------------------------------------------


def test_a_port_that_is_taken_is_named_with_the_way_to_choose_another(root):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with Presenting(root, "--port", port) as presenting:
            assert presenting.wait() == 1
    assert f"Port {port} is taken" in presenting.everything
    assert "--port" in presenting.everything
    assert "Traceback" not in presenting.everything


def test_the_port_asked_for_is_the_decks_port(root):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Presenting(root, "--port", str(port)) as presenting:
        assert urlsplit(presenting.url()).port == port


def test_without_a_wish_the_first_free_port_is_taken():
    assert present.choose_port(None, free=lambda port: port > 8890) == 8891


def test_when_every_port_is_taken_it_says_so():
    with pytest.raises(present.PresentError, match="Choose another with --port"):
        present.choose_port(None, free=lambda port: False)


@pytest.mark.parametrize("text", ["0", "65536", "eight", "-1"])
def test_what_is_no_port_is_refused_before_anything_starts(root, text):
    done = subprocess.run([sys.executable, root / "scripts" / "present", f"--port={text}"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "is no port: choose a number" in done.stderr


# --- the end ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_ends_everything_without_a_question(root, tmp_path, number):
    with Presenting(root, environment={"TMPDIR": str(tmp_path)}) as presenting:
        presenting.url()
        kernel(presenting)
        assert presenting.named("ipykernel_launcher") and presenting.named("jupyter_server")
        assert presenting.named("lambdadeck.local.server")
        assert presenting.end(number) == 0
        assert presenting.gone(0) == []
    assert list(tmp_path.iterdir()) == []
    assert "y/[n]" not in presenting.everything and "Traceback" not in presenting.everything


def test_a_ctrl_c_in_the_middle_of_starting_leaves_nothing(root):
    with Presenting(root) as presenting:
        assert presenting.process.stdout.readline() == "Starting the deck …\n"
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
    assert "Jupyter ended by itself (exit code -9)" in presenting.everything
    assert "start scripts/present again" in presenting.everything


# --- small parts --------------------------------------------------------------------------------------------------


def test_a_secret_in_jupyters_last_words_is_blotted_out(tmp_path):
    (tmp_path / "log").write_text("one\ntwo token=s3cret\n")
    assert present.tail(tmp_path / "log", "s3cret", lines=1) == "two token=…"


def test_a_jupyter_that_never_answers_is_given_up_with_a_sentence():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        with pytest.raises(present.PresentError, match="did not answer within 0 seconds"):
            present.wait_for(url, threading.Event(), patience_s=0)


def test_no_browser_is_opened_where_there_is_no_window():
    assert not present.can_open_browser({"TERM": "xterm"}, "linux")
    assert present.can_open_browser({"DISPLAY": ":0"}, "linux")
    assert present.can_open_browser({}, "darwin")
