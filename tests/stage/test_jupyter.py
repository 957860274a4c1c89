"""Jupyter under the deck: loopback, a hidden token, no settings of the machine."""

import json
import os
import urllib.error
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from lambdadeck.notebook.environment import environment
from lambdadeck.stage.jupyter import SOCKET, SOCKET_LIMIT, runtime
from tests.support.presenting import ask, connections, post


def test_the_token_is_in_no_command_line_and_in_no_log(deck):
    token = parse_qs(urlsplit(deck.url_said).query)["token"][0]
    ask(
        deck.url_said.replace("aws-lambda", "no-such-notebook")
    )  # an error, which Jupyter logs with its address
    folder = Path(deck.named("jupyter_server")[0].environ()["JUPYTER_RUNTIME_DIR"]).parent
    assert "no-such-notebook" in (folder / "jupyter.log").read_text()
    assert token not in (folder / "jupyter.log").read_text()
    assert all(token not in " ".join(process.cmdline()) for process in deck.processes())
    assert folder.stat().st_mode & 0o077 == 0


def test_kernels_listen_on_private_files_and_on_ipykernels_own_pipe_alone(deck):
    kernel = json.loads(post(deck.url_said, "api/kernels", {"name": "python3"}))["id"]
    folder = Path(deck.named("jupyter_server")[0].environ()["JUPYTER_RUNTIME_DIR"])
    stated = json.loads((folder / f"kernel-{kernel}.json").read_text())
    assert stated["transport"] == "ipc" and stated["ip"].startswith(f"{folder}/")
    assert folder.stat().st_mode & 0o077 == 0
    (process,) = [one for one in deck.processes() if f"kernel-{kernel}.json" in str(one.cmdline())]
    listening = [c for c in process.net_connections() if c.status == "LISTEN"]
    assert len(listening) <= 1  # the output pipe between its threads, checked by a UUID
    post(deck.url_said, f"api/kernels/{kernel}", {}, "DELETE")


def test_sockets_get_a_short_private_folder_even_below_a_long_one(tmp_path):
    long = tmp_path / ("x" * 100)
    long.mkdir()
    short = runtime(long)
    try:
        assert short == runtime(long) and len(str(short / SOCKET)) <= SOCKET_LIMIT
        assert short.stat().st_mode & 0o077 == 0
    finally:
        short.rmdir()


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
    addresses = {c.laddr.ip for c in connections(deck.processes()) if c.status == "LISTEN"}
    assert addresses == {"127.0.0.1"}
    assert port in {
        c.laddr.port
        for c in deck.named("jupyter_server")[0].net_connections()
        if c.status == "LISTEN"
    }


def test_a_terminal_cannot_be_opened_through_the_browser(deck):
    with pytest.raises(urllib.error.HTTPError, match="404") as refused:
        post(deck.url_said, "api/terminals", {})
    refused.value.close()


def test_a_kernel_gets_the_engine_and_nothing_of_another_cloud():
    mine = {
        "AWS_PROFILE": "work",
        "AWS_ENDPOINT_URL_S3": "https://elsewhere",
        "JUPYTER_CONFIG_DIR": "/home/me",
        "LANG": "C",
    }
    given = environment(
        mine, Path("/root"), Path("/folder"), {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    )
    assert {name: value for name, value in given.items() if name.startswith("AWS_")} == {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1"
    }
    assert given["JUPYTER_CONFIG_DIR"] == "/folder/config"
    assert given["LANG"] == "C"


def test_a_talk_leaves_no_output_in_the_notebook_and_a_lab_keeps_its_own(deck, root):
    name = f"notebooks/saved-{os.getpid()}.ipynb"
    output = {"output_type": "stream", "name": "stdout", "text": "hello"}
    cell = {
        "cell_type": "code",
        "id": "one",
        "source": "1",
        "metadata": {"scrolled": True, "slideshow": {"slide_type": "slide"}},
    }
    ran = cell | {"outputs": [output], "execution_count": 7}

    def saved_as(cell):
        content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
        model = {"type": "notebook", "content": content}
        try:
            post(deck.url_said, f"api/contents/{name}", model, "PUT")
            return json.loads((root / name).read_text())["cells"][0]
        finally:
            (root / name).unlink(missing_ok=True)

    assert saved_as(ran | {"source": "lesson.start(1)"})["outputs"][0]["text"] == ["hello"]
    saved = saved_as(ran)
    assert saved["outputs"] == [] and saved["execution_count"] is None
    assert saved["metadata"] == {"slideshow": {"slide_type": "slide"}}
    assert saved["source"] == ["1"]
