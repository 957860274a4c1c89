"""The network is really gone, or really watched."""

import socket
import subprocess
import sys
import time

import psutil
import pytest

from lambdadeck.check import network

PROGRAM = """
import os, socket, subprocess, sys
from lambdadeck.check import network
try:
    network.isolate()
except OSError as refused:
    sys.exit(f"refused: {refused}")
here = socket.create_server(("127.0.0.1", 0))
socket.socket().connect(here.getsockname())
inside = "import socket; print([n for _, n in socket.if_nameindex() if n in ('eth0', 'lo')])"
command = [sys.executable, "-c", inside]
print(os.getuid(), subprocess.run(command, capture_output=True, text=True, check=True).stdout)
try:
    socket.socket().connect(("192.0.2.1", 9))
except OSError as error:
    print(error.strerror)
"""


def test_an_isolated_process_and_its_children_reach_loopback_and_nothing_else(root):
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, cwd=root)
    if done.stderr.startswith("refused"):
        pytest.skip(done.stderr.strip())
    user, interfaces, error = (
        done.stdout.split(maxsplit=2)[0],
        done.stdout.split("[")[1].split("]")[0],
        done.stdout.splitlines()[-1],
    )
    assert interfaces == "'lo'" and error == "Network is unreachable" and int(user) >= 0


def test_only_loopback_is_this_machine():
    ours = ("127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1")
    others = ("192.0.2.1", "10.0.0.1", "::ffff:192.0.2.1", "2001:db8::1", "fe80::1%eth0")
    assert [address for address in ours if not network.is_loopback(address)] == []
    metadata = "169.254.169.254"
    assert [address for address in (*others, metadata) if network.is_loopback(address)] == []


def test_a_grandchild_s_connection_is_seen_while_it_lasts(monkeypatch):
    """Use real processes and sockets; here loopback counts as another machine."""
    monkeypatch.setattr(network, "is_loopback", lambda address: False)
    monkeypatch.setattr(network, "EVERY_S", 0.01)
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    inner = f"import socket, sys; s = socket.create_connection(('127.0.0.1', {port})); s.recv(1)"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    with network.ConnectionWatcher() as watcher:

        def seen() -> bool:  # this process may have other connections
            return any(one.endswith(f" to 127.0.0.1:{port}") for one in list(watcher.beyond))

        child = subprocess.Popen([sys.executable, "-c", outer])
        connection, _ = server.accept()
        until = time.monotonic() + 30
        while not (seen() and len(watcher.processes) >= 3) and time.monotonic() < until:
            time.sleep(0.01)
        connection.close()
        child.wait()
    server.close()
    assert seen() and len(watcher.processes) >= 3


def test_a_process_that_is_gone_is_connected_nowhere():
    child = subprocess.Popen([sys.executable, "-c", ""])
    process = psutil.Process(child.pid)
    child.wait()
    assert network.beyond(process) == set()


def test_on_loopback_alone_nothing_is_beyond():
    server = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(server.getsockname())
    assert not any(f":{server.getsockname()[1]}" in one for one in network.beyond(psutil.Process()))
    client.close()
    server.close()
