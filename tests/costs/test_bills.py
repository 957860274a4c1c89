"""The bills: published examples to the cent, bills that add up, unknown prices never zero."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdadeck import costs, prices
from lambdadeck.costs.ec2_bill import SECONDS_A_MONTH
from tests.support.cases import each

EAST = {"region": "us-east-1", "arch": "x86_64"}
WEST = {"region": "eu-west-1", "arch": "x86_64"}
IN_2017 = {"rounding_ms": 100, "price": prices.history_2017()}

requests = st.floats(min_value=0, max_value=1e11)
durations = st.floats(min_value=0, max_value=900_000)
memories = st.integers(min_value=128, max_value=10_240)
held = st.integers(min_value=128, max_value=512)  # a t3.nano has half a GiB
arches = st.sampled_from(prices.ARCHITECTURES)
lambda_options = st.fixed_dictionaries(
    {},
    optional={
        "free_tier": st.booleans(),
        "rounding_ms": st.sampled_from([1, 100]),
        "init_ms": st.floats(min_value=0, max_value=10_000),
        "init_share": st.floats(min_value=0, max_value=1),
        "ephemeral_mb": st.floats(min_value=512, max_value=10_240),
        "provisioned_concurrency": st.integers(min_value=0, max_value=1000),
        "provisioned_hours": st.floats(min_value=0, max_value=744),
        "provisioned_share": st.floats(min_value=0, max_value=1),
        "front": st.sampled_from([None, "http-api", "rest-api", "function-url", 2.5]),
    },
)
sizing = st.fixed_dictionaries(
    {},
    optional={
        "peak_factor": st.floats(min_value=1, max_value=50),
        "concurrency": st.floats(min_value=0.5, max_value=500),
        "utilization": st.floats(min_value=0.05, max_value=1),
        "min_instances": st.integers(min_value=1, max_value=5),
        "spare": st.integers(min_value=0, max_value=3),
        "burst_baseline": st.booleans(),
    },
)
ec2_options = st.builds(
    lambda size, rest: size | rest,
    sizing,
    st.fixed_dictionaries(
        {},
        optional={
            "discount": st.floats(min_value=0, max_value=0.9),
            "load_balancer": st.sampled_from([None, "alb", 0.03]),
            "lcus": st.floats(min_value=0, max_value=10),
            "volume_gb": st.integers(min_value=0, max_value=500),
            "public_ipv4": st.integers(min_value=0, max_value=2),
            "front": st.sampled_from([None, "http-api", 1.0]),
        },
    ),
)
instance_types = st.sampled_from(
    ["t3.nano", "t3.medium", "c6i.large", "m5.8xlarge", "c7g.medium", "m7g.16xlarge"]
)


def parts(bill: costs.LambdaBill | costs.Ec2Bill) -> list[float]:
    names = [field.name for field in dataclasses.fields(bill) if field.name.endswith("_usd")]
    return [getattr(bill, name) for name in names if name != "total_usd"]


# Worked examples of the AWS Lambda pricing page (read in a copy of mid-2026),
# US East (N. Virginia).


def test_aws_example_mobile_application_backend_costs_2_73():
    bill = costs.lambda_bill(3e6, 120, 1536, free_tier=True, **EAST)
    assert bill.gb_seconds == 540_000
    assert [round(usd, 2) for usd in (bill.duration_usd, bill.requests_usd, bill.total_usd)] == [
        2.33,
        0.40,
        2.73,
    ]


def test_aws_example_streaming_telemetry_costs_249_49():
    bill = costs.lambda_bill(10_000 * 24 * 31, 2000, 1024, **EAST)
    assert [round(usd, 2) for usd in (bill.requests_usd, bill.duration_usd, bill.total_usd)] == [
        1.49,
        248.00,
        249.49,
    ]


def test_aws_example_machine_learning_with_2_gb_of_tmp_costs_106_41():
    bill = costs.lambda_bill(6e6, 280, 4096, ephemeral_mb=2048, free_tier=True, **EAST)
    shown = (bill.duration_usd, bill.requests_usd, bill.ephemeral_usd, bill.total_usd)
    assert [round(usd, 2) for usd in shown] == [105.33, 1.00, 0.08, 106.41]


def test_aws_example_mobile_launch_on_provisioned_concurrency_costs_19_96():
    launch = costs.lambda_bill(
        5e5, 100, 1536, provisioned_concurrency=100, provisioned_hours=8, free_tier=True, **EAST
    )
    rest = costs.lambda_bill(2.5e6, 120, 1536, free_tier=True, **EAST)
    assert round(launch.provisioned_usd, 2) == round(18.00 + 0.73, 2)
    assert round(rest.duration_usd, 2) == 0.83
    assert round(launch.requests_usd + rest.requests_usd, 2) == 0.40
    assert round(launch.total_usd + rest.total_usd, 2) == 19.96


def test_aws_example_cyber_monday_on_provisioned_concurrency_costs_32_26_free_tier_or_not():
    for free in (False, True):
        bill = costs.lambda_bill(
            2e6, 280, 4096, provisioned_concurrency=7, provisioned_hours=24, free_tier=free, **EAST
        )
        assert round(bill.provisioned_usd, 2) == round(10.08 + 21.78, 2)
        assert (round(bill.requests_usd, 2), round(bill.total_usd, 2)) == (0.40, 32.26)


def test_aws_example_insurance_claims_on_arm_costs_421_34_of_compute():
    """Durable functions example, compute and requests: two invocations, 32 s together, a claim."""
    bill = costs.lambda_bill(2e6, 16_000, 1024, region="us-east-1", arch="arm64", free_tier=True)
    assert (round(bill.duration_usd, 2), round(bill.requests_usd, 2)) == (421.34, 0.20)


@each(
    ("count", "ms", "mb", "duration", "total"),
    [(3e6, 1000, 512, 18.34, 18.74), (30e6, 200, 128, 5.83, 11.63)],
)
def test_aws_examples_of_2017_at_the_prices_of_2017(count, ms, mb, duration, total):
    """AWS Lambda pricing page before December 2020 (rounded up to 100 ms)."""
    bill = costs.lambda_bill(count, ms, mb, free_tier=True, **IN_2017, **WEST)
    assert (round(bill.duration_usd, 2), round(bill.total_usd, 2)) == (duration, total)
    assert bill.as_of.year == 2017


# Infracost's test output for aws_lambda_function and its provisioned concurrency.


@each(
    ("arch", "count", "ms", "mb", "usd"),
    [
        ("x86_64", 1e5, 350, 512, 0.29),
        ("arm64", 1e5, 350, 512, 0.23),
        ("x86_64", 6e9, 512, 1024, 51_200.10),
        ("arm64", 7.5e9, 512, 1024, 51_200.26),
        ("x86_64", 9e9, 1024, 1024, 100_000.20 + 48_240.00),
        ("arm64", 11.25e9, 1024, 1024, 100_000.50 + 48_240.40),
        ("x86_64", 15e9, 2000, 1024, 100_000.20 + 135_000.00 + 200_001.00),
        ("arm64", 18.75e9, 2000, 1024, 100_000.50 + 135_001.13 + 200_000.63),
    ],
)
def test_duration_agrees_with_infracost_over_all_tiers(arch, count, ms, mb, usd):
    bill = costs.lambda_bill(count, ms, mb, region="us-east-1", arch=arch)
    assert bill.duration_usd == pytest.approx(usd, abs=0.02 if usd > 1e5 else 0.005)
    assert bill.requests_usd == pytest.approx(count * 2e-7)


def test_provisioned_concurrency_on_arm_agrees_with_infracost():
    hours = 9e6 / 3600 / 5
    bill = costs.lambda_bill(
        10e6,
        350,
        512,
        region="us-east-1",
        arch="arm64",
        provisioned_concurrency=10,
        provisioned_hours=hours,
    )
    assert (round(bill.requests_usd, 2), round(bill.provisioned_usd, 2)) == (
        2.00,
        round(30.00 + 13.61, 2),
    )


# Published comparisons.


def test_a_job_each_hour_costs_1_44_as_trek10_published_in_2016():
    """trek10.com/blog/lambda-cost: two minutes at 1 GB, 720 times a month.

    Its other example does not add up.
    """
    assert round(costs.lambda_bill(720, 120_000, 1024, **IN_2017, **WEST).total_usd, 2) == 1.44


def test_a_million_calls_cost_1_87_as_kazulkin_and_bannes_showed_in_2019():
    """Serverless Architecture Conference, April 2019: "It's not only Lambda"."""
    bill = costs.lambda_bill(1e6, 200, 512, **IN_2017, **WEST)
    assert (bill.requests_usd, round(bill.duration_usd, 2)) == (0.20, 1.67)


def test_a_function_that_never_rests_costs_121_60_as_cloudphilos_published():
    """cloudphilos.io, "How much more expensive": Ireland, arm64, against c6g.large."""
    bill = costs.lambda_bill(SECONDS_A_MONTH, 1000, 3538, region="eu-west-1", arch="arm64")
    assert round(round(bill.duration_usd, 2) + round(bill.requests_usd, 2), 2) == 121.60
    ec2 = costs.ec2_bill("c6g.large", region="eu-west-1", usd_per_hour=0.073, concurrency=2)
    assert round(ec2.total_usd, 2) == 53.29


def test_the_pricing_page_s_backend_in_hong_kong_costs_3_77():
    """Public course notes in Chinese that redo AWS's example for ap-east-1: 3.21 and 0.56."""
    bill = costs.lambda_bill(3e6, 120, 1536, region="ap-east-1", arch="x86_64", free_tier=True)
    assert (round(bill.duration_usd, 2), round(bill.requests_usd, 2)) == (3.21, 0.56)


