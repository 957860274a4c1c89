"""Start the engine's server process, restart it if it dies, and end it."""

import atexit
import errno
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from lambdadeck.engine.model import ACCOUNT, TRANSITION_S, Settings

START_LIMIT_S = 60.0  # a machine may be busy
RESTARTS = 20  # give up after this many
RETRY_S = 0.1  # until a restart looks again whether its port is free


class EngineError(RuntimeError):
    """The engine did not start; the message holds the end of its log."""


@dataclass
class Engine:
    """A running engine.

    If its process is killed, it is restarted with the same port and keys, and has its functions,
    layers, URLs and mappings back.
    """

    settings: Settings
    log: IO[bytes]  # stderr of the process
    limit_s: float = START_LIMIT_S
    _process: subprocess.Popen[str] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)  # of the two fields around it
    _stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that point boto3 at this engine."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.settings.deck.access_key,
            "AWS_SECRET_ACCESS_KEY": self.settings.deck.secret_key,
            "AWS_REGION": self.settings.region,
            "AWS_DEFAULT_REGION": self.settings.region,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
            "LAMBDADECK_START": self.settings.start_id,
            "LAMBDADECK_CLOUD": "local",
        }

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process and wait until it listens; raise EngineError."""
        self._process = _spawn(self.settings, self.log)
        try:
            port = _port(self._process, self.log, self.limit_s)
        except EngineError:
            self.stop()
            raise
        self.settings = replace(self.settings, port=port)
        threading.Thread(target=self._keep, name="engine", daemon=True).start()

    def _keep(self) -> None:
        """Restart the process whenever it ends, until `stop`; runs on its own thread."""
        for _ in range(RESTARTS):
            process = self._process
            assert process
            process.wait()
            while not _is_free(self.settings.port) and not self._stopping.wait(RETRY_S):
                pass
            with self._lock:
                if self._stopping.is_set():
                    return
                _close(process)
                self._process = _spawn(self.settings, self.log)

    def stop(self) -> None:
        """End the process and all that it started; return when they are gone."""
        atexit.unregister(self.stop)
        with self._lock:
            self._stopping.set()
        if self._process is None:
            return
        _close(self._process)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()  # its watchdog cleans up
            self._process.wait()
        if not self.settings.keeps_state and self.settings.state:
            shutil.rmtree(self.settings.state, ignore_errors=True)
        self.log.close()


def start(
    region: str = "eu-west-1",
    port: int = 0,
    account: str = ACCOUNT,
    transition_s: float = TRANSITION_S,
    state: Path | None = None,
) -> Engine:
    """Start an engine that ends with this process; `account` is the 12 digits in its ARNs.

    A function stays Pending, and an update InProgress, for `transition_s`. `state` is a private
    folder for functions, layers, URLs and mappings, which the next engine with it has back.
    """
    log = tempfile.TemporaryFile()  # noqa: SIM115  # stop() closes it
    folder = str(state) if state else tempfile.mkdtemp(prefix="lambdadeck-state-")
    settings = Settings(
        region=region,
        port=port,
        account=account,
        transition_s=transition_s,
        state=folder,
        keeps_state=state is not None,
    )
    engine = Engine(settings, log)
    engine.start()
    atexit.register(engine.stop)
    return engine


def _spawn(settings: Settings, log: IO[bytes]) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "lambdadeck.engine.server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        start_new_session=True,
    )
    assert process.stdin
    with suppress(BrokenPipeError):  # it has ended already: the caller notices
        process.stdin.write(settings.line() + "\n")
        process.stdin.flush()
    return process


def _is_free(port: int) -> bool:
    """Return whether a server could listen on the port; another program may have taken it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return error.errno != errno.EADDRINUSE
    return True


def _close(process: subprocess.Popen[str]) -> None:
    for pipe in (process.stdin, process.stdout):
        with suppress(BrokenPipeError):
            if pipe:
                pipe.close()


def _port(process: subprocess.Popen[str], log: IO[bytes], limit_s: float) -> int:
    """Wait for the line with the port; the timer kills a process that takes too long."""
    assert process.stdout
    timer, began = threading.Timer(limit_s, process.kill), time.monotonic()
    timer.start()
    line = process.stdout.readline()
    timer.cancel()
    if not line:
        late = time.monotonic() - began >= limit_s
        how = f"within {limit_s:g} s: is the machine busy?" if late else f"(exit {process.wait()}):"
        raise EngineError(f"The embedded cloud did not start {how} {_said(log)}")
    return int(json.loads(line)["port"])


def _said(log: IO[bytes]) -> str:
    size = log.seek(0, os.SEEK_END)
    log.seek(max(0, size - 2000))
    return log.read().decode(errors="replace")
