"""A table with so many rows that each must be one line: as small as a slide allows."""

from __future__ import annotations

import html
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lambdadeck import tables

_WIDEST, _HEAD = 52, 10  # characters of a cell on a slide, and before the gap; as text it is whole


@dataclass(frozen=True)
class Dense(tables.Table):
    """A `tables.Table` for up to eighteen rows; the first cell of a row is its heading.

    Columns of `right` are aligned to the right. A cell that ends with a word of `bold` is bold.
    Rows that end with a word of `whole` show long cells in full, on several lines if necessary.
    """

    right: Collection[str] = ()
    bold: tuple[str, ...] = ("differs", "skipped")
    whole: Collection[str] = ()

    def _repr_html_(self) -> str:
        size = "font-size: calc(20px * var(--k, 0.7)); line-height: 1.2"
        head = "".join(self._cell(name, name, scope="col") for name in self.headers)
        body = "".join(f"<tr>{self._row(row)}</tr>" for row in self.rows)
        return (
            f'<div style="{size}"><table style="width: 100%; {size}"><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table>{html.escape(self.caption)}</div>"
        )

    def _row(self, row: Sequence[str]) -> str:
        whole, scopes = row[-1] in self.whole, ("row", *[""] * (len(row) - 1))
        cells = zip(row, self.headers, scopes, strict=True)
        return "".join(self._cell(text, name, scope, whole) for text, name, scope in cells)

    def _cell(self, text: str, column: str, scope: str, whole: bool = False) -> str:
        tag, mark = ("th", f' scope="{scope}"') if scope else ("td", "")
        look = {
            "padding": "0 0.7em 0 0",
            "text-align": "right" if column in self.right else "left",
            "font-weight": "bold" if scope or text.endswith(self.bold) else "normal",
            "white-space": "normal" if whole else "nowrap",
        }
        style = "; ".join(f"{name}: {value}" for name, value in look.items())
        long = len(text) > _WIDEST and not whole
        shown = html.escape(f"{text[:_HEAD]}…{text[_HEAD + 1 - _WIDEST :]}" if long else text)
        plain = shown.replace("$", "<span>$</span>")  # or MathJax sets a formula between two
        return f'<{tag}{mark} style="{style}">{plain}</{tag}>'
