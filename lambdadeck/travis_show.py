"""A plan as a table for a slide: each call, each argument, and the line of the .travis.yml that it comes from."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass

from lambdadeck.travis_plan import Call, Step

_HEADERS = ("call", "argument", "value", "from")
_WIDEST = 72  # characters that a value may take on one line of a slide


@dataclass(frozen=True)
class Plan:
    """What would happen to each provider of a .travis.yml, call by call; no secret is in it to be shown."""

    steps: tuple[Step, ...]

    @property
    def asked(self) -> dict[str, object]:
        """What the first lambda provider asks of its function, by boto3's names; code and tags apart."""
        call = next((call for step in self.steps for call in step.calls if _configures(call)), None)
        apart = ("Code", "Tags", "Description")
        return {} if call is None else {one.name: one.value for one in call.arguments if one.name not in apart}

    def rows(self) -> list[tuple[str, str, str, str]]:
        """(call, argument, value, where it comes from) for each argument of each call, calls by number."""
        return [row for step in self.steps for row in _rows(step)]

    @property
    def notes(self) -> list[str]:
        """What to know before the calls are made."""
        return [note for step in self.steps for note in step.notes]

    def _repr_html_(self) -> str:
        size = "font-size: calc(20px * var(--k, 0.7)); line-height: 1.2"
        head = "".join(_cell("th", name, ' scope="col"') for name in _HEADERS)
        body = "".join(f"<tr>{''.join(_cells(row))}</tr>" for row in self.rows())
        notes = html.escape(self._caption())
        return (f'<div style="{size}"><table style="width: 100%; {size}"><thead><tr>{head}</tr></thead>'
                f"<tbody>{body}</tbody></table>{notes}</div>")

    def __str__(self) -> str:
        lines = [_HEADERS, *self.rows()]
        widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADERS))]
        text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines]
        return "\n".join([*text, *filter(None, [self._caption()])])

    __repr__ = __str__

    def _caption(self) -> str:
        return "".join(f"{note}. " for note in self.notes).strip()


def _configures(call: Call) -> bool:
    return call.operation in ("create_function", "update_function_configuration")


def _rows(step: Step) -> Iterator[tuple[str, str, str, str]]:
    words = "deploys" if step.decision.deploys else "skipped"
    yield step.block.provider, words, step.decision.because, step.decision.origin
    if not step.calls:
        return
    keys = [step.settings[name] for name in ("access_key_id", "secret_access_key", "region")]
    origins = ", ".join(key.origin for key in keys)
    yield "client", "keys, region", ", ".join(key.shown for key in keys), origins.replace(", line", ",").replace("line", "lines", 1)
    for number, call in enumerate(step.calls, 1):
        for place, one in enumerate(call.arguments):
            yield "" if place else f"{number} {call.operation}", one.name, one.shown, one.origin


def _cells(row: tuple[str, str, str, str]) -> Iterator[str]:
    call, argument, value, origin = row
    yield _cell("th", call, ' scope="row"')
    yield _cell("td", argument)
    yield _cell("td", value if len(value) <= _WIDEST else f"{value[: _WIDEST - 1]}…")
    yield _cell("td", origin)


def _cell(tag: str, text: str, mark: str = "") -> str:
    bold = "bold" if tag == "th" or text == "skipped" else "normal"
    look = f"padding: 0 0.7em 0 0; text-align: left; font-weight: {bold}; white-space: nowrap"
    return f'<{tag}{mark} style="{look}">{html.escape(text)}</{tag}>'
