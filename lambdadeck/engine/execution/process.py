"""The processes of an execution environment: output, memory, freeze, end.

The runtime leads its own session; what it starts freezes, thaws and dies with it. In a container
all of them descend from its init, whatever they do; elsewhere one whose parent has ended is lost
unless it was seen before.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypeVar

import psutil

from lambdadeck.engine.execution.family import STOPPING_ROUNDS, Family
from lambdadeck.engine.execution.order import OPEN_FILES, PROCESSES

T = TypeVar("T")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_CHUNK = 1 << 16
_CPU_CLOCK = 2  # Linux: the clock of a process id, as clock_getcpuclockid(3) makes it


class Spawned(NamedTuple):
    """A started runtime: its id, and a call that waits for its return code (negative: signal).

    `init` is the first process of its container.
    """

    pid: int
    wait: Callable[[], int]
    init: int | None = None


def spawn(command: list[str], environment: Mapping[str, str], folder: Path, output: int) -> Spawned:
    """Start a process without `preexec_fn`, which keeps vfork: half the start-up time."""
    popen = subprocess.Popen(
        command,
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )
    if sys.platform == "linux":
        most = min(OPEN_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        with suppress(ProcessLookupError):  # it has ended already
            resource.prlimit(popen.pid, resource.RLIMIT_NOFILE, (most, most))
    return Spawned(popen.pid, popen.wait)


async def with_pipe(start: Callable[[int], T], threads: Executor) -> tuple[T, int]:
    """Call `start` on a thread with the end of a pipe to write to; return the other end, too."""
    output, write_end = os.pipe()
    try:
        work = asyncio.get_running_loop().run_in_executor(threads, start, write_end)
        return await work, output
    except BaseException:
        os.close(output)
        raise
    finally:
        os.close(write_end)


class RuntimeProcess:
    """A running process group; calls `on_output` and `on_exit` on the event loop.

    `output` is the end of the pipe to read from. If the process cannot be watched, it is killed
    and OSError is raised.
    """

    def __init__(
        self,
        spawned: Spawned,
        output: int,
        on_output: Callable[[bytes], None],
        on_exit: Callable[[RuntimeProcess, int], None],
    ) -> None:
        self.pid, self._wait, self._init = spawned
        self._family = Family(self.pid, self._init)
        self._stopped: set[int] = set()
        self._together = 0  # bytes of all processes if there are several, at the last look
        self._cpu_of_others: dict[int, float] = {}  # of ended ones too
        self._output, self._on_output, self._on_exit = output, on_output, on_exit
        self._loop = asyncio.get_running_loop()
        self._statm: int | None = None
        self._pidfd: int | None = None
        self._reaped = False
        try:
            os.set_blocking(self._output, False)
            self._loop.add_reader(self._output, self.drain)
            self._statm = _open_statm(self.pid)
            self._watch_exit()
        except OSError:
            self.kill()
            self._wait()
            self._reaped = True
            self._close()
            raise

    def _watch_exit(self) -> None:
        if hasattr(os, "pidfd_open"):
            self._pidfd = os.pidfd_open(self._init or self.pid)
            self._loop.add_reader(self._pidfd, self._ended)
        else:  # macOS: a thread waits
            threading.Thread(target=self._wait_then_tell, daemon=True).start()

    def _wait_then_tell(self) -> None:
        self._wait()
        self.kill()
        self._reaped = True
        self._loop.call_soon_threadsafe(self._ended)

    def _ended(self) -> None:
        self.kill()  # its children; before it is reaped, so no stranger has the id
        returncode = self._wait()
        self._reaped = True
        self.drain()
        self._close()
        self._on_exit(self, returncode)

    def _close(self) -> None:
        if self._pidfd is not None:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = None
        self._close_output()
        if self._statm is not None:
            os.close(self._statm)
            self._statm = None

    def _close_output(self) -> None:
        if self._output >= 0:
            self._loop.remove_reader(self._output)
            os.close(self._output)
            self._output = -1

    def drain(self) -> None:
        """Read the pipe without blocking; called at each response, so that no line is late."""
        while self._output >= 0:
            try:
                data = os.read(self._output, _CHUNK)
            except BlockingIOError:
                return
            if not data:
                self._close_output()
                return
            self._on_output(data)
            if len(data) < _CHUNK:
                return

    def look(self) -> None:
        """Find the processes that the runtime has started; kill all if they are too many."""
        if self._reaped:
            return
        others = self._family.look()
        self._together = self._family.proportional_bytes() if others else 0
        if len(others) >= PROCESSES:
            self.kill()

    def resident_bytes(self) -> int:
        """Return the resident memory of all processes; 0 if they have ended."""
        if self._reaped:
            return 0
        try:
            if self._statm is not None:
                own = int(os.pread(self._statm, 64, 0).split()[1]) * _PAGE
            else:
                own = int(psutil.Process(self.pid).memory_info().rss)
        except (ProcessLookupError, psutil.NoSuchProcess, IndexError):
            return 0
        return max(own, self._together)

    def cpu_s(self) -> float:
        """Return the CPU seconds of all; 0 if they have ended or there is no such clock."""
        if sys.platform != "linux" or self._reaped:
            return 0.0
        for pid in self._family.others:
            self._cpu_of_others[pid] = _cpu_s(pid) or self._cpu_of_others.get(pid, 0.0)
        return _cpu_s(self.pid) + sum(self._cpu_of_others.values())

    def mount_namespace(self) -> int | None:
        """Return a handle that keeps the process's mounts with /tmp; None if it has ended."""
        if self._reaped:
            return None
        try:
            return os.open(f"/proc/{self.pid}/ns/mnt", os.O_RDONLY)
        except OSError:
            return None

    def freeze(self) -> None:
        """Stop every thread of every process, as AWS does between invocations."""
        self._signal(signal.SIGSTOP)
        for _ in range(STOPPING_ROUNDS):
            running = self._family.look() - self._stopped
            if not running:
                return
            _signal_each(running, signal.SIGSTOP)
            self._stopped |= running

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)
        _signal_each(self._stopped, signal.SIGCONT)
        self._stopped.clear()

    def kill(self) -> None:
        """Kill every process; `on_exit` follows."""
        if self._reaped:
            return
        if self._init is not None:  # all of its namespace end with it
            _signal_each({self._init}, signal.SIGKILL)
            return
        others = self._family.look()
        self._signal(signal.SIGKILL)
        _signal_each(others, signal.SIGKILL)

    def _signal(self, number: int) -> None:
        """Send a signal to the runtime's process group."""
        if self._reaped:  # the id may be a stranger's by now
            return
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):  # macOS says EPERM of a group of zombies
            return


def _signal_each(pids: set[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # it has ended
            os.kill(pid, number)


def _cpu_s(pid: int) -> float:
    try:
        return time.clock_gettime(~pid << 3 | _CPU_CLOCK)
    except OSError:
        return 0.0


def _open_statm(pid: int) -> int | None:
    try:
        return os.open(f"/proc/{pid}/statm", os.O_RDONLY)
    except FileNotFoundError:  # no /proc: macOS
        return None
