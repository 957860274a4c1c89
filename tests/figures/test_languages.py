"""The figure of the languages: measured here, recorded in AWS, and both named."""

import csv
import datetime as dt
import io
from dataclasses import replace

import pytest
from matplotlib.patches import Rectangle

from lambdadeck.figures import cold_and_warm
from lambdadeck.languages import Greeting
from lambdadeck.reference import cold_starts
from lambdadeck.shared import style
from tests.support import figure_check
from tests.support.cases import each

TODAY = dt.date(2026, 11, 23)


def greeting(language, runtime, ran_on, cold_ms, warm_ms):
    return Greeting(
        language,
        runtime,
        "Hello!",
        ran_on,
        cold_ms,
        warm_ms,
        cold_starts.measured(runtime, memory_mb=1024),
    )


ALL = [
    greeting("Java", "java17", "Java 17.0.15", 82.4, 0.61),
    greeting("Node.js", "nodejs20.x", "Node.js 20.20.2", 43.2, 0.93),
    greeting("Python", "python3.11", "Python 3.11.7", 38.1, 0.51),
    greeting("C#", "dotnet10", "Mono 6.8.0.105", 91.0, 0.46),
]
NO_JAVA = [replace(ALL[0], ran_on="", cold_ms=None, warm_ms=None), *ALL[1:]]
SLOW = [*ALL[:3], replace(ALL[3], cold_ms=1720.0, warm_ms=14.2)]


def bars(figure):
    return [patch for patch in figure.fig.axes[0].patches if isinstance(patch, Rectangle)]


def test_the_title_states_the_span_of_cold_starts_and_the_slowest_warm_call():
    assert (
        cold_and_warm(ALL).title
        == "Cold, from 38 ms in Python to 91 ms in C#; warm, none over 1 ms"
    )
    assert cold_and_warm(ALL[2:3]).title == "Cold, 38 ms in Python; warm, none over 1 ms"
    assert cold_and_warm(SLOW).title.endswith("1720 ms in C#; warm, none over 15 ms")


def test_the_slides_title_has_room_for_the_slowest_warm_call():
    assert [cold_and_warm(one, today=TODAY).number for one in (ALL, SLOW)] == [
        "0.9 ms at most",
        "14 ms at most",
    ]


def test_bars_are_as_long_as_the_times_and_only_cold_starts_here_are_hatched():
    drawn = bars(cold_and_warm(ALL))
    wanted = [ms for one in ALL for ms in (one.cold_ms, one.warm_ms, one.aws.init_ms)]
    assert [bar.get_width() for bar in drawn] == pytest.approx(wanted)
    assert [bar.get_hatch() for bar in drawn] == [style.HATCH, None, None] * 4


@each("greetings", [ALL, NO_JAVA, SLOW])
def test_every_word_can_be_read(greetings):
    figure = cold_and_warm(greetings)
    assert (
        figure_check.too_small(figure)
        == figure_check.cut_off(figure)
        == figure_check.collisions(figure)
        == []
    )


def test_a_language_that_did_not_run_is_named_and_has_no_bar_of_its_own():
    figure = cold_and_warm(NO_JAVA)
    assert (
        len(bars(figure)) == 10 and "Java did not run here; on AWS 214 ms as java17." in figure.alt
    )
    assert list(csv.reader(io.StringIO(figure.csv())))[1][:4] == ["Java", "", "", ""]


def test_the_corner_says_what_was_measured_where_and_what_is_recorded():
    data = cold_and_warm(ALL, where="LOCAL, this machine", today=TODAY).data
    assert data.startswith(
        "LOCAL, this machine, 2026-11-23 · hollow: recorded on AWS, not here: maxday/lambda-perf"
    )


def test_without_a_language_there_is_no_picture():
    with pytest.raises(ValueError, match="No language ran"):
        cold_and_warm(NO_JAVA[:1])
