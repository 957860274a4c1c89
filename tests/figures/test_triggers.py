"""The picture of the events says what arrived when, in words, in numbers and without colour."""

import csv
import datetime as dt
import io
from dataclasses import dataclass, replace

import pytest
from matplotlib.patches import Rectangle

from lambdadeck.figures.triggers import trigger_timeline
from tests.support import figure_check
from tests.support.cases import each


@dataclass(frozen=True)
class Came:
    trigger: str
    did: str
    replayed: bool
    fired_s: float
    ms: float | None

    @property
    def how(self):
        return "FAILED" if self.ms is None else "REPLAYED" if self.replayed else "FIRED"


NAMES = [
    "API Gateway",
    "IoT",
    "Alexa",
    "CloudFront",
    "CloudWatch Logs",
    "EventBridge",
    "CodeCommit",
    "Cognito",
    "DynamoDB",
    "Kinesis",
    "S3",
    "SNS",
    "SDK",
    "API",
    "SQS",
    "Function URL",
]
CAME = [
    Came(
        name,
        "did it",
        name in ("Alexa", "CloudFront", "CodeCommit"),
        1000 + place * 0.02,
        3.0 + place,
    )
    for place, name in enumerate(NAMES)
]
TODAY = dt.date(2026, 11, 23)


def rows(figure):
    return list(csv.reader(io.StringIO(figure.csv())))


def bars(figure):
    return [patch for patch in figure.fig.axes[0].patches if isinstance(patch, Rectangle)]


def test_the_title_states_how_many_came_and_which_took_longest():
    title = trigger_timeline(CAME, today=TODAY).title
    assert title == "16 events, one function, 3 replayed; the slowest, Function URL, took 18 ms"


def test_a_bar_runs_from_the_users_act_to_the_handler():
    drawn = bars(trigger_timeline(CAME))
    assert [bar.get_x() for bar in drawn] == pytest.approx(
        [place * 20 for place in range(16)], abs=1e-3
    )
    assert [bar.get_width() for bar in drawn] == pytest.approx([one.ms for one in CAME])


def test_what_was_replayed_is_hatched_and_named_so_and_nothing_else_is():
    figure = trigger_timeline(CAME)
    hatched = [bar.get_hatch() is not None for bar in bars(figure)]
    said = [text.get_text() for text in figure_check.texts(figure) if "REPLAYED" in text.get_text()]
    assert hatched == [one.replayed for one in CAME] and len(said) == 3
    assert figure.alt.count("REPLAYED") == figure.csv().count("REPLAYED") == 3


def test_the_table_has_every_number():
    header, *lines = rows(trigger_timeline(CAME, today=TODAY))
    assert header == ["trigger", "the user", "act (ms)", "handler (ms)", "took (ms)", "how"]
    assert lines[1] == ["IoT", "did it", "20.0", "24.0", "4.0", "FIRED"] and len(lines) == 16


def test_the_corner_says_where_and_when():
    data = trigger_timeline(CAME, where="LOCAL, this machine", today=TODAY).data
    assert data.startswith("LOCAL, this machine · 2026-11-23")


@each("stretch", [1, 60])
def test_every_word_can_be_read(stretch):
    came = [*CAME[:7], replace(CAME[7], ms=CAME[7].ms * stretch), *CAME[8:]]
    figure = trigger_timeline(came)
    assert (
        figure_check.too_small(figure)
        == figure_check.cut_off(figure)
        == figure_check.collisions(figure)
        == []
    )


def test_what_never_came_is_not_drawn():
    figure = trigger_timeline([*CAME[:2], replace(CAME[3], ms=None)])
    assert len(bars(figure)) == 2 and figure.title.startswith("2 events")


def test_without_an_event_there_is_no_picture():
    with pytest.raises(ValueError, match=r"No event arrived.*triggers\.fire_all"):
        trigger_timeline([replace(CAME[0], ms=None)])
