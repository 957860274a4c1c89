"""Predictions: a guess before a cell runs, the result after it, one beside the other."""

import html
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]  # ipywidgets has no types

from lambdadeck.labs.html import box, listed
from lambdadeck.labs.model import Choice, Number

CLOSE = 1.5  # times too high or too low: a good guess


@dataclass(frozen=True)
class Guess:
    """The recorded guess of a prediction, or how to make one.

    A guess is written into the cell; for a choice, buttons call `record` where widgets work.
    """

    asked: Number | Choice
    guess: Any
    record: Callable[[Any], None]
    problem: str = ""

    def __repr__(self) -> str:
        if self.problem:
            return f"Not recorded: {self.problem}"
        if self.guess is not None:
            return f"Your guess: {said(self.asked, self.guess)}. Now run the next cell."
        how = "in place of ... and run this cell again."
        if isinstance(self.asked, Number):
            return f"Your guess is still blank: write a number ({self.asked.unit}) {how}"
        options = "\n".join(f"  {letter}: {words}" for letter, words in self.asked.options.items())
        return f'Choose, or write the letter, such as "a", {how}\n{options}'

    def _repr_html_(self) -> str:
        first, *options = repr(self).splitlines()
        return box(html.escape(first) + (listed(options) if options else ""))

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        plain = {"text/plain": repr(self), "text/html": self._repr_html_()}
        if isinstance(self.asked, Number) or self.guess is not None or self.problem:
            return plain
        return {**(_buttons(self.asked, self.record)._repr_mimebundle_() or {}), **plain}


def _buttons(asked: Choice, record: Callable[[Any], None]) -> widgets.VBox:
    """Return one button per option; a click records it and says so."""
    status = widgets.HTML(box("Choose one:"))

    def choose(button: widgets.Button) -> None:
        record(letter := button.description[0])
        status.value = Guess(asked, letter, record)._repr_html_()

    made = [
        widgets.Button(description=f"{letter}: {words}", layout={"width": "auto"})
        for letter, words in asked.options.items()
    ]
    for button in made:
        button.on_click(choose)
    return widgets.VBox([status, widgets.VBox(made, layout={"align_items": "flex-start"})])


@dataclass(frozen=True)
class Reveal:
    """The result of a prediction beside the guess, which is None if there was none."""

    asked: Number | Choice
    guess: Any
    result: Any

    def __repr__(self) -> str:
        came = f"Result: {said(self.asked, self.result)}."
        if self.guess is None:
            return f"You made no guess. {came}"
        return f"Your guess: {said(self.asked, self.guess)}. {came} {self.comment}"

    @property
    def comment(self) -> str:
        """Say if a choice was right, or how many times too high or low a number was."""
        if isinstance(self.asked, Choice):
            right = self.guess == self.result
            return "You were right." if right else "Not what you expected: look closer."
        if self.guess == self.result:
            return "Exactly."
        low, high = sorted((self.guess, self.result))
        if low <= 0:
            return f"You were off by {_short(high - low)} {self.asked.unit}."
        way = "high" if self.guess > self.result else "low"
        close = ": close" if high / low <= CLOSE else ""
        return f"Your guess was {_short(high / low)} times too {way}{close}."

    def _repr_html_(self) -> str:
        return box(html.escape(repr(self)), "muted" if self.guess is None else "lambda")


def understood(asked: Number | Choice, guess: Any) -> Any:
    """Return the guess to record, a number or a letter; raise ValueError if it is neither."""
    if isinstance(asked, Choice):
        if (letter := str(guess).lower()) in asked.options:
            return letter
        raise ValueError(f"{guess!r} is not an option: choose one of {', '.join(asked.options)}.")
    if isinstance(guess, bool) or not isinstance(guess, (int, float)) or not math.isfinite(guess):
        how = "write one, such as 10, without quotes or unit"
        raise ValueError(f"{guess!r} is not a number: {how}.")
    return guess


def came_true(asked: Number | Choice, result: Any) -> Any:
    """Return the guess that would have been right; raise ValueError if no guess would."""
    try:
        return understood(asked, asked.outcome(result) if isinstance(asked, Choice) else result)
    except (KeyError, IndexError, TypeError) as error:
        told = f"{result!r} has nothing to compare with your guess"
        raise ValueError(f"{told}: run the cell above once more, then this one.") from error


def said(asked: Number | Choice, value: Any) -> str:
    """Return a guess or a result in words."""
    if isinstance(asked, Choice):
        return f"{value}, {asked.options[value]}"
    return f"{_short(value)} {asked.unit}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
