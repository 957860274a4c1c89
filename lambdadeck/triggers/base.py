"""A trigger: its wiring to a function, the act that fires it, the event that arrives."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.error import HTTPError

import boto3

from lambdadeck import aws
from lambdadeck.shared import redaction
from lambdadeck.triggers import recorder
from lambdadeck.triggers.cleanup import CleanUp
from lambdadeck.triggers.recorder import Recorder, Sighting

LIMIT_S = 30.0
_RETRY_S = 5.0  # a new rule or stage may miss events for a while: fire again after this
_RETRY_ON_AWS_S = 20.0  # where a log line may be that late
Fire = Callable[[str], object]  # the user's act; its argument is a mark that the event must hold


@dataclass(frozen=True)
class Arrival:
    """An event that reached the function, or the `error` that prevented it.

    `ms` is how long it took from the user's act until the handler had the event, by the function's
    clock. `fields` are the event's key fields.
    `answer` is what the act returned. `replayed` marks a documented event that was sent by Invoke.
    `warning` says what could not be removed afterwards.
    """

    trigger: str
    did: str
    replayed: bool
    ms: float | None = None
    event: Any = None
    fields: Mapping[str, object] | None = None
    answer: object = None
    error: str = ""
    warning: str = ""

    @property
    def how(self) -> str:
        """Return FIRED, REPLAYED or FAILED."""
        return "FAILED" if self.error else "REPLAYED" if self.replayed else "FIRED"

    @property
    def seen(self) -> str:
        """Return the key fields, or the error, in one line."""
        fields = (self.fields or {}).items()
        return self.error or ", ".join(f"{name} {_short(value)}" for name, value in fields)

    def __str__(self) -> str:
        time_ms = "" if self.ms is None else f" {self.ms:.0f} ms later:"
        event = "" if self.error else f"\n{json.dumps(self.event, indent=2, ensure_ascii=False)}"
        warning = f"\nWARNING. {self.warning}" if self.warning else ""
        return f"{self.how}. {self.trigger}: {self.did};{time_ms} {self.seen}{warning}{event}"

    __repr__ = __str__


class Wiring:
    """What a trigger needs to wire itself to a function, and to undo each thing that it makes."""

    def __init__(self, function: Recorder, clean_up: CleanUp) -> None:
        self.function, self.arn, self.undo = function.name, function.arn, clean_up.undo
        _, self.partition, _, self.region, self.account, *_ = function.arn.split(":")
        self.name = f"lambda-live-{uuid.uuid4().hex[:12]}"
        self.lambda_ = boto3.client("lambda")

    def allow(
        self, principal: str, action: str = "lambda:InvokeFunction", **conditions: object
    ) -> None:
        """Permit a principal to invoke the function: AWS's own services need it too."""
        number = uuid.uuid4().hex[:8]
        statement = {"FunctionName": self.function, "StatementId": f"{self.name}-{number}"}
        self.lambda_.add_permission(**statement, Action=action, Principal=principal, **conditions)
        self.undo(self.lambda_.remove_permission, **statement)

    def follow(self, source: str, **options: object) -> None:
        """Let Lambda poll a queue or a stream: an event source mapping, enabled on return."""
        made = self.lambda_.create_event_source_mapping(
            FunctionName=self.function, EventSourceArn=source, **options
        )
        self.undo(self.lambda_.delete_event_source_mapping, UUID=made["UUID"])
        if not recorder.until(lambda: self._enabled(made["UUID"]), limit_s=120):
            raise TimeoutError(
                f"The event source mapping of {source} was not enabled within 120 s."
            )

    def _enabled(self, mapping: str) -> bool | None:
        return self.lambda_.get_event_source_mapping(UUID=mapping)["State"] == "Enabled" or None


@dataclass
class Trigger:
    """One way in which events reach a function. Call it to wire, fire and undo it, alone."""

    name: str
    did: str
    paths: tuple[str, ...]
    wire: Callable[[Wiring], Fire]
    replayed: bool
    read: Callable[[Any], Any]

    def __call__(self) -> Arrival:
        """Deploy a recorder, wire, fire, wait for the event, undo all.

        Raise TimeoutError if no event arrives in 30 seconds.
        """
        failures: list[str] = []
        with recorder.deployed(failures) as function, self.wired(function, failures) as fire:
            arrival = self.fired(fire, function)
        return replace(arrival, warning=" ".join(failures))

    @contextmanager
    def wired(self, function: Recorder, failures: list[str] | None = None) -> Iterator[Fire]:
        """Wire the trigger to a recorder, and undo that after the block; `failures` as CleanUp."""
        with CleanUp(self.name, failures) as clean_up:
            yield self.wire(Wiring(function, clean_up))

    def fired(self, fire: Fire, function: Recorder, limit_s: float | None = None) -> Arrival:
        """Fire and wait for the event, firing again if none comes.

        Raise TimeoutError after `limit_s` (30) seconds.
        """
        limit_s = aws.limit_s(LIMIT_S) if limit_s is None else limit_s
        retry_s = _RETRY_ON_AWS_S if aws.asked() else _RETRY_S
        deadline, cause = time.monotonic() + limit_s, None
        while (left_s := deadline - time.monotonic()) > 0:
            mark, began_s, answer = uuid.uuid4().hex[:12], time.time(), None
            try:
                answer = fire(mark)
            except HTTPError as not_yet:  # a new stage or address may answer 403 or 404 at first
                not_yet.close()
                cause = not_yet
            find = partial(function.sighting, mark, began_s, self.read)
            if seen := recorder.until(find, min(retry_s, left_s)):
                return self._arrival(seen, mark, began_s, answer)
        sentence = f"{self.name}: no event reached {function.name} within {limit_s:g} s."
        raise TimeoutError(f"{sentence} Run the cell again.") from cause

    def failed(self, error: Exception) -> Arrival:
        """Return the arrival of a trigger that failed."""
        sentence = redaction.text(f"{type(error).__name__}: {error}")
        return Arrival(self.name, self.did, self.replayed, error=sentence)

    def _arrival(self, seen: Sighting, mark: str, began_s: float, answer: object) -> Arrival:
        event = self.read(seen.event)
        fields = {path.rsplit(".", 1)[-1]: _unmarked(_at(event, path), mark) for path in self.paths}
        ms = max(0.0, (seen.at_s - began_s) * 1000)  # two clocks differ by some milliseconds
        return Arrival(self.name, self.did, self.replayed, ms, seen.event, fields, answer)


def trigger(
    name: str,
    did: str,
    *paths: str,
    replayed: bool = False,
    read: Callable[[Any], Any] = lambda event: event,
) -> Callable[[Callable[[Wiring], Fire]], Trigger]:
    """Make a Trigger of a function that wires it: what the user does, which fields to show.

    `paths` are dotted, a number for a place in a list. `read` decodes an event that is not JSON.
    """

    def made(wire: Callable[[Wiring], Fire]) -> Trigger:
        one = Trigger(name, did, paths, wire, replayed, read)
        one.__doc__ = wire.__doc__
        return one

    return made


def _at(event: Any, path: str) -> object:
    for step in path.split("."):
        event = event[int(step)] if step.isdigit() else event[step]
    return event


def _unmarked(value: object, mark: str) -> object:
    return json.loads(json.dumps(value).replace(f"-{mark}", "").replace(mark, "…"))


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
