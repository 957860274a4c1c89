"""Probes for checks: invoke the learner's function, call the learner's Python."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.exceptions import ClientError

from lambdadeck import functions
from lambdadeck.functions import InvokeResult
from lambdadeck.labs.model import MISS

Formulas = Sequence[tuple[str, Callable[..., Any]]]  # outcomes of a check: right and usual mistakes


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
            f"Your function failed when the check sent it {_short(payload)}: {done.error}. "
            "Fix that and deploy it again."
        )
    return done.payload


def field(answer: object, key: str) -> Any:
    """Return a field of a function's answer, None (a blank) if the answer is None."""
    if answer is None:
        return None
    if isinstance(answer, dict) and key in answer:
        return answer[key]
    raise NotTestedError(f"Your function returned {_short(answer)}, without the key {key!r}.")


def configuration(name: object) -> dict[str, Any]:
    """Return the configuration of the learner's function."""
    client = boto3.client("lambda")
    try:
        return dict(client.get_function_configuration(FunctionName=str(name)))
    except client.exceptions.ResourceNotFoundException as error:
        raise _missing(name) from error


@contextmanager
def resized(name: str, memory_mb: int) -> Iterator[int]:
    """Give the learner's function another memory size inside the block."""
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
    """Call the learner's Python function; raise NotTestedError naming its error."""
    if not callable(made):
        said = f"The check needs your function itself, without parentheses, not {_short(made)}."
        raise NotTestedError(said)
    try:
        return made(*given)
    except Exception as error:
        raise NotTestedError(
            f"Your function raised {type(error).__name__}: {error}. "
            f"The check had called it with ({', '.join(map(_short, given))})."
        ) from error


def outcome(made: Callable[..., Any], cases: Sequence[Sequence[Any]], formulas: Formulas) -> str:
    """Return the first formula that agrees with the learner's Python in all cases, else MISS."""
    told = [returned(made, *case) for case in cases]
    for name, formula in formulas:
        if all(_same(each, formula(*case)) for each, case in zip(told, cases, strict=True)):
            return name
    return MISS


def _same(told: object, known: object) -> bool:
    if isinstance(told, (int, float)) and isinstance(known, (int, float)):
        return math.isclose(told, known, rel_tol=1e-6)
    return told == known


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
