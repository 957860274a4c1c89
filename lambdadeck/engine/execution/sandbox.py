"""Start runtimes in containers: namespaces of their own, with what AWS shows a function.

This is the server's end; `sandbox_process` does the work. If the system refuses namespaces, `start`
returns None and runtimes are the server's plain children.
"""

import array
import json
import os
import platform
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path

import psutil

from lambdadeck.engine.execution.order import CLONE_CALL, MESSAGE_LIMIT, OPTIONS, Order
from lambdadeck.engine.execution.process import Spawned
from lambdadeck.shared.paths import ROOT

ANSWER_LIMIT_S = 20.0  # a sandbox process that is silent for longer is replaced
LOOK_S = 0.5  # until the server looks whether a silent one was stopped
LANGUAGE = "en_US.UTF-8"  # as in the AWS runtimes: an interpreter reads it when it starts
# What a runtime runs is run here, so that no stack trace shows our own functions.
MAIN = """
import sys
from lambdadeck.engine.execution.sandbox_process import main
for program in main(*sys.argv[1:]):
    exec(*program)
"""
CREDENTIALS = struct.Struct("=3i")  # process, user and group of a message's sender, as seen here


class Sandbox:
    """The server's end: `spawn` starts a runtime in a container.

    A sandbox process that was killed or stopped is replaced.
    """

    def __init__(self, python_runtime: Path, environment: Mapping[str, str]) -> None:
        self._folders = [os.path.realpath(python_runtime), os.path.realpath(sys.base_prefix)]
        self._environment = environment
        self._lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._link.settimeout(LOOK_S)
        with theirs:
            fd = theirs.fileno()
            nothing = subprocess.DEVNULL
            self._process = subprocess.Popen(
                [python(), *OPTIONS, "-c", MAIN, str(fd), str(ROOT), *self._folders],
                pass_fds=[fd],
                stdin=nothing,
                stdout=nothing,
                stderr=nothing,
                env=self._environment,
                start_new_session=True,
            )
        # If it is killed, it is no zombie until its successor is needed.
        threading.Thread(target=self._process.wait, name="sandbox", daemon=True).start()

    def spawn(self, order: Order, output: int, namespace: int | None = None) -> Spawned:
        """Start a runtime that writes to `output`, with a kept mount namespace or a new one.

        Raise OSError if it cannot be started. A container that was stopped is replaced.
        """
        try:
            return self._spawn(order, output, namespace)
        except TimeoutError:
            return self._spawn(order, output, namespace)

    def _spawn(self, order: Order, output: int, namespace: int | None) -> Spawned:
        channel, theirs = _link()
        with theirs:
            handles = [theirs.fileno(), output, *([] if namespace is None else [namespace])]
            try:
                self._container(order, handles)
            except OSError:
                channel.close()
                raise
        _, init = _receive(channel)
        if not init:
            channel.close()
            raise OSError("the container has ended")
        wait = partial(_wait, init, channel)
        try:
            words, pid = _started(channel, init)
        except TimeoutError:
            os.kill(init, signal.SIGKILL)
            wait()
            raise
        if pid and words == b"0":
            return Spawned(pid, wait, init)
        wait()
        raise OSError(*(json.loads(words) if words else (0, "the container has ended")))

    def _container(self, order: Order, handles: list[int]) -> None:
        """Hand the order to the container that waits."""
        with self._lock:
            try:
                self._ask(order, handles)
            except WaitingEndedError:  # the sandbox process has another one by now
                self._ask(order, handles)
            except ConnectionError:
                self._end()
                self._begin()
                self._ask(order, handles)

    def _ask(self, order: Order, handles: list[int]) -> None:
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", handles))
        self._link.sendmsg([json.dumps(asdict(order)).encode()], [rights])
        pid, problem = json.loads(self._answer())
        if problem is None:
            return
        if pid > 0:
            os.waitpid(pid, 0)
            raise WaitingEndedError(problem)
        raise OSError(*problem)

    def _answer(self) -> bytes:
        """Return the next answer; raise ConnectionError if the process has ended or stopped."""
        until = time.monotonic() + ANSWER_LIMIT_S
        while time.monotonic() < until:
            with suppress(TimeoutError):
                if answer := self._link.recv(MESSAGE_LIMIT):
                    return answer
                break
            if _is_stopped(self._process.pid):
                break
        raise ConnectionError("the sandbox process has ended")

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._link.close()

    def close(self) -> None:
        """End the process and the container that waits for an order; return when both have."""
        with self._lock:
            self._link.shutdown(socket.SHUT_WR)
            with suppress(ConnectionError):
                os.waitpid(json.loads(self._answer())[0], 0)
            self._end()


class WaitingEndedError(OSError):
    """The container that waited for the order has ended before it came."""


def python() -> str:
    """Return the real interpreter: a virtual environment's link would bring its packages."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def _link() -> tuple[socket.socket, socket.socket]:
    """Return two ends of a channel; ours learns who sends, by the ids of our own namespaces.

    Ours must not send: the system would give it a name that other users see.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    return ours, theirs


def _receive(link: socket.socket) -> tuple[bytes, int]:
    """Return a message and the id of the process that sent it; no words if all senders are gone."""
    words, rights, _, _ = link.recvmsg(MESSAGE_LIMIT, socket.CMSG_SPACE(CREDENTIALS.size))
    return words, CREDENTIALS.unpack(rights[0][2])[0] if rights else 0


def _started(channel: socket.socket, init: int) -> tuple[bytes, int]:
    """Return what a container says of its runtime; raise TimeoutError if that was stopped."""
    channel.settimeout(LOOK_S)
    until = time.monotonic() + ANSWER_LIMIT_S
    while True:
        with suppress(TimeoutError):
            answer = _receive(channel)
            channel.settimeout(None)
            return answer
        family = [init, *(child.pid for child in psutil.Process(init).children())]
        if time.monotonic() > until or any(map(_is_stopped, family)):
            channel.settimeout(None)
            raise TimeoutError("the container does not start its runtime")


def _wait(init: int, channel: socket.socket) -> int:
    """Wait for the end of a container; return the code of its runtime (negative: signal)."""
    _, status = os.waitpid(init, 0)
    with channel:
        words, _ = _receive(channel)
    return os.waitstatus_to_exitcode(int(words) if words.isdigit() else status)


def _is_stopped(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as status:
            return status.read().rpartition(") ")[2].startswith("T")
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return False


def start(python_runtime: Path, marker: str) -> Sandbox | None:
    """Start the sandbox process and probe it; return None if namespaces are unavailable.

    `marker` tells the watchdog which processes are ours.
    """
    if sys.platform != "linux" or platform.machine() not in CLONE_CALL:
        return None
    environment = {"PYTHONPATH": str(ROOT), "LANG": LANGUAGE, "LAMBDADECK_ENGINE": marker}
    sandbox = Sandbox(python_runtime, environment)
    try:
        _try(sandbox)
    except OSError:
        sandbox.close()
        return None
    return sandbox


def _try(sandbox: Sandbox) -> None:
    """Raise OSError if Python does not start in a container."""
    with open(os.devnull, "wb") as nowhere:
        command = [python(), "-S", "-c", ""]
        started = sandbox.spawn(Order(command, {}, {}, 1), nowhere.fileno())
    if started.wait():
        raise OSError("a runtime cannot be started in a container here")
