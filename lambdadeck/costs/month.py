"""A month of an account's functions, hour by hour, from two CSV files."""

import csv
import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lambdadeck.costs.arithmetic import Floats
from lambdadeck.costs.limits import HOURS_OF_LONGEST_MONTH, MEMORY_MB, MOST_MS
from lambdadeck.prices import ARCHITECTURES
from lambdadeck.shared.paths import ASSETS

METRICS = ("Invocations", "Duration")
# The fields of an answer of GetMetricData (CloudWatch API reference, MetricDataResult, read
# 2026-11-27): a line a data point, or a column a label.
LONG = ("Label", "Timestamp", "Value")
_WIDE = "Timestamp,NAME Invocations,NAME Duration,..."
_LEAST_MS = 0.1  # an average below it is an average that was exported as the sum
_HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True)
class MonthFunction:
    """A function of the account."""

    name: str
    memory_mb: int
    arch: str


@dataclass(frozen=True, eq=False)
class Month:
    """Invocations and their durations in ms, summed: a row a function, a column an hour."""

    functions: tuple[MonthFunction, ...]
    start: dt.datetime
    invocations: Floats
    duration_ms: Floats

    @property
    def hours(self) -> int:
        """Return how many hours the month has."""
        return int(self.invocations.shape[1])


class _Point(NamedTuple):
    line: int
    label: str
    hour: dt.datetime
    value: float


def example_month() -> Month:
    """Return the month that ships with the project: 14 functions, 744 hours, all made up."""
    return read_month(ASSETS / "month" / "hours.csv", ASSETS / "month" / "functions.csv")


def read_month(hours: Path | str, functions: Path | str) -> Month:
    """Read hourly Invocations and Duration (both Sum) from CloudWatch, and NAME,MB,ARCH.

    `hours` has a column a label ("Timestamp,NAME Invocations,NAME Duration,...") or a line a data
    point ("Label,Timestamp,Value"). A function without a data point in an hour was not invoked.
    ValueError names file and line of what is wrong.
    """
    hours, functions = Path(hours), Path(functions)
    known = _functions(functions)
    points = list(_points(hours))
    if not points:
        raise _wrong(hours, 1, "no hours follow the header. Export the month again.")
    starts = _timeline(hours, points)
    sums = {(name, metric): np.zeros(len(starts)) for name in known for metric in METRICS}
    seen = set[tuple[tuple[str, str], int]]()
    for point in points:
        series = _series(hours, point, known, functions)
        column = (point.hour - starts[0]) // _HOUR
        if (series, column) in seen:
            raise _wrong(hours, point.line, f'"{point.label}" has this hour twice. Delete one.')
        seen.add((series, column))
        sums[series][column] = point.value
    found = {series for series, _ in seen}
    for name, (line, _) in known.items():
        _check_sums(functions, line, name, found, sums)
    invoked, lasted = (np.array([sums[name, metric] for name in known]) for metric in METRICS)
    return Month(tuple(one for _, one in known.values()), starts[0], invoked, lasted)


def _wrong(file: Path, line: int, what: str) -> ValueError:
    return ValueError(f"{file.name}, line {line}: {what}")


def _rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Return each line that is not empty with its number."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as text:
            reader = csv.reader(text)
            for row in reader:
                if any(cell.strip() for cell in row):
                    yield reader.line_num, [cell.strip() for cell in row]
    except (UnicodeDecodeError, csv.Error):
        raise ValueError(f"{file.name} is not CSV in UTF-8. Export it again.") from None


def _functions(file: Path) -> dict[str, tuple[int, MonthFunction]]:
    rows = _rows(file)
    line, header = next(rows, (1, []))
    if [cell.upper() for cell in header] != ["NAME", "MB", "ARCH"]:
        raise _wrong(file, line, f'the header is "{",".join(header)[:80]}". Write NAME,MB,ARCH.')
    known: dict[str, tuple[int, MonthFunction]] = {}
    for line, row in rows:
        one = _function(file, line, row)
        if one.name in known:
            first = known[one.name][0]
            raise _wrong(file, line, f"{one.name} is in line {first} already. Delete one.")
        known[one.name] = (line, one)
    if not known:
        raise _wrong(file, line, "no function follows the header. Write a line for each.")
    return known


def _function(file: Path, line: int, row: list[str]) -> MonthFunction:
    if len(row) != 3 or not row[0]:
        raise _wrong(file, line, f'"{",".join(row)[:80]}" is not NAME,MB,ARCH.')
    name, mb, arch = row
    least, most = MEMORY_MB
    if not (mb.isascii() and mb.isdigit() and len(mb) < 6 and least <= int(mb) <= most):
        raise _wrong(file, line, f'MB is "{mb}". Write a whole number from 128 to 10240.')
    if arch not in ARCHITECTURES:
        raise _wrong(file, line, f'ARCH is "{arch}". Write {" or ".join(ARCHITECTURES)}.')
    return MonthFunction(name, int(mb), arch)


