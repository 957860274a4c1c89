"""Which labs there are, and what their keys name."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Sequence
from functools import cache
from typing import TypeVar

import lambdadeck.labs
from lambdadeck.labs.model import Check, Choice, Lab, Number, Question

Part = TypeVar("Part", Number | Choice, Check, Question)


def numbers() -> list[int]:
    """The numbers of the labs that are there, ascending."""
    names = (module.name for module in pkgutil.iter_modules(lambdadeck.labs.__path__))
    return sorted(int(found[1]) for name in names if (found := re.fullmatch(r"lab(\d+)", name)))


@cache
def lab(number: int) -> Lab:
    """The lab of that number; ValueError names those that exist."""
    if number not in numbers():
        raise ValueError(f"There is no lab {number!r}; there are {', '.join(map(str, numbers()))}.")
    return importlib.import_module(f"lambdadeck.labs.lab{number}").LAB


def prediction(key: str) -> tuple[Lab, Number | Choice]:
    """The prediction named "1.word", and its lab; ValueError names those that exist."""
    its = _lab_of(key)
    return its, _part(key, its, its.predictions)


def check(key: str) -> tuple[Lab, Check]:
    """The check named "1.word", and its lab; ValueError names those that exist."""
    its = _lab_of(key)
    return its, _part(key, its, its.checks)


def question(key: str) -> Question:
    """The quiz question named "1.word"; ValueError names those that exist."""
    its = _lab_of(key)
    return _part(key, its, its.questions)


def _lab_of(key: str) -> Lab:
    found = re.fullmatch(r"(\d+)\.[a-z][a-z-]*", str(key))
    if found is None:
        raise ValueError(
            f'{key!r} names nothing in a lab: write its number, a dot and a word, such as "1.cold".'
        )
    return lab(int(found[1]))


def _part(key: str, its: Lab, parts: Sequence[Part]) -> Part:
    for part in parts:
        if f"{its.number}.{part.key}" == key:
            return part
    known = ", ".join(f"{its.number}.{part.key}" for part in parts)
    raise ValueError(f"Lab {its.number} has no {key!r} here; it has {known}.")
