"""A guess before, the result after, and one beside the other."""

from __future__ import annotations

import html
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets

from lambdadeck.labs.html import box, listed
from lambdadeck.labs.model import Choice, Number

CLOSE = 1.5  # times too high or too low: a good guess


@dataclass(frozen=True)
class Guess:
    """What a prediction cell shows: the guess that is recorded, or how to make one.

    Where widgets work, a choice is made with a click (`record` keeps it); everywhere by writing it into the cell.
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
        if isinstance(self.asked, Number):
            return f"Your guess is still blank: write a number ({self.asked.unit}) in place of ... and run this cell again."
        options = "\n".join(f"  {letter}: {words}" for letter, words in self.asked.options.items())
        return f'Choose, or write the letter, such as "a", in place of ... and run this cell again.\n{options}'

    def _repr_html_(self) -> str:
        first, *options = repr(self).splitlines()
        return box(html.escape(first) + (listed(options) if options else ""))

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        plain = {"text/plain": repr(self), "text/html": self._repr_html_()}
        if isinstance(self.asked, Number) or self.guess is not None or self.problem:
            return plain
        return {**(_buttons(self.asked, self.record)._repr_mimebundle_() or {}), **plain}


def _buttons(asked: Choice, record: Callable[[Any], None]) -> widgets.VBox:
    """One button an option; a click records it and says so."""
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
    column = widgets.VBox(made, layout={"align_items": "flex-start"})
    return widgets.VBox([status, column])


@dataclass(frozen=True)
class Comparison:
    """What a reveal shows: result against guess. `guess` is None if there was none."""

    asked: Number | Choice
    guess: Any
    result: Any

    def __repr__(self) -> str:
        came = f"Result: {said(self.asked, self.result)}."
        if self.guess is None:
            return f"You made no guess. {came}"
        return f"Your guess: {said(self.asked, self.guess)}. {came} {self.judgement}"

    @property
    def judgement(self) -> str:
        """Right or wrong for a choice; for a number how many times too high or too low."""
        if isinstance(self.asked, Choice):
            return (
                "You were right."
                if self.guess == self.result
                else "Not what you expected: look closer."
            )
        if self.guess == self.result:
            return "Exactly."
        if min(self.guess, self.result) <= 0:
            return f"You were off by {_short(abs(self.guess - self.result))} {self.asked.unit}."
        times = max(self.guess, self.result) / min(self.guess, self.result)
        way = "high" if self.guess > self.result else "low"
        return (
            f"Your guess was {_short(times)} times too {way}{': close' if times <= CLOSE else ''}."
        )

    def _repr_html_(self) -> str:
        return box(html.escape(repr(self)), "muted" if self.guess is None else "lambda")


def understood(asked: Number | Choice, guess: Any) -> Any:
    """The guess as it is recorded: a number, or a letter of the options; ValueError says what a guess may be."""
    if isinstance(asked, Choice):
        if str(guess).lower() not in asked.options:
            raise ValueError(
                f"{guess!r} is none of the options: choose one of {', '.join(asked.options)}."
            )
        return str(guess).lower()
    if isinstance(guess, bool) or not isinstance(guess, (int, float)) or not math.isfinite(guess):
        raise ValueError(f"{guess!r} is no number: write one, such as 10, without quotes or unit.")
    return guess


def came_true(asked: Number | Choice, result: Any) -> Any:
    """What happened, as a guess of it would be recorded; ValueError when it cannot be."""
    return understood(asked, asked.outcome(result) if isinstance(asked, Choice) else result)


def said(asked: Number | Choice, value: Any) -> str:
    """A guess or a result in words."""
    if isinstance(asked, Choice):
        return f"{value}, {asked.options[value]}"
    return f"{_short(value)} {asked.unit}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
