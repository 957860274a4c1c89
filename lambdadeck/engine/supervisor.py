"""Starts the embedded cloud, keeps it running, ends it: one server process, which never outlives its starter."""

from __future__ import annotations

import atexit
import base64
import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import IO

from lambdadeck.engine.model import ACCOUNT, Credentials, Settings

START_LIMIT_S = 30.0
RESTARTS = 20  # a server that keeps dying is not started for ever


class EngineError(RuntimeError):
    """The embedded cloud did not start; the message holds its last words."""


def new_settings(region: str = "eu-west-1", port: int = 0, account: str = ACCOUNT) -> Settings:
    """Fresh random keys for one start: nobody who was not told them can call.

    They look like AWS's own, by which whatever keeps keys out of outputs and commits knows them.
    """
    deck = Credentials(f"AKIA{secrets.token_hex(8).upper()}", _secret_key())
    role = Credentials(
        f"ASIA{secrets.token_hex(8).upper()}",
        _secret_key(),
        f"IQoJb3JpZ2luX2Vj{secrets.token_urlsafe(30)}",
    )
    return Settings(deck, role, region=region, port=port, account=account)


def _secret_key() -> str:
    """Forty characters of base64, a digit among them, as all but one in a thousand have anyway."""
    key = base64.b64encode(secrets.token_bytes(30)).decode()
    return key if re.search("[0-9]", key) else _secret_key()


@dataclass
class Engine:
    """A running embedded cloud. If its process is killed it is started again, on the same port, with the same keys."""

    settings: Settings
    log: IO[bytes]  # a file without a name: what the process says of its own failures
    _process: subprocess.Popen[str] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)  # of the two fields around it
    _stopping: bool = False

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which boto3, in any process that has them, finds this cloud and no other."""
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
        """Start the process and wait until it listens; raises EngineError."""
        self._process = _spawn(self.settings, self.log)
        try:
            port = _port(self._process, self.log)
        except EngineError:
            self.stop()
            raise
        self.settings = replace(self.settings, port=port)
        threading.Thread(target=self._keep, name="engine", daemon=True).start()

    def _keep(self) -> None:
        """On a thread of its own: wait for the process; if it was not we who ended it, start the next."""
        for _ in range(RESTARTS):
            process = self._process
            assert process
            process.wait()
            with self._lock:
                if self._stopping:
                    return
                _close(process)
                self._process = _spawn(self.settings, self.log)

    def stop(self) -> None:
        """End the process and all that it started; returns when they are gone."""
        atexit.unregister(self.stop)
        with self._lock:
            self._stopping = True
        if self._process is None:
            return
        _close(self._process)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()  # its watchdog clears up
            self._process.wait()
        self.log.close()


def start(region: str = "eu-west-1", port: int = 0, account: str = ACCOUNT) -> Engine:
    """Start an embedded cloud that ends with this process; `account` is the twelve digits that its ARNs have."""
    engine = Engine(new_settings(region, port, account), tempfile.TemporaryFile())
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
    with suppress(BrokenPipeError):  # it has ended already, which whoever waits for it notices
        process.stdin.write(settings.line() + "\n")
        process.stdin.flush()
    return process


def _close(process: subprocess.Popen[str]) -> None:
    for pipe in (process.stdin, process.stdout):
        with suppress(BrokenPipeError):
            if pipe:
                pipe.close()


def _port(process: subprocess.Popen[str], log: IO[bytes]) -> int:
    """Wait for the line that says where it listens; the time limit ends the process, which ends the wait."""
    assert process.stdout
    timer = threading.Timer(START_LIMIT_S, process.kill)
    timer.start()
    line = process.stdout.readline()
    timer.cancel()
    if not line:
        raise EngineError(f"The embedded cloud did not start (exit {process.wait()}): {_said(log)}")
    return int(json.loads(line)["port"])


def _said(log: IO[bytes]) -> str:
    size = log.seek(0, os.SEEK_END)
    log.seek(max(0, size - 2000))
    return log.read().decode(errors="replace")
