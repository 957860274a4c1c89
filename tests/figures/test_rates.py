"""Unit prices: a vCPU-hour, rounding, the two architectures."""

import pytest

from lambdadeck import costs, figures, prices
from lambdadeck.shared import style
from tests.support.figure_cases import FRESH, lines


def test_the_vcpu_hour_shows_the_known_break_evens():
    figure = figures.vcpu_hour(today=FRESH)
    assert "24% to 55%" in figure.title
    found = {row[0]: row[-1] for row in figure.table[1]}
    assert found == {"c6i.large": "44%", "c7g.large": "47%", "m7g.large": "55%", "t3.medium": "24%"}
    assert {row[0]: row[-2] for row in figure.table[1]}["c6i.large"] == pytest.approx(
        0.1037, abs=5e-5
    )


def test_above_its_baseline_a_burstable_instance_pays_for_what_it_uses():
    figure = figures.vcpu_hour(("t3.medium",), today=FRESH)
    (curve,) = lines(figure, style.palette().ec2)
    hour = prices.ec2_price("eu-west-1", "t3.medium").usd_per_hour / 2
    assert curve.get_ydata()[-1] == pytest.approx(hour + 0.8 * 0.05)
    assert "0.05 a vCPU-hour above 20%" in figure.data


def test_rounding_compares_the_two_bills_at_the_duration_asked_for():
    now, then = (
        costs.lambda_bill(
            1e6, 12, 1024, region="eu-west-1", arch="x86_64", rounding_ms=step
        ).total_usd
        for step in (1, 100)
    )
    title = figures.rounding(12, today=FRESH).title
    assert costs.human_usd(now) in title and costs.human_usd(then) in title
    assert "either way" in figures.rounding(200, today=FRESH).title


def test_arm64_breaks_even_where_its_longer_time_eats_its_lower_price():
    prices_of = [
        prices.lambda_price("eu-west-1", arch).usd_per_gb_s for arch in prices.ARCHITECTURES
    ]
    figure = figures.architectures(today=FRESH)
    assert f"{prices_of[0] / prices_of[1] - 1:.0%} longer" in figure.title
    (even,) = lines(figure, style.palette().ink)
    assert even.get_xdata()[0] == pytest.approx(prices_of[0] / prices_of[1])
