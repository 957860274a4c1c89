"""The options of Travis CI's lambda provider: which there are, their defaults, and what a file sets them to.

Source: dpl v2 (2025-04), lib/dpl/providers/lambda.rb and its page on docs.travis-ci.com.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdadeck.deployment.travis.parser import BadTravisFile, Block, Value, known, one_of

TRAVIS_OWN = frozenset(
    {"provider", "on", "skip_cleanup", "cleanup", "edge", "run", "allow_failure"}
)  # not the provider's
ALIASES = {"environment_variables": "environment"}
REQUIRED = ("access_key_id", "secret_access_key", "function_name")
TO_CREATE = ("role", "handler_name")
HIDDEN = "…"
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")


@dataclass(frozen=True)
class Option:
    """What an option takes: text, number, list, pairs (NAME=value) or flag; its default as written, None if it has none."""

    kind: str = "text"
    default: str | None = None
    choices: tuple[str, ...] = ()
    secret: bool = False


OPTIONS = {
    "access_key_id": Option(secret=True),
    "secret_access_key": Option(secret=True),
    "region": Option(default="us-east-1"),
    "function_name": Option(),
    "role": Option(),
    "handler_name": Option(),
    "module_name": Option(default="index"),
    "description": Option(default="Deploy build $TRAVIS_BUILD_NUMBER to AWS Lambda via Travis CI"),
    "timeout": Option("number", "3"),
    "memory_size": Option("number", "128"),
    "subnet_ids": Option("list"),
    "security_group_ids": Option("list"),
    "environment": Option("pairs", secret=True),
    "runtime": Option(default="nodejs12.x"),
    "dead_letter_arn": Option(),
    "kms_key_arn": Option(),
    "tracing_mode": Option(default="PassThrough", choices=("Active", "PassThrough")),
    "layers": Option("list"),
    "function_tags": Option("pairs", secret=True),
    "publish": Option("flag", "false"),
    "zip": Option(default="."),
    "dot_match": Option("flag", "false"),
}


@dataclass(frozen=True)
class Setting:
    """An option as it will be used (`value`), as it may be shown (`shown`: no secret), and where it comes from."""

    value: Any = field(repr=False)
    shown: str
    line: int | None
    secrets: tuple[tuple[str, str], ...] = field(
        default=(), repr=False
    )  # (what to show, what never to show)

    @property
    def origin(self) -> str:
        """ "line 7", or "default"."""
        return "default" if self.line is None else f"line {self.line}"


def settings(block: Block, environment: Mapping[str, str]) -> dict[str, Setting]:
    """Every option that the block sets or that has a default, variables filled in from `environment`.

    BadTravisFile for an unknown key, a missing one, a variable that is not set, a value of the wrong kind.
    """
    given = _given(block)
    missing = [name for name in REQUIRED if name not in given]
    if missing:
        raise BadTravisFile(
            block.line,
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing from the "
            "provider that begins here; lambda requires it.",
        )
    if "module_name" in given and "handler_name" not in given:
        raise BadTravisFile(given["module_name"].line, "module_name needs handler_name beside it.")
    stated = {name: _setting(name, value, environment) for name, value in given.items()}
    defaults = {
        name: Value(0, option.default)
        for name, option in OPTIONS.items()
        if option.default is not None
    }
    rest = {
        name: _default(name, value, environment)
        for name, value in defaults.items()
        if name not in stated
    }
    return {name: (stated | rest)[name] for name in OPTIONS if name in stated or name in rest}


def _given(block: Block) -> dict[str, Value]:
    given: dict[str, Value] = {}
    for written, value in block.fields.items():
        known(
            written,
            [*OPTIONS, *ALIASES, *TRAVIS_OWN],
            value.line,
            "an option of the lambda provider",
        )
        name = ALIASES.get(written, written)
        if name in given:
            raise BadTravisFile(
                value.line,
                f"{written} is {name} by another name, which line {given[name].line} has: keep one.",
            )
        if written not in TRAVIS_OWN:
            given[name] = value
    return given


def _default(name: str, value: Value, environment: Mapping[str, str]) -> Setting:
    made = _setting(name, value, environment)
    return Setting(made.value, str(made.value), None)


def _setting(name: str, given: Value, environment: Mapping[str, str]) -> Setting:
    option, make = OPTIONS[name], _MAKERS[OPTIONS[name].kind]
    _not_encrypted(name, given)
    if option.kind in ("list", "pairs"):
        return make(name, given, environment)
    if given.items is not None or given.fields is not None:
        raise BadTravisFile(
            given.line,
            f"{name} takes one value, and here is {'a list' if given.fields is None else 'a group'}.",
        )
    if not given.text:
        raise BadTravisFile(given.line, f"{name} has no value: give it one, or remove the line.")
    if option.choices and "$" not in given.text:
        one_of(given, name, {choice: choice for choice in option.choices})
    return make(name, given, environment)


def _not_encrypted(name: str, given: Value) -> None:
    for value in (given, *(given.items or ())):
        if value.fields and "secure" in value.fields:
            raise BadTravisFile(
                value.line,
                f"{name} is encrypted for Travis CI, which alone can read it: "
                f"name a variable instead, such as {name}: $SECRET.",
            )


def _text(name: str, given: Value, environment: Mapping[str, str]) -> Setting:
    value, used = fill(given, environment)
    secret = OPTIONS[name].secret
    shown = HIDDEN if secret and not used else given.text
    hidden = ((shown, value),) if secret else ()
    return Setting(value, shown, given.line, (*used, *hidden))


def _number(name: str, given: Value, environment: Mapping[str, str]) -> Setting:
    made = _text(name, given, environment)
    if not re.fullmatch(r"[0-9]{1,9}", made.value):
        raise BadTravisFile(given.line, f"{name} is {made.shown!r}; it takes a whole number.")
    return Setting(int(made.value), made.shown, given.line, made.secrets)


def _flag(name: str, given: Value, environment: Mapping[str, str]) -> Setting:
    words = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    return Setting(
        one_of(Value(given.line, given.text.lower()), name, words), given.text, given.line
    )


def _list(name: str, given: Value, environment: Mapping[str, str]) -> Setting:
    made = [_text(name, item, environment) for item in _items(name, given)]
    return Setting(
        [one.value for one in made],
        ", ".join(one.shown for one in made),
        given.line,
        tuple(pair for one in made for pair in one.secrets),
    )


def _pairs(name: str, given: Value, environment: Mapping[str, str]) -> Setting:
    """NAME=value, each; a value may be a secret, so that only its variable's name is shown."""
    values, shown, secrets = {}, [], []
    for item in _items(name, given):
        key, sign, written = item.text.partition("=")
        if not sign or not re.fullmatch(r"[\w-]+", key) or not written:
            raise BadTravisFile(
                item.line,
                f"{name} takes NAME=value, one an item; here {key or 'the name'!r} has no "
                f"{'name' if not key else 'value'}.",
            )
        one = _text(name, Value(item.line, written), environment)
        values[key] = one.value
        shown.append(f"{key}={one.shown if _VARIABLE.fullmatch(written) else HIDDEN}")
        secrets += one.secrets
    return Setting(values, ", ".join(shown), given.line, tuple(secrets))


def _items(name: str, given: Value) -> tuple[Value, ...]:
    items = given.items if given.items is not None else (given,)
    wrong = [
        item for item in items if item.fields is not None or item.items is not None or not item.text
    ]
    if wrong or not items:
        raise BadTravisFile(
            (wrong or [given])[0].line, f"{name} takes a list of plain values, one an item."
        )
    return items


def fill(given: Value, environment: Mapping[str, str]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The text with its $VARIABLES filled in, and (name, value) of each; BadTravisFile for one that is not set."""
    used = []

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name not in environment:
            raise BadTravisFile(
                given.line,
                f"${name} is not set in the environment: set it, or write its value here.",
            )
        used.append((f"${name}", environment[name]))
        return environment[name]

    return _VARIABLE.sub(value, given.text), tuple(used)


_MAKERS = {"text": _text, "number": _number, "flag": _flag, "list": _list, "pairs": _pairs}
