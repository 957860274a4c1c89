"""The calls of a plan, made: what each brought back, up to the first that failed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lambdadeck import functions
from lambdadeck.deployment.travis.options import Setting
from lambdadeck.deployment.travis.plan import Call, Step
from lambdadeck.shared.table import Table, table_of

_LEAST, _BEGINNING = (
    4,
    8,
)  # characters: a shorter value, or beginning of one, may stand in a word by chance


@dataclass(frozen=True)
class Made:
    """One call that was made: what came back in a few words, or the error; milliseconds."""

    function: str
    operation: str
    came: str
    ms: float
    failed: bool = False


@dataclass(frozen=True)
class Deployment:
    """What was called and what came back; `error` is the first failure's "code: message", else None."""

    made: tuple[Made, ...]
    notes: tuple[str, ...] = ()

    @property
    def error(self) -> str | None:
        return next((one.came for one in self.made if one.failed), None)

    def table(self) -> Table:
        """One row a call: which, what came back, milliseconds."""
        rows = [
            {"call": one.operation, "what came back": one.came, "ms": f"{one.ms:.0f}"}
            for one in self.made
        ]
        empty = [{"call": "none", "what came back": "nothing was to be deployed", "ms": ""}]
        return table_of(rows or empty, ". ".join([*self.notes, ""]).strip())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    def __str__(self) -> str:
        return str(self.table())

    __repr__ = __str__


def carry_out(
    steps: Sequence[Step], client: Any | Callable[[Mapping[str, Setting]], Any]
) -> Deployment:
    """Make the calls of each step in order; after a failure nothing more is called, as a failed build goes no further.

    `client` is a Lambda client, or makes one from a step's settings. An error of AWS or of boto3 ends up in the
    deployment; no secret does.
    """
    made: list[Made] = []
    notes = [
        f"{step.name}: not deployed, {step.decision.because}"
        for step in steps
        if not step.decision.deploys
    ]
    for step in (step for step in steps if step.decision.deploys):
        made += _carried_out(step, client(step.settings) if callable(client) else client)
        if made and made[-1].failed:
            break
        notes += step.notes
    return Deployment(tuple(made), tuple(notes))


def _carried_out(step: Step, client: Any) -> list[Made]:
    made: list[Made] = []
    arn: str | None = None
    for call in step.calls:
        began = time.perf_counter()
        try:
            answer = _make(client, call, arn)
            arn, came, failed = answer.get("FunctionArn", arn), _summary(call, answer), False
        except client.exceptions.ResourceNotFoundException as error:
            failed, came = call.operation != "get_function", f"{_error(error)}"
            came = came if failed else "ResourceNotFoundException: so it is created"
        except (ClientError, BotoCoreError) as error:
            came, failed = _error(error), True
        made.append(
            Made(
                step.name,
                call.operation,
                redacted(came, step.secrets),
                (time.perf_counter() - began) * 1000,
                failed,
            )
        )
        if failed:
            break
    return made


def _make(client: Any, call: Call, arn: str | None) -> dict[str, Any]:
    """Make one call; tags go to the ARN that an earlier one brought back."""
    kind, _, waiter = call.operation.partition(" ")
    if kind == "wait":
        functions.wait(client, waiter, **call.sent)
        return {}
    sent = call.sent | ({"Resource": arn} if call.operation == "tag_resource" else {})
    answer = getattr(client, call.operation)(**sent)
    return answer.get("Configuration", answer)


def _summary(call: Call, answer: Mapping[str, Any]) -> str:
    if call.operation.startswith("wait"):
        return "done"
    if call.operation == "tag_resource":
        return "tagged"
    parts = ("Runtime", "State", "LastUpdateStatus", "Version")
    return ", ".join(f"{part} {answer[part]}" for part in parts if answer.get(part))


def _error(error: ClientError | BotoCoreError) -> str:
    if isinstance(error, ClientError):
        return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
    return f"{type(error).__name__}: {error}"


def redacted(words: str, secrets: Sequence[tuple[str, str]]) -> str:
    """The words with every value that came from a variable, or is secret, replaced by its name; the longest first.

    AWS cuts long values off: the beginning of one counts as the whole.
    """
    for shown, value in sorted(secrets, key=lambda pair: -len(pair[1])):
        words = _without(words, value, shown) if len(value) >= _LEAST else words
    return words


def _without(words: str, value: str, shown: str) -> str:
    at = words.find(value[:_BEGINNING])
    while at >= 0:
        end = at + len(os.path.commonprefix([words[at:], value]))
        words = words[:at] + shown + words[end:]
        at = words.find(value[:_BEGINNING], at + len(shown))
    return words
