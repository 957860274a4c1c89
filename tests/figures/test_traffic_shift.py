"""The figure of a gradual deployment: the version behind each call, in words and numbers."""

import csv
import datetime as dt
import io

import pytest

from lambdadeck.deployment.canary import AliasCall
from lambdadeck.figures.traffic_shift import shift
from tests.support import figure_check
from tests.support.cases import each
from tests.support.figure_cases import OLD, TENTH

TODAY = dt.date(2026, 11, 23)


def rows(figure):
    return list(csv.reader(io.StringIO(figure.csv())))


def words(figure):
    return [text.get_text() for text in figure_check.texts(figure)]


def test_the_title_counts_what_came_not_what_was_expected():
    assert shift([*OLD, *TENTH]).title == "20 of 200 calls reached version 2 at 10% weight"
    assert shift([*OLD, *TENTH, *OLD]).title.endswith("; after the rollback, none")
    assert shift(OLD).title == "All 60 calls reached version 1"


def test_a_call_that_came_after_the_roll_back_is_not_hidden():
    late = [*TENTH, *OLD, AliasCall("2", "", 0.0)]
    assert shift(late).title.endswith("after the rollback, 1")


def test_the_table_has_every_count():
    assert rows(shift([*OLD, *TENTH, *OLD])) == [
        [
            "alias",
            "weight of the new version (%)",
            "calls",
            "version 1 (calls)",
            "version 2 (calls)",
        ],
        ["all old", "0.0", "60", "60", "0"],
        ["10% new", "10.0", "200", "180", "20"],
        ["rolled back", "0.0", "60", "60", "0"],
    ]


def test_the_rows_are_told_apart_by_their_place_and_their_words():
    figure = shift([*OLD, *TENTH])
    assert {"version 1", "version 2", "180 of 200", "20 of 200", "60 of 60"} <= set(words(figure))
    marks = [collection.get_segments() for collection in figure.fig.axes[0].collections]
    assert [len(segments) for segments in marks] == [240, 20]
    assert marks[1][0][0][0] == pytest.approx(60 + 3 + 0.5)


def test_the_corner_says_where_and_when_and_the_alternative_text_has_the_numbers():
    figure = shift([*OLD, *TENTH], where="LOCAL", today=TODAY)
    assert figure.data.startswith("LOCAL · 2026-11-23")
    assert "version 1 answered 180, version 2 answered 20" in figure.alt


CALLS = {
    "old": OLD,
    "tenth": TENTH,
    "shift": [*OLD, *TENTH],
    "back": [*TENTH, *OLD * 4],
    "many": [*OLD, *TENTH, *OLD[:5], *TENTH, *OLD],
    "one": OLD[:1],
}


@each("name", CALLS)
@each("height", [3.4, 4.84])
def test_every_word_can_be_read(name, height):
    figure = shift(CALLS[name], size=(11.52, height))
    assert (
        figure_check.too_small(figure)
        == figure_check.cut_off(figure)
        == figure_check.collisions(figure)
        == []
    )


def test_versions_stand_in_the_order_of_their_numbers():
    figure = shift([AliasCall("10" if place % 3 else "9", "10", 0.5) for place in range(90)])
    assert [label.get_text() for label in figure.fig.axes[0].get_yticklabels()] == [
        "version 9",
        "version 10",
    ]


def test_without_a_call_there_is_no_picture():
    with pytest.raises(ValueError, match="There is no call to draw"):
        shift([])
