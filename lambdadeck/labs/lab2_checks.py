"""The checks of lab 2: unpredictable events, a clock that runs down, a queue, a custom runtime."""

import json
import secrets
import time
from contextlib import suppress
from typing import Any

import boto3

from lambdadeck.functions import InvokeResult
from lambdadeck.labs import copies, probes
from lambdadeck.labs.model import MISS, RIGHT, Judgment, Phrase
from lambdadeck.labs.probes import NotTestedError

PATIENCE_S = 30.0
ITEMS = 10_000  # far more than there is time for
INVALID: tuple[dict[str, float], ...] = (
    {"width": 3},
    {"height": 3},
    {},
    {"width": 0, "height": 5},
    {"width": 5, "height": 0},
    {"width": -2, "height": 3},
    {"width": 3, "height": -0.5},
    {"width": -2, "height": -3},
)
_ERROR = Phrase("a ValueError")


def area(name: str) -> str:
    """Send valid events, then invalid ones, each of which must fail with a ValueError."""
    random = (secrets.randbelow(90) + 2, secrets.randbelow(90) + 2)
    for width, height in (random, (2.5, 4), (1, 1), (0.25, 8)):
        event = {"width": width, "height": height}
        answer = probes.answered(name, event)
        if probes.field(answer, "area") != width * height:
            return probes.missed(MISS, name, event, answer, {"area": width * height})
    done = [(invalid, probes.invoked(name, invalid)) for invalid in INVALID]
    accidents = [
        invalid
        for invalid, result in done
        if result.error and result.payload.get("errorType") != "ValueError"
    ]
    if accidents and (wrong := _accident(name, accidents)):
        return wrong
    for invalid, result in done:
        if result.error is None:
            has_area = isinstance(result.payload, dict) and "area" in result.payload
            outcome = "let-through" if has_area else "swallowed"
            return probes.missed(outcome, name, invalid, result.payload, _ERROR)
    return RIGHT


def _accident(name: str, events: list[dict[str, float]]) -> str:
    """Return the first error that is no ValueError, nor of a class below it."""
    with copies.copied(name, copies.AS_VALUE_ERROR) as copy:
        for event in events:
            done = probes.invoked(copy, event)
            if not isinstance(done.payload, dict) or done.payload.get("errorType") != "ValueError":
                return probes.missed("by-accident", name, event, done.error, _ERROR)
    return ""


def in_time(name: str) -> str:
    """Send little work, then too much, with two limits: it must use its time, and return."""
    for items in (0, 3):
        short = probes.answered(name, {"items": items})
        if (probes.field(short, "done"), probes.field(short, "left")) != (items, 0):
            expected = {"done": items, "left": 0}
            return probes.missed(MISS, name, {"items": items}, short, expected)
    for limit_s, least_ms in ((1, 0), (3, 1800)):
        with probes.reconfigured(name, Timeout=limit_s):
            if wrong := _batch(name, limit_s, least_ms):
                return wrong
    return RIGHT


def _batch(name: str, limit_s: int, least_ms: float) -> str:
    event = {"items": ITEMS}
    block = f"probes.reconfigured({name!r}, Timeout={limit_s})"
    cell = probes.inside(block, f"print({probes.source('functions.invoke', name, event)})")
    tried = probes.invoked(name, event)
    if _is_late(tried, limit_s):  # a busy machine may take half a second from anyone
        tried = probes.invoked(name, event)
    if tried.error or _is_late(tried, limit_s):
        outcome = "timed-out" if _is_late(tried, limit_s) else MISS
        got = tried.error or Phrase(f"an answer after {_took_ms(tried):.0f} ms")
        return Judgment(outcome, cell, got, Phrase("an answer in time"))
    done, left = probes.field(tried.payload, "done"), probes.field(tried.payload, "left")
    if done + left != ITEMS:
        wanted = Phrase(f"done and left that add up to {ITEMS}")
        return Judgment(MISS, cell, tried.payload, wanted)
    if (took_ms := _took_ms(tried)) < least_ms:
        wanted = Phrase(f"work until shortly before its time is up, {least_ms:.0f} ms at least")
        return Judgment("too-early", cell, Phrase(f"{done} done in {took_ms:.0f} ms"), wanted)
    return ""


