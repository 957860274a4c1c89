"""A command in a terminal of its own: read its output, type its input, Ctrl-C included."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import psutil

from tests.support.lambdas import wait_until

# A new session takes the terminal, so that Ctrl-C reaches it; then it becomes the command.
_TAKE = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)
CTRL_C, CTRL_D = "\x03", "\x04"
WAITS = (psutil.STATUS_SLEEPING, psutil.STATUS_ZOMBIE)


class Terminal:
    """One run of a Python script with a terminal as its standard input, output and error."""

    def __init__(self, script: Path, *arguments: str, environment: dict[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        self.said = ""
        self.process = subprocess.Popen(
            [sys.executable, "-c", _TAKE, sys.executable, str(script), *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            start_new_session=True,
        )
        os.close(theirs)

    def until(self, words: str, timeout_s: float = 60) -> str:
        """Read until it has said these words; returns all that it said."""
        deadline = time.monotonic() + timeout_s
        while words not in self.said:
            assert self._read(deadline), f"it ended, or fell silent, without {words!r}: {self.said}"
        return self.said

    def type(self, keys: str) -> None:
        """Press these keys once it waits: before its read, Python would miss a Ctrl-C."""
        wait_until(lambda: psutil.Process(self.process.pid).status() in WAITS, timeout_s=60)
        os.write(self._ours, keys.encode())

    def end(self, timeout_s: float = 60) -> int:
        """Read until it has ended; returns the exit code."""
        deadline = time.monotonic() + timeout_s
        while self._read(deadline):
            pass
        return self.process.wait(max(0.0, deadline - time.monotonic()))

    def _read(self, deadline: float) -> bool:
        if not select.select([self._ours], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return False
        try:
            part = os.read(self._ours, 4096)
        except OSError:  # EIO: nobody has the other end any more
            return False
        self.said += part.decode(errors="replace").replace("\r\n", "\n")
        return bool(part)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)
        os.close(self._ours)
