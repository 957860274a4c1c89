"""What the labs call: start, predict, reveal, check, quiz, reset. What there is to predict, check and ask is in `labs/`.

Every function returns something that shows itself as the last line of a cell. Keys are "1.word": lab 1's "word".
"""

from __future__ import annotations

import os
from typing import Any

from IPython import get_ipython

from lambdadeck.labs import catalogue
from lambdadeck.labs import progress as kept
from lambdadeck.labs.blanks import SkipUnfilled
from lambdadeck.labs.grading import Verdict, judged
from lambdadeck.labs.header import Header
from lambdadeck.labs.predictions import Comparison, Guess, came_true, understood
from lambdadeck.labs.quiz import Quiz


def start(number: int) -> Header:
    """Begin or go on with a lab: its objectives and how far you are.

    From here on, files that you write go to the lab's own folder, and a cell that still has a blank says so.
    """
    its = catalogue.lab(number)
    os.chdir(kept.work(number))
    shell = get_ipython()
    if shell is not None and not any(
        isinstance(each, SkipUnfilled) for each in shell.ast_transformers
    ):
        shell.ast_transformers.append(SkipUnfilled())
    return Header(its, kept.read(its.number))


def progress(number: int) -> Header:
    """How far you are in a lab."""
    return Header(catalogue.lab(number), kept.read(number))


def reset(number: int) -> Header:
    """Forget guesses, misses and passed checks of a lab, and remove the files that you wrote in it."""
    its = catalogue.lab(number)
    kept.reset(its.number)
    return Header(its, kept.read(its.number))


def predict(key: str, guess: Any = ...) -> Guess:
    """Record a guess before the next cell runs: a number, or the letter of an option. `...` shows what was guessed."""
    its, asked = catalogue.prediction(key)
    known = kept.read(its.number)

    def record(value: Any) -> None:
        now = kept.read(its.number)
        now.guesses[asked.key] = value
        kept.write(its.number, now)

    if guess is ...:
        return Guess(asked, known.guesses.get(asked.key), record)
    try:
        record(value := understood(asked, guess))
    except ValueError as problem:
        return Guess(asked, None, record, str(problem))
    return Guess(asked, value, record)


def reveal(key: str, result: Any) -> Comparison:
    """Show what came out beside what was guessed."""
    its, asked = catalogue.prediction(key)
    known = kept.read(its.number)
    known.results[asked.key] = came_true(asked, result)
    kept.write(its.number, known)
    return Comparison(asked, known.guesses.get(asked.key), known.results[asked.key])


def check(key: str, *answers: Any) -> Verdict:
    """Test your own work. The first miss gets a hint, the next a nearer one; the solution is never printed."""
    its, asked = catalogue.check(key)
    misses = kept.read(its.number).misses.get(asked.key, 0)
    verdict = judged(asked, answers, misses, kept.work(its.number))
    known = kept.read(its.number)  # again: a judge may take seconds
    if verdict.passed and asked.key not in known.passed:
        known.passed.append(asked.key)
    if verdict.is_miss:
        known.misses[asked.key] = known.misses.get(asked.key, 0) + 1
    kept.write(its.number, known)
    return verdict


def quiz(number_or_key: int | str) -> Quiz:
    """All questions of a lab (`quiz(1)`), or one of them (`quiz("1.word")`)."""
    if isinstance(number_or_key, int):
        return Quiz(number_or_key, catalogue.lab(number_or_key).questions)
    return Quiz(int(number_or_key.partition(".")[0]), (catalogue.question(number_or_key),))
