"""The checks of lab 3: known timelines, real bursts, a retry that is refused on purpose."""

import json
import math
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from statistics import mean
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from lambdadeck.burst import Shot
from lambdadeck.labs import probes
from lambdadeck.labs.model import MISS, RIGHT
from lambdadeck.report import Report

CONNECTIONS = 3  # what the database of the lab allows
ATTEMPTS = 8  # what the lab asks a patient caller to make
_ENOUGH = 100  # attempts after which a retry counts as endless
_CALLERS = 30  # at most, at the real function
_RUNS = 100  # of a retry, so that its random waits have a mean

# --- concurrency ----------------------------------------------------------------------------------


def _shot(start: int, end: int, environment: str, cold: bool) -> Shot:
    report = Report("1", end - start, end - start, 128, 40, 90.0 if cold else None)
    return Shot(start, end, environment, cold, report)


_SHOTS = [
    _shot(0, 100, "a", True),
    _shot(50, 160, "b", True),
    _shot(120, 300, "a", False),
    _shot(200, 420, "c", True),
    _shot(210, 230, "b", False),
]
_MOMENTS = [(_SHOTS, at_ms) for at_ms in (0, 60, 110, 130, 180, 215, 250, 350, 500)]
_COUNTS: probes.Formulas = (
    (RIGHT, lambda shots, at_ms: sum(shot.start_ms <= at_ms < shot.end_ms for shot in shots)),
    ("begun", lambda shots, at_ms: sum(shot.start_ms <= at_ms for shot in shots)),
    ("not-ended", lambda shots, at_ms: sum(at_ms < shot.end_ms for shot in shots)),
    ("own-start", lambda shots, at_ms: sum(shot.start_ms < at_ms < shot.end_ms for shot in shots)),
)


def concurrency(under_way: Callable[[list[Shot], float], Any]) -> str:
    """Compare their count with the right one, and with usual mistakes, along a timeline."""
    return probes.outcome(under_way, _MOMENTS, _COUNTS)


# --- Little's law ---------------------------------------------------------------------------------

_LOADS = ((1200, 250), (60, 1000), (90, 400), (7, 12_000))  # calls a minute, ms each


def _little(per_minute: float, ms: float) -> float:
    return per_minute / 60 * ms / 1000


_NUMBERS: probes.Formulas = (
    (RIGHT, _little),
    ("units", lambda per_minute, ms: per_minute * ms / 1000),
    ("units", lambda per_minute, ms: per_minute / 60 * ms),
    ("units", lambda per_minute, ms: per_minute * ms),
    ("rate", lambda per_minute, ms: per_minute / 60),
    ("divided", lambda per_minute, ms: per_minute / 60 / (ms / 1000)),
    ("whole", lambda per_minute, ms: math.floor(_little(per_minute, ms))),
    ("whole", lambda per_minute, ms: round(_little(per_minute, ms))),
    ("whole", lambda per_minute, ms: math.ceil(_little(per_minute, ms))),
)


def little(busy: Callable[[float, float], Any]) -> str:
    """Compare their number at several loads with rate times duration, and with usual mistakes."""
    return probes.outcome(busy, _LOADS, _NUMBERS)


# --- connections ----------------------------------------------------------------------------------


def connections(name: str) -> str:
    """Make eight calls at once, twice, and count the connections that their function opens."""
    reserved = reservation(name)
    if not reserved:
        return "no-limit" if reserved is None else "switched-off"
    opened: dict[object, set[object]] = defaultdict(set)
    for answer in together(name, 8) + together(name, 8):
        if answer is not None:
            its = probes.field(answer, "environment")
            opened[its].add(probes.field(answer, "connection"))
    if any(len(its) > 1 for its in opened.values()):
        return "each-call"
    if len(set().union(*opened.values())) != len(opened):
        return MISS
    return RIGHT if reserved == CONNECTIONS else "another-limit"


def reservation(name: str) -> int | None:
    """Return the reserved concurrency of the learner's function, None if it has none."""
    probes.configuration(name)  # raises NotTestedError if there is no such function
    answer = boto3.client("lambda").get_function_concurrency(FunctionName=name)
    reserved: int | None = answer.get("ReservedConcurrentExecutions")
    return reserved


