"""Servers that the bench starts on loopback, each in its own session, ended with the bench."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.measure import BenchError
from lambdadeck.engine import watchdog

MARKER = secrets.token_hex(16)
PATIENCE_S = 60.0


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a folder; a watchdog removes it and ends what `running` started, whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix="lambdadeck-bench-"))
    with watchdog.start(MARKER, folder) as guard_dog:
        yield folder
        assert guard_dog.stdin
        guard_dog.stdin.close()
        guard_dog.wait()


def environment(**more: str) -> dict[str, str]:
    """Return this environment with the watchdog's marker, without AWS and proxy variables."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "JUPYTER", "IPYTHON", "LAMBDADECK_"))
        and "PROXY" not in name.upper()
    }
    return kept | {"LAMBDADECK_BENCH": MARKER} | more


@contextmanager
def running(
    command: Sequence[str | Path], folder: Path, variables: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process until the block ends, then end all that it started; log its output."""
    with open(log, "wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and its session: asked first, then killed."""
    children = (
        psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    )
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in children:
        if child.is_running():
            child.send_signal(signal.SIGKILL)


def free_port() -> int:
    """Return a free port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_listening(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return once the port accepts connections; raise BenchError if it does not."""
    until = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.005)
    words = log.read_text(errors="replace")[-500:]
    program = process.args[0] if isinstance(process.args, list) else process.args
    raise BenchError(
        f"{program!s} does not listen on port {port}. The last it said: {words or '(nothing)'}"
    )


def environment_of(pid: int, space: str) -> list[int]:
    """Return the ids of a runtime and of its container's init, seen from here; none if it ended."""
    if space in ("", _space(os.getpid())):
        return [pid] if psutil.pid_exists(pid) else []
    inside = [one for one in psutil.pids() if _space(one) == space]
    return inside if any(_inner(one) == pid for one in inside) else []


def _space(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:  # it has ended, is another user's, or this system has no /proc
        return ""


def _inner(pid: int) -> int:
    """Return a process's id in its own PID namespace."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("NSpid:")).split()[-1])


def memory_mb(pids: Sequence[int]) -> float:
    """Return the memory of processes in MB of 2^20 bytes: PSS, or RSS (`memory_kind`)."""
    infos = [psutil.Process(pid).memory_full_info() for pid in pids]
    return sum(getattr(info, "pss", info.rss) for info in infos) / 2**20


def memory_kind() -> str:
    """Return the kind of memory that `memory_mb` counts on this system."""
    return "PSS" if hasattr(psutil.Process().memory_full_info(), "pss") else "RSS"
