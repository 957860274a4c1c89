"""The triggers of the talk: `triggers.s3()` wires, fires and undoes one, `fire_all()` all."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from lambdadeck import aws
from lambdadeck.shared.progress import ProgressBar
from lambdadeck.shared.table import Bars, Table
from lambdadeck.triggers import recorder
from lambdadeck.triggers.base import Arrival, Trigger
from lambdadeck.triggers.data import dynamodb, kinesis, s3, sns, sqs
from lambdadeck.triggers.data import new_bucket as new_bucket
from lambdadeck.triggers.operations import api, cloudwatch_logs, codecommit, eventbridge, sdk
from lambdadeck.triggers.queues import queues as queues
from lambdadeck.triggers.web import alexa, api_gateway, cloudfront, cognito, function_url, iot
from lambdadeck.triggers.web import opened as opened

Result = TypeVar("Result")
# The thirteen of 2017 in the talk's order (CloudWatch is two), then the two that came since.
ALL = (
    api_gateway,
    iot,
    alexa,
    cloudfront,
    cloudwatch_logs,
    eventbridge,
    codecommit,
    cognito,
    dynamodb,
    kinesis,
    s3,
    sns,
    sdk,
    api,
    sqs,
    function_url,
)
_HEADERS = ("trigger", "the user", "the event", "to the handler")
CAPTION = "ms: from the user's action to the handler. REPLAYED: a documented event, sent by Invoke."
_ERRORS = (BotoCoreError, ClientError, OSError)  # services, network; TimeoutError is an OSError


def fire_all(chosen: Sequence[Trigger] = ALL, *, limit_s: float | None = None) -> list[Arrival]:
    """Wire all triggers to one recorder, fire one after the other, undo all; return the arrivals.

    If nothing arrives within `limit_s` seconds (10, on AWS 60), the arrival says so, and the others
    go on. What cannot be removed is a warning of its arrival; the recorder's is the last one's.
    """
    limit_s = aws.limit_s(10) if limit_s is None else limit_s
    failures: list[list[str]] = [[] for _ in chosen]
    with ProgressBar(2 * len(chosen) + 2) as progress, ExitStack() as stack:
        progress.step("deploying the recorder")
        function = stack.enter_context(recorder.deployed(failures[-1] if failures else None))
        wired = []
        for one, failed in zip(chosen, failures, strict=True):
            progress.step(f"wiring {one.name}")
            wiring = one.wired(function, failed)
            wired.append(_unless_it_fails(one, partial(stack.enter_context, wiring)))
        arrivals = []
        for one, fire in zip(chosen, wired, strict=True):
            progress.step(f"firing {one.name}")
            if not isinstance(fire, Arrival):
                fire = _unless_it_fails(one, partial(one.fired, fire, function, limit_s))
            arrivals.append(fire)
        progress.step("undoing all of it")
    told = zip(arrivals, failures, strict=True)
    return [replace(one, warning=" ".join(failed)) for one, failed in told]


def _unless_it_fails(one: Trigger, step: Callable[[], Result]) -> Result | Arrival:
    """Take a step of a trigger; return the failed arrival if AWS or the network refuses."""
    try:
        return step()
    except _ERRORS as error:
        return one.failed(error)


def table(arrivals: Sequence[Arrival], where: str = "this machine", number: str = "") -> Table:
    """Tabulate arrivals: trigger, what the user did, the event's key fields, milliseconds and how.

    The caption ends with the warnings of the arrivals, the slide's title with `number`.
    """
    rows = [(one.trigger, one.did, one.seen, _how(one)) for one in arrivals]
    parts = [
        [(one.ms, "replayed" if one.replayed else "handler")] if one.ms else [] for one in arrivals
    ]
    caption = " ".join([f"{where} · {CAPTION}", *(one.warning for one in arrivals if one.warning)])
    bold, bars = ("REPLAYED", "FAILED"), Bars(_HEADERS[-1], parts, steps=1)
    return Table(_HEADERS, rows, caption, number=number, bold=bold, bars=bars)


def _how(one: Arrival) -> str:
    return one.how if one.ms is None else f"{one.ms:.0f} ms {one.how}"


def wait_for_event(function: str, text: str) -> Any:
    """Return the recorder's first event that contains `text`, as `wait_for_log` finds it."""
    return recorder.event(wait_for_log(function, text))


def wait_for_log(function: str, text: str, *, timeout_s: float | None = None) -> str:
    """Return the first line of the function's log that contains `text`, as soon as it is there.

    Raise TimeoutError after `timeout_s` seconds (10, on AWS 60). `text` must be new to the log:
    lines of earlier invocations count too.
    """
    client = boto3.client("logs")
    timeout_s = aws.limit_s(10) if timeout_s is None else timeout_s
    line = recorder.until(lambda: next(recorder.log_lines(function, text, client), None), timeout_s)
    if line is None:
        raise TimeoutError(
            f"No line with {text!r} came into the log of {function} within {timeout_s:g} s. "
            "Is the trigger wired, and may it invoke the function? Run the cell again."
        )
    return line


def log(function: str, text: str, lines: int) -> str:
    """Return the first `lines` lines of the function's log that contain `text`, once all are there.

    Raise TimeoutError after 10 seconds (on AWS 60).
    """
    client, limit_s = boto3.client("logs"), aws.limit_s(10)

    def found() -> list[str] | None:
        seen = list(recorder.log_lines(function, text, client))
        return seen[:lines] if len(seen) >= lines else None

    seen = recorder.until(found, limit_s)
    if seen is None:
        raise TimeoutError(
            f"Fewer than {lines} lines with {text!r} came into the log of {function} within "
            f"{limit_s:g} s. Run the cell again."
        )
    return "\n".join(seen)
