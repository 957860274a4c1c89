"""The figures that a page that runs draws: the words and numbers of the talk's, as SVG."""

import re

import pytest

from lambdadeck import figures
from lambdadeck.deployment.canary import AliasCall
from lambdadeck.export.runs import drawings
from tests.support.cases import each
from tests.support.figure_cases import FRESH, OLD, TENTH, Report, Shot, burst


def boxes(drawing: drawings.Drawing, look: str) -> list[tuple[float, float]]:
    """Return where the boxes of a look begin and how wide they are."""
    found = re.findall(
        rf'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"[^>]*style="{look}', drawing.svg
    )
    return [(float(x), float(width)) for x, width in found]


def words(drawing: drawings.Drawing) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", drawing.svg)


def test_a_burst_says_what_the_figure_of_the_talk_says() -> None:
    drawn, talk = drawings.burst_timeline(burst(4)), figures.burst_timeline(burst(4), today=FRESH)
    headers, rows = talk.table
    assert drawn.words["title"] == talk.title
    assert drawn.words["table"] == {"headers": headers, "rows": rows}
    assert f'aria-label="{talk.alt}"' in drawn.svg


def test_init_is_hatched_and_the_handler_is_solid_from_request_to_answer() -> None:
    cold, warm = Shot(1000, 1100, "new", True), Shot(1000, 1060, "old", False, Report(60, 60, 128))
    drawn = drawings.burst_timeline([cold, warm])
    px = (1122 - 6) / 124  # the span is 100 ms, and a quarter is for words
    assert boxes(drawn, "fill:url") == [(6, pytest.approx(60 * px, abs=0.1))]
    assert boxes(drawn, r"fill:var\(--lambda") == [
        (6, pytest.approx(60 * px, abs=0.1)),
        (pytest.approx(6 + 60 * px, abs=0.1), pytest.approx(40 * px, abs=0.1)),
    ]
    said = words(drawn)
    assert said.index("1 warm: the handler alone") < said.index(
        "1 cold: INIT first, then the handler"
    )
    assert {"the last: 60 ms", "the last: 100 ms"} <= set(said)
    assert drawn.number == "1 of 2 cold"


def test_calls_that_wait_have_a_thin_line_and_the_title_says_how_many_run_at_once() -> None:
    shots = [Shot(0, 40, "one", False), Shot(0, 90, "one", False)]
    drawn = drawings.burst_timeline(shots)
    assert len(boxes(drawn, r"fill:var\(--muted")) == 3  # two waits and the axis
    assert drawn.number == "1 at once in this page"
    assert "a thin line a wait" in words(drawn)[0]
    assert drawings.burst_timeline(shots, number="last after 0.1 s").number == "last after 0.1 s"


def test_a_deployment_has_a_mark_for_each_call_and_a_line_where_the_weight_changed() -> None:
    drawn = drawings.shift([*OLD, *TENTH, *OLD], where="BROWSER")
    assert len(boxes(drawn, r"fill:var\(--lambda")) == 20
    assert drawn.svg.count("stroke-dasharray") == 2
    assert {"all old", "10% new", "rolled back", "20 of 200", "0 of 60"} <= set(words(drawn))
    title = "20 of 200 calls reached version 2 at 10% weight; after the rollback, none"
    assert title in drawn._repr_html_() and "BROWSER · " in drawn._repr_html_()


def test_a_phase_that_is_too_short_for_words_has_none() -> None:
    drawn = drawings.shift([*TENTH, *OLD[:3]])
    assert "rolled back" not in words(drawn) and "rolled back" in drawn._repr_html_()


@each("most", [1, 3, 40, 632, 2985, 40_000])
def test_an_axis_has_a_few_round_numbers(most: float) -> None:
    ticks = drawings._ticks(most)
    assert 2 <= len(ticks) <= 9 and ticks[0] == 0 and ticks[-1] <= most
    assert str(ticks.step).strip("0") in ("1", "2", "5")


@each("draw", [drawings.burst_timeline, drawings.shift])
def test_nothing_to_draw_is_a_sentence(draw) -> None:
    with pytest.raises(ValueError, match="There is no"):
        draw([])


def test_markup_in_the_name_of_a_version_stays_text() -> None:
    drawn = drawings.shift([AliasCall("<b>", "", 0.0)], where="<i>")
    assert "<b>" not in drawn._repr_html_() and "<i>" not in drawn._repr_html_()