def test_an_instance_a_load_balancer_and_a_volume_cost_what_public_estimates_say():
    """us-east-1: t3.medium 30.37, ALB 16.43 (L. Tucker); ALB 16.42, 40 GB gp3 3.20 (Infracost)."""
    bill = costs.ec2_bill(
        "t3.medium", region="us-east-1", load_balancer="alb", lcus=0, volume_gb=40
    )
    assert round(bill.compute_usd, 2) == 30.37
    assert bill.load_balancer_usd == pytest.approx(16.425)
    assert round(bill.volume_usd, 2) == 3.20


@each(
    ("front", "count", "usd"),
    [
        ("http-api", 1e9, 300.00 + 630.00),
        ("rest-api", 21e9, 1165.50 + 1867.60 + 45_220.00 + 1510.00),
        ("function-url", 1e9, 0.0),
        (3.5, 5e6, 17.50),
        (None, 1e9, 0.0),
    ],
)
def test_what_stands_in_front_agrees_with_infracost(front, count, usd):
    """Infracost's test output for aws_apigatewayv2_api and aws_api_gateway_rest_api, us-east-1."""
    assert costs.lambda_bill(count, 1, 128, front=front, **EAST).front_usd == pytest.approx(usd)
    assert costs.ec2_bill(
        "c6i.large", region="us-east-1", requests=count, front=front
    ).front_usd == pytest.approx(usd)


