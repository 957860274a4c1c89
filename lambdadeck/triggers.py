"""What a trigger made a function do, read from the function's own log."""

from __future__ import annotations

import threading
import time
from typing import Any

import boto3

_POLL_S = 0.05  # CloudWatch Logs tells nobody when a line arrives: ask


def wait_for_log(
    function: str, text: str, *, timeout_s: float = 10, client: Any = None
) -> str:
    """The first line of the function's log that contains `text`, as soon as it is there.

    TimeoutError, in a sentence, after `timeout_s` seconds. `text` must be new to the log: lines of
    earlier invocations count too.
    """
    client = client or boto3.client("logs")
    deadline = time.monotonic() + timeout_s
    pause = threading.Event()
    while (line := _find(client, function, text)) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(
                f"No line with {text!r} came into the log of {function} within {timeout_s:g} s. "
                "Is the trigger wired, and may it invoke the function? Run the cell again."
            )
        pause.wait(_POLL_S)
    return line


def _find(client: Any, function: str, text: str) -> str | None:
    group = f"/aws/lambda/{function}"
    pages = client.get_paginator("filter_log_events")
    try:
        for page in pages.paginate(logGroupName=group, filterPattern=f'"{text}"'):
            for event in page["events"]:
                if text in event["message"]:
                    return event["message"].rstrip("\n")
    except client.exceptions.ResourceNotFoundException:
        return None  # the group comes with the function's first line
    return None
