"""What a lab is made of: predictions, checks, questions. Data only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

RIGHT, MISS, BLANK = (
    "right",
    "miss",
    "blank",
)  # what a judge may answer, beside the name of a misconception


@dataclass(frozen=True)
class Number:
    """A guess of a number; `unit` follows it ("times", "ms")."""

    key: str
    unit: str


@dataclass(frozen=True)
class Choice:
    """A guess of one of `options` (letter to words); `outcome` makes the letter that came true out of the cell's result."""

    key: str
    options: Mapping[str, str]
    outcome: Callable[[Any], str] = str


@dataclass(frozen=True)
class Mutation:
    """A way to get an exercise wrong: `old` in its solution becomes `new`; `shows` names the misconception that it stands for."""

    old: str
    new: str
    shows: str = ""


@dataclass(frozen=True)
class Check:
    """A test of the learner's own work.

    `judge` gets what the learner hands over and answers RIGHT, MISS, BLANK or the name of a misconception; it may raise
    `evidence.Failed` with a sentence. `objective` completes "You can …". `hints` are for the first and for every later
    miss; `blank` says what to fill in. `mutations` are for the tests: each must be caught.
    """

    key: str
    objective: str
    judge: Callable[..., str]
    blank: str
    hints: tuple[str, str]
    mutations: tuple[Mutation, ...]
    misconceptions: Mapping[str, str] = field(default_factory=dict)
    praise: str = ""


@dataclass(frozen=True)
class Option:
    """An answer of a quiz: its words, and why it is right, or what the misconception behind it overlooks."""

    words: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """One question of a quiz; exactly one of its options is right."""

    key: str
    asks: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Lab:
    """One lab. Its objectives are those of its checks."""

    number: int
    slug: str
    title: str
    minutes: int
    predictions: tuple[Number | Choice, ...]
    checks: tuple[Check, ...]
    questions: tuple[Question, ...]

    @property
    def stem(self) -> str:
        """The name of its notebook, without .ipynb."""
        return f"{self.number}-{self.slug}"
