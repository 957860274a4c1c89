"""The tables that cells show: calls, runtimes of languages, two columns side by side."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence

from lambdadeck import aws
from lambdadeck.functions import InvokeResult
from lambdadeck.reference import cold_starts, runtimes
from lambdadeck.shared.table import Table, table_of, text

__all__ = ["Table", "calls", "languages", "side_by_side", "table"]

table = table_of


def side_by_side(caption: str = "", **columns: Mapping[str, object]) -> Table:
    """Each mapping a column named by its keyword, each of their keys a row; the last column says whether they agree."""
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    rows = []
    for name in names:
        values = [text(column.get(name)) for column in columns.values()]
        rows.append([name, *values, "same" if len(set(values)) == 1 else "differs"])
    return Table(["property", *columns, "compared"], rows, caption)


def calls(invocations: Sequence[InvokeResult], runtime: str = "python3.13") -> Table:
    """One row an invocation: answer or error, what kind of start, and its times in ms.

    The caption sets AWS's measured INIT of `runtime` beside this machine's milliseconds.
    """
    rows = [_call(number, call) for number, call in enumerate(invocations, 1)]
    return table_of(rows, f"Times: {aws.place()}. {cold_starts.measured(runtime)}.")


def languages(identifiers: Iterable[str], *, today: dt.date | None = None) -> Table:
    """One row a language: which of these runtime identifiers AWS supports on that day, and until when."""
    return table_of(runtimes.by_language(identifiers, today=today), runtimes.SOURCE)


def _call(number: int, call: InvokeResult) -> dict[str, object]:
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


def _answer(call: InvokeResult) -> str:
    """The answer, or the error without the request id: a table has no room for what no one reads."""
    return (
        text(call.payload)
        if call.error is None
        else re.sub(r"RequestId: \S+ (Error: )?", "", call.error)
    )