def _points(file: Path) -> Iterator[_Point]:
    rows = _rows(file)
    line, header = next(rows, (1, []))
    if tuple(header) == LONG:
        for line, row in rows:
            _check_width(file, line, row, header)
            label, hour, value = row
            yield _Point(line, label, _hour(file, line, hour), _number(file, line, label, value))
        return
    if len(header) < 2 or header[0] != "Timestamp":
        shown = f'the header is "{",".join(header)[:80]}"'
        raise _wrong(file, line, f"{shown}. Write {_WIDE} or {','.join(LONG)}.")
    _check_labels(file, line, header[1:])
    for line, row in rows:
        yield from _across(file, line, row, header)


def _across(file: Path, line: int, row: list[str], header: list[str]) -> Iterator[_Point]:
    """Return the data points of a line; an empty cell is zero: CloudWatch has no data point."""
    _check_width(file, line, row, header)
    hour = _hour(file, line, row[0])
    for label, text in zip(header[1:], row[1:], strict=True):
        yield _Point(line, label, hour, _number(file, line, label, text or "0"))


def _check_labels(file: Path, line: int, labels: Sequence[str]) -> None:
    for label in labels:
        if labels.count(label) > 1:
            raise _wrong(file, line, f'two columns are named "{label}". Delete one.')


def _check_width(file: Path, line: int, row: list[str], header: list[str]) -> None:
    if len(row) != len(header):
        raise _wrong(file, line, f"{len(row)} cells, but the header has {len(header)}.")


def _hour(file: Path, line: int, text: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text.replace("/", "-"))
        moment = moment.replace(tzinfo=moment.tzinfo or dt.UTC).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        example = "Write an hour like 2026-10-01T00:00:00Z"
        raise _wrong(file, line, f'"{text}" is not a time. {example}.') from None
    if moment.minute or moment.second or moment.microsecond:
        period = "Export with a period of 1 hour (3600 seconds)"
        raise _wrong(file, line, f"{text} is not the start of an hour. {period}.")
    return moment


def _number(file: Path, line: int, label: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf or "_" in text:
        raise _wrong(file, line, f'"{label}" is "{text}". Write a number, zero or more.')
    return number


def _series(
    file: Path, point: _Point, known: dict[str, tuple[int, MonthFunction]], functions: Path
) -> tuple[str, str]:
    name, _, metric = point.label.rpartition(" ")
    if metric not in METRICS or not name:
        raise _wrong(
            *(file, point.line),
            f'"{point.label}" is not a label like "NAME Invocations" or "NAME Duration".',
        )
    if name not in known:
        raise _wrong(file, point.line, f"{functions.name} has no function {name}. Add its line.")
    if metric == "Invocations" and not point.value.is_integer():
        raise _wrong(file, point.line, f"{point.value:g} invocations. Export Invocations as Sum.")
    return name, metric


def _timeline(file: Path, points: list[_Point]) -> list[dt.datetime]:
    """Return every hour from first to last; ValueError if one is missing, or for over a month."""
    lines: dict[dt.datetime, int] = {}
    for point in points:
        lines.setdefault(point.hour, point.line)
    hours = sorted(lines)
    for one, following in pairwise(hours):
        if (missing := (following - one) // _HOUR - 1) > 0:
            gap = f"{missing:,} hours are" if missing > 1 else "an hour is"
            what = f"{gap} missing between {one:%Y-%m-%d %H:%M} and {following:%Y-%m-%d %H:%M}"
            raise _wrong(file, lines[following], f"{what}. Add them; 0 where nothing ran.")
    if len(hours) > HOURS_OF_LONGEST_MONTH:
        most = f"a month has {HOURS_OF_LONGEST_MONTH} at most: free tier and tiers start again"
        beyond = lines[hours[HOURS_OF_LONGEST_MONTH]]
        raise _wrong(file, beyond, f"{len(hours):,} hours, but {most}. Export one month.")
    return hours


def _check_sums(
    file: Path,
    line: int,
    name: str,
    found: set[tuple[str, str]],
    sums: dict[tuple[str, str], Floats],
) -> None:
    """Raise ValueError if a metric of the function is missing or impossible as a sum."""
    for metric in METRICS:
        if (name, metric) not in found:
            raise _wrong(file, line, f'no hour has "{name} {metric}". Export it too.')
    invoked, lasted = (float(sums[name, metric].sum()) for metric in METRICS)
    if not invoked:
        if lasted:
            raise _wrong(file, line, f"{name} has a duration, but no invocations. Export both.")
        return
    each = lasted / invoked
    if not _LEAST_MS <= each <= MOST_MS:
        limit = "Export Duration as Sum, in milliseconds"
        raise _wrong(file, line, f"{name} takes {each:,.3g} ms an invocation. {limit}.")
