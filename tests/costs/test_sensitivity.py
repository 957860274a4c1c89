"""The honest knobs, one by one."""

import datetime as dt
import math

import pytest

from lambdadeck import costs, prices
from lambdadeck.costs import sensitivity
from tests.support.cases import each

BELOW, ABOVE = "Lambda is cheaper below", "c6i.large above"


def test_each_knob_is_the_break_even_with_that_option_alone():
    rows = sensitivity.vary(region="eu-west-1")
    assert [row["assumption"] for row in rows] == list(sensitivity.ASSUMPTIONS)
    for row, options in zip(rows, sensitivity.ASSUMPTIONS.values(), strict=True):
        even = costs.break_even(
            "c6i.large",
            region="eu-west-1",
            duration_ms=100,
            memory_mb=1769,
            **{"utilization": 0.65, **options},
        )
        settled = even.settled_requests
        below = "at any load" if math.isinf(even.requests) else costs.human_count(even.requests)
        assert row[BELOW] == below
        assert row[ABOVE] == ("never" if math.isinf(settled) else costs.human_count(settled))


def test_every_knob_moves_something():
    first, *others = [(row[BELOW], row[ABOVE]) for row in sensitivity.vary(region="eu-west-1")]
    assert first not in others


def test_a_knob_without_a_known_price_says_so_and_the_others_stand():
    rows = sensitivity.vary(region="ap-south-1", instance_type="c6i.large")
    unknown = {row["assumption"] for row in rows if row[BELOW] == "unknown"}
    assert unknown == {"a load balancer, LCUs by connections"}


def test_an_unknown_region_is_an_error():
    with pytest.raises(LookupError):
        sensitivity.vary(region="moon-1")


def test_the_caption_names_load_region_date_and_sources():
    caption = sensitivity.source(region="eu-west-1")
    for part in ("100 ms", "1,769 MB", "eu-west-1", "US$", "2026-", "AWS Price List"):
        assert part in caption


@each("value", [True, False])
def test_a_load_balancer_of_true_is_refused_and_not_a_dollar_an_hour(value):
    with pytest.raises(ValueError, match="alb"):
        costs.ec2_bill("c6i.large", region="eu-west-1", load_balancer=value)


def test_the_caption_calls_old_prices_old():
    day = prices.ec2_price("eu-west-1", "c6i.large").last_confirmed
    assert "days old" not in sensitivity.source(region="eu-west-1", today=day + dt.timedelta(180))
    assert sensitivity.source(region="eu-west-1", today=day + dt.timedelta(181)).endswith(
        "Note: EC2 prices are 181 days old."
    )
