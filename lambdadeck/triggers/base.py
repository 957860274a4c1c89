"""A trigger: what it makes to reach a function, how a user fires it, the event that arrives, and the way back."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError

import boto3

from lambdadeck import aws
from lambdadeck.triggers import recorder
from lambdadeck.triggers.recorder import Sighting, Witness

LIMIT_S = 30.0
_AGAIN_S = 5.0  # a new rule or stage may miss events for a while: fire once more after this
_AGAIN_ON_AWS_S = 20.0  # where a log line may be that late
Fire = Callable[[str], object]


@dataclass(frozen=True)
class Arrival:
    """An event that reached the function, or in `trouble` the sentence that says why none did.

    `fired_s` is when the user's act began, in seconds since 1970; `ms` how long it took from there
    until the handler had the event, by the function's clock. `fields` are the event's key fields.
    `answer` is what the act returned. `replayed` marks a documented event that was sent by Invoke.
    """

    trigger: str
    did: str
    replayed: bool
    fired_s: float = 0.0
    ms: float | None = None
    event: Any = None
    fields: Mapping[str, object] | None = None
    answer: object = None
    trouble: str = ""

    @property
    def how(self) -> str:
        """FIRED, REPLAYED or FAILED."""
        return "FAILED" if self.trouble else "REPLAYED" if self.replayed else "FIRED"

    @property
    def seen(self) -> str:
        """The key fields in one line."""
        return self.trouble or ", ".join(
            f"{name} {_short(value)}" for name, value in (self.fields or {}).items()
        )

    def __str__(self) -> str:
        time_ms = "" if self.ms is None else f" {self.ms:.0f} ms later:"
        event = "" if self.trouble else f"\n{json.dumps(self.event, indent=2, ensure_ascii=False)}"
        return f"{self.how}. {self.trigger}: {self.did};{time_ms} {self.seen}{event}"

    __repr__ = __str__


class Wiring:
    """What a trigger needs to wire itself to a function, and the undoing of each thing that it makes."""

    def __init__(self, function: Witness, stack: ExitStack) -> None:
        self.function, self.arn, self._stack = function.name, function.arn, stack
        _, self.partition, _, self.region, self.account, *_ = function.arn.split(":")
        self.name = f"lambda-live-{uuid.uuid4().hex[:12]}"
        self.lambda_ = boto3.client("lambda")

    def undo(self, call: Callable[..., object], **arguments: object) -> None:
        """Call this at the end; what was made last is undone first."""
        self._stack.callback(call, **arguments)

    def allow(
        self, principal: str, action: str = "lambda:InvokeFunction", **conditions: object
    ) -> None:
        """Give leave to invoke the function: AWS's own services need it too."""
        statement = f"{self.name}-{uuid.uuid4().hex[:8]}"
        self.lambda_.add_permission(
            FunctionName=self.function,
            StatementId=statement,
            Action=action,
            Principal=principal,
            **conditions,
        )
        self.undo(self.lambda_.remove_permission, FunctionName=self.function, StatementId=statement)

    def follow(self, source: str, **options: object) -> None:
        """Make Lambda itself read a queue or a stream: an event source mapping, enabled when this returns."""
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

    def __call__(self, *, limit_s: float | None = None) -> Arrival:
        """Deploy a witness, wire, fire, wait for the event, undo all; TimeoutError if none arrives in `limit_s` (30) seconds."""
        with recorder.deployed() as function, self.wired(function) as fire:
            return self.fired(fire, function, limit_s)

    @contextmanager
    def wired(self, function: Witness) -> Iterator[Fire]:
        """The trigger wired to a witness while the block runs; what it was made of is undone after it."""
        with ExitStack() as stack:
            yield self.wire(Wiring(function, stack))

    def fired(self, fire: Fire, function: Witness, limit_s: float | None = None) -> Arrival:
        """Fire and wait for the event, firing again when none comes; TimeoutError after `limit_s` (30) seconds."""
        limit_s = aws.limit_s(LIMIT_S) if limit_s is None else limit_s
        again_s = _AGAIN_ON_AWS_S if aws.asked() else _AGAIN_S
        deadline, trouble = time.monotonic() + limit_s, None
        while (left_s := deadline - time.monotonic()) > 0:
            mark, began_s, answer = uuid.uuid4().hex[:12], time.time(), None
            try:
                answer = fire(mark)
            except HTTPError as not_yet:  # a new stage or address may answer 403 or 404 at first
                not_yet.close()
                trouble = not_yet
            seen = recorder.until(
                lambda: function.sighting(mark, began_s, self.read), min(again_s, left_s)
            )
            if seen:
                return self._arrival(seen, mark, began_s, answer)
        raise TimeoutError(
            f"{self.name}: no event reached {function.name} within {limit_s:g} s. Run the cell again."
        ) from trouble

    def failed(self, error: Exception) -> Arrival:
        """The arrival that did not happen."""
        return Arrival(
            self.name, self.did, self.replayed, trouble=f"{type(error).__name__}: {error}"
        )

    def _arrival(self, seen: Sighting, mark: str, began_s: float, answer: object) -> Arrival:
        event = self.read(seen.event)
        fields = {path.rsplit(".", 1)[-1]: _unmarked(_at(event, path), mark) for path in self.paths}
        took_ms = max(
            0.0, (seen.at_s - began_s) * 1000
        )  # two clocks never agree to the last millisecond
        return Arrival(
            self.name, self.did, self.replayed, began_s, took_ms, seen.event, fields, answer
        )


def trigger(
    name: str,
    did: str,
    *paths: str,
    replayed: bool = False,
    read: Callable[[Any], Any] = lambda event: event,
) -> Callable[[Callable[[Wiring], Fire]], Trigger]:
    """Make a Trigger of a function that wires it: what the user does, and which fields of the event to show.

    `paths` are dotted, a number for a place in a list. `read` decodes an event that is not plain JSON.
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
    """The value without the mark that told this event from all others."""
    return json.loads(json.dumps(value).replace(f"-{mark}", "").replace(mark, "…"))


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
