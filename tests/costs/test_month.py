"""A real month from two CSV files: what is read, and what is refused with file and line."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from lambdadeck import costs
from lambdadeck.shared.paths import ASSETS
from tests.support import example_month
from tests.support.cases import each

FUNCTIONS = "NAME,MB,ARCH\na,512,arm64\nb,1769,x86_64\n"
HEADER = "Timestamp,a Invocations,a Duration,b Invocations,b Duration\n"
FIRST, SECOND = "2026-10-01T00:00:00Z,2,200,1,50\n", "2026-10-01T01:00:00Z,,,3,90\n"
LONG = """Label,Timestamp,Value
b Duration,2026-10-01T01:00:00Z,90.0
b Duration,2026/10/01 00:00:00,50.0
b Invocations,2026-10-01T01:00:00+00:00,3.0
b Invocations,2026-10-01T02:00:00+02:00,1.0
a Invocations,2026-10-01 00:00:00,2.0
a Duration,2026-10-01 00:00:00,200.0
"""


def read(folder: Path, hours: str, functions: str = FUNCTIONS) -> costs.Month:
    (folder / "hours.csv").write_text(hours, encoding="utf-8")
    (folder / "functions.csv").write_text(functions, encoding="utf-8")
    return costs.read_month(folder / "hours.csv", str(folder / "functions.csv"))


@each("hours", [HEADER + FIRST + SECOND, "\ufeff" + HEADER + SECOND + "\n" + FIRST, LONG])
def test_columns_of_labels_and_lines_of_data_points_give_the_same_month(
    tmp_path: Path, hours: str
) -> None:
    month = read(tmp_path, hours)
    assert [one.name for one in month.functions] == ["a", "b"]
    assert month.start == dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
    assert month.invocations.tolist() == [[2, 0], [1, 3]]
    assert month.duration_ms.tolist() == [[200, 0], [50, 90]]


LATER = "2026-10-01T03:00:00Z,1,1,1,1\n"
WRONG = [
    ("time,calls\n", FUNCTIONS, "hours.csv, line 1: .*Timestamp,NAME Invocations"),
    (HEADER.replace(",", ";"), FUNCTIONS, "hours.csv, line 1: the header is"),
    ("", FUNCTIONS, "hours.csv, line 1: the header is"),
    (HEADER, FUNCTIONS, "hours.csv, line 1: no hours follow"),
    (HEADER + FIRST + LATER, FUNCTIONS, "line 3: 2 hours are missing between 2026-10-01 00:00"),
    (HEADER + FIRST + FIRST, FUNCTIONS, 'hours.csv, line 3: "a Invocations" has this hour twice'),
    (HEADER + FIRST + "2026-10-01T01:30:00Z,1,1,1,1\n", FUNCTIONS, "line 3: .*period of 1 hour"),
    (HEADER + "0001-01-01T00:00:00+05:00,1,1,1,1\n", FUNCTIONS, "line 2: .* is not a time"),
    (HEADER + FIRST, FUNCTIONS.replace("512", "9" * 5000), "functions.csv, line 2: MB is"),
    (HEADER + "today,1,1,1,1\n", FUNCTIONS, 'hours.csv, line 2: "today" is not a time'),
    (HEADER + "2026-10-01T00:00:00Z,-2,1,1,1\n", FUNCTIONS, 'line 2: "a Invocations" is "-2"'),
    (HEADER + "2026-10-01T00:00:00Z,2,many,1,1\n", FUNCTIONS, 'line 2: "a Duration" is "many"'),
    (HEADER + "2026-10-01T00:00:00Z,nan,1,1,1\n", FUNCTIONS, 'line 2: "a Invocations" is "nan"'),
    (HEADER + "2026-10-01T00:00:00Z,1.5,1,1,1\n", FUNCTIONS, "line 2: 1.5 invocations"),
    (HEADER + "2026-10-01T00:00:00Z,1,1\n", FUNCTIONS, "line 2: 3 cells, but the header has 5"),
    (HEADER.replace("b I", "a I") + FIRST, FUNCTIONS, 'line 1: two columns are named "a Invoc'),
    (HEADER.replace("a Dur", "a Err") + FIRST, FUNCTIONS, 'line 2: "a Erration" is not a label'),
    (HEADER.replace("b ", "c ") + FIRST, FUNCTIONS, "line 2: functions.csv has no function c"),
    (HEADER + FIRST, FUNCTIONS + "c,128,arm64\n", 'functions.csv, line 4: no hour has "c Invoc'),
    (HEADER + FIRST, FUNCTIONS + "a,128,arm64\n", "functions.csv, line 4: a is in line 2 already"),
    (HEADER + FIRST, FUNCTIONS.replace("MB", "memory"), "functions.csv, line 1: .*NAME,MB,ARCH"),
    (HEADER + FIRST, FUNCTIONS.replace("512", "64"), 'functions.csv, line 2: MB is "64"'),
    (HEADER + FIRST, FUNCTIONS.replace("arm64", "c7g.large"), "line 2: ARCH is .c7g.large.*arm64"),
    (HEADER + FIRST, FUNCTIONS + "c,128\n", "functions.csv, line 4: .c,128. is not NAME,MB,ARCH"),
    (HEADER + FIRST, "NAME,MB,ARCH\n", "functions.csv, line 1: no function follows"),
    (HEADER + FIRST.replace("200", "0.1"), FUNCTIONS, "functions.csv, line 2: .*Duration as Sum"),
    (HEADER + FIRST.replace("200", "2e9"), FUNCTIONS, "functions.csv, line 2: .*Duration as Sum"),
    (HEADER + FIRST.replace(",2,", ",0,"), FUNCTIONS, "line 2: a has a duration, but no invocati"),
    (LONG.replace("Label,", "Id,"), FUNCTIONS, "hours.csv, line 1: .*Label,Timestamp,Value"),
    (LONG.replace("90.0", ""), FUNCTIONS, 'hours.csv, line 2: "b Duration" is ""'),
]


@each(("hours", "functions", "said"), WRONG)
def test_bad_files_are_refused_with_file_and_line(
    tmp_path: Path, hours: str, functions: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        read(tmp_path, hours, functions)


def test_more_hours_than_a_month_has_are_refused(tmp_path: Path) -> None:
    start = dt.datetime(2026, 10, 1)
    hours = [f"{start + dt.timedelta(hours=n):%Y-%m-%d %H:%M:%S},1,9,1,9\n" for n in range(745)]
    with pytest.raises(ValueError, match=r"hours.csv, line 746: 745 hours.*Export one month"):
        read(tmp_path, HEADER + "".join(hours))


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hours.csv").write_bytes(b"PK\x03\x04\xff\xfe")
    (tmp_path / "functions.csv").write_text(FUNCTIONS, encoding="utf-8")
    with pytest.raises(ValueError, match=r"hours.csv is not CSV in UTF-8"):
        costs.read_month(tmp_path / "hours.csv", tmp_path / "functions.csv")


def test_the_example_month_is_what_its_generator_writes() -> None:
    files = {"functions.csv": example_month.functions_csv(), "hours.csv": example_month.hours_csv()}
    for name, text in files.items():
        assert (ASSETS / "month" / name).read_text(encoding="utf-8") == text, name
    month = costs.example_month()
    assert month.invocations.shape == (14, 744)
    assert np.all((month.invocations > 0) == (month.duration_ms > 0))
