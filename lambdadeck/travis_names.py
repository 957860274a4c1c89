"""Names and words of a .travis.yml that must be one of a few: unknown ones are named, with the nearest known."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import TypeVar

from lambdadeck.travis_yaml import BadTravisFile, Value

Meaning = TypeVar("Meaning")


def known(name: str, names: Collection[str], line: int, what: str) -> None:
    """BadTravisFile, with the nearest of `names`, if `name` is none of them."""
    if name in names:
        return
    near = difflib.get_close_matches(name, names, 1, 0.6)
    hint = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(sorted(names))}."
    raise BadTravisFile(line, f"{name} is not {what}. {hint}")


def one_of(value: Value, name: str, meanings: Mapping[str, Meaning]) -> Meaning:
    """What the value means; BadTravisFile if it is none of the words of `meanings`."""
    if value.text in meanings:
        return meanings[value.text]
    written = f"is {value.text!r}" if value.text else "has no value"
    raise BadTravisFile(value.line, f"{name} {written}; it takes {' or '.join(meanings)}.")
