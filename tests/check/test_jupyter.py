"""Jupyter is started and asked for slides; a taken port is amber, or red if requested."""

import os
import socket
from collections.abc import Iterator

import psutil
import pytest

from lambdadeck.check import jupyter
from lambdadeck.check.findings import Light
from lambdadeck.stage import ports


@pytest.fixture
def taken() -> Iterator[int]:
    """Take a port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_is_named_with_the_one_that_the_deck_will_have_and_nothing_is_left(
    taken, monkeypatch
):
    monkeypatch.setattr(ports, "FIRST_PORT", taken)
    monkeypatch.setenv("CHECK_SERVER_MARK", str(taken))
    port, slides = jupyter.slides(None)
    assert port.light is Light.AMBER and port.words.startswith(
        f"{taken} is taken; the deck will be at "
    )
    assert int(port.words.split()[-1]) > taken and "prints the address" in port.todo
    assert slides.light is Light.GREEN and slides.seconds < 60
    left = [
        one
        for one in psutil.process_iter()
        if one.pid != os.getpid() and _mark_of(one) == str(taken)
    ]
    assert psutil.wait_procs(left, timeout=60)[1] == []


def test_a_taken_port_that_was_asked_for_is_red(taken):
    (found,) = jupyter.slides(taken)
    assert (
        found.light is Light.RED and f"{taken} is taken" in found.words and "--port" in found.todo
    )


def test_a_jupyter_that_does_not_start_is_red_with_its_last_words(monkeypatch, tmp_path):
    (tmp_path / "jupyter_server.py").write_text(
        "raise ImportError('jupyter_server is broken on this laptop')\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (found,) = jupyter.slides(None, root=tmp_path)
    assert found.light is Light.RED and "jupyter_server is broken on this laptop" in found.words


def _mark_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get("CHECK_SERVER_MARK")
    except psutil.Error:
        return None
