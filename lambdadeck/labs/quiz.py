"""A multiple-choice question as plain HTML: no script, so that it works in every notebook and in the exported page."""

from __future__ import annotations

import html
import itertools
from dataclasses import dataclass

from lambdadeck.labs.html import box
from lambdadeck.labs.model import Option, Question

_KEYS = 'data-lm-suppress-shortcuts="true"'  # JupyterLab's shortcuts (arrows, Enter) keep away from a focused element with this
_runs = itertools.count(1)  # two outputs on one page may hold the same question
# The reason of option n is shown when the radio button n is checked: siblings, so that CSS alone can do it.
_RULE = "#{id} input:nth-of-type({n}):checked ~ details > :nth-child({child}) {{ display: block }}"
_LAYOUT = """
#{id} {{ display: grid; grid-template-columns: 1.6em 1fr; gap: 0.3em 0.2em; border: 0; margin: 0; padding: 0; }}
#{id} > legend, #{id} > details {{ grid-column: 1 / -1; }}
#{id} > legend {{ font-size: inherit; font-weight: bold; line-height: inherit; color: inherit; border: 0; margin: 0; padding: 0 0 0.4em;
  float: left; width: 100%; }}
#{id} > input {{ width: 1.1em; height: 1.1em; margin: 0.15em 0 0; }}
#{id} > label {{ display: block; margin: 0; font-weight: normal; cursor: pointer; }}
#{id} > details > p {{ display: none; margin: 0.4em 0 0; }}
#{id} > details > p:last-child {{ display: block; }}
#{id} > input:checked ~ details > p:last-child {{ display: none; }}
#{id} summary {{ display: list-item; list-style-position: inside; cursor: pointer; width: fit-content; padding: 0.2em 0.4em; }}
#{id} :is(input, summary):focus-visible {{ outline: 3px solid currentColor; outline-offset: 2px; }}
"""


@dataclass(frozen=True)
class Quiz:
    """Questions of a lab: choose with the arrow keys or a click, then open "Check my answer"."""

    number: int
    questions: tuple[Question, ...]

    def __repr__(self) -> str:
        return "\n\n".join(_plain(question) for question in self.questions)

    def _repr_html_(self) -> str:
        return "".join(
            _question(question, f"quiz-{self.number}-{question.key}-{next(_runs)}")
            for question in self.questions
        )


def _question(question: Question, id: str) -> str:
    rules = "".join(
        _RULE.format(id=id, n=n, child=n + 1) for n in range(1, len(question.options) + 1)
    )
    rows = "".join(_row(option, f"{id}-{n}", id) for n, option in enumerate(question.options, 1))
    reasons = "".join(f"<p>{_reason(option)}</p>" for option in question.options)
    return box(
        f"<style>{_LAYOUT.format(id=id)}{rules}</style>"
        f'<fieldset id="{id}"><legend>{html.escape(question.asks)}</legend>{rows}'
        f"<details><summary {_KEYS}>Check my answer</summary>{reasons}<p>Choose one of the answers first.</p></details></fieldset>",
        "ec2",
    )


def _row(option: Option, id: str, group: str) -> str:
    return f'<input type="radio" {_KEYS} name="{group}" id="{id}"><label for="{id}">{html.escape(option.words)}</label>'


def _reason(option: Option) -> str:
    return f"<strong>{'✓ Right.' if option.right else '✗ No.'}</strong> {html.escape(option.why)}"


def _plain(question: Question) -> str:
    """For a terminal: the answers without their reasons, which would give them away."""
    return "\n".join(
        [
            question.asks,
            *(f"  {chr(96 + n)}: {option.words}" for n, option in enumerate(question.options, 1)),
        ]
    )