def _is_late(tried: InvokeResult, limit_s: int) -> bool:
    """Return whether its time was up; a busy machine may stop it a moment later."""
    return "timed out" in (tried.error or "") or _took_ms(tried) >= limit_s * 1000


def _took_ms(tried: InvokeResult) -> float:
    return tried.report.duration_ms if tried.report else 0


def kept(name: str, queue: str) -> str:
    """Send an event that fails: it must be tried once, and then be in the queue."""
    arn = _arn(queue)
    probes.configuration(name)  # raises NotTestedError if there is no such function
    qualifier, config = _event_config(name, arn)
    goes = config.get("DestinationConfig", {})
    if _target(config, "OnFailure") != arn:
        on_success = _target(config, "OnSuccess") == arn
        return _stated("on-success" if on_success else "nowhere", name, goes, arn)
    if config.get("MaximumRetryAttempts") != 0:
        return _stated("retries", name, config.get("MaximumRetryAttempts"), 0)
    mark = secrets.token_hex(8)
    boto3.client("lambda").invoke(
        FunctionName=name,
        InvocationType="Event",
        Payload=json.dumps({"mark": mark}),
        **({"Qualifier": qualifier} if qualifier else {}),
    )
    tries = _received(queue, mark)["requestContext"]["approximateInvokeCount"]
    return RIGHT if tries == 1 else _stated(MISS, name, f"{tries} tries", Phrase("one try"))


def _stated(outcome: str, name: str, got: object, expected: object) -> Judgment:
    call = f"client.get_function_event_invoke_config(FunctionName={name!r})"
    return Judgment(outcome, call, got, expected)


def own_runtime(name: str) -> str:
    """Send events in a row; one environment must return each of them."""
    runtime = probes.configuration(name)["Runtime"]
    if not runtime.startswith("provided"):
        call = f"client.get_function_configuration(FunctionName={name!r})['Runtime']"
        return Judgment("not-yours", call, runtime, "provided.al2023")
    odd = {"text": 'half: 50 % of "it" \\ été', "empty": []}
    numbers = {"numbers": [secrets.randbelow(99), 2.5], "no": None}
    events = [{"name": secrets.token_hex(4)}, numbers, "just text", odd, numbers, [1, 2]]
    done = [probes.invoked(name, event) for event in events]
    if any("timed out" in (each.error or "") for each in done):  # on a busy machine
        done = [probes.invoked(name, event) for event in events]
    if done[0].error:
        raise NotTestedError(
            f"Your runtime did not answer the first event: {done[0].error}. "
            f"Its log is in functions.invoke({name!r}).log."
        )
    for event, each in zip(events, done, strict=True):
        expected, is_cold = {"you said": event}, each.report is not None and each.report.cold
        if each.error or (is_cold and each is not done[0]):
            got = each.error or "a cold start: the process before it had ended"
            cell = f"functions.invoke({name!r}, {event!r})\nfunctions.invoke({name!r}, {event!r})"
            return Judgment("once", cell, Phrase(got), Phrase(f"{expected}, warm"))
        if each.payload != expected:
            return probes.missed(MISS, name, event, each.payload, expected)
    return RIGHT


def _event_config(name: str, arn: str) -> tuple[str, dict[str, Any]]:
    """Return qualifier and configuration of asynchronous calls, best one that names the queue."""
    client, found = boto3.client("lambda"), []
    for qualifier in ("", "$LATEST"):  # the same for AWS, and two for the embedded Lambda
        which = {"Qualifier": qualifier} if qualifier else {}
        with suppress(client.exceptions.ResourceNotFoundException):
            config = client.get_function_event_invoke_config(FunctionName=name, **which)
            found.append((qualifier, dict(config)))
    return max(found, key=lambda each: _target(each[1], "OnFailure") == arn, default=("", {}))


def _target(config: dict[str, Any], kind: str) -> str:
    return str(config.get("DestinationConfig", {}).get(kind, {}).get("Destination", ""))


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
