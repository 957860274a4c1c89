"""Sees to it that nothing stays behind: `python -m lambdadeck.engine.watchdog MARKER FOLDER`.

It reads its standard input until that closes, which it does however its starter ends, and then kills every process whose
environment holds MARKER (with its session), and removes FOLDER ("" for none). It is a process of its own, in a session of
its own: a server that is killed with SIGKILL can clear up nothing, and a frozen execution environment would not even
notice that its server is gone.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil


def start(marker: str, folder: Path | None = None) -> subprocess.Popen[bytes]:
    """Start a watchdog that lasts as long as this process; closing its stdin makes it sweep and end."""
    command = [sys.executable, "-m", "lambdadeck.engine.watchdog", marker, str(folder or "")]
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        start_new_session=True,
        env={"PATH": os.environ.get("PATH", "")},
    )


def marked(marker: str) -> list[psutil.Process]:
    """Every process of ours whose environment has a variable with `marker` as its value."""
    own = os.getpid()
    return [p for p in psutil.process_iter() if p.pid != own and _has(p, marker)]


def _has(process: psutil.Process, marker: str) -> bool:
    try:
        return marker in process.environ().values()
    except (psutil.Error, OSError):  # another user's, or gone meanwhile
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


def main(marker: str, folder: str) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    sweep(marker)
    if folder:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
