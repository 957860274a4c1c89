"""The triggers of the talk. Call one to wire, fire and undo it, alone: `triggers.s3()`; or `fire_all()`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from lambdadeck import tables, witness
from lambdadeck.progress import Progress
from lambdadeck.trigger import Arrival, Fire, Trigger
from lambdadeck.triggers_code import api, cloudwatch_logs, codecommit, eventbridge, sdk
from lambdadeck.triggers_data import dynamodb, kinesis, s3, sns, sqs
from lambdadeck.triggers_web import alexa, api_gateway, cloudfront, cognito, function_url, iot
from lambdadeck.witness import Witness

# The thirteen of 2017 in the talk's order (CloudWatch is two), then the two that came since.
ALL = (api_gateway, iot, alexa, cloudfront, cloudwatch_logs, eventbridge, codecommit, cognito, dynamodb, kinesis, s3, sns,
       sdk, api, sqs, function_url)
CAPTION = "ms: from the user's act to the handler, on this machine. REPLAYED: the documented event, sent by Invoke."
_TROUBLE = (BotoCoreError, ClientError, OSError)  # of a service or of the network; TimeoutError is an OSError


def fire_all(chosen: Sequence[Trigger] = ALL, *, limit_s: float = 10) -> list[Arrival]:
    """Wire all of them to one witness, fire one after the other, undo all: their arrivals, in that order.

    A trigger from which nothing arrives within `limit_s` seconds says so in its arrival, and the others go on.
    """
    with Progress(2 * len(chosen) + 1) as progress, witness.deployed() as function, ExitStack() as stack:
        wired = [_wire(one, function, stack, progress) for one in chosen]
        arrivals = [_fire(one, fire, function, limit_s, progress) for one, fire in zip(chosen, wired, strict=True)]
        progress.step("undoing all of it")
        stack.close()
    return arrivals


def _wire(one: Trigger, function: Witness, stack: ExitStack, progress: Progress) -> Fire | Arrival:
    progress.step(f"wiring {one.name}")
    try:
        return stack.enter_context(one.wired(function))
    except _TROUBLE as error:
        return one.failed(error)


def _fire(one: Trigger, fire: Fire | Arrival, function: Witness, limit_s: float, progress: Progress) -> Arrival:
    progress.step(f"firing {one.name}")
    if isinstance(fire, Arrival):
        return fire
    try:
        return one.fired(fire, function, limit_s)
    except _TROUBLE as error:
        return one.failed(error)


def table(arrivals: Sequence[Arrival]) -> tables.Table:
    """One row an arrival: trigger, what the user did, the event's key fields, milliseconds, how."""
    return tables.table([_row(arrival) for arrival in arrivals], CAPTION)


def _row(arrival: Arrival) -> dict[str, object]:
    return {
        "trigger": arrival.trigger,
        "the user": arrival.did,
        "the event": arrival.seen,
        "ms": "–" if arrival.ms is None else f"{arrival.ms:.0f}",
        "how": arrival.how,
    }


def wait_for_log(function: str, text: str, *, timeout_s: float = 10, client: Any = None) -> str:
    """The first line of the function's log that contains `text`, as soon as it is there.

    TimeoutError, in a sentence, after `timeout_s` seconds. `text` must be new to the log: lines of
    earlier invocations count too.
    """
    client = client or boto3.client("logs")
    line = witness.until(lambda: next(witness.log_lines(function, text, client), None), timeout_s)
    if line is None:
        raise TimeoutError(
            f"No line with {text!r} came into the log of {function} within {timeout_s:g} s. "
            "Is the trigger wired, and may it invoke the function? Run the cell again."
        )
    return line
