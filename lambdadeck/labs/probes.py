"""Probes for checks: invoke the learner's function, read and change its configuration."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import boto3
from botocore.exceptions import ClientError

from lambdadeck import functions
from lambdadeck.functions import InvokeResult
from lambdadeck.labs.model import Judgment


class NotTestedError(Exception):
    """The learner's work cannot be tested; the message is a sentence for the learner."""


def invoked(name: object, payload: object = None) -> InvokeResult:
    """Invoke the learner's function, whose own failure is `error`; raise NotTestedError."""
    if not isinstance(name, str) or not name:
        raise NotTestedError(f"The check needs the name of your function as text, not {name!r}.")
    try:
        return functions.invoke(name, payload)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ResourceNotFoundException":
            raise _missing(name) from error
        said = f"{code}: {error.response['Error']['Message']}"
        raise NotTestedError(f"Lambda refused to invoke {name!r}: {said}") from error


def _missing(name: object) -> NotTestedError:
    said = f"There is no function {name!r} yet: run the cell that deploys it, then this one."
    return NotTestedError(said)


def answered(name: object, payload: object = None) -> Any:
    """Return what the learner's function returns; raise NotTestedError if it fails."""
    done = invoked(name, payload)
    if done.error:
        raise NotTestedError(
            f"Your function failed when the check sent it {shortened(payload)}: {done.error}. "
            "Fix that and deploy it again."
        )
    return done.payload


def field(answer: object, key: str) -> Any:
    """Return a field of a function's answer, None (a blank) if the answer is None."""
    if answer is None:
        return None
    if isinstance(answer, dict) and key in answer:
        return answer[key]
    raise NotTestedError(f"Your function returned {shortened(answer)}, without the key {key!r}.")


def configuration(name: object) -> dict[str, Any]:
    """Return the configuration of the learner's function."""
    client = boto3.client("lambda")
    try:
        return dict(client.get_function_configuration(FunctionName=str(name)))
    except client.exceptions.ResourceNotFoundException as error:
        raise _missing(name) from error


@contextmanager
def reconfigured(name: str, **settings: Any) -> Iterator[None]:
    """Give the learner's function other settings, and so new environments, inside the block."""
    client, config = boto3.client("lambda"), configuration(name)
    before = {key: config[key] for key in settings}
    try:
        _configure(client, name, settings)
        yield
    finally:
        _configure(client, name, before)


def second_environment(name: str) -> AbstractContextManager[None]:
    """Replace the environments of the learner's function by new ones inside the block."""
    return reconfigured(name, MemorySize=configuration(name)["MemorySize"] + 64)


def _configure(client: Any, name: str, settings: dict[str, Any]) -> None:
    client.update_function_configuration(FunctionName=name, **settings)
    functions.wait(client, "function_updated_v2", FunctionName=name)


def missed(outcome: str, name: str, event: object, got: object, expected: object) -> Judgment:
    """Return an outcome with the invocation that shows it."""
    return Judgment(outcome, source("functions.invoke", name, event), got, expected)


def inside(block: str, *lines: str) -> str:
    """Return a cell that runs the lines in a `with` block of one of the labs' modules."""
    start = f"from lambdadeck.labs import {block.partition('.')[0]}\nwith {block}:"
    return "\n    ".join([start, *lines])


def source(function: str, *given: object) -> str:
    """Return the Python that makes a call."""
    return f"{function}({', '.join(map(repr, given))})"


def shortened(value: object) -> str:
    """Return its repr, of 80 characters at most."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