@each(
    ("init_ms", "duration_ms", "billed_ms"),
    [(1293.83, 1049.63, 2344), (1307.68, 1058.15, 2366), (1258.24, 1002.25, 2261)],
)
def test_init_and_duration_are_rounded_once_together(init_ms, duration_ms, billed_ms):
    """REPORT lines measured by bitesizedserverless.com, "When is the Lambda init phase free"."""
    bill = costs.lambda_bill(1, duration_ms, 1024, init_ms=init_ms, init_share=1, **EAST)
    assert bill.gb_seconds == pytest.approx(billed_ms / 1000)


# The formula, its options and what they default to.


def test_100_ms_rounding_bills_101_ms_as_200():
    fine, coarse = (
        costs.lambda_bill(1e6, 101, 1024, rounding_ms=step, **WEST) for step in (1, 100)
    )
    assert fine.gb_seconds == pytest.approx(101_000) and coarse.gb_seconds == pytest.approx(200_000)


def test_float_noise_does_not_bill_another_millisecond():
    assert costs.lambda_bill(1, 0.1 * 3 * 1000, 1024, **WEST).gb_seconds == pytest.approx(0.300)
    assert costs.lambda_bill(1, 300.01, 1024, **WEST).gb_seconds == pytest.approx(0.301)


def test_a_hundredth_of_the_requests_pays_init():
    cold, warm = (
        costs.lambda_bill(1e6, 100, 1024, init_ms=200, init_share=share, **WEST)
        for share in (0.01, 0)
    )
    assert cold.gb_seconds - warm.gb_seconds == pytest.approx(1e6 * 0.01 * 0.2)


