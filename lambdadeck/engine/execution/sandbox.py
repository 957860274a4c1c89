"""Start runtimes in Linux namespaces: a private /tmp of the configured size, read-only code.

This is the server's end; `sandbox_process` does the work. If namespaces are unavailable, `start`
returns None and runtimes get TMPDIR instead.
"""

import array
import json
import os
import platform
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass

TASK_ROOT, RUNTIME_DIR, OPT = "/var/task", "/var/runtime", "/opt"
OPEN_FILES = 1024  # Lambda quotas: file descriptors
CLONE_CALL = {"x86_64": 56, "aarch64": 220}
MESSAGE_LIMIT = 1 << 18
ANSWER_LIMIT_S = 20.0  # a sandbox process that is silent for longer is replaced
LOOK_S = 0.5  # until the server looks whether a silent one was stopped


@dataclass(frozen=True)
class Order:
    """One runtime to start.

    `shown` maps target folders to what they show read-only: code, layers, the runtime's files.
    `keep` lists folders that stay visible at their own paths, even below a hidden one.
    """

    command: list[str]
    environment: dict[str, str]
    shown: dict[str, str]
    tmp_mb: int
    keep: list[str]


class Sandbox:
    """The server's end: `spawn` starts a runtime and returns its process id.

    A sandbox process that was killed or stopped is replaced.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = environment
        self._lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._link.settimeout(LOOK_S)
        with theirs:
            fd, module = theirs.fileno(), "lambdadeck.engine.execution.sandbox_process"
            command = [sys.executable, "-m", module, str(fd)]
            self._process = subprocess.Popen(
                command, pass_fds=[fd], stderr=subprocess.DEVNULL, env=self._environment
            )

    def spawn(self, order: Order, output: int, namespace: int | None = None) -> int:
        """Start a runtime that writes to `output`, in a kept mount namespace or in a new one.

        Raise OSError if it cannot be started.
        """
        handles = [output] if namespace is None else [output, namespace]
        with self._lock:
            try:
                return self._ask(order, handles)
            except WaitingEndedError:  # the sandbox process has another one by now
                return self._ask(order, handles)
            except ConnectionError:
                self._end()
                self._begin()
                return self._ask(order, handles)

    def _ask(self, order: Order, handles: list[int]) -> int:
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", handles))
        self._link.sendmsg([json.dumps(asdict(order)).encode()], [rights])
        pid, problem = json.loads(self._answer())
        if problem is None:
            return int(pid)
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
        """End the process and the one that waits for an order; return when both have ended."""
        with self._lock:
            self._link.shutdown(socket.SHUT_WR)
            with suppress(ConnectionError):
                os.waitpid(json.loads(self._answer())[0], 0)
            self._end()


class WaitingEndedError(OSError):
    """The process that waited for the order has ended before it came."""


def _is_stopped(pid: int) -> bool:
    with open(f"/proc/{pid}/stat") as status:
        return status.read().rpartition(") ")[2].startswith("T")


def start(environment: Mapping[str, str] | None = None) -> Sandbox | None:
    """Start the sandbox process and probe it; return None if namespaces are unavailable.

    The process gets `environment`, or this process's own, which no thread may change meanwhile: the
    C library moves the array that exec reads ("Bad address").
    """
    if sys.platform != "linux" or platform.machine() not in CLONE_CALL:
        return None
    sandbox = Sandbox(environment)
    try:
        _try(sandbox)
    except OSError:
        sandbox.close()
        return None
    return sandbox


def _try(sandbox: Sandbox) -> None:
    with open(os.devnull, "wb") as nowhere:
        order = Order(["/bin/true"], {}, {TASK_ROOT: os.getcwd()}, 1, [])
        pid = sandbox.spawn(order, nowhere.fileno())
    if os.waitpid(pid, 0)[1]:
        raise OSError("a runtime cannot be started in namespaces here")
