"""Event invocations: queued, run, retried twice, then sent to a dead-letter queue or destination.

Source: Lambda developer guide, "How Lambda handles errors and retries with asynchronous
invocation". AWS waits one minute before the first retry and two before the second; here `base_s`
replaces the minute.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from lambdadeck.engine.execution import logs
from lambdadeck.engine.execution.pool import Pool, TooManyRequestsError
from lambdadeck.engine.model import FunctionSpec, Invocation, Outcome

BASE_S = 1.0
THROTTLE_S, THROTTLE_MAX_S = 0.25, 5.0
MAX_AGE_S = 21_600.0
Current = Callable[[], FunctionSpec | None]
Message = tuple[str, str, dict[str, str]]  # target ARN, body, attributes


@dataclass(frozen=True)
class Policy:
    """A function's settings for event invocations; "" means no target."""

    retries: int = 2
    max_age_s: float = MAX_AGE_S
    on_success: str = ""
    on_failure: str = ""
    dead_letter: str = ""


@dataclass(frozen=True)
class EventResult:
    """AWS's condition, number of runs, and the last outcome (None if it never ran)."""

    condition: str
    attempts: int
    outcome: Outcome | None
    spec: FunctionSpec


class EventQueue:
    """Runs event invocations; `current` returns the function at each attempt, None if deleted."""

    def __init__(
        self, pool: Pool, send: Callable[[str, str, dict[str, str]], None], base_s: float = BASE_S
    ) -> None:
        self._pool, self._send, self._base_s = pool, send, base_s
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, current: Current, policy: Policy, invocation: Invocation) -> None:
        """Accept an event; call on the event loop."""
        task = asyncio.get_running_loop().create_task(self._handle(current, policy, invocation))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _handle(self, current: Current, policy: Policy, invocation: Invocation) -> None:
        ended = await self._run(current, policy, invocation)
        for message in messages(ended, policy, invocation) if ended else ():
            try:
                await asyncio.to_thread(self._send, *message)
            except Exception:  # the event is lost, as in AWS
                logging.exception(
                    "Could not send event %s to %s", invocation.request_id, message[0]
                )

    async def _run(
        self, current: Current, policy: Policy, invocation: Invocation
    ) -> EventResult | None:
        begun, attempts, throttles = time.monotonic(), 0, 0
        outcome: Outcome | None = None
        while (spec := current()) is not None:
            if spec.reserved == 0:
                return EventResult("ZeroReservedConcurrency", attempts, outcome, spec)
            try:
                outcome = await self._pool.invoke(spec, invocation)
                attempts += 1
                wait_s = self._base_s * attempts
            except TooManyRequestsError:
                throttles += 1
                wait_s = min(THROTTLE_S * 2 ** (throttles - 1), THROTTLE_MAX_S)
            else:
                if outcome.function_error is None:
                    return EventResult("Success", attempts, outcome, spec)
                if attempts > policy.retries:
                    return EventResult("RetriesExhausted", attempts, outcome, spec)
            if time.monotonic() - begun + wait_s > policy.max_age_s:
                return EventResult("EventAgeExceeded", attempts, outcome, spec)
            await asyncio.sleep(wait_s)
        return None


def messages(ended: EventResult, policy: Policy, invocation: Invocation) -> list[Message]:
    """Return the messages to send."""
    succeeded = ended.condition == "Success"
    target = policy.on_success if succeeded else policy.on_failure
    sent: list[Message] = [(target, record(ended, invocation), {})] if target else []
    if policy.dead_letter and not succeeded:
        sent.append((policy.dead_letter, invocation.event.decode(), _attributes(ended, invocation)))
    return sent


def record(ended: EventResult, invocation: Invocation) -> str:
    """Return the invocation record for a destination."""
    context: dict[str, object] = {
        "requestId": invocation.request_id,
        "condition": ended.condition,
        "functionArn": f"{ended.spec.arn}:{ended.spec.version}",
        "approximateInvokeCount": ended.attempts,
    }
    made: dict[str, object] = {
        "version": "1.0",
        "timestamp": logs.stamp(datetime.now(UTC)),
        "requestContext": context,
        "requestPayload": json.loads(invocation.event or b"null"),
    }
    if ended.outcome:
        response: dict[str, object] = {"statusCode": 200, "executedVersion": ended.spec.version}
        if ended.outcome.function_error:
            response["functionError"] = ended.outcome.function_error
        made |= {"responseContext": response, "responsePayload": _payload(ended.outcome)}
    return json.dumps(made)


def _payload(outcome: Outcome) -> object:
    try:
        return json.loads(outcome.payload or b"null")
    except ValueError:  # a custom runtime may answer anything
        return outcome.payload.decode("utf-8", errors="replace")


def _attributes(ended: EventResult, invocation: Invocation) -> dict[str, str]:
    message = ""
    if ended.outcome and isinstance(payload := _payload(ended.outcome), dict):
        message = str(payload.get("errorMessage", ""))
    return {
        "RequestID": invocation.request_id,
        "ErrorCode": "200",
        "ErrorMessage": message[:1024] or ended.condition,
    }
