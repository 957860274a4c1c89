"""Choose the deck's port: used by scripts/present, predicted by scripts/check."""

import argparse
import socket

FIRST_PORT = 8888
LOWEST, HIGHEST = 1024, 65535


class PortError(Exception):
    """No usable port; the message says what to do."""


def number(text: str) -> int:
    """Parse a port of the command line; argparse.ArgumentTypeError if it is invalid."""
    if not (text.isascii() and text.isdecimal()) or not LOWEST <= int(text) <= HIGHEST:
        problem = f"{text!r} is not a valid port: choose a number from {LOWEST} to {HIGHEST}"
        raise argparse.ArgumentTypeError(problem)
    return int(text)


def is_free(port: int) -> bool:
    """Return whether a server can listen on 127.0.0.1:port now."""
    with socket.socket() as probe:
        # Like Jupyter, accept a port that is in TIME_WAIT after the last talk.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen()
        except OSError:
            return False
    return True


def choose(wanted: int | None, first: int | None = None) -> int:
    """Return `wanted`, or the first free port from `first` (default 8888) on.

    PortError if `wanted` is taken or no port is free. Another program may still take it first.
    """
    if wanted is not None:
        if is_free(wanted):
            return wanted
        raise PortError(
            f"Port {wanted} is taken or not allowed. Choose another port, "
            f"for example --port {another(wanted)}, or omit --port."
        )
    first = first or FIRST_PORT
    for port in range(first, HIGHEST + 1):
        if is_free(port):
            return port
    raise PortError(f"No port from {first} on is free: close another program that listens.")


def another(port: int) -> int:
    """Return a port to suggest instead of this one."""
    return port + 11 if port + 11 <= HIGHEST else port - 11
