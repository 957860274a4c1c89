"""The break-even: where the curves cross, checked on the bills themselves."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdadeck import costs, prices
from lambdadeck.costs.intersection import Segment, Staircase, first_crossing, last_crossing
from tests.support.cases import each

NAMES = [
    "t3.nano",
    "t3.medium",
    "c6i.large",
    "m5.8xlarge",
    "c7g.medium",
    "m7g.16xlarge",
    "t4g.small",
]
LAMBDA_NAMES = {
    "free_tier",
    "rounding_ms",
    "init_ms",
    "init_share",
    "ephemeral_mb",
    "provisioned_concurrency",
}

works = st.fixed_dictionaries(
    {
        "duration_ms": st.one_of(st.integers(1, 200), st.floats(min_value=0.5, max_value=900_000)),
        "memory_mb": st.integers(128, 512),  # a t3.nano has half a GiB
    }
)
choices = st.fixed_dictionaries(
    {},
    optional={
        "free_tier": st.booleans(),
        "rounding_ms": st.sampled_from([1, 100]),
        "init_ms": st.floats(min_value=0, max_value=2000),
        "init_share": st.floats(min_value=0, max_value=1),
        "ephemeral_mb": st.floats(min_value=512, max_value=10_240),
        "provisioned_concurrency": st.integers(0, 20),
        "peak_factor": st.floats(min_value=1, max_value=10),
        "concurrency": st.floats(min_value=0.5, max_value=100),
        "utilization": st.floats(min_value=0.1, max_value=1),
        "min_instances": st.integers(1, 4),
        "spare": st.integers(0, 2),
        "burst_baseline": st.booleans(),
        "discount": st.floats(min_value=0, max_value=0.7),
        "load_balancer": st.sampled_from([None, "alb", 0.03]),
        "lcus": st.floats(min_value=0, max_value=3),
        "volume_gb": st.integers(0, 100),
        "public_ipv4": st.integers(0, 1),
        "lambda_front": st.sampled_from([None, "http-api", "rest-api", "function-url", 2.0]),
        "ec2_front": st.sampled_from([None, "http-api", "rest-api", 0.5]),
    },
)


def both(
    name: str, arch: str, loads: np.ndarray, work: dict, options: dict
) -> tuple[np.ndarray, np.ndarray]:
    """Return the two bills at `loads`, by the public functions alone."""
    fronts = ("lambda_front", "ec2_front")
    ours = {key: value for key, value in options.items() if key in LAMBDA_NAMES}
    theirs = {
        key: value
        for key, value in options.items()
        if key not in LAMBDA_NAMES and key not in fronts
    }
    on_lambda = costs.lambda_bill(
        loads, region="us-east-1", arch=arch, front=options.get("lambda_front"), **work, **ours
    )
    on_ec2 = costs.ec2_bill(
        name, region="us-east-1", requests=loads, front=options.get("ec2_front"), **work, **theirs
    )
    return on_lambda.total_usd, on_ec2.total_usd


@settings(max_examples=300)
@given(st.sampled_from(NAMES), works, choices)
def test_the_break_even_is_where_the_curves_cross(name, work, options):
    found = costs.break_even(name, region="us-east-1", **work, **options)
    before = np.concatenate([[0.0], np.geomspace(1e-6, 1 - 1e-6, 400) * min(found.requests, 1e13)])
    if found.requests > 0:
        on_lambda, on_ec2 = both(name, found.arch, before, work, options)
        assert (on_lambda <= on_ec2 * (1 + 1e-9) + 1e-9).all()
    if 0 < found.requests < math.inf:
        on_lambda, on_ec2 = both(name, found.arch, np.array([found.requests]), work, options)
        assert on_lambda[0] == pytest.approx(on_ec2[0], rel=1e-7)
        assert found.usd == pytest.approx(on_ec2[0])


@settings(max_examples=300)
@given(st.sampled_from(NAMES), works, choices)
def test_from_the_settled_load_on_ec2_never_costs_more_again(name, work, options):
    found = costs.break_even(name, region="us-east-1", **work, **options)
    assert found.settled_requests >= found.requests
    if math.isfinite(found.settled_requests):
        after = (found.settled_requests + 1) * np.concatenate(
            [1 + np.geomspace(1e-9, 1, 400), np.geomspace(2, 1e4, 400)]
        )
        on_lambda, on_ec2 = both(name, found.arch, after, work, options)
        assert (on_lambda >= on_ec2 * (1 - 1e-9) - 1e-6).all()


@settings(max_examples=100)
@given(st.sampled_from(NAMES), works)
def test_without_bends_the_break_even_is_the_closed_formula(name, work):
    """One instance that is never full: price a month over price a request."""
    options = {"concurrency": 1e9, "rounding_ms": 1}
    found = costs.break_even(name, region="us-east-1", **work, **options)
    row = prices.ec2_price("us-east-1", name)
    each = costs.lambda_bill(1, region="us-east-1", arch=row.arch, **work).total_usd
    expected = row.usd_per_hour * 730 / each
    if costs.lambda_bill(expected, region="us-east-1", arch=row.arch, **work).gb_seconds < 6e9:
        assert found.requests == pytest.approx(expected, rel=1e-9)


@each(
    ("name", "percent"),
    [("c6i.large", 44), ("c7g.large", 47), ("c8g.large", 51), ("m7g.large", 55)],
)
def test_ec2_in_ireland_pays_above_this_sustained_utilization(name, percent):
    """CPU-bound, no load balancer, against Lambda on the instance's own architecture."""
    share = costs.break_even_utilization(name, region="eu-west-1")
    assert round(share * 100) == percent


