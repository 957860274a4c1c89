"""A month on Lambda and on EC2: the figure shows what the cost model says."""

import pytest

from lambdadeck import costs, figures, style
from tests import figure_check
from tests.figure_cases import DRAWN, FRESH, lines


def test_monthly_cost_finds_the_break_even_of_the_cost_model():
    even = costs.break_even("c6i.large", region="eu-west-1", arch="x86_64", duration_ms=100, memory_mb=1769)
    figure = figures.monthly_cost(instances=("c6i.large",), today=FRESH)
    assert figure.title == f"Below {costs.human_count(even.requests)} requests a month Lambda is cheaper than c6i.large"
    (dot,) = lines(figure, style.palette().ink)
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == pytest.approx((even.requests, even.usd))


def test_monthly_cost_says_so_when_lambda_is_always_cheaper():
    assert "cheaper at any load" in figures.monthly_cost(instances=("t3.medium",), today=FRESH).title


def test_monthly_cost_draws_lambda_solid_and_ec2_dashed_so_that_grey_tells_them_apart():
    figure = figures.monthly_cost(today=FRESH)
    assert {line.get_linestyle() for line in lines(figure, style.palette().aws_lambda)} == {"-"}
    assert {line.get_linestyle() for line in lines(figure, style.palette().ec2)} == {"--"}


def test_monthly_costs_table_holds_the_bills_at_whole_powers_of_ten():
    headers, rows = figures.monthly_cost(memory_mb=(1769, 512), today=FRESH).table
    row = next(row for row in rows if round(row[0], -5) == 10_000_000)
    bill = costs.lambda_bill(row[0], 100, 512, region="eu-west-1", arch="x86_64")
    assert headers[2] == "Lambda 512 MB (US$)"
    assert row[2] == pytest.approx(bill.total_usd, abs=0.01)


def test_monthly_cost_says_every_knob_that_was_turned():
    data = figures.monthly_cost(free_tier=True, min_instances=2, peak_factor=3, today=FRESH).data
    assert all(words in data for words in ("free tier used", "min instances 2", "peak factor 3", "at their baseline"))
    assert "no free tier" in figures.monthly_cost(today=FRESH).data


def test_a_line_ends_where_its_price_stops_being_known():
    figure = DRAWN["monthly cost, price unknown from the second tier on"]()
    assert any("then price unknown" in text.get_text() for text in figure_check.texts(figure))
    assert figure.table[1][-1][1] is None
