"""Cold starts by language, and a burst on its time line."""

import pytest

from lambdadeck import figures
from lambdadeck.shared import style
from tests.support.cases import each
from tests.support.figure_cases import FRESH, Shot, burst


def test_cold_starts_name_the_fastest_and_the_slowest_language():
    figure = figures.cold_starts()
    assert figure.title == "INIT takes 13 ms in Rust and 288 ms in .NET 10"
    assert figure.table[1][0] == ("Rust", 16.1, 13.3)
    assert "not here" in figure.data and "2026-08" in figure.data


def test_cold_starts_refuse_a_memory_that_nobody_measured():
    with pytest.raises(LookupError, match="10240 MB"):
        figures.cold_starts(memory_mb=10240)


def test_a_burst_counts_environments_and_cold_starts():
    figure = figures.burst_timeline(burst(4), today=FRESH)
    assert figure.title == "12 invocations, 4 environments: 4 cold starts, 8 warm"
    assert "2026-11-23" in figure.data and "this machine" in figure.data
    assert (
        figures.burst_timeline(burst(1, 1)).title
        == "1 invocation, 1 environment: 1 cold start, 0 warm"
    )


@each("environments", [3, 120])
def test_init_alone_is_hatched_and_the_handler_is_solid_cold_or_warm(environments):
    axes = figures.burst_timeline(burst(environments), today=FRESH).fig.axes[0]
    hatches = [bar.get_hatch() for bar in axes.patches]
    assert hatches.count(style.HATCH) == environments and hatches.count(None) == 3 * environments


def test_a_bar_is_where_its_invocation_was_and_init_comes_before_the_handler():
    shots = burst(2)
    axes = figures.burst_timeline(shots, today=FRESH).fig.axes[0]
    drawn = sorted(
        (round(bar.get_x(), 6), round(bar.get_x() + bar.get_width(), 6)) for bar in axes.patches
    )
    parts = [(shot.start_ms - 1000, shot.end_ms - 1000) for shot in shots if not shot.cold]
    for start, end in [(shot.start_ms - 1000, shot.end_ms - 1000) for shot in shots if shot.cold]:
        parts += [(start, end - 40), (end - 40, end)]
    assert drawn == sorted(parts)


def test_warm_environments_are_above_cold_ones_each_group_with_its_last_answer():
    cold = [Shot(0, 90, "new", True), Shot(0, 80, "newer", True)]
    drawn = figures.burst_timeline([*cold, Shot(0, 50, "old", False)], today=FRESH).fig.axes[0]
    words = [text.get_text() for text in drawn.texts]
    assert words == [
        "1 warm: the handler alone",
        "the last: 50 ms",
        "2 cold: INIT first, then the handler",
        "the last: 90 ms",
    ]


def test_of_many_environments_half_nine_in_ten_and_the_last_are_marked():
    shots = [Shot(0, 600 + at, f"e{at}", True) for at in range(100)]
    drawn = figures.burst_timeline(shots, number="last after 0.7 s", today=FRESH)
    words = [text.get_text() for text in drawn.fig.axes[0].texts]
    assert words[1:] == ["half: 649 ms", "9 in 10: 689 ms", "the last: 699 ms"]
    assert drawn.number == "last after 0.7 s"


def test_a_bursts_table_has_every_invocation_in_order():
    headers, rows = figures.burst_timeline(burst(3)[::-1], today=FRESH).table
    starts = [row[headers.index("start (ms)")] for row in rows]
    assert len(rows) == 9 and starts == sorted(starts) and starts[0] == 0


def test_no_burst_is_a_sentence_and_no_picture():
    with pytest.raises(ValueError, match="run a burst first"):
        figures.burst_timeline([])


def test_a_picture_of_a_thousand_environments_stays_small():
    shots = [Shot(0, 600 + i, f"e{i}", True) for i in range(1000)]
    assert len(figures.burst_timeline(shots, today=FRESH).svg()) < 250_000
