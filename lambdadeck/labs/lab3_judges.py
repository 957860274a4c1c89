"""How lab 3's checks judge: timelines that are known, real bursts, and a retry that is refused on purpose."""

from __future__ import annotations

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

# --- concurrency ---------------------------------------------------------------------------------------------------

_SHOTS = [
    Shot(
        start,
        end,
        environment,
        cold,
        Report("1", end - start, math.ceil(end - start), 128, 40, 90.0 if cold else None),
    )
    for start, end, environment, cold in (
        (0, 100, "a", True),
        (50, 160, "b", True),
        (120, 300, "a", False),
        (200, 420, "c", True),
        (210, 230, "b", False),
    )
]
_UNDER_WAY = {
    0: 1,
    60: 2,
    110: 1,
    130: 2,
    180: 1,
    215: 3,
    250: 2,
    350: 1,
    500: 0,
}  # ms to calls under way


def concurrency(under_way: Callable[[list[Shot], float], Any]) -> str:
    """Their count at several moments of a timeline that is known."""
    told = {at: probes.returned(under_way, _SHOTS, at) for at in _UNDER_WAY}
    if told == _UNDER_WAY:
        return RIGHT
    if told == {at: sum(shot.start_ms <= at for shot in _SHOTS) for at in told}:
        return "begun"
    if told == {at: sum(shot.end_ms > at for shot in _SHOTS) for at in told}:
        return "not-ended"
    return "own-start" if {at for at in told if told[at] != _UNDER_WAY[at]} == {0} else MISS


# --- Little's law --------------------------------------------------------------------------------------------------

_LOADS = ((1200, 250), (60, 1000), (90, 400), (7, 12_000))  # calls a minute, ms each


def little(busy: Callable[[float, float], Any]) -> str:
    """Their number at several loads, against rate times duration and against what it is mistaken for."""
    told = [probes.returned(busy, *load) for load in _LOADS]
    if not all(isinstance(each, (int, float)) for each in told):
        return MISS
    if _same(told, _little):
        return RIGHT
    if any(
        _same(told, lambda rate, ms, factor=factor: _little(rate, ms) * factor)
        for factor in (60, 1000, 60_000)
    ):
        return "units"
    if _same(told, lambda rate, ms: rate / 60):
        return "rate"
    if _same(told, lambda rate, ms: rate / 60 / (ms / 1000)):
        return "divided"
    whole = all(
        float(each).is_integer() and abs(each - _little(*load)) < 1
        for each, load in zip(told, _LOADS, strict=True)
    )
    return "whole" if whole else MISS


def _little(per_minute: float, duration_ms: float) -> float:
    return per_minute / 60 * duration_ms / 1000


def _same(told: list[float], formula: Callable[[float, float], float]) -> bool:
    return all(
        math.isclose(each, formula(*load), rel_tol=1e-6)
        for each, load in zip(told, _LOADS, strict=True)
    )


# --- connections ---------------------------------------------------------------------------------------------------


def connections(name: str) -> str:
    """Their function, called by eight at once, twice: how many connections it opened, and what refused the others."""
    reserved = reservation(name)
    if reserved is None:
        return "no-limit"
    if reserved == 0:
        return "switched-off"
    answers = [answer for _ in range(2) for answer in together(name, 8) if answer is not None]
    opened: dict[object, set[object]] = defaultdict(set)
    for answer in answers:
        opened[probes.field(answer, "environment")].add(probes.field(answer, "connection"))
    if any(len(its) > 1 for its in opened.values()):
        return "each-call"
    one_each = len(set().union(*opened.values())) == len(opened)
    return RIGHT if one_each and reserved == CONNECTIONS else "another-limit" if one_each else MISS


def reservation(name: str) -> int | None:
    """The reserved concurrency of the learner's function, None without; Failed when there is no such function."""
    probes.configuration(name)
    return (
        boto3.client("lambda")
        .get_function_concurrency(FunctionName=name)
        .get("ReservedConcurrentExecutions")
    )


def together(name: str, count: int) -> list[Any]:
    """That many calls at once, each asked once: what each answered, None where it was throttled; Failed if one fails."""
    client = _asks_once(count)

    def call(_: int) -> Any:
        try:
            answer = client.invoke(FunctionName=name, Payload='{"seconds": 0.2}')
        except client.exceptions.TooManyRequestsException:
            return None
        payload = json.load(answer["Payload"])
        if "FunctionError" in answer:
            raise probes.Failed(
                f"Your function failed when the check called it: {payload.get('errorMessage', payload)}."
            )
        return payload

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(call, range(count)))


def _asks_once(count: int) -> Any:
    return boto3.client(
        "lambda", config=Config(max_pool_connections=count, retries={"total_max_attempts": 1})
    )


# --- a retry -------------------------------------------------------------------------------------------------------


class _Endless(BaseException):
    """Ends a retry that would never end; no Exception, so that it passes an `except Exception`."""


@dataclass
class _Door:
    """What a retry calls: refuses it so many times, then answers; and what it waits with."""

    refusals: float = 0
    error: str = "TooManyRequestsException"
    calls: int = 0
    waits: list[float] = field(default_factory=list)

    def call(self) -> str:
        self.calls += 1
        if self.calls > _ENOUGH:
            raise _Endless
        if self.calls <= self.refusals:
            raise _kind(self.error)(
                {"Error": {"Code": self.error, "Message": "Made by the check."}}, "Invoke"
            )
        return "served"

    def wait(self, seconds: float) -> None:
        if len(self.waits) > _ENOUGH:
            raise _Endless
        self.waits.append(seconds)


@cache  # a client takes milliseconds to make, and the retries are refused a thousand times
def _kind(code: str) -> type[ClientError]:
    return boto3.client("lambda").exceptions.from_code(code)


def patient(retry: Callable[..., Any], name: str) -> str:
    """Their retry: refused once, for ever, by another error, again and again; then at the real function."""
    try:
        told = _gives_way(retry) or _gives_up(retry) or _lets_through(retry) or _waits(retry)
    except _Endless:
        told = "endless"
    if told:
        return told
    reserved = reservation(name)
    if not reserved:
        raise probes.Failed(
            f"{name!r} has no reserved concurrency to be refused at: run the cell that sets it, then this one."
        )
    return RIGHT if _all_served(retry, name, min(reserved * 3, _CALLERS)) else MISS


def _gives_way(retry: Callable[..., Any]) -> str:
    """Served at once without a wait; served after a refusal with one."""
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
    except (ClientError, _Endless):
        return "" if door.calls == 1 else "any-error"
    return "any-error"


def _waits(retry: Callable[..., Any]) -> str:
    """Refused five times, in many runs: the waits double in the mean, and differ from run to run."""
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
    client = _asks_once(count)

    def call() -> Any:
        return client.invoke(FunctionName=name, Payload='{"seconds": 0.1}')

    with ThreadPoolExecutor(count) as threads:
        calls = [threads.submit(probes.returned, retry, call) for _ in range(count)]
    return all(
        isinstance(made.result(), dict) and made.result().get("StatusCode") == 200 for made in calls
    )
