"""The figure of a real month."""

import pytest

from lambdadeck import costs, figures
from lambdadeck.shared import style
from tests.support.figure_cases import FRESH


def test_the_days_of_each_way_add_up_to_the_bill_and_the_made_up_month_has_its_sales() -> None:
    month = costs.example_month()
    bill = costs.month_bill(month, region="eu-west-1")
    figure = figures.month_cost(month, bill, today=FRESH)
    headers, rows = figure.table
    assert headers[0] == "24 hours from" and len(rows) == 31
    sums = [sum(float(row[column] or 0) for row in rows) for column in (1, 2, 3)]
    assert sums == pytest.approx([bill.lambda_usd, bill.ec2_usd, bill.mix_usd], abs=0.2)
    busiest = sorted(rows, key=lambda row: float(row[1] or 0))[-2:]
    assert {str(row[0])[-2:] for row in busiest} == {"09", "23"}
    assert figure.title == bill.sentence
    assert bill.error_sentence in figure.alt


def test_a_month_without_a_mix_shows_two_lines() -> None:
    month = costs.example_month()
    bill = costs.month_bill(month, region="eu-west-1", instances=["m5.4xlarge", "m7g.16xlarge"])
    figure = figures.month_cost(month, bill, today=FRESH)
    assert len(figure.table[0]) == 3
    colors = {line.get_edgecolor() for line in figure.fig.axes[0].patches}
    assert len(colors) == 2
    assert style.palette().aws_lambda in {note.get_color() for note in figure.fig.axes[0].texts}