def test_the_free_tier_is_off_until_asked_for():
    assert costs.lambda_bill(1e6, 100, 1024, **WEST).total_usd > 0
    assert costs.lambda_bill(1e6, 100, 1024, free_tier=True, **WEST).total_usd == 0
    assert costs.lambda_bill(1e6, 100, 1024, free_tier=True, **WEST).free_tier


def test_every_option_defaults_to_off():
    bare = costs.lambda_bill(1e6, 100, 1024, **WEST)
    assert (bare.ephemeral_usd, bare.provisioned_usd, bare.front_usd, bare.free_tier) == (
        0,
        0,
        0,
        False,
    )
    ec2 = costs.ec2_bill("t3.medium", region="eu-west-1", requests=1e6, duration_ms=100)
    assert (ec2.instances, ec2.total_usd) == (1, pytest.approx(0.0456 * 730))
    assert (ec2.load_balancer_usd, ec2.volume_usd, ec2.ipv4_usd, ec2.front_usd) == (0, 0, 0, 0)


def test_an_unlimited_t3_pays_a_flat_rate_above_its_baseline():
    """EC2 User Guide, unlimited mode: 33.29 and 27.07 for 1.14 busy vCPUs, all month."""
    load = {"region": "eu-west-1", "requests": 30e6, "duration_ms": 100}
    one = costs.ec2_bill("t3.medium", **load)
    assert (one.instances, round(one.compute_usd, 2), round(one.surplus_usd, 2)) == (
        1,
        33.29,
        27.07,
    )
    zones = [
        costs.ec2_bill("t3.medium", min_instances=2, load_balancer="alb", lcus=lcus, **load)
        for lcus in (0, None, 1)  # the hours alone, the part of an LCU that is used, a whole one
    ]
    assert [round(bill.total_usd) for bill in zones] == [97, 100, 103]
    assert costs.ec2_bill("c6i.large", **load).surplus_usd == 0


def test_credits_carry_the_peaks_of_an_instance_that_is_held_to_its_baseline():
    load = {"region": "eu-west-1", "requests": 10e6, "duration_ms": 100, "burst_baseline": True}
    for peak, count in ((1, 1), (5, 1), (6, 2)):
        bill = costs.ec2_bill("t3.medium", peak_factor=peak, **load)
        assert (bill.instances, bill.surplus_usd) == (count, 0), peak


def test_an_instance_serves_no_more_requests_than_its_memory_holds():
    load = {"region": "eu-west-1", "requests": 30e6, "duration_ms": 1000}
    waits = costs.ec2_bill("c6i.large", memory_mb=1024, cpu_share=0.01, **load)
    assert waits.instances == math.ceil(30e6 / SECONDS_A_MONTH / 4)  # 4 GiB, 1 GiB each
    assert waits.total_usd < costs.ec2_bill("c6i.large", memory_mb=1024, **load).total_usd
    with pytest.raises(costs.TooSmall, match=r"t3.nano has 0.5 GiB .* a request of 10,240 MB"):
        costs.ec2_bill("t3.nano", memory_mb=10_240, **load)


def test_what_provisioned_environments_cannot_serve_is_on_demand():
    """One environment works 2,628,000 s a month; the other requests pay the full price."""
    bill = costs.lambda_bill(1e9, 1000, 1024, provisioned_concurrency=1, **EAST)
    spilled = (1e9 - SECONDS_A_MONTH) * 0.0000166667
    assert bill.duration_usd == pytest.approx(
        costs.lambda_bill(1e9 - SECONDS_A_MONTH, 1000, 1024, **EAST).duration_usd
    )
    assert bill.duration_usd == pytest.approx(spilled)
    assert bill.provisioned_usd == pytest.approx(SECONDS_A_MONTH * (0.0000041667 + 0.0000097222))


def test_a_function_with_provisioned_concurrency_has_no_free_tier():
    """AWS Lambda pricing page."""
    paid, free = (
        costs.lambda_bill(2e6, 280, 4096, provisioned_concurrency=2, free_tier=one, **EAST)
        for one in (False, True)
    )
    assert free.total_usd == paid.total_usd


