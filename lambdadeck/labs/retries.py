"""The check of lab 3's retry: a call that is refused on purpose, and then the real function."""

import gc
import json
import math
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from statistics import mean, pstdev
from typing import Any

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError

from lambdadeck.labs import calls, probes
from lambdadeck.labs.model import MISS, RIGHT, Judgment, Phrase

ATTEMPTS = 8  # what the lab asks a patient caller to make
THROTTLED, UNKNOWN = "TooManyRequestsException", "ResourceNotFoundException"
_STATUS = {THROTTLED: 429, UNKNOWN: 404}
_ENOUGH = 100  # attempts after which a retry counts as endless
_CALLERS = 30  # at most, at the real function
_RUNS = 400  # of a retry: the mean of its random waits is then known to some percent
_FOREVER = 1000  # refusals
_CELL = """from lambdadeck.labs import retries
door = retries.door({refusals}, {code!r})
try:
    print(patient(door.call, door.wait))
finally:
    print(door)"""
_SPREAD = 0.1  # of a wait, relative to its mean: a random part of less is hardly one


class EndlessError(BaseException):
    """Ends an endless retry; not an Exception, so that `except Exception` does not catch it."""


@dataclass
class Door:
    """What a retry calls, refused so many times, and what it waits with."""

    refusals: int
    error: Exception
    calls: int = 0
    waits: list[float] = field(default_factory=list)

    def call(self) -> dict[str, Any]:
        self.calls += 1
        if self.calls > _ENOUGH:
            raise EndlessError(f"stopped after {_ENOUGH} calls")
        if self.calls <= self.refusals:
            raise self.error
        return {"StatusCode": 200, "ExecutedVersion": "$LATEST"}

    def wait(self, seconds: float) -> None:
        if len(self.waits) > _ENOUGH:
            raise EndlessError(f"stopped after {_ENOUGH} waits")
        self.waits.append(float(seconds))

    def __str__(self) -> str:
        return f"{self.calls} calls, waits {[round(each, 3) for each in self.waits[:8]]}"

    def missed(self, outcome: str, expected: str) -> Judgment:
        """Return the outcome, with a cell that calls the retry with such a door."""
        cell = _CELL.format(refusals=self.refusals, code=type(self.error).__name__)
        return Judgment(outcome, cell, Phrase(self), Phrase(expected))


def door(refusals: int, code: str) -> Door:
    """Return what a retry may call and wait with; `code` names the error of the refusals."""
    _know_errors()
    return Door(refusals, KeyError() if code == "KeyError" else refusal(code))


def refusal(code: str) -> ClientError:
    """Return an error as Lambda's clients raise it: of every session that is there."""
    response: Any = {
        "Error": {"Code": code, "Message": "Rate Exceeded."},
        "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
        "Type": "User",
        "message": "Rate Exceeded.",
        "ResponseMetadata": {
            "RequestId": str(uuid.uuid4()),
            "HTTPStatusCode": _STATUS[code],
            "HTTPHeaders": {"x-amzn-errortype": code},
            "RetryAttempts": 0,
        },
    }
    kinds = tuple(kind for kind in ClientError.__subclasses__() if kind.__name__ == code)
    return _kind(code, kinds)(response, "Invoke")


@cache
def _kind(code: str, kinds: tuple[type[ClientError], ...]) -> type[ClientError]:
    """Return one class below all of them: cloud.connect() makes new clients with new classes."""
    return type(code, kinds, {})


def _know_errors() -> None:
    """Let each client of this process make the classes of its errors, which it does late."""
    boto3.client("lambda").exceptions  # noqa: B018  (there must be one at least)
    for each in gc.get_objects():
        if issubclass(type(each), BaseClient):
            each.exceptions  # noqa: B018


def patient(retry: Callable[..., Any], name: str) -> str:
    """Refuse their retry once, forever, by another error, in many runs; then at the function."""
    _know_errors()
    try:
        told = _gives_way(retry) or _gives_up(retry) or _lets_through(retry) or _waits(retry)
    except EndlessError:
        shut = Door(_FOREVER, refusal(THROTTLED), calls=_ENOUGH)
        return shut.missed("endless", f"{ATTEMPTS} calls, then the error")
    if told:
        return told
    if reserved := reservation(name):
        return _all_served(retry, name, min(reserved * 3, _CALLERS))
    raise probes.NotTestedError(
        f"{name!r} has no reserved concurrency: run the cell that sets it, then this one."
    )


