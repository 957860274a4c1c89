"""The functions that the labs' cells call; each returns an object that shows itself.

A key such as "1.word" names lab 1's prediction, check or question "word".
"""

import os
from pathlib import Path
from typing import Any

from IPython import get_ipython

from lambdadeck.labs import catalogue, journal
from lambdadeck.labs import progress as kept
from lambdadeck.labs.blanks import SkipUnfilled
from lambdadeck.labs.exercises import Restored, restored
from lambdadeck.labs.grading import Grade, grade
from lambdadeck.labs.header import Header
from lambdadeck.labs.predictions import Guess, Reveal, came_true, understood
from lambdadeck.labs.quiz import Quiz


def start(number: int) -> Header:
    """Start or continue a lab; show its objectives and your progress.

    Files that you write now go to the lab's own folder, and cells with a blank are skipped.
    """
    catalogue.lab(number)  # raises ValueError if there is none
    os.chdir(kept.work(number))
    _skip_unfilled()
    journal.note(number, "start")
    return _header(number)


def _skip_unfilled() -> None:
    if shell := get_ipython():
        transformers = shell.ast_transformers
        if not any(isinstance(each, SkipUnfilled) for each in transformers):
            transformers.append(SkipUnfilled())


def progress(number: int) -> Header:
    """Show your progress in a lab."""
    return _header(number)


def _header(number: int) -> Header:
    its = catalogue.lab(number)
    return Header(its, kept.read(number), *journal.usual_minutes(number, len(its.checks)))


def reset(number: int) -> Header:
    """Forget guesses, misses and passed checks of a lab; remove the files that you wrote in it."""
    catalogue.lab(number)  # raises ValueError if there is none
    kept.reset(number)
    journal.note(number, "reset")
    return _header(number)


def restore(key: str) -> Restored:
    """Show one exercise as it was, its first cell in a new one; forget its misses and its pass."""
    its, asked = catalogue.check(key)
    cells = restored(its, asked.key)
    known = kept.read(its.number)
    known.misses.pop(asked.key, None)
    known.passed = [each for each in known.passed if each != asked.key]
    kept.write(its.number, known)
    journal.note(its.number, "restore", asked.key)
    if shell := get_ipython():
        shell.set_next_input(cells.sources[0])  # JupyterLab inserts one cell at a time
    return cells


def join(folder: str, name: str = "") -> str:
    """Join a class: its teacher sees what you pass, miss and answer from now on, under this name.

    The folder is the one that the teacher names. Your code is not shared, and `leave()` ends it.
    """
    joined = journal.join(Path(folder), name)
    return f"You are {joined.name} in this class. lesson.leave() ends it."


def leave() -> str:
    """Leave the class."""
    journal.leave()
    return "Nothing more is written for a class."


def predict(key: str, guess: Any = ...) -> Guess:
    """Record a guess, a number or the letter of an option; show the recorded one for `...`."""
    its, asked = catalogue.prediction(key)

    def record(value: Any) -> None:
        now = kept.read(its.number)
        now.guesses[asked.key] = value
        kept.write(its.number, now)
        journal.note(its.number, "predict", asked.key, str(value))

    if guess is ...:
        return Guess(asked, kept.read(its.number).guesses.get(asked.key), record)
    try:
        record(value := understood(asked, guess))
    except ValueError as error:
        return Guess(asked, None, record, str(error))
    return Guess(asked, value, record)


def reveal(key: str, result: Any) -> Reveal:
    """Show the result beside the guess."""
    its, asked = catalogue.prediction(key)
    known = kept.read(its.number)
    known.results[asked.key] = came_true(asked, result)
    kept.write(its.number, known)
    journal.note(its.number, "reveal", asked.key)
    return Reveal(asked, known.guesses.get(asked.key), known.results[asked.key])


def check(key: str, *answers: Any) -> Grade:
    """Test your work. Each miss shows a hint, later ones a nearer hint, never the solution."""
    _skip_unfilled()  # a kernel that was restarted may not have run lesson.start
    its, asked = catalogue.check(key)
    misses = kept.read(its.number).misses.get(asked.key, 0)
    given = grade(asked, answers, misses, Path.cwd())
    known = kept.read(its.number)  # read it again: grading may take seconds
    if given.passed and asked.key not in known.passed:
        known.passed.append(asked.key)
    if given.is_miss:
        known.misses[asked.key] = known.misses.get(asked.key, 0) + 1
    kept.write(its.number, known)
    journal.note(its.number, "check", asked.key, given.outcome)
    return given


def quiz(number_or_key: int | str) -> Quiz:
    """Ask all questions of a lab (`quiz(1)`), or one of them (`quiz("1.word")`)."""
    if isinstance(number_or_key, int):
        number, asked = number_or_key, catalogue.lab(number_or_key).questions
    else:
        number = int(number_or_key.partition(".")[0])
        asked = (catalogue.question(number_or_key),)
    return Quiz(number, asked, lambda key, chosen: journal.note(number, "quiz", key, chosen))
