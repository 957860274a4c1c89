"""A table of so many rows that each must be one line: set as small as a slide allows."""

from __future__ import annotations

import html
from collections.abc import Sequence

from lambdadeck import tables

_WIDEST, _HEAD = (
    52,
    10,
)  # characters of a cell on a slide, and how many before the gap; the text form has them all


class Dense(tables.Table):
    """A `tables.Table` for up to eighteen rows; the first cell of a row is its heading."""

    def _repr_html_(self) -> str:
        size = "font-size: calc(20px * var(--k, 0.7)); line-height: 1.2"
        head = "".join(_cell("th", name, ' scope="col"') for name in self.headers)
        body = "".join(f"<tr>{_row(row)}</tr>" for row in self.rows)
        return (
            f'<div style="{size}"><table style="width: 100%; {size}"><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table>{html.escape(self.caption)}</div>"
        )


def _row(row: Sequence[str]) -> str:
    first, *rest = row
    return _cell("th", first, ' scope="row"') + "".join(_cell("td", text) for text in rest)


def _cell(tag: str, text: str, mark: str = "") -> str:
    shown = text if len(text) <= _WIDEST else f"{text[:_HEAD]}…{text[_HEAD + 1 - _WIDEST :]}"
    bold = tag == "th" or text.endswith(("differs", "skipped"))
    look = f"padding: 0 0.7em 0 0; text-align: left; font-weight: {'bold' if bold else 'normal'}; white-space: nowrap"
    plain = html.escape(shown).replace(
        "$", "<span>$</span>"
    )  # or MathJax sets what stands between two as a formula
    return f'<{tag}{mark} style="{look}">{plain}</{tag}>'
