"""The triggers of the talk. Call one to wire, fire and undo it, alone: `triggers.s3()`; or `fire_all()`."""

from __future__ import annotations

import html
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from lambdadeck import aws, tables
from lambdadeck.shared.progress import Progress
from lambdadeck.triggers import recorder
from lambdadeck.triggers.base import Arrival, Fire, Trigger
from lambdadeck.triggers.data import dynamodb, kinesis, s3, sns, sqs
from lambdadeck.triggers.operations import api, cloudwatch_logs, codecommit, eventbridge, sdk
from lambdadeck.triggers.recorder import Witness
from lambdadeck.triggers.web import (
    alexa,
    api_gateway,
    cloudfront,
    cognito,
    function_url,
    iot,
    opened,  # for cells
)

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
CAPTION = "ms: from the user's act to the handler. REPLAYED: the documented event, sent by Invoke."
_TROUBLE = (
    BotoCoreError,
    ClientError,
    OSError,
)  # of a service or of the network; TimeoutError is an OSError


def fire_all(chosen: Sequence[Trigger] = ALL, *, limit_s: float | None = None) -> list[Arrival]:
    """Wire all of them to one witness, fire one after the other, undo all: their arrivals, in that order.

    A trigger from which nothing arrives within `limit_s` seconds (10, on AWS 60) says so in its arrival, and the others
    go on.
    """
    limit_s = aws.limit_s(10) if limit_s is None else limit_s
    with ExitStack() as stack:
        progress = stack.enter_context(Progress(2 * len(chosen) + 2))
        progress.step("deploying a witness")
        function = stack.enter_context(recorder.deployed())
        wired = [_wire(one, function, stack, progress) for one in chosen]
        arrivals = [
            _fire(one, fire, function, limit_s, progress)
            for one, fire in zip(chosen, wired, strict=True)
        ]
        progress.step("undoing all of it")
        stack.close()
    return arrivals


def _wire(one: Trigger, function: Witness, stack: ExitStack, progress: Progress) -> Fire | Arrival:
    progress.step(f"wiring {one.name}")
    try:
        return stack.enter_context(one.wired(function))
    except _TROUBLE as error:
        return one.failed(error)


def _fire(
    one: Trigger, fire: Fire | Arrival, function: Witness, limit_s: float, progress: Progress
) -> Arrival:
    progress.step(f"firing {one.name}")
    if isinstance(fire, Arrival):
        return fire
    try:
        return one.fired(fire, function, limit_s)
    except _TROUBLE as error:
        return one.failed(error)


def table(arrivals: Sequence[Arrival], where: str = "this machine") -> tables.Table:
    """One row an arrival: trigger, what the user did, the event's key fields, milliseconds, how."""
    rows = [
        (one.trigger, one.did, one.seen, "–" if one.ms is None else f"{one.ms:.0f}", one.how)
        for one in arrivals
    ]
    return _Dense(("trigger", "the user", "the event", "ms", "how"), rows, f"{where} · {CAPTION}")


@dataclass(frozen=True)
class _Dense(tables.Table):
    """A table of so many rows that each must be one line: set as small as a slide allows."""

    def _repr_html_(self) -> str:
        head = "".join(_cell(name, name, "", "col") for name in self.headers)
        body = "".join(
            f"<tr>{''.join(_cell(text, name, row[-1]) for name, text in zip(self.headers, row, strict=True))}</tr>"
            for row in self.rows
        )
        size = "font-size: calc(20px * var(--k, 0.7)); line-height: 1.2"
        return (
            f'<div style="{size}"><table style="width: 100%; {size}"><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table>{html.escape(self.caption)}</div>"
        )


def _cell(text: str, column: str, how: str, scope: str = "") -> str:
    """One cell, a heading with scope or in the first column; only a failure's sentence may take more than one line."""
    scope = scope or ("row" if column == "trigger" else "")
    tag, mark = ("th", f' scope="{scope}"') if scope else ("td", "")
    side = "right" if column == "ms" else "left"
    weight = "bold" if scope or text in ("REPLAYED", "FAILED") else "normal"
    wrap = "normal" if how == "FAILED" else "nowrap"
    gap = "0" if column == "how" else "0 0.7em 0 0"
    look = f"padding: {gap}; text-align: {side}; font-weight: {weight}; white-space: {wrap}"
    return f'<{tag}{mark} style="{look}">{html.escape(text)}</{tag}>'


def wait_for_event(
    function: str, text: str, *, timeout_s: float | None = None, client: Any = None
) -> Any:
    """The first event with `text` in it that the witness, deployed under this name, wrote down; as `wait_for_log`."""
    line = wait_for_log(function, text, timeout_s=timeout_s, client=client)
    return recorder.event(line)


def wait_for_log(
    function: str, text: str, *, timeout_s: float | None = None, client: Any = None
) -> str:
    """The first line of the function's log that contains `text`, as soon as it is there.

    TimeoutError, in a sentence, after `timeout_s` seconds (10, on AWS 60). `text` must be new to the log: lines of
    earlier invocations count too.
    """
    client = client or boto3.client("logs")
    timeout_s = aws.limit_s(10) if timeout_s is None else timeout_s
    line = recorder.until(lambda: next(recorder.log_lines(function, text, client), None), timeout_s)
    if line is None:
        raise TimeoutError(
            f"No line with {text!r} came into the log of {function} within {timeout_s:g} s. "
            "Is the trigger wired, and may it invoke the function? Run the cell again."
        )
    return line
