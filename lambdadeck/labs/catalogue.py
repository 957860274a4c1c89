"""Find labs, and their parts by key: "1.cold" is lab 1's part named cold."""

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
    """Return the numbers of all labs, ascending."""
    names = (module.name for module in pkgutil.iter_modules(lambdadeck.labs.__path__))
    return sorted(int(found[1]) for name in names if (found := re.fullmatch(r"lab(\d+)", name)))


@cache
def lab(number: int) -> Lab:
    """Return a lab; raise ValueError naming all labs if it does not exist."""
    if number not in numbers():
        raise ValueError(f"There is no lab {number!r}; there are {', '.join(map(str, numbers()))}.")
    found: Lab = importlib.import_module(f"lambdadeck.labs.lab{number}").LAB
    return found


def prediction(key: str) -> tuple[Lab, Number | Choice]:
    """Return a prediction and its lab; raise ValueError naming those that exist."""
    its = _lab_of(key)
    return its, _part(key, its, its.predictions)


def check(key: str) -> tuple[Lab, Check]:
    """Return a check and its lab; raise ValueError naming those that exist."""
    its = _lab_of(key)
    return its, _part(key, its, its.checks)


def question(key: str) -> Question:
    """Return a quiz question; raise ValueError naming those that exist."""
    its = _lab_of(key)
    return _part(key, its, its.questions)


def _lab_of(key: str) -> Lab:
    if found := re.fullmatch(r"(\d+)\.[a-z][a-z-]*", str(key)):
        return lab(int(found[1]))
    raise ValueError(f'{key!r} is not a key: write lab, dot and word, such as "1.cold".')


def _part(key: str, its: Lab, parts: Sequence[Part]) -> Part:
    known = {f"{its.number}.{part.key}": part for part in parts}
    if key in known:
        return known[key]
    raise ValueError(f"Lab {its.number} has no {key!r} here; it has {', '.join(known)}.")
