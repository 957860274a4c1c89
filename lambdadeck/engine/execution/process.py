"""The process of an execution environment: output, memory, freeze, end.

It leads its own session, so that its children freeze, thaw and die with it.
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
from typing import TypeVar

import psutil

from lambdadeck.engine.execution.sandbox import OPEN_FILES

T = TypeVar("T")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_CHUNK = 1 << 16
_CPU_CLOCK = 2  # Linux: the clock of a process id, as clock_getcpuclockid(3) makes it


# A started process: its id, and a call that waits for its return code (negative: signal).
Spawned = tuple[int, Callable[[], int]]


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
    return popen.pid, popen.wait


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
        self.pid, self._wait = spawned
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
            self._pidfd = os.pidfd_open(self.pid)
            self._loop.add_reader(self._pidfd, self._ended)
        else:  # macOS: a thread waits
            threading.Thread(target=self._wait_then_tell, daemon=True).start()

    def _wait_then_tell(self) -> None:
        self._wait()
        self._signal(signal.SIGKILL)
        self._reaped = True
        self._loop.call_soon_threadsafe(self._ended)

    def _ended(self) -> None:
        self._signal(signal.SIGKILL)  # its children; before it is reaped, so no stranger has the id
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

    def resident_bytes(self) -> int:
        """Return the resident memory; 0 if the process has ended."""
        if self._reaped:
            return 0
        try:
            if self._statm is not None:
                return int(os.pread(self._statm, 64, 0).split()[1]) * _PAGE
            return int(psutil.Process(self.pid).memory_info().rss)
        except (ProcessLookupError, psutil.NoSuchProcess, IndexError):
            return 0

    def cpu_s(self) -> float:
        """Return its CPU seconds; 0 if the process has ended or its CPU clock is unavailable."""
        if sys.platform != "linux" or self._reaped:
            return 0.0
        try:
            return time.clock_gettime(~self.pid << 3 | _CPU_CLOCK)
        except OSError:
            return 0.0

    def mount_namespace(self) -> int | None:
        """Return a handle that keeps the process's mounts with /tmp; None if it has ended."""
        if self._reaped:
            return None
        try:
            return os.open(f"/proc/{self.pid}/ns/mnt", os.O_RDONLY)
        except OSError:
            return None

    def freeze(self) -> None:
        """Stop every thread of the group, as AWS does between invocations."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill the group; `on_exit` follows."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        if self._reaped:  # the id may be a stranger's by now
            return
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):  # macOS says EPERM of a group of zombies
            return


def _open_statm(pid: int) -> int | None:
    try:
        return os.open(f"/proc/{pid}/statm", os.O_RDONLY)
    except FileNotFoundError:  # no /proc: macOS
        return None
