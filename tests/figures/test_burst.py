"""Cold starts by language, and a burst on its time line."""

import pytest

from lambdadeck import figures
from lambdadeck.shared import style
from tests.support.cases import each
from tests.support.figure_cases import FRESH, burst


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
def test_cold_bars_are_hatched_and_warm_ones_are_not(environments):
    axes = figures.burst_timeline(burst(environments), today=FRESH).fig.axes[0]
    hatches = [bar.get_hatch() for bar in axes.patches]
    assert hatches.count(style.HATCH) == environments and hatches.count(None) == 2 * environments
    assert [text.get_text()[:4] for text in axes.get_legend().get_texts()] == ["cold", "warm"]


def test_a_bar_is_where_its_invocation_was():
    shots = burst(2)
    axes = figures.burst_timeline(shots, today=FRESH).fig.axes[0]
    drawn = sorted(
        (round(bar.get_x(), 6), round(bar.get_x() + bar.get_width(), 6)) for bar in axes.patches
    )
    assert drawn == sorted((shot.start_ms - 1000, shot.end_ms - 1000) for shot in shots)


def test_a_bursts_table_has_every_invocation_in_order():
    headers, rows = figures.burst_timeline(burst(3)[::-1], today=FRESH).table
    starts = [row[headers.index("start (ms)")] for row in rows]
    assert len(rows) == 9 and starts == sorted(starts) and starts[0] == 0


def test_no_burst_is_a_sentence_and_no_picture():
    with pytest.raises(ValueError, match="run a burst first"):
        figures.burst_timeline([])
