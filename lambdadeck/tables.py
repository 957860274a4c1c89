"""Make the tables that cells show: calls, runtimes of languages, mappings side by side."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping, Sequence

from lambdadeck import aws
from lambdadeck.functions import InvokeResult
from lambdadeck.reference import cold_starts, runtimes
from lambdadeck.shared.table import Bars, Table, table_of, text

__all__ = ["Table", "calls", "fields", "languages", "log", "side_by_side", "table"]

table = table_of
_TIMES = "INIT + duration, ms"
_OF_LAMBDA = ("INIT_START", "INIT_REPORT", "START RequestId", "END RequestId", "REPORT RequestId")


def side_by_side(**columns: Mapping[str, object]) -> Table:
    """Return a column for each mapping, a row for each key; the last column compares them.

    Without AWS the caption says that this machine, or this page, is compared with itself.
    """
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    rows = []
    for name in names:
        values = [text(column.get(name)) for column in columns.values()]
        rows.append([name, *values, "same" if len(set(values)) == 1 else "differs"])
    name = "BROWSER" if aws.is_page() else "LOCAL"
    caption = "" if aws.asked() else f"{name}: {aws.place()}, compared with itself."
    return Table(["property", *columns, "compared"], rows, caption)


def calls(
    invocations: Sequence[InvokeResult], runtime: str = "python3.13", number: str = ""
) -> Table:
    """Return a row for each invocation: answer or error, cold or warm, and times in ms, to scale.

    The last row has AWS's measured INIT of `runtime`. The slide's title ends with `number`, or with
    how many calls were cold.
    """
    rows = [_call(at, call) for at, call in enumerate(invocations, 1)]
    cold = sum(row.get("start") == "cold" for row in rows)
    there = cold_starts.measured(runtime)
    words = {"answer": "recorded: a mean", "start": "cold", _TIMES: f"{there.init_ms:.0f}"}
    caption = f"Times: {aws.place()}. {there}."
    bars = Bars(_TIMES, [*map(_parts, invocations), [(there.init_ms, "recorded INIT")]])
    number = number or f"{cold} of {len(rows)} cold"
    return table_of([*rows, {"call": "AWS"} | words], caption, number, bars)


def fields(known: Mapping[str, object] | str) -> Table:
    """Return a row for each field of a mapping, or of the JSON object in a line of a log."""
    named = json.loads(known) if isinstance(known, str) else known
    return Table(("field", "value"), [(name, text(value)) for name, value in named.items()])


def log(text: str) -> Table:
    """Return a row for each line of a function's log: who wrote it, and the line."""
    lines = [line.expandtabs(1) for line in text.splitlines() if line.strip()]
    rows = [("Lambda" if line.startswith(_OF_LAMBDA) else "your code", line) for line in lines]
    return Table(("written by", "line"), rows, lifted=("your code",))


def languages(identifiers: Iterable[str], *, today: dt.date | None = None) -> Table:
    """Return a row for each language: which of these runtimes AWS supports, and until when."""
    return table_of(runtimes.by_language(identifiers, today=today), runtimes.SOURCE)


def _call(number: int, call: InvokeResult) -> dict[str, object]:
    report = call.report
    row: dict[str, object] = {"call": number, "answer": _answer(call)}
    if report is None:
        return row | {"start": "no report"}
    init = [] if report.init_ms is None else [f"{report.init_ms:.1f}"]
    return row | {
        "start": "cold" if report.cold else "warm",
        _TIMES: " + ".join([*init, f"{report.duration_ms:.2f}"]),
        "billed ms": report.billed_ms,
    }


def _parts(call: InvokeResult) -> list[tuple[float, str]]:
    if call.report is None:
        return []
    init = [] if call.report.init_ms is None else [(call.report.init_ms, "INIT")]
    return [*init, (call.report.duration_ms, "handler")]


def _answer(call: InvokeResult) -> str:
    if call.error is None:
        return text(call.payload)
    return re.sub(r"RequestId: \S+ (Error: )?", "", call.error)  # no room for the request id
