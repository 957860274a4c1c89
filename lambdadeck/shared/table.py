"""Small tables for a slide: HTML for the browser, text for everything else."""

import html
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from lambdadeck.shared import style

_RIGHT = ' align="right"'
_WIDEST, _HEAD = 52, 10  # characters of a cell on a slide, and before the gap; as text it is whole


@dataclass(frozen=True)
class Table:
    """Headers and rows of text, with a caption that says where the numbers come from."""

    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    number: str = field(default="", kw_only=True)  # joins the title of its slide

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, object], dict[str, object]]:
        return {"text/html": self._repr_html_(), "text/plain": str(self)}, for_slide(self.number)

    def _repr_html_(self) -> str:
        numeric = [_is_numeric(column) for column in zip(*self.rows, strict=True)]
        numeric[0] = False  # the first column names the row
        head = "".join(map(_heading, self.headers, numeric))
        body = "".join(f"<tr>{_html_row(row, numeric)}</tr>" for row in self.rows)
        caption = f"<p>{html.escape(self.caption)}</p>" if self.caption else ""
        return (
            f'<div class="lambdadeck-table"><table><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table>{caption}</div>"
        )

    def __str__(self) -> str:
        lines = [self.headers, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.headers))]
        text = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        ]
        return "\n".join([*text, *filter(None, [self.caption])])

    __repr__ = __str__


def for_slide(number: str, source: str = "") -> dict[str, object]:
    """Return an output's metadata for its slide: a number for the title, a source for the footer.

    What is "" is left out.
    """
    given = {"number": number, "source": source}
    words = {name: text for name, text in given.items() if text}
    return {"lambdadeck": words} if words else {}


def table_of(rows: Sequence[Mapping[str, object]], caption: str = "", number: str = "") -> Table:
    """Return a row for each mapping, with the keys as headers; omit columns that are all empty.

    ValueError without a row: an empty table would look like a finding.
    """
    if not rows:
        raise ValueError("There is no row to show. Run the cell that makes them first.")
    named = dict.fromkeys(name for row in rows for name in row)
    names = [name for name in named if any(text(row.get(name)) for row in rows)]
    return Table(
        names, [[text(row.get(name)) for name in names] for row in rows], caption, number=number
    )


@dataclass(frozen=True, repr=False)
class CompactTable(Table):
    """A `Table` for up to eighteen rows; the first cell of a row is its heading.

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
            "padding": "0" if column == self.headers[-1] else "0 0.7em 0 0",
            "text-align": "right" if column in self.right else "left",
            "font-weight": "bold" if scope or text.endswith(self.bold) else "normal",
            "white-space": "normal" if whole else "nowrap",
        }
        css = "; ".join(f"{name}: {value}" for name, value in look.items())
        long = len(text) > _WIDEST and not whole
        shown = html.escape(f"{text[:_HEAD]}…{text[_HEAD + 1 - _WIDEST :]}" if long else text)
        plain = shown.replace("$", "<span>$</span>")  # or MathJax sets a formula between two
        return f'<{tag}{mark} style="{css}">{plain}</{tag}>'


@cache
def _marks() -> dict[str, str]:
    """Return the style of words with one meaning on every slide: bold, never color alone."""
    colors = style.palette()
    meant = {"cold": colors.cold, "warm": colors.aws_lambda, "differs": colors.ink}
    look = ' style="color: {}; font-weight: bold; white-space: nowrap"'
    return {word: look.format(color) for word, color in meant.items()}


def _html_row(row: Sequence[str], numeric: Sequence[bool]) -> str:
    (first, *rest), marks = row, _marks()
    cells = (
        f"<td{_RIGHT if number else ''}{marks.get(cell, '')}>{html.escape(cell)}</td>"
        for cell, number in zip(rest, numeric[1:], strict=True)
    )
    return f'<th scope="row">{html.escape(first)}</th>{"".join(cells)}'


def _heading(name: str, number: bool) -> str:
    look = f'{_RIGHT if number else ""} style="white-space: nowrap"'
    return f'<th scope="col"{look}>{html.escape(name)}</th>'


def _is_numeric(column: Sequence[str]) -> bool:
    return all(re.fullmatch(r"-?[0-9][0-9.,]*|–|", cell) for cell in column) and any(column)


def text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {text(item)}" for name, item in value.items())
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
