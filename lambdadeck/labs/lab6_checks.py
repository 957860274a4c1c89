"""The checks of lab 6: the learner's Python publishes, shifts and removes the checks' functions."""

import json
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from lambdadeck import functions
from lambdadeck.aws import role
from lambdadeck.labs import probes
from lambdadeck.labs.model import MISS, RIGHT

PAGE = 50  # functions that ListFunctions returns at a time


def shipped(ship: Callable[..., Any]) -> str:
    """Call their `ship` twice: each version that it returns must keep its own code."""
    with _function("one") as name:
        versions = [probes.returned(ship, name, _code(answer)) for answer in ("two", "three")]
        if "$LATEST" in versions:
            return "latest"
        if not all(isinstance(version, str) and version.isdecimal() for version in versions):
            return MISS
        answers = [_answer(name, version) for version in versions]
        if answers == ["two", "three"]:
            return RIGHT
        return "too-early" if answers == ["one", "two"] else MISS


def released(release: Callable[..., Any]) -> str:
    """Call their `release` to make the alias, to move it back during a shift, to move it on."""
    with _function("one") as name:
        old, new = _publish(name), _publish(name, "two")
        probes.returned(release, name, old)
        if _alias(name) != (old, {}):
            return MISS
        routing = {"AdditionalVersionWeights": {new: 0.5}}
        _client().update_alias(FunctionName=name, Name="live", RoutingConfig=routing)
        probes.returned(release, name, old)
        if _alias(name)[1]:
            return "shift-stays"
        probes.returned(release, name, new)
        return RIGHT if _alias(name) == (new, {}) else "stuck"


def shifted(shift: Callable[..., Any]) -> str:
    """Call their `shift` for two odd shares; the alias must stay at the old version."""
    with _function("one") as name:
        old, new = _publish(name), _publish(name, "two")
        _client().create_alias(FunctionName=name, Name="live", FunctionVersion=old)
        for share in (0.25, 0.07):
            if refused := _refused(shift, name, new, share):
                return refused
            version, weights = _alias(name)
            if version == new:
                return "all-at-once"
            if weights != {new: share}:
                return "rest" if weights == {new: 1 - share} else MISS
        return RIGHT


def _refused(shift: Callable[..., Any], name: str, new: str, share: float) -> str:
    """Shift; return the mistake that Lambda refuses: a weight above 1, or the alias's version."""
    try:
        probes.returned(shift, name, new, share)
    except probes.NotTestedError as failed:
        error = failed.__cause__
        if not isinstance(error, ClientError) or error.operation_name != "UpdateAlias":
            raise
        if error.response["Error"]["Code"] == "ValidationException":
            return "percent"
        if f"ersion {new}" not in error.response["Error"]["Message"]:
            raise
        return "all-at-once"
    return ""


def safe(deploy_safely: Callable[..., Any]) -> str:
    """Call their `deploy_safely`: good code goes live, broken code in between does not."""
    with _function("one") as name:
        _client().create_alias(FunctionName=name, Name="live", FunctionVersion=_publish(name))
        for answer in ("two", None, "three"):
            said = probes.returned(deploy_safely, name, _code(answer))
            there = _answer(name, "live")
            if answer is None and there != "two":
                return "untested"
            if answer is not None and there != answer:
                return "never"
            if said is not (answer is not None):
                return MISS
        return RIGHT


def removed(remove_all: Callable[..., Any]) -> str:
    """Call their `remove_all` with more functions than a page holds, logs, and a stranger."""
    prefix = f"lambda-live-gone-{secrets.token_hex(3)}-"
    mine = [f"{prefix}{number:02}" for number in range(PAGE + 2)]
    stranger = f"lambda-live-kept-{prefix}00"
    made = [*mine, stranger]
    try:
        client, code = _client(), _code("here")
        for name in made:
            _create(client, name, code)
        _answer(mine[0], "$LATEST")  # so that it has a log
        probes.returned(remove_all, prefix)
        pages = client.get_paginator("list_functions").paginate()
        return _grade(set(pages.search("Functions[].FunctionName")), mine, stranger, prefix)
    finally:
        for name in made:
            functions.remove(name)
        _forget(prefix)


def _grade(left: set[str], mine: list[str], stranger: str, prefix: str) -> str:
    if stranger not in left:
        return "strangers"
    if still := [name for name in mine if name in left]:
        return "first-page" if len(still) < PAGE else MISS
    return "logs" if _groups(prefix) else RIGHT


@contextmanager
def _function(answer: str) -> Iterator[str]:
    """Make a function that returns `answer`, and remove it when the block ends."""
    name = f"lambda-live-shipped-{secrets.token_hex(3)}"
    client = _client()
    _create(client, name, _code(answer))
    functions.wait(client, "function_active_v2", FunctionName=name)
    try:
        yield name
    finally:
        functions.remove(name)
        _forget(name)


def _create(client: Any, name: str, code: bytes) -> None:
    client.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="app.handler",
        Role=role.ensure(name),
        Code={"ZipFile": code},
    )


def _forget(start: str) -> None:
    for group in _groups(start):
        boto3.client("logs").delete_log_group(logGroupName=group)


def _code(answer: str | None) -> bytes:
    """Return the zip of a function that returns `answer`, or that fails for None."""
    body = "raise ValueError('broken')" if answer is None else f"return {answer!r}"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "app.py")
        file.write_text(f"def handler(event, context):\n    {body}\n")
        return functions.pack(file)


def _publish(name: str, answer: str | None = None) -> str:
    client = _client()
    if answer is not None:
        client.update_function_code(FunctionName=name, ZipFile=_code(answer))
        functions.wait(client, "function_updated_v2", FunctionName=name)
    return str(client.publish_version(FunctionName=name)["Version"])


def _answer(name: str, qualifier: str) -> Any:
    """Invoke that version or alias; return None if it does not exist."""
    client = _client()
    try:
        return json.load(client.invoke(FunctionName=name, Qualifier=qualifier)["Payload"])
    except client.exceptions.ResourceNotFoundException:
        return None


def _alias(name: str) -> tuple[str, dict[str, float]]:
    """Return the version and the weights of `live`; the version is "" if it does not exist."""
    client = _client()
    try:
        alias = client.get_alias(FunctionName=name, Name="live")
    except client.exceptions.ResourceNotFoundException:
        return "", {}
    routing = alias.get("RoutingConfig") or {}
    return alias["FunctionVersion"], routing.get("AdditionalVersionWeights") or {}


def _groups(start: str) -> list[str]:
    groups = boto3.client("logs").get_paginator("describe_log_groups")
    pages = groups.paginate(logGroupNamePrefix=f"/aws/lambda/{start}")
    return list(pages.search("logGroups[].logGroupName"))


def _client() -> Any:
    return boto3.client("lambda")
