"""The recorder: a function that logs each event it gets, so that this side can read it."""

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import boto3

from lambdadeck import aws, functions
from lambdadeck.triggers.cleanup import CleanUp

Found = TypeVar("Found")
_POLL_S = (0.03, 0.5)  # first and longest pause: CloudWatch Logs announces no line
_LOOKS = 3  # at the function's clock
_CLOCKS_S = 60  # how far the clocks of two machines may be apart


@dataclass(frozen=True)
class Sighting:
    """An event as the function got it, and when: seconds since 1970, by this machine's clock."""

    event: Any
    at_s: float


@dataclass(frozen=True)
class Recorder:
    """A deployed recorder: function name, ARN, and boto3's client for its log.

    `ahead_s` is how many seconds its clock is ahead of this machine's; LOCAL has only one clock.
    """

    name: str
    arn: str
    logs: Any
    ahead_s: float = 0.0

    def sighting(self, mark: str, since_s: float, read: Callable[[Any], Any]) -> Sighting | None:
        """Return the logged event that holds `mark` once `read` has decoded it; None if missing.

        `since_s` (seconds since 1970) spares the log's older lines.
        """
        since_ms = int((since_s + self.ahead_s - _CLOCKS_S) * 1000)
        for line in log_lines(self.name, "EVENT", self.logs, startTime=since_ms):
            seen = Sighting(event(line), _at_s(line) - self.ahead_s)
            if mark in json.dumps(read(seen.event)):
                return seen
        return None


def event(line: str) -> Any:
    """Return the event in a line "EVENT milliseconds JSON"; raise ValueError for other lines."""
    kind, _, text = line.split(" ", 2)
    if kind != "EVENT":
        raise ValueError(
            f"A recorder's line begins with EVENT, not with {kind!r}: is this function a recorder?"
        )
    return json.loads(text)


def _at_s(line: str) -> float:
    return float(line.split(" ", 2)[1]) / 1000


@contextmanager
def deployed(failures: list[str] | None = None) -> Iterator[Recorder]:
    """Deploy a warm recorder under a new name, and delete function and log after the block.

    What cannot be deleted goes into `failures`; without that list, NotRemovedError is raised.
    """
    name, logs = f"lambda-live-{uuid.uuid4().hex[:12]}", boto3.client("logs")
    with CleanUp("the recorder", failures) as clean_up:
        clean_up.undo(_delete_log, function=name, client=logs)
        clean_up.undo(functions.remove, name=name)
        arn = functions.deploy(name, functions.FUNCTIONS / "recorder", timeout_s=10)
        functions.invoke(name)  # so that no trigger's time has this cold start in it
        yield Recorder(name, arn, logs, _ahead_s(name) if aws.asked() else 0.0)


def _ahead_s(name: str) -> float:
    """Return the clock difference by the fastest of a few calls: off by half its time at most."""
    return min(_look(name) for _ in range(_LOOKS))[1]


def _look(name: str) -> tuple[float, float]:
    began_s = time.time()
    answer = functions.invoke(name)
    line = next(line for line in answer.log.splitlines() if line.startswith("EVENT "))
    return answer.wall_ms, _at_s(line) - (began_s + answer.wall_ms / 2000)


def log_lines(function: str, text: str, client: Any, **limits: Any) -> Iterator[str]:
    """Yield the lines of the function's log that contain `text`; nothing while there is no log."""
    pages = client.get_paginator("filter_log_events")
    wanted = {"logGroupName": _group(function), "filterPattern": f'"{text}"', **limits}
    try:
        for page in pages.paginate(**wanted):
            messages = (each["message"].rstrip("\n") for each in page["events"])
            yield from (message for message in messages if text in message)
    except client.exceptions.ResourceNotFoundException:
        return  # the log group comes with the function's first line


def until(find: Callable[[], Found | None], limit_s: float) -> Found | None:
    """Call `find` until it returns something, and return that; None after `limit_s` seconds."""
    deadline = time.monotonic() + limit_s
    pause, (pause_s, longest_s) = threading.Event(), _POLL_S
    while (found := find()) is None and (left_s := deadline - time.monotonic()) > 0:
        pause.wait(min(pause_s, left_s))
        pause_s = min(pause_s * 1.5, longest_s)
    return found


def _delete_log(function: str, client: Any) -> None:
    with suppress(client.exceptions.ResourceNotFoundException):  # it never wrote a line
        client.delete_log_group(logGroupName=_group(function))


def _group(function: str) -> str:
    return f"/aws/lambda/{function}"
