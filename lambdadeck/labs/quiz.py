"""Multiple-choice questions in HTML without scripts: for any notebook and the exported page."""

import html
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]  # ipywidgets has no types

from lambdadeck.labs.html import box
from lambdadeck.labs.model import Question, QuizOption

_KEYS = 'data-lm-suppress-shortcuts="true"'  # keeps JupyterLab's shortcuts (arrows, Enter) away
_runs = itertools.count(1)  # two outputs on one page may hold the same question
# CSS alone shows reason n when radio button n, its sibling, is checked.
_RULE = "#{id} input:nth-of-type({n}):checked ~ details > :nth-child({child}) {{ display: block }}"
_LAYOUT = """
#{id} {{ display: grid; grid-template-columns: 1.6em 1fr; gap: 0.3em 0.2em; border: 0; margin: 0;
  padding: 0; }}
#{id} > legend, #{id} > details {{ grid-column: 1 / -1; }}
#{id} > legend {{ font-size: inherit; font-weight: bold; line-height: inherit; color: inherit;
  border: 0; margin: 0; padding: 0 0 0.4em; float: left; width: 100%; }}
#{id} > input {{ width: 1.1em; height: 1.1em; margin: 0.15em 0 0; }}
#{id} > label {{ display: block; margin: 0; font-weight: normal; cursor: pointer; }}
#{id} > details > p {{ display: none; margin: 0.4em 0 0; }}
#{id} > details > p:last-child {{ display: block; }}
#{id} > input:checked ~ details > p:last-child {{ display: none; }}
#{id} summary {{ display: list-item; list-style-position: inside; cursor: pointer;
  width: fit-content; padding: 0.2em 0.4em; }}
#{id} :is(input, summary):focus-visible {{ outline: 3px solid currentColor; outline-offset: 2px; }}
"""


@dataclass(frozen=True)
class Quiz:
    """Questions of a lab: buttons where a kernel is, else HTML with a "Check my answer" to open.

    `record` gets the question's key and the option's words at each choice.
    """

    number: int
    questions: tuple[Question, ...]
    record: Callable[[str, str], None] = field(default=lambda key, words: None, compare=False)

    def __repr__(self) -> str:
        return "\n\n".join(map(_plain, self.questions))

    def _repr_html_(self) -> str:
        stem = f"quiz-{self.number}"
        return "".join(_form(each, f"{stem}-{each.key}-{next(_runs)}") for each in self.questions)

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        asked = widgets.VBox([_asked(each, self.record) for each in self.questions])
        plain = {"text/plain": repr(self), "text/html": self._repr_html_()}
        return {**(asked._repr_mimebundle_() or {}), **plain}


def _asked(question: Question, record: Callable[[str, str], None]) -> widgets.VBox:
    """Return the question with a button for each option; a click says why, and records it."""
    reason = widgets.HTML()

    def choose(option: QuizOption) -> None:
        record(question.key, option.words)
        chosen = f"{html.escape(option.words)}<br>{_reason(option)}"
        reason.value = box(chosen, "good" if option.right else "bad")

    made = [
        widgets.Button(
            description=f"{letter}: {option.words}", layout={"width": "auto", "height": "auto"}
        )
        for letter, option in zip("abcdefgh", question.options, strict=False)
    ]
    for button, option in zip(made, question.options, strict=True):
        button.on_click(lambda _, option=option: choose(option))
    asks = widgets.HTML(f"<strong>{html.escape(question.asks)}</strong>")
    rows = widgets.VBox(made, layout={"align_items": "flex-start"})
    return widgets.VBox([asks, rows, reason], layout={"margin": "0 0 1em 0"})


def _form(question: Question, group: str) -> str:
    options = list(enumerate(question.options, 1))
    rules = "".join(_RULE.format(id=group, n=n, child=n + 1) for n, _ in options)
    rows = "".join(_row(option, f"{group}-{n}", group) for n, option in options)
    reasons = "".join(f"<p>{_reason(option)}</p>" for option in question.options)
    return box(
        f"<style>{_LAYOUT.format(id=group)}{rules}</style>"
        f'<fieldset id="{group}"><legend>{html.escape(question.asks)}</legend>{rows}'
        f"<details><summary {_KEYS}>Check my answer</summary>{reasons}"
        "<p>Choose one of the answers first.</p></details></fieldset>",
        "ec2",
    )


def _row(option: QuizOption, key: str, group: str) -> str:
    button = f'<input type="radio" {_KEYS} name="{group}" id="{key}">'
    return f'{button}<label for="{key}">{html.escape(option.words)}</label>'


def _reason(option: QuizOption) -> str:
    return f"<strong>{'✓ Right.' if option.right else '✗ No.'}</strong> {html.escape(option.why)}"


def _plain(question: Question) -> str:
    """Return the question for a terminal: without the reasons, which would give it away."""
    options = (f"  {chr(96 + n)}: {each.words}" for n, each in enumerate(question.options, 1))
    return "\n".join([question.asks, *options])
