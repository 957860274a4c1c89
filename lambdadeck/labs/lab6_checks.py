"""The checks of lab 6: the learner's Python publishes, shifts and removes the checks' functions."""

import secrets
from collections.abc import Callable
from typing import Any

import boto3
from botocore.exceptions import ClientError

from lambdadeck import functions
from lambdadeck.labs import calls, copies, shipping
from lambdadeck.labs.model import MISS, RIGHT, Judgment, Phrase
from lambdadeck.labs.probes import NotTestedError

PAGE = 50  # functions that ListFunctions returns at a time, and log groups that are described
_WITHOUT_LOGS = 2  # functions that were never called


def shipped(ship: Callable[..., Any]) -> str:
    """Call their `ship` twice: each version that it returns must keep its own code."""
    with shipping.function("one") as name:
        before = _with_a_gap(name)
        numbers = [_shipped(ship, name, answer) for answer in ("two", "three")]
        call, wanted = "ship(name, code)", Phrase("the number of the version with that code")
        if "$LATEST" in numbers:
            return Judgment("latest", call, numbers, wanted)
        versions = [str(number) for number in numbers]
        if not all(version.isdecimal() for version in versions):
            return Judgment(MISS, call, numbers, wanted)
        answers = [shipping.answer_of(name, version) for version in versions]
        if answers != ["two", "three"]:
            outcome = "too-early" if answers == ["old", "two"] else MISS
            got = f"versions {versions}, which return {answers}"
            return Judgment(outcome, call, got, Phrase("versions that return 'two' and 'three'"))
        if shipping.alias(name) != before:
            return Judgment(MISS, call, shipping.alias(name), Phrase(f"`live` as before: {before}"))
        return RIGHT


def _shipped(ship: Callable[..., Any], name: str, answer: str) -> Any:
    number = calls.returned(ship, name, shipping.code(answer))
    shipping.settled(name)
    return number


def _with_a_gap(name: str) -> shipping.Alias:
    """Publish two versions, remove the second; return `live`, which points at the first."""
    first = shipping.publish(name)
    shipping.client().create_alias(FunctionName=name, Name="live", FunctionVersion=first)
    shipping.upload(name, "gap")
    shipping.client().delete_function(FunctionName=name, Qualifier=shipping.publish(name))
    shipping.upload(name, "old")
    return shipping.alias(name)


def released(release: Callable[..., Any]) -> str:
    """Call their `release` to make the alias, to move it back during a shift, to move it on."""
    with shipping.function("one") as name:
        old, new = _two_versions(name)
        calls.returned(release, name, old)
        if shipping.alias(name) != (old, {}):
            return _live(MISS, "release", name, (name, old), (old, {}))
        for share in (0.5, 1.0):
            routing = {"AdditionalVersionWeights": {new: share}}
            shipping.client().update_alias(FunctionName=name, Name="live", RoutingConfig=routing)
            with shipping.watched(name) as seen:
                calls.returned(release, name, old)
            if shipping.alias(name)[1]:
                return _live("shift-stays", "release", name, (name, old), (old, {}))
        for version in (new, new, old):
            with shipping.watched(name) as later:
                calls.returned(release, name, version)
            if shipping.alias(name) != (version, {}):
                return _live("stuck", "release", name, (name, version), (version, {}))
            seen += later
        return _remade(seen) or RIGHT


def _two_versions(name: str) -> tuple[str, str]:
    old = shipping.publish(name)
    shipping.upload(name, "two")
    return old, shipping.publish(name)


def _live(
    outcome: str, made: str, name: str, given: tuple[object, ...], expected: shipping.Alias
) -> Judgment:
    call = f"{made}({', '.join(map(repr, given))}), then get_alias"
    return Judgment(outcome, call, _words(shipping.alias(name)), Phrase(_words(expected)))


def _words(alias: shipping.Alias) -> str:
    version, weights = alias
    return f"`live` at version {version}, weights {weights}" if version else "no alias `live`"


def _remade(seen: list[shipping.Alias]) -> str:
    """Return the outcome if the alias was gone at any moment."""
    if all(version for version, _ in seen):
        return ""
    call, got = "get_alias while your function ran", "ResourceNotFoundException"
    return Judgment("remade", call, got, Phrase("an alias that is always there"))


def shifted(shift: Callable[..., Any]) -> str:
    """Call their `shift` for several shares; the alias must stay at the old version."""
    with shipping.function("one") as name:
        old, new = _two_versions(name)
        shipping.client().create_alias(FunctionName=name, Name="live", FunctionVersion=old)
        for share in (0.25, 0.07, 1.0, 0.0):
            with shipping.watched(name) as seen:
                refused = _refused(shift, name, new, share)
            wrong = refused or _remade(seen) or _wrong_shift(name, old, new, share)
            if wrong:
                given = (name, new, share)
                told = _live(wrong, "shift", name, given, (old, {new: share}))
                return told if wrong != "remade" else wrong
        return RIGHT


