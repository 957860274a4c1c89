"""Who is at the other end of a connection."""

import os
import socket
import subprocess
import sys

import pytest

from lambdadeck.engine.execution import peer_check

CHILD = """
import os, socket, sys, time
family = getattr(socket, sys.argv[2])
def connect():
    made = socket.socket(family)
    host = "::ffff:127.0.0.1" if family == socket.AF_INET6 else "127.0.0.1"
    made.connect((host, int(sys.argv[1])))
    return made
mine = connect()
if os.fork() == 0:
    mine.close()
    grandchild = connect()
time.sleep(600)
"""


@pytest.fixture(params=["sock_diag", "psutil"])
def way(request, monkeypatch):
    """Both ways to find out; the second is macOS's, and that of containers without netlink."""
    if request.param == "psutil":

        def refused(peer, ours):
            raise PermissionError("no netlink here")

        monkeypatch.setattr(peer_check, "_inode", refused)


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6"])
def test_a_process_and_its_children_are_known_and_nobody_else(way, family):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(port), family], start_new_session=True
        )
        try:
            ends = [server.accept() for _ in range(2)]
            with socket.create_connection(("127.0.0.1", port)) as own:
                assert [
                    peer_check.held_by(process.pid, peer, end.getsockname()) for end, peer in ends
                ] == [True, True]
                assert not peer_check.held_by(process.pid, own.getsockname(), ("127.0.0.1", port))
            for end, _ in ends:
                end.close()
        finally:
            os.killpg(process.pid, 9)
            process.wait()


def test_a_process_that_has_ended_holds_nothing(way):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as own,
    ):
        assert not peer_check.held_by(process.pid, own.getsockname(), server.getsockname())


def test_a_connection_that_is_not_there_is_held_by_nobody(way):
    assert not peer_check.held_by(os.getpid(), ("127.0.0.1", 1), ("127.0.0.1", 2))
