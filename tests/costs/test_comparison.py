"""Your numbers, judged: both bills, the break-even, one sentence."""

import dataclasses
import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdadeck import costs, prices
from lambdadeck.costs import LOADS, Workload, compare, sentences

TODAY = dt.date(2026, 11, 23)
NUMBERS = st.builds(
    Workload,
    requests=st.floats(1e4, 1e10),
    duration_ms=st.floats(1, 1e5),
    memory_mb=st.sampled_from([128, 512, 1769, 4096]),
    arch=st.sampled_from(prices.ARCHITECTURES),
    region=st.sampled_from(["eu-west-1", "us-east-1", "us-west-2"]),
    instance=st.sampled_from(["c6i.large", "t3.medium", "c7g.large"]),
    peak_factor=st.floats(1, 20),
    free_tier=st.booleans(),
)


def test_the_verdict_names_both_bills_and_the_cheaper_side():
    verdict = compare(Workload(requests=5e6, duration_ms=100, memory_mb=512), today=TODAY)
    bill = costs.lambda_bill(5e6, 100, 512, region="eu-west-1", arch="x86_64").total_usd
    assert (
        verdict.sentence
        == f"Lambda is cheaper: {costs.human_usd(bill)} a month against $66.58 for 1 × c6i.large"
    )


def test_the_verdict_turns_when_load_grows_beyond_the_break_even():
    few = compare(Workload(), today=TODAY)
    many = compare(Workload(requests=few.break_even_requests * 1.2), today=TODAY)
    assert few.sentence.startswith("Lambda is cheaper") and many.sentence.startswith(
        "EC2 is cheaper"
    )


def test_at_the_break_even_both_cost_the_same():
    even = compare(Workload(), today=TODAY)
    same = compare(Workload(requests=even.break_even_requests), today=TODAY)
    assert same.sentence.startswith("Both cost the same")
    assert same.title == f"Both cost the same: {costs.human_usd(same.ec2_usd)} a month"
    assert same.lambda_usd == pytest.approx(even.break_even_usd) == pytest.approx(same.ec2_usd)


def test_the_title_names_the_higher_bill_only_if_it_reads_as_higher():
    assert sentences.title(187.6, 230) == "Lambda is cheaper: $188 a month, not $230"
    assert sentences.title(188.49, 187.51) == "EC2 is cheaper: $188 a month"


@settings(deadline=None, max_examples=60)
@given(NUMBERS)
def test_the_winner_is_whoever_has_the_lower_bill(numbers):
    verdict = compare(numbers, today=TODAY)
    if not math.isclose(verdict.lambda_usd, verdict.ec2_usd, rel_tol=0.005):
        winner = "Lambda" if verdict.lambda_usd < verdict.ec2_usd else "EC2"
        assert verdict.sentence.startswith(f"{winner} is cheaper")
        assert verdict.title.startswith(f"{winner} is cheaper: ")


@settings(deadline=None, max_examples=30)
@given(NUMBERS)
def test_the_curves_go_through_the_bills(numbers):
    verdict = compare(numbers, today=TODAY)
    assert len(verdict.lambda_curve) == len(verdict.ec2_curve) == len(LOADS)
    below, above = (
        np.searchsorted(LOADS, numbers.requests) - 1,
        np.searchsorted(LOADS, numbers.requests),
    )
    for usd, curve in (
        (verdict.lambda_usd, verdict.lambda_curve),
        (verdict.ec2_usd, verdict.ec2_curve),
    ):
        slack = 1e-9 * usd
        assert curve[max(below, 0)] - slack <= usd <= curve[min(above, len(LOADS) - 1)] + slack


def test_a_burstable_instance_pays_for_what_it_uses_above_its_baseline():
    busy = Workload(requests=30e6, duration_ms=100, memory_mb=1769, instance="t3.medium")
    verdict = compare(busy, today=TODAY)
    assert verdict.sentence == (
        "EC2 is cheaper: $60.35 a month for 1 × t3.medium against $92.38 on Lambda"
    )
    assert "t3.medium $0.05 a vCPU-hour above 20% of its CPU" in verdict.origin.data


def test_an_instance_that_cannot_hold_a_request_is_refused():
    with pytest.raises(costs.TooSmall, match="choose a larger type"):
        compare(Workload(memory_mb=10_240), today=TODAY)


def test_the_free_tier_and_the_peak_factor_count():
    plain = compare(Workload(requests=5e8, duration_ms=200), today=TODAY)
    assert (
        compare(Workload(requests=5e8, duration_ms=200, free_tier=True), today=TODAY).lambda_usd
        < plain.lambda_usd
    )
    assert (
        compare(Workload(requests=5e8, duration_ms=200, peak_factor=3), today=TODAY).ec2_usd
        > plain.ec2_usd
    )


def test_an_unknown_tier_leaves_the_bills_standing_and_is_named():
    verdict = compare(Workload(region="eu-south-1", peak_factor=10), today=TODAY)
    assert verdict.sentence.startswith("Lambda is cheaper")
    assert math.isnan(verdict.break_even_requests)
    assert "beyond the first 6,000,000,000" in verdict.break_even_sentence


def test_an_unknown_price_is_named_and_never_taken_for_zero():
    huge = Workload(region="eu-south-1", instance="m5.large", requests=1e10, duration_ms=5000)
    with pytest.raises(prices.UnknownPrice, match=r"eu-south-1 .* beyond the first 6,000,000,000"):
        compare(huge, today=TODAY)


def test_where_prices_come_from_and_that_they_are_old_is_part_of_the_verdict():
    assert compare(Workload(), today=TODAY).origin.warning == ""
    assert "days old" in compare(Workload(), today=dt.date(2027, 6, 1)).origin.warning
    assert "eu-west-1" in compare(Workload(), today=TODAY).origin.data


def test_numbers_cannot_change_behind_the_verdicts_back():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Workload().requests = 1
