"""Data types of a lab: predictions, checks, quiz questions."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from lambdadeck.shared.paths import ASSETS

RIGHT, MISS, BLANK = "right", "miss", "blank"  # outcomes of a check, beside its misconceptions


class Judgment(str):
    """The name of an outcome, with a cell that shows it, its result and the expected one."""

    def __new__(
        cls, name: str, call: str = "", got: object = None, expected: object = None
    ) -> Self:
        made = super().__new__(cls, name)
        made.evidence = _evidence(call, got, expected) if call else ""
        return made

    evidence: str


def _evidence(call: str, got: object, expected: object) -> str:
    received, wanted = (
        each if isinstance(each, Phrase) else repr(each) for each in (got, expected)
    )
    gap = "\n" if "\n" in call else " "
    return f"Run it yourself:{gap}{call}\nReceived: {received}\nExpected: {wanted}"


class Phrase(str):
    """What is received or expected, in words instead of a value."""


@dataclass(frozen=True)
class Number:
    """A prediction of a number; `unit` follows it ("times", "ms")."""

    key: str
    unit: str


@dataclass(frozen=True)
class Choice:
    """A prediction of one of `options`; `outcome` maps a cell's result to the letter that holds."""

    key: str
    options: Mapping[str, str]
    outcome: Callable[[Any], str] = str


@dataclass(frozen=True)
class Mutation:
    """A wrong solution for the tests: `new` replaces `old`, which `shows` a misconception."""

    old: str
    new: str
    shows: str = ""


@dataclass(frozen=True)
class Check:
    """A test of the learner's work.

    `grade` gets the learner's answers and returns RIGHT, MISS, BLANK or a misconception's name,
    best as a Judgment; it may raise NotTestedError. `objective` completes "You can …"; `hint` is
    for the first miss, `nearer` for later ones; `blank` says what to fill in. The tests try all
    `mutations`.
    """

    key: str
    objective: str
    grade: Callable[..., str]
    blank: str
    hint: str
    nearer: str
    mutations: tuple[Mutation, ...]
    misconceptions: Mapping[str, str] = field(default_factory=dict)
    praise: str = ""


@dataclass(frozen=True)
class QuizOption:
    """One option of a quiz question; `why` says why it is right, or what it overlooks."""

    words: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """A quiz question; exactly one of its options is right."""

    key: str
    asks: str
    options: tuple[QuizOption, ...]


@dataclass(frozen=True)
class Lab:
    """A lab; the objectives of its checks are its own."""

    number: int
    slug: str
    title: str
    minutes: int
    predictions: tuple[Number | Choice, ...]
    checks: tuple[Check, ...]

    @property
    def stem(self) -> str:
        """Return the name of its notebook, without .ipynb."""
        return f"{self.number}-{self.slug}"

    @property
    def questions(self) -> tuple[Question, ...]:
        """Return the questions of its quiz."""
        return questions((ASSETS / "quizzes" / f"{self.stem}.txt").read_text(encoding="utf-8"))


def questions(text: str) -> tuple[Question, ...]:
    """Read questions, one a paragraph.

    "key: question", then each option: "- " if wrong, "+ " if right, and its reason after ": ".
    These marks start a line; any other line continues the one before.
    """
    return tuple(_question(paragraph) for paragraph in text.strip().split("\n\n"))


def _question(paragraph: str) -> Question:
    head, *rest = re.split(r"^([-+:]) ", paragraph, flags=re.MULTILINE)
    key, _, asks = head.partition(": ")
    marks, texts = rest[::2], [" ".join(text.split()) for text in rest[1::2]]
    options = zip(texts[::2], texts[1::2], marks[::2], strict=True)
    made = tuple(QuizOption(words, why, mark == "+") for words, why, mark in options)
    return Question(key, " ".join(asks.split()), made)
