"""One invocation: who wins at its size, and where the call just made lies."""

import numpy as np
import pytest

from lambdadeck import costs, figures
from lambdadeck.shared import style
from tests.support import figure_check
from tests.support.figure_cases import FRESH, Report, lines


def test_a_price_that_nobody_knows_stops_the_figure_with_its_name():
    with pytest.raises(LookupError, match="ap-southeast-3"):
        figures.this_call(Report(2.3, 3, 128), region="ap-southeast-3", today=FRESH)


def test_the_winner_changes_where_the_bills_are_the_same():
    figure = figures.winner_map(10e6, "c6i.large", today=FRESH)
    assert "up to 220 ms at 1,769 MB" in figure.title
    bills = [
        costs.lambda_bill(10e6, ms, 1769, region="eu-west-1", arch="x86_64").total_usd
        for ms in (200, 240)
    ]
    ec2 = costs.ec2_bill(
        "c6i.large", region="eu-west-1", requests=10e6, duration_ms=220, memory_mb=1769
    ).total_usd
    assert bills[0] < ec2 < bills[1]


def test_the_winner_map_tells_its_areas_apart_by_hatching():
    hatches = [
        area.hatches
        for area in figures.winner_map(today=FRESH).fig.axes[0].collections
        if getattr(area, "hatches", None)
    ]
    assert [style.HATCH, None] in [list(one) for one in hatches]


def test_the_call_just_made_lies_on_its_own_curve():
    figure = figures.this_call(Report(14.3, 93, 512, 78.4), today=FRESH)
    usd = costs.lambda_bill(1e6, 93, 512, region="eu-west-1", arch="x86_64").total_usd
    (dot,) = lines(figure, style.palette().ink)
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == pytest.approx((93, usd))
    own = max(lines(figure, style.palette().aws_lambda), key=lambda line: len(line.get_xdata()))
    on_curve = np.exp(np.interp(np.log(93), np.log(own.get_xdata()), np.log(own.get_ydata())))
    assert on_curve == pytest.approx(usd, rel=0.001)


def test_a_cold_call_is_set_beside_the_same_call_warm():
    figure = figures.this_call(Report(14.3, 93, 512, 78.4), today=FRESH)
    warm = costs.lambda_bill(1e6, 15, 512, region="eu-west-1", arch="x86_64").total_usd
    shown = " ".join(text.get_text() for text in figure_check.texts(figure))
    assert "this call, cold" in shown and f"the same, warm: {costs.human_usd(warm)}" in shown
    assert "billed 15 ms" in figure.alt


def test_a_warm_call_claims_no_cold_start():
    figure = figures.this_call(Report(2.3, 3, 128), today=FRESH)
    assert "cold" not in " ".join(text.get_text() for text in figure_check.texts(figure))


def test_a_call_is_priced_at_the_duration_measured_here_unless_told_otherwise():
    assert "measured here, not on AWS" in figures.this_call(Report(2.3, 3, 128), today=FRESH).data
    assert (
        "measured in AWS"
        in figures.this_call(Report(2.3, 3, 128), where="measured in AWS", today=FRESH).data
    )