def test_a_t3_medium_at_its_baseline_never_pays():
    row = prices.ec2_price("eu-west-1", "t3.medium")
    assert round(row.usd_per_hour / row.vcpu / row.burst_baseline_per_vcpu, 3) == 0.114
    assert costs.break_even_utilization("t3.medium", region="eu-west-1", burst_baseline=True) > 1
    unlimited = costs.break_even_utilization("t3.medium", region="eu-west-1")
    assert round(unlimited, 3) == 0.239  # (0.0228 - 0.05 * 0.2) / (0.1037 - 0.05)


def test_for_long_requests_both_break_evens_say_the_same_utilization():
    found = costs.break_even("c6i.large", region="eu-west-1", duration_ms=900_000, memory_mb=1769)
    share = costs.break_even_utilization("c6i.large", region="eu-west-1")
    assert found.utilization == pytest.approx(share, rel=1e-3)


def test_the_architecture_is_the_instance_s_own_unless_asked():
    work = {"region": "eu-west-1", "duration_ms": 100, "memory_mb": 1024}
    assert costs.break_even("c7g.large", **work).arch == "arm64"
    crossed = costs.break_even("c7g.large", arch="x86_64", **work)
    assert (
        crossed.arch == "x86_64"
        and crossed.requests < costs.break_even("c7g.large", **work).requests
    )


def test_what_is_paid_whatever_the_load_moves_the_break_even_up():
    work = {"region": "eu-west-1", "duration_ms": 100, "memory_mb": 1024}
    bare = costs.break_even("c6i.large", **work).requests
    costlier = [
        {"free_tier": True},
        {"load_balancer": "alb"},
        {"min_instances": 2},
        {"volume_gb": 30},
        {"public_ipv4": 1},
    ]
    for option in costlier:
        assert costs.break_even("c6i.large", **work, **option).requests > bare, option
    assert costs.break_even("c6i.large", **work, lambda_front="http-api").requests < bare
    assert costs.break_even("c6i.large", **work, discount=0.3).requests < bare


BELOW = "Below {} million requests a month Lambda is cheaper; "
TURNS = "the two take turns as {} are added."