def together(name: str, count: int) -> list[Any]:
    """Return the results of `count` simultaneous calls without retries, None if throttled."""
    client = _without_retries(count)

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


def _without_retries(connections: int) -> Any:
    config = Config(max_pool_connections=connections, retries={"total_max_attempts": 1})
    return boto3.client("lambda", config=config)


# --- a retry --------------------------------------------------------------------------------------


class _EndlessError(BaseException):
    """Ends an endless retry; not an Exception, so that `except Exception` does not catch it."""


@dataclass
class _Door:
    """What a retry calls, refused so many times, and what it waits with."""

    refusals: float = 0
    error: str = "TooManyRequestsException"
    calls: int = 0
    waits: list[float] = field(default_factory=list)

    def call(self) -> str:
        self.calls += 1
        if self.calls > _ENOUGH:
            raise _EndlessError
        if self.calls <= self.refusals:
            error = {"Code": self.error, "Message": "Made by the check."}
            raise _kind(self.error)({"Error": error}, "Invoke")
        return "served"

    def wait(self, seconds: float) -> None:
        if len(self.waits) > _ENOUGH:
            raise _EndlessError
        self.waits.append(seconds)


@cache  # a client takes milliseconds to make, and the retries are refused a thousand times
def _kind(code: str) -> type[ClientError]:
    kind: type[ClientError] = boto3.client("lambda").exceptions.from_code(code)
    return kind


def patient(retry: Callable[..., Any], name: str) -> str:
    """Refuse their retry once, forever, by another error, in many runs; then at the function."""
    try:
        told = _gives_way(retry) or _gives_up(retry) or _lets_through(retry) or _waits(retry)
    except _EndlessError:
        told = "endless"
    if told:
        return told
    if reserved := reservation(name):
        return RIGHT if _all_served(retry, name, min(reserved * 3, _CALLERS)) else MISS
    raise probes.NotTestedError(
        f"{name!r} has no reserved concurrency: run the cell that sets it, then this one."
    )


def _gives_way(retry: Callable[..., Any]) -> str:
    for refusals in (0, 1):
        door = _Door(refusals)
        if probes.returned(retry, door.call, door.wait) != "served" or len(door.waits) != refusals:
            return MISS
    return ""


def _gives_up(retry: Callable[..., Any]) -> str:
    door = _Door(math.inf)
    try:
        retry(door.call, door.wait)
    except ClientError:
        return "" if door.calls == ATTEMPTS else MISS
    return "swallowed"


def _lets_through(retry: Callable[..., Any]) -> str:
    door = _Door(math.inf, "ResourceNotFoundException")
    try:
        retry(door.call, door.wait)
    except (ClientError, _EndlessError):
        return "" if door.calls == 1 else "any-error"
    return "any-error"


def _waits(retry: Callable[..., Any]) -> str:
    """Refuse it five times in many runs: the mean wait must double, and runs must differ."""
    doors = [_Door(5) for _ in range(_RUNS)]
    for door in doors:
        probes.returned(retry, door.call, door.wait)
    if any(len(door.waits) != 5 for door in doors):
        return MISS
    if len({tuple(door.waits) for door in doors}) == 1:
        return "in-step" if doors[0].waits[-1] > doors[0].waits[0] else "constant"
    means = [mean(door.waits[n] for door in doors) for n in range(5)]
    if means[0] > 5:
        return "milliseconds"
    return "" if means[4] > 8 * means[0] else "constant"  # doubled four times: 16 times as long


def _all_served(retry: Callable[..., Any], name: str, count: int) -> bool:
    client = _without_retries(count)

    def call() -> Any:
        return client.invoke(FunctionName=name, Payload='{"seconds": 0.1}')

    with ThreadPoolExecutor(count) as threads:
        calls = [threads.submit(probes.returned, retry, call) for _ in range(count)]
    answers = [made.result() for made in calls]
    return all(isinstance(each, dict) and each.get("StatusCode") == 200 for each in answers)
