"""Kill what a dead process left behind: `python -m lambdadeck.engine.watchdog MARKER FOLDER…`.

It waits until its standard input closes, which happens however its starter ends. Then it kills
every process with a variable that begins with MARKER, with its session, and removes the folders.
It is a process in its own session, because a server killed by SIGKILL cannot clean up.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

REPLACE_S = 1.0  # until a killed one is replaced: one that cannot start must not take the CPU


def start(marker: str, *folders: Path) -> subprocess.Popen[bytes]:
    """Start a watchdog; it sweeps and ends when its stdin closes or this process ends."""
    command = [sys.executable, "-m", "lambdadeck.engine.watchdog", marker, *map(str, folders)]
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        start_new_session=True,
        env={"PATH": os.environ.get("PATH", "")},
    )


class Kept:
    """A watchdog that is replaced if it is killed, until `end`."""

    def __init__(self, marker: str, *folders: Path) -> None:
        self._marker, self._folders = marker, folders
        self._ending = threading.Event()
        self._lock = threading.Lock()  # of the field below
        self._process = start(self._marker, *self._folders)
        self._thread = threading.Thread(target=self._keep, name="watchdog", daemon=True)
        self._thread.start()

    def _keep(self) -> None:
        while True:
            self._process.wait()
            self._ending.wait(REPLACE_S)
            with self._lock:
                if self._ending.is_set():
                    return
                _close(self._process)
                self._process = start(self._marker, *self._folders)

    def end(self) -> None:
        """Let it do its work; return when it is done."""
        with self._lock:
            self._ending.set()
            _close(self._process)
        if self._process.wait():  # it was killed: another one does its work
            self._process = start(self._marker, *self._folders)
            _close(self._process)
            self._process.wait()


def _close(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin
    process.stdin.close()


def marked(marker: str) -> list[psutil.Process]:
    """Return our processes with an environment variable whose value begins with `marker`."""
    own = os.getpid()
    return [p for p in psutil.process_iter() if p.pid != own and _has(p, marker)]


def _has(process: psutil.Process, marker: str) -> bool:
    try:
        return any(value.startswith(marker) for value in process.environ().values())
    except (psutil.Error, OSError):  # another user's, or ended meanwhile
        return False


def sweep(marker: str, timeout_s: float = 5.0) -> None:
    """Kill the marked processes and their sessions until none is left."""
    until = time.monotonic() + timeout_s
    while (left := marked(marker)) and time.monotonic() < until:
        for process in left:
            _kill(process.pid)
        psutil.wait_procs(left, timeout=0.2)


def _kill(pid: int) -> None:
    try:
        session = os.getsid(pid)
        if session == pid:
            os.killpg(pid, signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def main(marker: str, *folders: str) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    sweep(marker)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
