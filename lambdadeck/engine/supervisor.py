"""Start the engine's server process, restart it if it dies, and end it."""

import atexit
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


class EngineError(RuntimeError):
    """The engine did not start; the message holds the end of its log."""


@dataclass
class Engine:
    """A running engine.

    If its process is killed, it is restarted with the same port and keys, and has its functions,
    layers, URLs and mappings back. The listening socket is the starter's: meanwhile, calls wait,
    and no other program can take the port.
    """

    settings: Settings
    log: IO[bytes]  # stderr of the process
    limit_s: float = START_LIMIT_S
    _socket: socket.socket = field(default_factory=socket.socket)
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

    def begin(self) -> None:
        """Listen, start the process, and return at once; EngineError if the port is taken."""
        try:
            _listen(self._socket, self.settings.port)
        except OSError as error:
            self.stop()
            raise EngineError(
                f"The embedded cloud cannot use port {self.settings.port}: {error.strerror}."
            ) from error
        self.settings = replace(self.settings, port=self._socket.getsockname()[1])
        self._process = _spawn(self.settings, self._socket, self.log)

    def wait(self) -> None:
        """Wait until the process that `begin` started is ready; raise EngineError."""
        assert self._process
        try:
            _wait(self._process, self.log, self.limit_s)
        except EngineError:
            self.stop()
            raise
        threading.Thread(target=self._keep, name="engine", daemon=True).start()

    def _keep(self) -> None:
        """Restart the process whenever it ends, until `stop`; runs on its own thread."""
        assert self._process
        for _ in range(RESTARTS):
            self._process.wait()
            with self._lock:
                if self._stopping.is_set():
                    return
                _close(self._process)
                self._process = _spawn(self.settings, self._socket, self.log)
        self._process.wait()
        self._socket.close()  # calls fail at once

    def stop(self) -> None:
        """End the process and all that it started; return when they are gone."""
        atexit.unregister(self.stop)
        with self._lock:
            self._stopping.set()
        if self._process is not None:
            _end(self._process)
        if not self.settings.keeps_state and self.settings.state:
            shutil.rmtree(self.settings.state, ignore_errors=True)
        self._socket.close()
        self.log.close()


def start(
    region: str = "eu-west-1",
    port: int = 0,
    account: str = ACCOUNT,
    transition_s: float = TRANSITION_S,
    state: Path | None = None,
    wait: bool = True,
) -> Engine:
    """Start an engine that ends with this process; `account` is the 12 digits in its ARNs.

    A function stays Pending, and an update InProgress, for `transition_s`. `state` is a private
    folder for functions, layers, URLs and mappings, which the next engine with it has back.
    With `wait` False, its `environment` is known at once, and Engine.wait() must follow.
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
    engine.begin()
    atexit.register(engine.stop)
    if wait:
        engine.wait()
    return engine


def _listen(sock: socket.socket, port: int) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    sock.listen(512)


def _spawn(settings: Settings, sock: socket.socket, log: IO[bytes]) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "lambdadeck.engine.server", str(sock.fileno())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        pass_fds=[sock.fileno()],
        start_new_session=True,
    )
    assert process.stdin
    with suppress(BrokenPipeError):  # it has ended already: the caller notices
        process.stdin.write(settings.line() + "\n")
        process.stdin.flush()
    return process


def _end(process: subprocess.Popen[str]) -> None:
    _close(process)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()  # its watchdog cleans up
        process.wait()


def _close(process: subprocess.Popen[str]) -> None:
    for pipe in (process.stdin, process.stdout):
        with suppress(BrokenPipeError):
            if pipe:
                pipe.close()


def _wait(process: subprocess.Popen[str], log: IO[bytes], limit_s: float) -> None:
    """Wait for the line that says it is ready; the timer kills a process that takes too long."""
    assert process.stdout
    timer, began = threading.Timer(limit_s, process.kill), time.monotonic()
    timer.start()
    line = process.stdout.readline()
    timer.cancel()
    if not line:
        late = time.monotonic() - began >= limit_s
        how = f"within {limit_s:g} s: is the machine busy?" if late else f"(exit {process.wait()}):"
        raise EngineError(f"The embedded cloud did not start {how} {_said(log)}")


def _said(log: IO[bytes]) -> str:
    size = log.seek(0, os.SEEK_END)
    log.seek(max(0, size - 2000))
    return log.read().decode(errors="replace")
