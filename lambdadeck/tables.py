"""Small tables for a slide: rows in, HTML for the browser and text for everything else."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lambdadeck import cold_starts
from lambdadeck.burst import Shot
from lambdadeck.functions import Invocation


@dataclass(frozen=True)
class Table:
    """Headers and rows of text, with a caption that says where the numbers come from."""

    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in self.headers)
        body = "".join(f"<tr>{_html_row(row)}</tr>" for row in self.rows)
        # The caption comes first in HTML; the style sheet of the slides puts it below the rows.
        caption = f"<caption>{html.escape(self.caption)}</caption>" if self.caption else ""
        return (
            f'<table class="lambdadeck">{caption}<thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table>"
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
        [names[column] for column in kept], [[row[column] for column in kept] for row in cells], caption
    )


def side_by_side(caption: str = "", **columns: Mapping[str, object]) -> Table:
    """Each mapping a column named by its keyword, each of their keys a row; the last column says whether they agree."""
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    rows = []
    for name in names:
        values = [_text(column.get(name)) for column in columns.values()]
        rows.append([name, *values, "same" if len(set(values)) == 1 else "differs"])
    return Table(["", *columns, ""], rows, caption)


def calls(invocations: Sequence[Invocation], runtime: str = "python3.13") -> Table:
    """One row an invocation: answer or error, what kind of start, and its times in ms.

    The caption sets AWS's measured INIT of `runtime` beside this machine's milliseconds.
    """
    rows = [_call(number, call) for number, call in enumerate(invocations, 1)]
    return table(rows, f"Times: this machine. {cold_starts.measured(runtime)}.")


def bursts(timelines: Sequence[Sequence[Shot]], runtime: str = "python3.13") -> Table:
    """One row a burst: how many environments served it, how many started cold, its times in ms.

    The caption sets AWS's measured INIT of `runtime` beside this machine's milliseconds.
    """
    rows = [_burst(number, shots) for number, shots in enumerate(timelines, 1)]
    return table(rows, f"Times: this machine. {cold_starts.measured(runtime)}.")


def _burst(number: int, shots: Sequence[Shot]) -> dict[str, object]:
    return {
        "burst": number,
        "invocations": len(shots),
        "environments": len({shot.environment for shot in shots}),
        "cold starts": sum(shot.cold for shot in shots),
        "slowest answer, ms": f"{max(shot.end_ms - shot.start_ms for shot in shots):.0f}",
        "all done, ms": f"{max(shot.end_ms for shot in shots):.0f}",
    }


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
    return {"call": number, "answer": call.error or _text(call.payload), **times}


def _html_row(row: Sequence[str]) -> str:
    first, *rest = (html.escape(cell) for cell in row)
    return f'<th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in rest)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_text(item)}" for name, item in value.items())
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
