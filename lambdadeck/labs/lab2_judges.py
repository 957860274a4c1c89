"""How lab 2's checks find out: events that nobody knows, a clock that runs down, a queue that is read, a runtime of one's own."""

from __future__ import annotations

import json
import secrets
import time
from typing import Any

import boto3

from lambdadeck.labs import probes
from lambdadeck.labs.model import MISS, RIGHT
from lambdadeck.labs.probes import Failed

PATIENCE_S = 30.0
ITEMS = 10_000  # far more than there is time for
UNFIT = (
    {"width": 3},
    {"height": 3},
    {},
    {"width": 0, "height": 5},
    {"width": -2, "height": 3},
    {"width": -2, "height": -3},
)


def area(name: str) -> str:
    """Their function answers fit events, and fails with a ValueError on each unfit one."""
    for width, height in ((secrets.randbelow(90) + 2, secrets.randbelow(90) + 2), (2.5, 4)):
        if (
            probes.field(probes.answered(name, {"width": width, "height": height}), "area")
            != width * height
        ):
            return MISS
    for unfit in UNFIT:
        done = probes.invoked(name, unfit)
        if done.error is None:
            return (
                "swallowed"
                if isinstance(done.payload, dict) and "area" not in done.payload
                else "let-through"
            )
        if done.payload.get("errorType") != "ValueError":
            return "by-accident"
    return RIGHT


def in_time(name: str) -> str:
    """Their function has far too much to do, and little: it must use its time, answer before it ends, and forget nothing."""
    short = probes.answered(name, {"items": 3})
    if (probes.field(short, "done"), probes.field(short, "left")) != (3, 0):
        return MISS
    tried = probes.invoked(name, {"items": ITEMS})
    if tried.error:
        return "timed-out" if "timed out" in tried.error else MISS
    done, left = probes.field(tried.payload, "done"), probes.field(tried.payload, "left")
    if done + left != ITEMS:
        return MISS
    limit_ms = probes.configuration(name)["Timeout"] * 1000
    return "too-early" if tried.report is None or tried.report.duration_ms < limit_ms / 3 else RIGHT


def kept(name: str, queue: str) -> str:
    """An event that fails is really sent: it must be tried once, and then be in the queue."""
    stated = _event_config(name)
    goes = stated.get("DestinationConfig", {})
    arn = _arn(queue)
    if goes.get("OnFailure", {}).get("Destination") != arn:
        return "on-success" if goes.get("OnSuccess", {}).get("Destination") == arn else "nowhere"
    if stated.get("MaximumRetryAttempts") != 0:
        return "retries"
    mark = secrets.token_hex(8)
    boto3.client("lambda").invoke(
        FunctionName=name, InvocationType="Event", Payload=json.dumps({"mark": mark})
    )
    return (
        RIGHT if _received(queue, mark)["requestContext"]["approximateInvokeCount"] == 1 else MISS
    )


def own_runtime(name: str) -> str:
    """Their runtime gets three events in a row; one environment must answer each with itself."""
    if not probes.configuration(name)["Runtime"].startswith("provided"):
        return "not-yours"
    asked = [
        {"name": secrets.token_hex(4)},
        {"numbers": [secrets.randbelow(99), 2.5], "no": None},
        "just text",
    ]
    done = [probes.invoked(name, event) for event in asked]
    if done[0].error:
        raise Failed(
            f"Your runtime did not answer the first event: {done[0].error}. Its log is in functions.invoke({name!r}).log."
        )
    if any(each.error for each in done):
        return "once"
    if sum(each.report is not None and each.report.cold for each in done) > 1:
        return "once"
    return (
        RIGHT
        if [each.payload for each in done] == [{"you said": event} for event in asked]
        else MISS
    )


def _event_config(name: str) -> dict[str, Any]:
    client = boto3.client("lambda")
    try:
        return dict(client.get_function_event_invoke_config(FunctionName=name))
    except client.exceptions.ResourceNotFoundException:
        return {}


def _arn(queue: str) -> str:
    attributes = boto3.client("sqs").get_queue_attributes(
        QueueUrl=queue, AttributeNames=["QueueArn"]
    )["Attributes"]
    return str(attributes["QueueArn"])


def _received(queue: str, mark: str) -> dict[str, Any]:
    """The record of the event with this mark; others stay in the queue. Failed when it does not come in time."""
    client, until = boto3.client("sqs"), time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        for message in client.receive_message(
            QueueUrl=queue, WaitTimeSeconds=1, VisibilityTimeout=0
        ).get("Messages", []):
            record = json.loads(message["Body"])
            if mark in json.dumps(record.get("requestPayload")):
                client.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                return dict(record)
    raise Failed(
        f"The check sent an event that fails, and nothing of it was in the queue after {PATIENCE_S:.0f} seconds."
    )
