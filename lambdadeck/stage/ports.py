"""The deck's port: which one it will be, and whether it can be had. scripts/present takes it, scripts/check foretells it."""

import argparse
import socket

FIRST_PORT = 8888
LOWEST, HIGHEST = 1024, 65535


class PortError(Exception):
    """The port that was asked for cannot be had: the message says what to do."""


def number(text: str) -> int:
    """A port as the command line gives it; argparse.ArgumentTypeError for what is none, or the system's own."""
    if not (text.isascii() and text.isdecimal()) or not LOWEST <= int(text) <= HIGHEST:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no port: choose a number from {LOWEST} to {HIGHEST}, for example 8899"
        )
    return int(text)


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1:port now."""
    with socket.socket() as probe:
        # As Jupyter does: a port in TIME_WAIT from the last talk is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen()
        except OSError:
            return False
    return True


def choose(wanted: int | None, first: int | None = None) -> int:
    """The port for a deck that starts now: the one wanted, or the first free one from 8888 (or `first`) on.

    PortError when the one wanted is taken, or none is free. Between this answer and Jupyter's start somebody else may take it.
    """
    if wanted is not None:
        if is_free(wanted):
            return wanted
        raise PortError(
            f"Port {wanted} is taken or not allowed. Choose another with --port, for example --port {another(wanted)}, or leave --port out."
        )
    first = first or FIRST_PORT
    for port in range(first, HIGHEST + 1):
        if is_free(port):
            return port
    raise PortError(f"No port from {first} on is free: end another program that listens.")


def another(port: int) -> int:
    """A port to name as an example, when this one cannot be had."""
    return port + 11 if port + 11 <= HIGHEST else port - 11
