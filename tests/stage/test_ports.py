"""The deck's port: the first free one from 8888 on, also for scripts/check."""

import argparse
import socket
from collections.abc import Iterator

import pytest

from lambdadeck.stage import ports


@pytest.fixture
def taken() -> Iterator[int]:
    """Take a port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_the_first_free_port_is_chosen_and_none_below_it(taken):
    chosen = ports.choose(None, taken)
    assert taken < chosen and ports.is_free(chosen)
    assert not any(ports.is_free(port) for port in range(taken, chosen))


def test_it_begins_at_8888(monkeypatch):
    monkeypatch.setattr(ports, "is_free", lambda port: True)
    assert ports.choose(None) == 8888


def test_a_port_that_was_asked_for_is_taken_or_refused_never_replaced(taken):
    with pytest.raises(
        ports.PortError,
        match=f"Port {taken} is taken or not allowed. Choose another port, for example --port",
    ):
        ports.choose(taken)
    free = ports.choose(None, taken)
    assert ports.choose(free) == free


def test_when_no_port_is_free_that_is_said(monkeypatch):
    monkeypatch.setattr(ports, "is_free", lambda port: False)
    with pytest.raises(ports.PortError, match="No port from 65530 on is free"):
        ports.choose(None, 65530)


def test_an_invalid_port_is_refused():
    for text in ("1023", "80", "0", "65536", "-1", "eight", "", "8888.0", "\u0668"):
        with pytest.raises(argparse.ArgumentTypeError, match="choose a number from 1024 to 65535"):
            ports.number(text)


def test_the_lowest_and_the_highest_port_are_ports():
    assert (ports.number("1024"), ports.number("65535")) == (1024, 65535)


def test_the_example_that_is_named_is_a_port_itself():
    assert ports.another(8888) == 8899 and ports.number(str(ports.another(65535)))
