"""The checks of lab 2: unpredictable events, a clock that runs down, a queue, a custom runtime."""

import json
import secrets
import time
from typing import Any

import boto3

from lambdadeck.labs import probes
from lambdadeck.labs.model import MISS, RIGHT
from lambdadeck.labs.probes import NotTestedError

PATIENCE_S = 30.0
ITEMS = 10_000  # far more than there is time for
INVALID: tuple[dict[str, int], ...] = (
    {"width": 3},
    {"height": 3},
    {},
    {"width": 0, "height": 5},
    {"width": -2, "height": 3},
    {"width": -2, "height": -3},
)


def area(name: str) -> str:
    """Send valid events, then invalid ones, each of which must fail with a ValueError."""
    for width, height in ((secrets.randbelow(90) + 2, secrets.randbelow(90) + 2), (2.5, 4)):
        answer = probes.answered(name, {"width": width, "height": height})
        if probes.field(answer, "area") != width * height:
            return MISS
    for event in INVALID:
        done = probes.invoked(name, event)
        if done.error is None:
            told = isinstance(done.payload, dict) and "area" not in done.payload
            return "swallowed" if told else "let-through"
        if done.payload.get("errorType") != "ValueError":
            return "by-accident"
    return RIGHT


def in_time(name: str) -> str:
    """Send little work, then too much: their function must use its time, but return in time."""
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
    """Send an event that fails: it must be tried once, and then be in the queue."""
    config = _event_config(name)
    goes = config.get("DestinationConfig", {})
    arn = _arn(queue)
    if goes.get("OnFailure", {}).get("Destination") != arn:
        return "on-success" if goes.get("OnSuccess", {}).get("Destination") == arn else "nowhere"
    if config.get("MaximumRetryAttempts") != 0:
        return "retries"
    mark = secrets.token_hex(8)
    payload = json.dumps({"mark": mark})
    boto3.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=payload)
    tries = _received(queue, mark)["requestContext"]["approximateInvokeCount"]
    return RIGHT if tries == 1 else MISS


def own_runtime(name: str) -> str:
    """Send three events in a row; one environment must return each of them."""
    if not probes.configuration(name)["Runtime"].startswith("provided"):
        return "not-yours"
    numbers = {"numbers": [secrets.randbelow(99), 2.5], "no": None}
    events = [{"name": secrets.token_hex(4)}, numbers, "just text"]
    done = [probes.invoked(name, event) for event in events]
    if done[0].error:
        raise NotTestedError(
            f"Your runtime did not answer the first event: {done[0].error}. "
            f"Its log is in functions.invoke({name!r}).log."
        )
    cold_starts = sum(each.report is not None and each.report.cold for each in done)
    if cold_starts > 1 or any(each.error for each in done):
        return "once"
    said = [{"you said": event} for event in events]
    return RIGHT if [each.payload for each in done] == said else MISS


def _event_config(name: str) -> dict[str, Any]:
    client = boto3.client("lambda")
    try:
        return dict(client.get_function_event_invoke_config(FunctionName=name))
    except client.exceptions.ResourceNotFoundException:
        return {}


def _arn(queue: str) -> str:
    client = boto3.client("sqs")
    answer = client.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    return str(answer["Attributes"]["QueueArn"])


def _received(queue: str, mark: str) -> dict[str, Any]:
    """Return the record of the event with this mark; leave others in the queue."""
    client, until = boto3.client("sqs"), time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        answer = client.receive_message(QueueUrl=queue, WaitTimeSeconds=1, VisibilityTimeout=0)
        for message in answer.get("Messages", []):
            record = json.loads(message["Body"])
            if mark in json.dumps(record.get("requestPayload")):
                client.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                return dict(record)
    raise NotTestedError(
        f"The check sent an event that fails, and it was not in the queue after {PATIENCE_S:.0f} s."
    )