def test_the_functions_of_an_account_share_one_free_tier_and_the_tiers():
    account = costs.account_bill([1e6] * 14, 100, 512, free_tier=True, **EAST)
    assert account.total_usd == costs.lambda_bill(14e6, 100, 512, free_tier=True, **EAST).total_usd
    huge = costs.account_bill([5e9, 5e9], 1000, 1024, **EAST)
    assert huge.duration_usd == pytest.approx(6e9 * 0.0000166667 + 4e9 * 0.000015)


@each(("arch", "usd"), [("x86_64", 0.1037), ("arm64", 0.0829)])
def test_a_vcpu_hour_on_lambda_in_ireland(arch, usd):
    assert round(costs.vcpu_hour_usd("eu-west-1", arch), 4) == usd
    bill = costs.lambda_bill(3600, 1000, 1769, region="eu-west-1", arch=arch)
    assert bill.duration_usd == pytest.approx(costs.vcpu_hour_usd("eu-west-1", arch))


def test_instances_follow_the_peak_the_target_and_the_vcpus():
    # 2 vCPUs at 1,769 MB a request: 2 at once.
    # 36 million requests of 1 s a month: 13.7 at once on average.
    base = {"region": "eu-west-1", "requests": 36e6, "duration_ms": 1000}
    assert costs.ec2_bill("c6i.large", **base).instances == 7
    assert costs.ec2_bill("c6i.large", peak_factor=3, **base).instances == 21
    assert costs.ec2_bill("c6i.large", peak_factor=3, utilization=0.65, **base).instances == 32
    assert costs.ec2_bill("c6i.large", memory_mb=1769 / 2, **base).instances == 4
    assert costs.ec2_bill("c6i.large", concurrency=100, **base).instances == 1
    assert costs.ec2_bill("c6i.large", concurrency=100, min_instances=2, **base).instances == 2
    assert costs.ec2_bill("c6i.large", concurrency=100, spare=1, **base).instances == 2
    assert costs.ec2_bill("t3.large", burst_baseline=True, **base).instances == math.ceil(
        13.7 / 0.6
    )


def test_a_fleet_that_is_exactly_full_needs_no_further_instance():
    full = 2 * SECONDS_A_MONTH * 1000 / 100  # two at once, 100 ms each, all month
    bill = costs.ec2_bill("c6i.large", region="eu-west-1", requests=full, duration_ms=100)
    assert (bill.instances, bill.busy) == (1, pytest.approx(1.0))


@given(
    st.integers(1, 1000),
    st.floats(0.5, 500),
    st.floats(0.05, 1),
    st.floats(1, 50),
    st.floats(0.5, 900_000),
)
def test_float_noise_starts_no_instance(full, at_once, target, peak, ms):
    load = full * at_once * target / peak * SECONDS_A_MONTH * 1000 / ms
    bill = costs.ec2_bill(
        "c6i.large",
        region="eu-west-1",
        requests=load,
        duration_ms=ms,
        concurrency=at_once,
        utilization=target,
        peak_factor=peak,
    )
    assert bill.instances == full


def test_everything_around_an_instance_is_paid_for_each_but_the_load_balancer():
    bill = costs.ec2_bill(
        "c6i.large",
        region="eu-west-1",
        min_instances=3,
        load_balancer="alb",
        lcus=2,
        volume_gb=8,
        public_ipv4=1,
    )
    assert bill.load_balancer_usd == pytest.approx(730 * (0.0252 + 2 * 0.008))
    assert bill.volume_usd == pytest.approx(3 * 8 * 0.088)
    assert bill.ipv4_usd == pytest.approx(3 * 730 * 0.005)


def test_your_own_prices_stand_in_for_the_table_s():
    own = costs.ec2_bill("c6i.large", region="eu-west-1", usd_per_hour=0.05, discount=0.5)
    assert own.total_usd == pytest.approx(730 * 0.05 * 0.5)
    assert "your own" in own.source and own.as_of is None
    around = costs.ec2_bill(
        "c6i.large",
        region="sa-east-1",
        usd_per_hour=0.05,
        concurrency=4,
        load_balancer=0.03,
        volume_gb=10,
        usd_per_gb_month=0.15,
        public_ipv4=1,
        usd_per_ipv4_hour=0.01,
    )
    assert around.total_usd == pytest.approx(730 * (0.05 + 0.03 + 0.01) + 1.5)


