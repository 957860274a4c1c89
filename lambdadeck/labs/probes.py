"""What a judge finds out by itself: the learner's function really invoked, the learner's Python really called."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.exceptions import ClientError

from lambdadeck import functions
from lambdadeck.functions import InvokeResult


class Failed(Exception):
    """The learner's work could not be tested; the message is a sentence for the learner."""


def invoked(name: object, payload: object = None) -> InvokeResult:
    """The learner's function, invoked; Failed when it is not there or not invokable. Its own failure is `error`."""
    if not isinstance(name, str) or not name:
        raise Failed(f"The check wants the name of your function as text, and got {name!r}.")
    try:
        return functions.invoke(name, payload)
    except ClientError as problem:
        code = problem.response["Error"]["Code"]
        if code == "ResourceNotFoundException":
            raise Failed(
                f"There is no function {name!r} yet: run the cell that deploys it, then this one."
            ) from problem
        raise Failed(
            f"Lambda refused to invoke {name!r}: {code}: {problem.response['Error']['Message']}"
        ) from problem


def answered(name: object, payload: object = None) -> Any:
    """What the learner's function answers to that event; Failed, with its own error, when it fails."""
    done = invoked(name, payload)
    if done.error:
        raise Failed(
            f"Your function failed when the check sent it {payload!r}: {done.error}. Mend that and deploy it again."
        )
    return done.payload


def field(answer: object, key: str) -> Any:
    """One field of a function's answer; Failed when the answer has none of that name. None (a blank) stays None."""
    if answer is None:
        return None
    if not isinstance(answer, dict) or key not in answer:
        raise Failed(
            f"Your function answered {_short(answer)}, and the check looks for the key {key!r} in it."
        )
    return answer[key]


def configuration(name: object) -> dict[str, Any]:
    """The configuration of the learner's function; Failed when there is no such function."""
    client = boto3.client("lambda")
    try:
        return client.get_function_configuration(FunctionName=str(name))
    except client.exceptions.ResourceNotFoundException as problem:
        raise Failed(
            f"There is no function {name!r} yet: run the cell that deploys it, then this one."
        ) from problem


@contextmanager
def resized(name: str, memory_mb: int) -> Iterator[int]:
    """The learner's function with another memory size for as long as the block runs."""
    client, before = boto3.client("lambda"), configuration(name)["MemorySize"]
    try:
        _resize(client, name, memory_mb)
        yield memory_mb
    finally:
        _resize(client, name, before)


def _resize(client: Any, name: str, memory_mb: int) -> None:
    client.update_function_configuration(FunctionName=name, MemorySize=memory_mb)
    functions.wait(client, "function_updated_v2", FunctionName=name)


def returned(made: Callable[..., Any], *given: object) -> Any:
    """What the learner's Python function returns for these arguments; Failed, with its error, when it raises."""
    if not callable(made):
        raise Failed(
            f"The check wants your function itself, without brackets, and got {_short(made)}."
        )
    try:
        return made(*given)
    except Exception as problem:  # whatever the learner's code raises is told to the learner
        words = ", ".join(map(_short, given))
        raise Failed(
            f"Your function raised {type(problem).__name__}: {problem}. The check had called it with ({words})."
        ) from problem


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
