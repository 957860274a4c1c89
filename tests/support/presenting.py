"""scripts/present as a process: start it, read what it says, end it, and see what is left."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psutil

PATIENCE_S = 60


class Presenting:
    """One run of scripts/present, with --no-browser unless arguments are given."""

    def __init__(
        self, root: Path, *arguments: str, environment: dict[str, str] | None = None
    ) -> None:
        # All that the run starts inherits this mark, so that nothing can hide in a new session.
        self.mark = f"{id(self)}-{os.getpid()}"
        self.process = subprocess.Popen(
            [sys.executable, root / "scripts" / "present", *(arguments or ["--no-browser"])],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"TEST_MARK": self.mark} | (environment or {}),
            start_new_session=True,
        )
        self.said: list[str] = []
        self.url_said = ""
        self._seen: set[psutil.Process] = {psutil.Process(self.process.pid)}

    def url(self) -> str:
        """Return the deck's address, read from the one line that has it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+/\S+\?token=\S+", line):
                self.url_said = found[0]
                return found[0]
        raise AssertionError(f"scripts/present ended without an address: {self.everything}")

    @property
    def everything(self) -> str:
        """All that it said, errors included, up to now."""
        return "".join(self.said)

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send a signal, wait for the end, and keep what was said; returns the exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Wait for the end, and keep what was said; returns the exit code."""
        rest, _ = self.process.communicate(timeout=PATIENCE_S)
        self.said.append(rest)
        return self.process.returncode

    def processes(self) -> list[psutil.Process]:
        """Return the run's live processes: descendants, also of earlier calls, and marked ones."""
        for process in list(self._seen):
            self._seen.update(_descendants(process))
        self._seen.update(process for process in psutil.process_iter() if self._is_marked(process))
        return [process for process in self._seen if _is_alive(process)]

    def named(self, part: str) -> list[psutil.Process]:
        """Those of them with `part` in their command line."""
        return [
            process
            for process in self.processes()
            if any(part in word for word in _command(process))
        ]

    def gone(self, timeout_s: float = 15) -> list[psutil.Process]:
        """Wait for all of them to end; returns those that did not."""
        _, alive = psutil.wait_procs(self.processes(), timeout=timeout_s)
        return alive + self.processes()

    def _is_marked(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get("TEST_MARK") == self.mark
        except psutil.Error:
            return False

    def __enter__(self) -> "Presenting":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.process.poll() is None:
            self.end()
        assert self.process.stdout is not None
        self.process.stdout.close()


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def ask(url: str, **headers: str) -> tuple[int, str]:
    """One GET without any proxy: status and body."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    connection.request("GET", f"{parts.path}?{parts.query}", headers=headers)
    answer = connection.getresponse()
    body = answer.read().decode(errors="replace")
    connection.close()
    return answer.status, body


def post(url: str, path: str, body: object, method: str = "POST") -> bytes:
    """Call Jupyter's own API with the token of the deck's address."""
    parts = urlsplit(url)
    request = urllib.request.Request(
        f"http://{parts.netloc}/{path}",
        json.dumps(body).encode(),
        {
            "Authorization": f"token {parse_qs(parts.query)['token'][0]}",
            "Content-Type": "application/json",
        },
        method=method,
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
        request, timeout=30
    ) as answer:
        return answer.read()


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.NoSuchProcess:  # it has ended meanwhile
        return []


def connections(processes: Iterable[psutil.Process], kind: str = "inet") -> list[Any]:
    """Return their open sockets; the init of a container shows its own to root alone."""
    found: list[Any] = []
    for process in processes:
        with suppress(psutil.AccessDenied, psutil.NoSuchProcess):
            found += process.net_connections(kind)
    return found