def _gives_way(retry: Callable[..., Any]) -> str:
    for refusals in (0, 1, ATTEMPTS - 1):
        door = Door(refusals, refusal(THROTTLED))
        result = calls.returned(retry, door.call, door.wait)
        served = isinstance(result, dict) and result.get("StatusCode") == 200
        if not served or len(door.waits) != refusals:
            return door.missed(MISS, f"{refusals} waits, then the result of call()")
    return ""


def _gives_up(retry: Callable[..., Any]) -> str:
    door = Door(_FOREVER, refusal(THROTTLED))
    wanted = f"{ATTEMPTS} calls, {ATTEMPTS - 1} waits, then the error itself"
    try:
        calls.called(retry, door.call, door.wait)
    except ClientError:
        is_right = (door.calls, len(door.waits)) == (ATTEMPTS, ATTEMPTS - 1)
        return "" if is_right else door.missed(MISS, wanted)
    return door.missed("swallowed", wanted)


def _lets_through(retry: Callable[..., Any]) -> str:
    for error in (refusal(UNKNOWN), KeyError()):
        door = Door(_FOREVER, error)
        try:
            calls.called(retry, door.call, door.wait)
        except (ClientError, KeyError, EndlessError) as raised:
            if raised is error and door.calls == 1:
                continue
        return door.missed("any-error", f"1 call, then {type(error).__name__}")
    return ""


def _waits(retry: Callable[..., Any]) -> str:
    """Refuse it five times in many runs: the mean wait must double, and each must be random."""
    error = refusal(THROTTLED)
    doors = [Door(5, error) for _ in range(_RUNS)]
    for door in doors:
        calls.returned(retry, door.call, door.wait)
    if any(len(door.waits) != 5 for door in doors):
        return doors[0].missed(MISS, "5 waits")
    waits = [[door.waits[n] for door in doors] for n in range(5)]
    means = [mean(each) for each in waits]
    if means[0] > 5:
        return doors[0].missed("milliseconds", "a first wait of 0.1 seconds at most")
    # Doubled four times: 16 times as long, less if the waits have a limit.
    is_doubled = 1.6 < means[1] / (means[0] or math.inf) < 2.5 and 8 < means[4] / means[0] < 24
    if not is_doubled:
        return doors[0].missed("constant", "waits that double on average")
    if any(pstdev(each) < _SPREAD * mean(each) for each in waits):
        return doors[0].missed("in-step", "waits of which a good part is random")
    return ""


def _all_served(retry: Callable[..., Any], name: str, count: int) -> str:
    client = without_retries(count)

    def call() -> Any:
        try:
            return client.invoke(FunctionName=name, Payload='{"seconds": 0.1}')
        except client.exceptions.TooManyRequestsException:
            raise refusal(THROTTLED) from None

    with ThreadPoolExecutor(count) as threads:
        made = [threads.submit(calls.returned, retry, call) for _ in range(count)]
    answers = [each.result() for each in made]
    served = sum(isinstance(each, dict) and each.get("StatusCode") == 200 for each in answers)
    if served == count:
        return RIGHT
    cell = (
        f"def call(_):\n    return patient(lambda: once.invoke(FunctionName={name!r}))\n"
        f"with ThreadPoolExecutor({count}) as threads:\n"
        f"    print(list(threads.map(call, range({count}))))"
    )
    return Judgment(MISS, cell, Phrase(f"{served} served"), Phrase(f"{count} served"))


def reservation(name: str) -> int | None:
    """Return the reserved concurrency of the learner's function, None if it has none."""
    probes.configuration(name)  # raises NotTestedError if there is no such function
    answer = boto3.client("lambda").get_function_concurrency(FunctionName=name)
    reserved: int | None = answer.get("ReservedConcurrentExecutions")
    return reserved


def together(name: str, count: int) -> list[Any]:
    """Return the results of `count` simultaneous calls without retries, None if throttled."""
    client = without_retries(count)

    def call(_: int) -> Any:
        try:
            answer = client.invoke(FunctionName=name, Payload='{"seconds": 0.2}')
        except client.exceptions.TooManyRequestsException:
            return None
        payload = json.load(answer["Payload"])
        if "FunctionError" not in answer:
            return payload
        error = payload.get("errorMessage", payload)
        raise probes.NotTestedError(f"Your function failed when the check called it: {error}.")

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(call, range(count)))


def without_retries(connections: int) -> Any:
    """Return a client that tries each call once."""
    config = Config(max_pool_connections=connections, retries={"total_max_attempts": 1})
    return boto3.client("lambda", config=config)