@each(
    ("name", "options", "said"),
    [
        ("c6i.large", {}, BELOW.format(36) + "above it one c6i.large is, from 39% utilization."),
        (
            "c6i.large",
            {"min_instances": 2},
            BELOW.format(71) + "above it 2 c6i.large are, from 39% utilization.",
        ),
        (
            "c6i.large",
            {"peak_factor": 2},
            BELOW.format(36)
            + "above 166 million c6i.large is; between, "
            + TURNS.format("instances"),
        ),
        (
            "c6i.large",
            {"peak_factor": 3},
            "Lambda is cheaper at any load: c6i.large, sized for the peak, is never busy enough.",
        ),
        (
            "c6i.large",
            {"provisioned_concurrency": 100},
            "One c6i.large is cheaper from the first request on.",
        ),
        (
            "t3.medium",
            {"burst_baseline": True},
            BELOW.format(18) + "above it " + TURNS.format("t3.medium"),
        ),
        ("t3.medium", {}, BELOW.format(18) + "above it one t3.medium is, from 20% utilization."),
    ],
)
def test_the_verdict_is_one_sentence(name, options, said):
    """The last one adds what it assumes of a burstable instance."""
    found = costs.break_even(name, region="eu-west-1", duration_ms=100, memory_mb=1024, **options)
    assert found.sentence == said


def test_an_unknown_price_that_is_reached_before_the_break_even_is_named():
    with pytest.raises(LookupError, match="beyond the first 6,000,000,000"):
        costs.break_even(
            "m5.8xlarge", region="eu-south-1", duration_ms=1000, memory_mb=1024, usd_per_hour=900
        )
    silent = dataclasses.replace(
        prices.lambda_price("me-south-1", "x86_64"), usd_per_million_requests=math.nan
    )
    with pytest.raises(LookupError, match="a million requests"):
        costs.break_even(
            "m5.large", region="me-south-1", duration_ms=100, memory_mb=1024, price=silent
        )


def test_an_unknown_price_beyond_the_break_even_leaves_only_the_settled_load_unknown():
    found = costs.break_even("m5.large", region="eu-south-1", duration_ms=100, memory_mb=1024)
    assert math.isfinite(found.requests) and math.isnan(found.settled_requests)
    assert "above it one m5.large is" not in found.sentence
    assert "there one m5.large is as cheap; who is above it depends on an unknown price" in (
        found.sentence
    )


@each(
    ("options", "error"),
    [
        ({"front": "http-api"}, TypeError),
        ({"pigeons": 3}, TypeError),
        ({"peak_factor": [1, 2]}, ValueError),
        ({"duration_ms": -1}, ValueError),
        ({"memory_mb": 0}, ValueError),
        ({"region": "mars-1"}, LookupError),
        ({"lambda_front": "pigeon"}, LookupError),
    ],
)
def test_what_cannot_be_compared_is_refused(options, error):
    asked = {"region": "eu-west-1", "duration_ms": 100, "memory_mb": 1024} | options
    with pytest.raises(error):
        costs.break_even("c6i.large", **asked)


def test_the_break_even_of_2017_takes_the_prices_and_the_rounding_of_2017():
    work = {"region": "eu-west-1", "duration_ms": 101, "memory_mb": 1024, "usd_per_hour": 0.1}
    then = costs.break_even("c6i.large", **work, rounding_ms=100, price=prices.history_2017())
    assert then.requests == pytest.approx(73 / (0.2e-6 + 0.2 * 0.00001667))
    assert then.requests < costs.break_even("c6i.large", **work).requests


def test_requests_that_take_no_time_break_even_on_their_charge_alone():
    found = costs.break_even("c6i.large", region="eu-west-1", duration_ms=0, memory_mb=128)
    assert found.requests == pytest.approx(0.0912 * 730 / 2e-7)


# The crossing itself, on lines drawn by hand.


def test_a_line_crosses_on_the_step_that_it_outgrows():
    stairs = Staircase(rise=10, run=1)
    assert first_crossing([Segment(0, math.inf, 0, 9)], stairs) == math.inf
    assert first_crossing([Segment(0, math.inf, 0, 20)], stairs) == 0.5
    late = [
        Segment(0, math.inf, -15, 12)
    ]  # 12x - 15 is as high as 10 a step first at the end of step 8
    x = first_crossing(late, stairs)
    assert x == pytest.approx((80 + 15) / 12) and 7 < x <= 8


def test_a_line_that_flattens_can_fall_behind_again():
    stairs = Staircase(rise=10, run=1)
    line = [Segment(0, 5, 0, 12), Segment(5, math.inf, 60, 9)]
    first = first_crossing(line, stairs)
    assert first == pytest.approx(10 / 12)
    assert last_crossing(line, stairs, first) == math.inf
