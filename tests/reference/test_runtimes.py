"""The table of runtimes agrees with the SDK, and unknown dates stay unknown."""

import datetime as dt

import botocore.session
import pytest

from lambdadeck.reference import runtimes

DAY = dt.date(2026, 11, 23)


@pytest.fixture(scope="module")
def offered() -> list[str]:
    model = botocore.session.get_session().get_service_model("lambda")
    return model.shape_for("Runtime").enum


def test_the_table_knows_every_runtime_that_the_sdk_lists(offered):
    assert set(offered) <= set(runtimes.table())


def test_every_runtime_of_the_sdk_belongs_to_a_language_of_the_table(offered):
    assert {runtimes.language(name) for name in offered} <= set(runtimes.LANGUAGES.values())


def test_the_four_languages_of_2017_come_first_and_are_all_supported(offered):
    rows = runtimes.by_language(offered, today=DAY)
    assert [row["language"] for row in rows[:4]] == ["Java", "Node.js", "Python", "C# (.NET)"]
    assert all(row["supported"] != "none" for row in rows[:4])


def test_every_runtime_is_counted_once(offered):
    rows = runtimes.by_language(offered, today=DAY)
    names = [
        name
        for row in rows
        for field in ("supported", "no date known")
        for name in row[field].split(", ")
    ]
    counted = len([name for name in names if name and name != "none"])
    assert counted + sum(int(row["deprecated"]) for row in rows) == len(offered)


def test_a_runtime_is_supported_until_the_day_its_deprecation_begins():
    dotnet8 = runtimes.table()["dotnet8"]
    assert dotnet8.deprecated == dt.date(2026, 11, 10)
    assert dotnet8.supported(dt.date(2026, 11, 9)) is True
    assert dotnet8.supported(dt.date(2026, 11, 10)) is False


def test_an_unknown_life_cycle_is_neither_supported_nor_deprecated():
    assert runtimes.table()["python3.15"].supported(DAY) is None
    row = runtimes.by_language(["python3.15"], today=DAY)[0]
    assert (row["supported"], row["deprecated"], row["no date known"]) == ("none", "0", "3.15")
    assert runtimes.life_cycle(["python3.15"])[0]["support ended"] == "not known"


def test_a_runtime_that_no_one_has_heard_of_is_listed_without_dates():
    found = runtimes.lookup(["cobol1.x"])[0]
    assert (found.language, found.deprecated) == ("cobol1.x", None)


def test_no_runtime_of_2017_is_supported_today():
    old = runtimes.lookup(["nodejs4.3", "java8", "python2.7", "dotnetcore1.0"])
    assert [item.supported(DAY) for item in old] == [False] * 4