def _wrong_shift(name: str, old: str, new: str, share: float) -> str:
    version, weights = shipping.alias(name)
    if version == new:
        return "all-at-once"
    # A weight of 0 is no weight.
    if weights == {new: share} or (share == 0 and not any(weights.values())):
        return "" if version == old else MISS
    return "rest" if weights == {new: 1 - share} else MISS


def _refused(shift: Callable[..., Any], name: str, new: str, share: float) -> str:
    """Shift; return the mistake that Lambda refuses: a weight above 1, or the alias's version."""
    try:
        calls.returned(shift, name, new, share)
    except NotTestedError as failed:
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
    """Call their `deploy_safely`: good code goes live, broken code in between never does."""
    with shipping.function("one") as name:
        first = shipping.publish(name)
        shipping.client().create_alias(FunctionName=name, Name="live", FunctionVersion=first)
        live = "one"
        for answer in ("two", shipping.RAISES, "three", shipping.NO_IMPORT):
            is_good = answer not in (shipping.RAISES, shipping.NO_IMPORT)
            if wrong := _deployed(deploy_safely, name, answer, live, is_good=is_good):
                return wrong
            live = answer if is_good else live
        return RIGHT


def _deployed(
    deploy_safely: Callable[..., Any], name: str, answer: str, live: str, *, is_good: bool
) -> str:
    """Deploy code that returns `answer` while `live` returns `live`; return what went wrong."""
    before, package = shipping.alias(name), shipping.code(answer)
    with shipping.watched(name) as seen:
        said = calls.returned(deploy_safely, name, package)
    shipping.settled(name)
    there, wanted = shipping.answer_of(name, "live"), answer if is_good else live
    call = f"deploy_safely(name, {'good' if is_good else 'broken'} code), then invoke `live`"
    got, expected = f"{said}, live: {there}", Phrase(f"{is_good}, live: {wanted}")
    if there != wanted:
        return Judgment("never" if is_good else "untested", call, got, expected)
    moved = [state for state in seen if state != before] if not is_good else []
    if moved or not all(version for version, _ in seen):
        got = _words(next((state for state in seen if state != before), ("", {})))
        return Judgment("moved-first", f"get_alias during {call}", got, Phrase(_words(before)))
    return "" if said is is_good else Judgment(MISS, call, got, expected)


def removed(remove_all: Callable[..., Any]) -> str:
    """Call their `remove_all` with more functions and logs than a page holds, and strangers."""
    word = secrets.token_hex(3)
    prefix = f"lambda-live-gone-{word}-"
    mine = [f"{prefix}{number:02}" for number in range(PAGE + 2 + _WITHOUT_LOGS)]
    strangers = [f"lambda-live-kept-{prefix}00", f"lambda-live-gone-{word}", prefix.upper() + "00"]
    try:
        _make(mine, strangers)
        calls.returned(remove_all, prefix)
        return _left(mine, strangers, prefix)
    finally:
        for name in (*mine, *strangers):
            functions.remove(name)
        for start in (*strangers, prefix):
            copies.forget_logs(start)


def _make(mine: list[str], strangers: list[str]) -> None:
    package, logs = shipping.code("here"), boto3.client("logs")
    for name in (*mine, *strangers):
        shipping.create(name, package)
    functions.wait(shipping.client(), "function_active_v2", FunctionName=mine[0])
    shipping.answer_of(mine[0], "$LATEST")  # so that it has a log
    for name in (*mine[1:-_WITHOUT_LOGS], *strangers):
        logs.create_log_group(logGroupName=f"/aws/lambda/{name}")


def _left(mine: list[str], strangers: list[str], prefix: str) -> str:
    pages = shipping.client().get_paginator("list_functions").paginate()
    names = set(pages.search("Functions[].FunctionName"))
    groups = set(copies.log_groups(""))
    call = f"remove_all({prefix!r})"
    theirs = {*strangers, *(f"/aws/lambda/{name}" for name in strangers)}
    if gone := theirs - names - groups:
        return Judgment("strangers", call, f"gone: {sorted(gone)}", Phrase("only yours gone"))
    for still, all_left in (
        ([name for name in mine if name in names], MISS),
        ([group for group in groups if group.startswith(f"/aws/lambda/{prefix}")], "logs"),
    ):
        if still:
            outcome = "first-page" if len(still) < PAGE else all_left
            return Judgment(outcome, call, f"{len(still)} left: {still[0]} …", Phrase("none left"))
    return RIGHT