def test_an_instance_that_no_table_knows_needs_its_price_and_its_concurrency():
    assert (
        costs.ec2_bill("mine.large", region="mars-1", usd_per_hour=1, concurrency=1).total_usd
        == 730
    )
    with pytest.raises(LookupError, match=r"mine\.large"):
        costs.ec2_bill("mine.large", region="mars-1", usd_per_hour=1)


# Errors: unknown is named, never zero; what cannot be is refused.


@each(
    ("bill", "named"),
    [
        (lambda: costs.lambda_bill(1, 1, 128, region="mars-1", arch="x86_64"), "mars-1"),
        (lambda: costs.lambda_bill(1, 1, 128, region="eu-west-1", arch="mips"), "mips"),
        (
            lambda: costs.lambda_bill(1, 0, 128, region="ap-southeast-3", arch="arm64"),
            "a million requests",
        ),
        (
            lambda: costs.lambda_bill(7e9, 1000, 1024, region="eu-south-1", arch="x86_64"),
            "beyond the first 6,000,000,000",
        ),
        (
            lambda: costs.lambda_bill(
                1, 1, 128, region="eu-west-1", arch="arm64", provisioned_concurrency=1
            ),
            "provisioned concurrency",
        ),
        (lambda: costs.lambda_bill(1, 1, 128, front="rest-api", **WEST), "rest-api"),
        (lambda: costs.lambda_bill(1, 1, 128, front="pigeon", **WEST), "pigeon"),
        (lambda: costs.ec2_bill("z9.huge", region="eu-west-1"), "z9.huge"),
        (lambda: costs.ec2_bill("c6i.large", region="mars-1"), "mars-1"),
        (lambda: costs.ec2_bill("m5.large", region="sa-east-1", load_balancer="alb"), "sa-east-1"),
        (lambda: costs.ec2_bill("m5.large", region="af-south-1", load_balancer="alb"), "alb-hour"),
        (lambda: costs.ec2_bill("m5.large", region="af-south-1", volume_gb=1), "gp3"),
    ],
)
def test_an_unknown_price_is_a_lookup_error_that_names_it(bill, named):
    with pytest.raises(LookupError, match=named):
        bill()


def test_a_bill_needs_only_the_prices_that_it_uses():
    assert costs.lambda_bill(0, 1000, 1024, region="ap-southeast-3", arch="x86_64").total_usd == 0
    assert (
        costs.lambda_bill(
            5e9, 1000, 1024, region="eu-south-1", arch="x86_64", free_tier=True
        ).total_usd
        > 0
    )
    assert costs.ec2_bill("m5.large", region="af-south-1", public_ipv4=1).ipv4_usd == pytest.approx(
        3.65
    )


def test_an_unknown_price_is_nan_in_its_element_of_an_array_and_only_there():
    tiers = costs.lambda_bill([5e9, 7e9], 1000, 1024, region="eu-south-1", arch="x86_64")
    assert np.isfinite(tiers.total_usd[0]) and np.isnan(tiers.total_usd[1])
    assert np.isfinite(tiers.requests_usd).all() and np.isnan(tiers.duration_usd[1])
    silent = costs.lambda_bill([0, 1], 1, 128, region="ap-southeast-3", arch="x86_64")
    assert silent.total_usd[0] == 0 and np.isnan(silent.total_usd[1])
    volumes = costs.ec2_bill("m5.large", region="af-south-1", volume_gb=[0, 8])
    assert np.isfinite(volumes.total_usd[0]) and np.isnan(volumes.total_usd[1])


