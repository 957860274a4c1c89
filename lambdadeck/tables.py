"""Small tables for a slide: rows in, HTML for the browser and text for everything else."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lambdadeck import aws
from lambdadeck.functions import Invocation
from lambdadeck.reference import cold_starts, runtimes
from lambdadeck.shared import style

_COLOURS = style.palette()
_RIGHT = ' align="right"'
_MARKS = {  # words that mean the same on every slide: bold too, never colour alone
    "cold": f' style="color: {_COLOURS.cold}; font-weight: bold; white-space: nowrap"',
    "warm": f' style="color: {_COLOURS.warm}; font-weight: bold; white-space: nowrap"',
    "differs": f' style="color: {_COLOURS.aws_lambda}; font-weight: bold; white-space: nowrap"',
}


@dataclass(frozen=True)
class Table:
    """Headers and rows of text, with a caption that says where the numbers come from."""

    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""

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


def table(rows: Sequence[Mapping[str, object]], caption: str = "") -> Table:
    """One row a mapping, its keys as headers; columns that are empty in every row are left out.

    ValueError without a row: an empty table would look like a finding.
    """
    if not rows:
        raise ValueError("There is no row to show. Run the cell that makes them first.")
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[_text(row.get(name)) for name in names] for row in rows]
    kept = [column for column in range(len(names)) if any(row[column] for row in cells)]
    return Table(
        [names[column] for column in kept],
        [[row[column] for column in kept] for row in cells],
        caption,
    )


def side_by_side(caption: str = "", **columns: Mapping[str, object]) -> Table:
    """Each mapping a column named by its keyword, each of their keys a row; the last column says whether they agree."""
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    rows = []
    for name in names:
        values = [_text(column.get(name)) for column in columns.values()]
        rows.append([name, *values, "same" if len(set(values)) == 1 else "differs"])
    return Table(["property", *columns, "compared"], rows, caption)


def calls(invocations: Sequence[Invocation], runtime: str = "python3.13") -> Table:
    """One row an invocation: answer or error, what kind of start, and its times in ms.

    The caption sets AWS's measured INIT of `runtime` beside this machine's milliseconds.
    """
    rows = [_call(number, call) for number, call in enumerate(invocations, 1)]
    return table(rows, f"Times: {aws.place()}. {cold_starts.measured(runtime)}.")


def languages(identifiers: Iterable[str], *, today: dt.date | None = None) -> Table:
    """One row a language: which of these runtime identifiers AWS supports on that day, and until when."""
    return table(runtimes.by_language(identifiers, today=today), runtimes.SOURCE)


def _call(number: int, call: Invocation) -> dict[str, object]:
    report = call.report
    times = (
        {"start": "no report"}
        if report is None
        else {
            "start": "cold" if report.cold else "warm",
            "INIT ms": "–" if report.init_ms is None else f"{report.init_ms:.1f}",
            "duration ms": f"{report.duration_ms:.2f}",
            "billed ms": report.billed_ms,
        }
    )
    return {"call": number, "answer": _answer(call), **times}


def _answer(call: Invocation) -> str:
    """The answer, or the error without the request id: a table has no room for what no one reads."""
    return (
        _text(call.payload)
        if call.error is None
        else re.sub(r"RequestId: \S+ (Error: )?", "", call.error)
    )


def _html_row(row: Sequence[str], numeric: Sequence[bool]) -> str:
    first, *rest = row
    cells = (
        f"<td{_RIGHT if number else ''}{_MARKS.get(cell, '')}>{html.escape(cell)}</td>"
        for cell, number in zip(rest, numeric[1:], strict=True)
    )
    return f'<th scope="row">{html.escape(first)}</th>{"".join(cells)}'


def _heading(name: str, number: bool) -> str:
    return f'<th scope="col"{_RIGHT if number else ""} style="white-space: nowrap">{html.escape(name)}</th>'


def _is_numeric(column: Sequence[str]) -> bool:
    return all(re.fullmatch(r"-?[0-9][0-9.,]*|–|", cell) for cell in column) and any(column)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_text(item)}" for name, item in value.items())
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
