"""Functions from a few lines of source, on an engine that a test may break as it likes."""

from __future__ import annotations

import base64
import io
import itertools
import json
import os
import re
import textwrap
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import psutil
from botocore.config import Config

from lambdadeck.engine import Engine

ROLE = "arn:aws:iam::000000000000:role/test"
# A function's process says who it is: its id, and the namespace that this id belongs to.
WHO = """import os
def who(pid=None):
    space = f"/proc/{pid or os.getpid()}/ns/pid"
    return [pid or os.getpid(), os.readlink(space) if os.path.lexists(space) else ""]
"""
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Called:
    """What an Invoke came to."""

    status: int
    payload: Any
    error: str | None
    log: str

    @property
    def report(self) -> str:
        return self.log.rstrip("\n").rsplit("\n", 1)[-1]


def zipped(files: dict[str, str | bytes]) -> bytes:
    """Return a zip with these files, the same bytes at every call: tests are named by them."""
    blob = io.BytesIO()
    with zipfile.ZipFile(blob, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            script = content.startswith("#!" if isinstance(content, str) else b"#!")
            entry.external_attr = (0o700 if script else 0o600) << 16
            archive.writestr(entry, content)
    return blob.getvalue()


class Lambdas:
    """Makes and calls functions on an engine, with plain boto3 that retries nothing."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.client = self.boto("lambda")

    def boto(self, service: str, endpoint: str = "", **config: Any) -> Any:
        deck = self.engine.settings.deck
        return boto3.client(
            service,
            endpoint_url=endpoint or self.engine.endpoint,
            region_name=self.engine.settings.region,
            aws_access_key_id=deck.access_key,
            aws_secret_access_key=deck.secret_key,
            config=Config(retries={"max_attempts": 0}, **config),
        )

    def make(
        self,
        source: str,
        *,
        runtime: str = "python3.13",
        handler: str = "app.handler",
        name: str = "",
        **config: Any,
    ) -> str:
        """Create a function of one file, and return its name."""
        name = name or f"test-{next(_numbers)}"
        code = zipped(
            {"app.py": textwrap.dedent(source)}
            | ({"who.py": WHO} if "who import" in source else {})
        )
        self.client.create_function(
            FunctionName=name,
            Runtime=runtime,
            Handler=handler,
            Role=ROLE,
            Code={"ZipFile": code},
            **config,
        )
        return name

    def call(self, name: str, event: Any = None, **options: Any) -> Called:
        """Invoke and read everything."""
        answer = self.client.invoke(
            FunctionName=name, Payload=json.dumps(event), LogType="Tail", **options
        )
        body = answer["Payload"].read()
        log = base64.b64decode(answer.get("LogResult", "")).decode()
        return Called(
            answer["StatusCode"],
            json.loads(body) if body else None,
            answer.get("FunctionError"),
            log,
        )

    def log(self, name: str) -> list[str]:
        """Every line of the function's log group, oldest first."""
        pages = (
            self.boto("logs")
            .get_paginator("filter_log_events")
            .paginate(logGroupName=f"/aws/lambda/{name}")
        )
        return [event["message"] for page in pages for event in page["events"]]

    def streams(self, name: str) -> list[str]:
        answer = self.boto("logs").describe_log_streams(logGroupName=f"/aws/lambda/{name}")
        return [stream["logStreamName"] for stream in answer["logStreams"]]


def open_to_all(client: Any, name: str, **qualifier: str) -> None:
    """Add the permission that a URL without authentication needs."""
    client.add_permission(
        FunctionName=name,
        StatementId="anyone",
        Principal="*",
        Action="lambda:InvokeFunctionUrl",
        FunctionUrlAuthType="NONE",
        **qualifier,
    )


def processes(who: list[Any]) -> list[psutil.Process]:
    """Return the process that has said who it is, as seen from here; none if it has ended."""
    return [process for process in psutil.process_iter() if _is(process.pid, *who)]


def _is(pid: int, inside: int, space: str) -> bool:
    if not space:  # macOS
        return pid == inside
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        here = re.findall(r"^NSpid:.*\t(\d+)$", status, re.MULTILINE) == [str(inside)]
        return here and os.readlink(f"/proc/{pid}/ns/pid") == space
    except OSError:  # it has ended, or is another user's
        return False


def wait_until(true: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Wait for what no event tells; fails when it has not come true in time."""
    until = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.01)