@each(
    ("changes", "named"),
    [
        ({"requests": -1}, "requests"),
        ({"duration_ms": -0.1}, "duration_ms"),
        ({"memory_mb": 0}, "memory_mb"),
        ({"memory_mb": -128}, "memory_mb"),
        ({"requests": [1, -1]}, "requests"),
        ({"requests": math.nan}, "requests"),
        ({"duration_ms": math.inf}, "duration_ms"),
        ({"requests": "many"}, "requests"),
        ({"requests": None}, "requests"),
        ({"rounding_ms": 0}, "rounding_ms"),
        ({"init_share": 1.1}, "init_share"),
        ({"init_ms": -1}, "init_ms"),
        ({"ephemeral_mb": 511}, "ephemeral_mb"),
        ({"provisioned_concurrency": -1}, "provisioned_concurrency"),
        ({"provisioned_share": 2}, "provisioned_share"),
        ({"provisioned_hours": -1}, "provisioned_hours"),
        ({"front": -1.0}, "front"),
        ({"front": True}, "front"),
        ({"front": "ipv4-hour"}, "front"),
        ({"memory_mb": 1}, "between 128 and 10240"),
        ({"memory_mb": 20_480}, "memory_mb"),
        ({"memory_mb": True}, "memory_mb"),
        ({"duration_ms": 20 * 60_000}, "duration_ms"),
        ({"requests": "2"}, "requests"),
        ({"requests": b"2"}, "requests"),
        ({"requests": 5 + 2j}, "requests"),
        ({"free_tier": "no"}, "free_tier"),
        ({"ephemeral_mb": 10_241}, "ephemeral_mb"),
        ({"provisioned_hours": 800}, "provisioned_hours"),
    ],
)
def test_what_lambda_cannot_be_asked_for_is_a_value_error_that_names_it(changes, named):
    asked = {"requests": 1, "duration_ms": 1, "memory_mb": 128} | changes
    with pytest.raises(ValueError, match=named):
        costs.lambda_bill(**asked, **WEST)


@each(
    "name",
    [
        "requests",
        "duration_ms",
        "usd_per_hour",
        "lcus",
        "volume_gb",
        "public_ipv4",
        "spare",
        "discount",
    ],
)
def test_a_negative_amount_on_ec2_is_a_value_error_that_names_it(name):
    with pytest.raises(ValueError, match=name):
        costs.ec2_bill("c6i.large", region="eu-west-1", **{name: -0.5})


@each(
    ("name", "value"),
    [
        ("memory_mb", 0),
        ("concurrency", 0),
        ("utilization", 0),
        ("utilization", 1.5),
        ("peak_factor", 0.5),
        ("min_instances", 0),
        ("discount", 1.5),
        ("load_balancer", -1.0),
    ],
)
def test_what_ec2_cannot_be_asked_for_is_a_value_error_that_names_it(name, value):
    with pytest.raises(ValueError, match=name):
        costs.ec2_bill("c6i.large", region="eu-west-1", **{name: value})


# Properties.


@given(requests, durations, memories, arches, lambda_options)
def test_a_lambda_bill_is_never_negative_and_adds_up(count, ms, mb, arch, options):
    bill = costs.lambda_bill(count, ms, mb, region="us-east-1", arch=arch, **options)
    assert min(parts(bill)) >= 0
    assert bill.total_usd == pytest.approx(math.fsum(parts(bill)))


@given(requests, requests, durations, durations, memories, memories, arches, lambda_options)
def test_a_lambda_bill_never_falls_when_load_grows(
    count, more, ms, longer, mb, bigger, arch, options
):
    small = costs.lambda_bill(count, ms, mb, region="us-east-1", arch=arch, **options).total_usd
    large = costs.lambda_bill(
        count + more,
        min(ms + longer, 900_000),
        max(mb, bigger),
        region="us-east-1",
        arch=arch,
        **options,
    ).total_usd
    assert large >= small * (1 - 1e-9)


@given(requests, durations, memories, arches, lambda_options)
def test_the_free_tier_never_costs_and_never_saves_more_than_it_is_worth(
    count, ms, mb, arch, options
):
    options = {name: value for name, value in options.items() if name != "free_tier"}
    paid, free = (
        costs.lambda_bill(
            count, ms, mb, region="us-east-1", arch=arch, free_tier=free, **options
        ).total_usd
        for free in (False, True)
    )
    assert -1e-6 * paid <= paid - free <= 0.20 + 400_000 * 0.0000166667 + 1e-6 * paid


