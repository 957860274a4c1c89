"""The witness: a function that writes each event it gets into its own log, where this side finds it again."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import boto3

from lambdadeck import functions

Found = TypeVar("Found")
_POLL_S = 0.03  # CloudWatch Logs tells nobody when a line arrives: ask
_CLOCKS_S = 60  # how far the clocks of two machines may be apart


@dataclass(frozen=True)
class Sighting:
    """An event as the function got it, and when: seconds since 1970, by the function's clock."""

    event: Any
    at_s: float


@dataclass(frozen=True)
class Witness:
    """A deployed witness, by function name and ARN."""

    name: str
    arn: str

    def sighting(
        self, mark: str, since_s: float, read: Callable[[Any], Any], client: Any = None
    ) -> Sighting | None:
        """The event that holds `mark` once `read` has decoded it, if the log has it by now.

        `since_s` (seconds since 1970) spares the log's older lines.
        """
        client = client or boto3.client("logs")
        since_ms = int((since_s - _CLOCKS_S) * 1000)
        for line in log_lines(self.name, "EVENT", client, startTime=since_ms):
            _, at_ms, event = line.split(" ", 2)
            if mark in json.dumps(read(json.loads(event))):
                return Sighting(json.loads(event), float(at_ms) / 1000)
        return None


@contextmanager
def deployed() -> Iterator[Witness]:
    """A witness of its own name, warm, for as long as the block runs; then function and log are deleted."""
    name = f"lambda-live-{uuid.uuid4().hex[:12]}"
    try:
        arn = functions.deploy(name, functions.FUNCTIONS / "witness", timeout_s=10)
        functions.invoke(name)  # so that no trigger's time has this cold start in it
        yield Witness(name, arn)
    finally:
        functions.remove(name)
        _delete_log(name)


def log_lines(function: str, text: str, client: Any, **limits: Any) -> Iterator[str]:
    """The lines of the function's log that contain `text`; none while there is no log."""
    pages = client.get_paginator("filter_log_events")
    try:
        for page in pages.paginate(logGroupName=_group(function), filterPattern=f'"{text}"', **limits):
            yield from (event["message"].rstrip("\n") for event in page["events"] if text in event["message"])
    except client.exceptions.ResourceNotFoundException:
        return  # the log group comes with the function's first line


def until(find: Callable[[], Found | None], limit_s: float) -> Found | None:
    """What `find` returns as soon as it is not None; None once `limit_s` seconds have passed."""
    deadline = time.monotonic() + limit_s
    pause = threading.Event()
    while (found := find()) is None and time.monotonic() < deadline:
        pause.wait(_POLL_S)
    return found


def _delete_log(function: str) -> None:
    client = boto3.client("logs")
    try:
        client.delete_log_group(logGroupName=_group(function))
    except client.exceptions.ResourceNotFoundException:
        return  # it never wrote a line


def _group(function: str) -> str:
    return f"/aws/lambda/{function}"
