"""The talk's options of Travis CI's lambda provider; dpl v2, lib/dpl/providers/lambda.rb."""

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from string import Template
from typing import Any

from lambdadeck import aws
from lambdadeck.aws import role
from lambdadeck.deployment.travis.parser import GROUP, TEXT, Value, require
from lambdadeck.shared import redaction

Settings = dict[str, "Setting"]
KEYS = ("access_key_id", "secret_access_key")
REQUIRED = (*KEYS, "function_name", "role", "handler_name")
DEFAULTS = {
    "region": "us-east-1",
    "module_name": "index",
    "description": "Deploy build $TRAVIS_BUILD_NUMBER to AWS Lambda via Travis CI",
    "timeout": "3",
    "memory_size": "128",
    "runtime": "nodejs12.x",
    "zip": ".",
}
KNOWN = (*REQUIRED, *DEFAULTS, "provider", "on", "skip_cleanup")
_UNSUPPORTED = re.compile(
    "environment(_variables)?|function_tags|layers|publish|dot_match|tracing_mode|subnet_ids|"
    "security_group_ids|dead_letter_arn|kms_key_arn|run|all_branches|condition|repo|tags"
)
_ROLE = re.compile(r"arn:[a-z-]+:iam::(\d{12}):role/(?:.*/)?([^/]+)")


@dataclass(frozen=True)
class Setting:
    """A value as sent and as shown (no secret), and where it is from: "line 7" or "default"."""

    value: Any = field(repr=False)
    shown: str
    origin: str = "default"


def decide(provider: Value, branch: str) -> tuple[bool, str, str]:
    """Return if `branch` stands in `on:` (without one: is master), why, and where from."""
    on = provider.fields.get("on", Value(0, "master"))
    for name, value in on.fields.items():
        _known(name, ("branch",), value.line, "a condition of on:")
    given = on.fields.get("branch", Value(on.line, "master")) if on.kind == GROUP else on
    wanted = [value.text for value in given.items or (given,)]
    require(all(wanted), given.line, "a condition of on: stands here without its value.")
    origin = f"line {on.line}" if on.line else "Travis CI's default"
    if branch in wanted:
        return True, f"branch {branch}", origin
    return False, f"this build's branch is {branch}, and on: wants {' or '.join(wanted)}", origin


def settings(provider: Value, environment: Mapping[str, str]) -> Settings:
    """Return options and defaults, $VARIABLES filled in; raise TravisFileError for a wrong one."""
    for name, value in provider.fields.items():
        _known(name, KNOWN, value.line, "an option of the lambda provider")
    for name in REQUIRED:
        require(name in provider.fields, provider.line, f"{name} is missing; the talk needs it.")
    written = {name: Value(0, text) for name, text in DEFAULTS.items()} | provider.fields
    return {name: _setting(name, written[name], environment) for name in (*REQUIRED, *DEFAULTS)}


def _known(name: str, names: Collection[str], line: int, kind: str) -> None:
    unsupported = _UNSUPPORTED.fullmatch(name) and name not in names
    require(not unsupported, line, f"{name} is {kind} that is not supported here: remove it.")
    near = difflib.get_close_matches(name, names, 1, 0.6)
    hint = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(sorted(names))}."
    require(name in names, line, f"{name} is not {kind}. {hint}")


def _setting(name: str, given: Value, environment: Mapping[str, str]) -> Setting:
    require(given.kind == TEXT, given.line, f"{name} takes one value, and here is {given.kind}.")
    require(given.text, given.line, f"{name} has no value: give it one, or remove the line.")
    template, needless = Template(given.text), name in KEYS and aws.asked()
    for variable in template.get_identifiers():
        unset = f"${variable} is not set in the environment: set it, or write its value here."
        require(variable in environment or needless, given.line, unset)
    value, variables = template.safe_substitute(environment), template.get_identifiers()
    shown = "…" if name in KEYS and not variables else given.text if given.line else value
    origin = f"line {given.line}" if given.line else "default"
    if name not in ("timeout", "memory_size"):
        return Setting(value, shown, origin)
    whole = re.fullmatch(r"[0-9]{1,9}", value)
    require(whole, given.line, f"{name} is {shown!r}; it takes a whole number.")
    return Setting(int(value), shown, origin)


def adapted(stated: Settings) -> tuple[Settings, list[str]]:
    """Return the settings for the confirmed account, and notes on the replaced; LOCAL's stay."""
    if not aws.asked():
        return stated, []
    caller, given, notes = aws.confirmed(), dict(stated), []
    for name in KEYS:
        words = f"your own log-in, not {stated[name].shown}"
        given[name] = replace(stated[name], value=None, shown=words)
    if (region := stated["region"]).value != caller.region:
        given["region"] = replace(region, value=caller.region, shown=caller.region)
        words = f"is replaced by {caller.region}, which you confirmed"
        notes.append(f"{region.origin}: region {region.shown} {words}")
    found, arn = _ROLE.fullmatch(stated["role"].value), role.arn(caller)
    if found and found[1] != caller.account:
        ours = f"{arn.rsplit('/')[-1]} of {redaction.account(caller.account)}"
        given["role"] = replace(stated["role"], value=arn, shown=ours)
        words = f"of another account ({redaction.account(found[1])}) is replaced by {ours}"
        notes.append(f"{stated['role'].origin}: role {found[2]} {words}")
    return given, notes