@given(
    st.lists(requests, min_size=1, max_size=4),
    st.lists(durations, min_size=1, max_size=4),
    memories,
    lambda_options,
)
def test_arrays_hold_what_single_numbers_give(counts, times, mb, options):
    grid = costs.lambda_bill(
        np.array(counts)[:, None], np.array(times)[None, :], mb, **EAST, **options
    )
    assert grid.total_usd.shape == grid.requests_usd.shape == (len(counts), len(times))
    for row, count in enumerate(counts):
        for column, ms in enumerate(times):
            one = costs.lambda_bill(count, ms, mb, **EAST, **options)
            assert isinstance(one.total_usd, float)
            assert grid.total_usd[row, column] == pytest.approx(one.total_usd, rel=1e-12)


@given(instance_types, requests, durations, held, ec2_options)
def test_an_ec2_bill_is_never_negative_and_adds_up(name, count, ms, mb, options):
    bill = costs.ec2_bill(
        name, region="eu-west-1", requests=count, duration_ms=ms, memory_mb=mb, **options
    )
    assert min(parts(bill)) >= 0
    assert bill.total_usd == pytest.approx(math.fsum(parts(bill)))
    assert bill.instances == int(bill.instances) >= options.get("min_instances", 1)


@given(instance_types, requests, requests, durations, durations, held, ec2_options)
def test_an_ec2_bill_never_falls_when_load_grows(name, count, more, ms, longer, mb, options):
    """At a tenth off at most: a deeper discount makes an instance cheaper than surplus credits."""
    options |= {"discount": min(options.get("discount", 0), 0.1)}
    small = costs.ec2_bill(
        name, region="eu-west-1", requests=count, duration_ms=ms, memory_mb=mb, **options
    )
    large = costs.ec2_bill(
        name,
        region="eu-west-1",
        requests=count + more,
        duration_ms=ms + longer,
        memory_mb=mb,
        **options,
    )
    assert large.total_usd >= small.total_usd * (1 - 1e-9)
    assert large.instances >= small.instances


@given(instance_types, requests, durations, held, sizing)
def test_the_peak_fits_in_the_instances_at_the_target_utilization(name, count, ms, mb, options):
    bill = costs.ec2_bill(
        name, region="eu-west-1", requests=count, duration_ms=ms, memory_mb=mb, **options
    )
    peak = bill.busy * options.get("peak_factor", 1)
    assert peak <= options.get("utilization", 1) * (1 + 1e-9)


@settings(max_examples=25)
@given(requests, durations, held, sizing, st.floats(min_value=0, max_value=0.9))
def test_the_catalogue_is_billed_like_its_single_rows(count, ms, mb, options, discount):
    rows = prices.ec2_catalogue("eu-west-1")
    bill = costs.catalogue_bill(
        rows, [count, count / 2], ms, memory_mb=mb, discount=discount, **options
    )
    assert bill.total_usd.shape == (len(rows), 2)
    for at in (0, 17, 40, 60):
        one = costs.ec2_bill(
            str(rows.instance_type[at]),
            region="eu-west-1",
            requests=count,
            duration_ms=ms,
            memory_mb=mb,
            discount=discount,
            **options,
        )
        assert bill.instances[at, 0] == one.instances
        assert bill.total_usd[at, 0] == pytest.approx(one.total_usd, rel=1e-12)


def test_the_whole_catalogue_is_billed_at_two_hundred_loads_at_once():
    loads = np.geomspace(1e3, 1e10, 200)
    bill = costs.catalogue_bill(prices.ec2_catalogue(), loads, 100.0, memory_mb=1024)
    assert bill.total_usd.shape == (3116, 200)
    holds = prices.ec2_catalogue().memory_gib >= 1
    assert np.isfinite(bill.total_usd[holds]).all() and np.isinf(bill.total_usd[~holds]).all()
    steady = holds & np.isnan(prices.ec2_catalogue().burst_baseline_per_vcpu)
    assert (np.diff(bill.total_usd[steady], axis=1) >= 0).all()


def test_a_catalogue_bill_refuses_an_option_it_does_not_have():
    with pytest.raises(TypeError, match="front"):
        costs.catalogue_bill(prices.ec2_catalogue("eu-west-1"), 1, 1, front="http-api")
