"""Price tables: every row dated and sourced, unknown never zero, stale ones say so."""

import csv
import datetime as dt
import math

import numpy as np
import pytest

from lambdadeck import prices
from lambdadeck.prices.origin import origin
from tests.support.cases import each

DAY = dt.date(2026, 11, 23)


def test_the_tables_are_complete():
    assert len(prices.regions()) == 26
    assert len(prices.ec2_catalogue()) == 3116
    assert len(prices.ec2_catalogue("us-east-1")) == 1340


def test_lambda_prices_of_us_east_1_are_those_of_the_aws_pricing_page():
    """AWS Lambda pricing page, 2026: tiers, requests, storage, provisioned concurrency."""
    x86, arm = (prices.lambda_price("us-east-1", arch) for arch in prices.ARCHITECTURES)
    assert x86.usd_per_gb_s_tiers == (0.0000166667, 0.000015, 0.0000133334)
    assert arm.usd_per_gb_s_tiers == (0.0000133334, 0.0000120001, 0.0000106667)
    assert x86.usd_per_million_requests == arm.usd_per_million_requests == 0.20
    assert x86.usd_per_request == pytest.approx(2e-7)
    assert x86.usd_per_gb_s == x86.usd_per_gb_s_tiers[0]
    assert x86.usd_per_gb_s_ephemeral == 0.0000000309
    assert (x86.usd_per_gb_s_provisioned, x86.usd_per_gb_s_duration_provisioned) == (
        0.0000041667,
        0.0000097222,
    )
    assert (arm.usd_per_gb_s_provisioned, arm.usd_per_gb_s_duration_provisioned) == (
        0.0000033334,
        0.0000077778,
    )
    assert (x86.tier_bounds_gb_s, arm.tier_bounds_gb_s) == ((6e9, 15e9), (7.5e9, 18.75e9))


def test_ec2_prices_agree_with_aws_price_list_rows():
    """AmazonEC2 offer 20260910195514, on-demand Linux rows quoted in a public test corpus."""
    assert prices.ec2_price("eu-west-1", "t3.micro").usd_per_hour == 0.0114
    assert prices.ec2_price("eu-west-1", "m5.xlarge").usd_per_hour == 0.214
    assert prices.ec2_price("us-east-1", "m5.xlarge").usd_per_hour == 0.192


def test_every_row_has_a_region_a_date_and_a_source():
    for path in sorted(prices.TABLES.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert rows, path
        for row in rows:
            assert row["region"] and row["source"], (path, row)
            assert dt.date.fromisoformat(row["as_of"]) <= DAY, (path, row)
            if row.get("confirmed"):
                assert dt.date.fromisoformat(row["confirmed"]) <= DAY, (path, row)
                assert row["confirmed_by"], (path, row)


def test_no_lambda_price_is_dated_after_the_day_on_which_its_source_was_seen():
    """Remotion's release 4.0.527, the newest source, was in its registry on 2026-09-22."""
    rows = [prices.lambda_price(region, "x86_64") for region in prices.regions()]
    assert max(row.as_of for row in rows) == dt.date(2026, 9, 22)


def test_the_tables_of_ec2_are_fresh_after_the_180_days_of_their_source():
    rows = prices.ec2_catalogue()
    late = np.datetime64("2026-11-29")
    assert (late - rows.as_of).max() > np.timedelta64(prices.STALE_DAYS, "D")
    assert (late - rows.last_confirmed).max() <= np.timedelta64(prices.STALE_DAYS, "D")


def test_burstable_instances_have_a_price_for_what_they_use_above_their_baseline():
    rows = prices.ec2_catalogue()
    burstable = rows.where(~np.isnan(rows.burst_baseline_per_vcpu))
    arm = burstable.arch == "arm64"
    assert set(burstable.surplus_usd_per_vcpu_hour[arm]) == {0.04}
    assert set(burstable.surplus_usd_per_vcpu_hour[~arm]) == {0.05}
    steady = rows.where(np.isnan(rows.burst_baseline_per_vcpu))
    assert np.isnan(steady.surplus_usd_per_vcpu_hour).all()


def test_a_savings_plan_s_rate_is_its_discount_off_the_price_on_demand():
    """The first row is Lambda's: 11.8 % for a year without upfront payment."""
    plans = prices.savings_plans()
    assert (plans[0].service, plans[0].discount_pct, plans[0].usd) == ("lambda", 11.8, 0.0000147)
    for plan in plans:
        if plan.service == "lambda" and plan.item == "duration":
            on_demand = prices.lambda_price(plan.region, plan.covers).usd_per_gb_s
            assert round(100 * (1 - plan.usd / on_demand), 1) == plan.discount_pct
    assert math.isnan(next(plan.usd for plan in plans if plan.item == "requests"))


def test_no_price_in_any_table_is_zero_but_what_aws_gives_for_free():
    for path in sorted(prices.TABLES.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                known = [
                    float(value) for name, value in row.items() if name.startswith("usd") and value
                ]
                free = row.get("item") in ("function-url", "dto-free-gb")
                assert known or row.get("unit"), (path, row)
                assert free or min(known, default=1) > 0, (path, row)


def test_a_blank_price_is_nan_never_zero():
    unknown = prices.lambda_price("ap-southeast-3", "x86_64")
    assert math.isnan(unknown.usd_per_million_requests)
    assert math.isnan(unknown.usd_per_gb_s_tiers[1])
    assert math.isnan(prices.ec2_price("eu-west-1", "c6i.large").burst_baseline_per_vcpu)


@each(
    ("ask", "names"),
    [
        (lambda: prices.lambda_price("mars-1", "x86_64"), ["mars-1", "eu-west-1"]),
        (lambda: prices.lambda_price("eu-west-1", "mips"), ["mips", "arm64"]),
        (lambda: prices.ec2_price("eu-west-1", "z9.huge"), ["z9.huge", "eu-west-1"]),
        (lambda: prices.ec2_catalogue("mars-1"), ["mars-1", "us-east-1"]),
        (lambda: prices.unit_price("rest-api", "eu-west-1"), ["rest-api", "us-east-1"]),
    ],
)
def test_an_unknown_price_is_a_lookup_error_that_names_it_and_what_is_known(ask, names):
    with pytest.raises(LookupError) as caught:
        ask()
    assert all(name in str(caught.value) for name in names)


def test_the_catalogue_holds_the_same_as_the_single_rows():
    catalogue = prices.ec2_catalogue("eu-west-1")
    assert set(catalogue.region) == {"eu-west-1"}
    for at in range(len(catalogue)):
        row = prices.ec2_price("eu-west-1", str(catalogue.instance_type[at]))
        assert (row.vcpu, row.usd_per_hour) == (catalogue.vcpu[at], catalogue.usd_per_hour[at])
        assert np.datetime64(row.as_of) == catalogue.as_of[at]


def test_the_catalogue_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        prices.ec2_catalogue().usd_per_hour[0] = 0.0


def test_a_part_of_the_catalogue_is_chosen_by_mask():
    catalogue = prices.ec2_catalogue()
    burstable = catalogue.where(~np.isnan(catalogue.burst_baseline_per_vcpu))
    assert 0 < len(burstable) < len(catalogue)
    assert {name[0] for name in burstable.instance_type} == {"t"}


def test_a_price_that_holds_everywhere_is_found_in_every_region():
    assert prices.unit_price("ipv4-hour", "sa-east-1").tiers == ((0.0, 0.005),)
    assert prices.unit_price("function-url", "eu-west-1").tiers == ((0.0, 0.0),)


def test_tiers_of_a_unit_price_start_at_zero_and_rise():
    for item, region in (("http-api", "eu-west-1"), ("rest-api", "us-east-1")):
        starts = [start for start, _ in prices.unit_price(item, region).tiers]
        assert starts[0] == 0 and starts == sorted(set(starts)) and len(starts) > 1


def test_a_price_is_stale_after_180_days_not_on_the_180th():
    as_of = dt.date(2026, 6, 1)
    assert not prices.is_stale(as_of, as_of + dt.timedelta(days=180))
    assert prices.is_stale(as_of, as_of + dt.timedelta(days=181))
    assert prices.stale_note(as_of, as_of + dt.timedelta(days=181)) == "prices are 181 days old"
    assert prices.stale_note(as_of, as_of + dt.timedelta(days=180)) == ""


def test_the_shipped_prices_of_ec2_age_from_the_spot_check_and_say_both_dates():
    """The tables themselves pass 180 days on 2026-11-28; the check of September confirms them."""
    days = [dt.date(2026, 11, 28), dt.date(2027, 1, 1), dt.date(2027, 3, 8)]
    for region, listed in (("eu-west-1", "about 2026-06-01"), ("us-east-1", "2026-07-20")):
        row = prices.ec2_price(region, "c6i.large")
        said = [origin(region, day, ec2=[row]) for day in days]
        assert {one.warning for one in said} == {""}
        assert all(f"EC2 {listed}: " in one.data for one in said)
        assert all(one.data.endswith(", spot check 2026-09-09") for one in said)
        late = origin(region, dt.date(2027, 3, 9), ec2=[row])
        assert late.warning == "EC2 prices are 181 days old"


def test_without_a_day_given_the_clock_decides():
    assert not prices.is_stale(dt.date.today())
    assert prices.is_stale(dt.date(2017, 1, 1))


def test_2017_is_kept_as_history():
    """The talk's pricing slide of 2017."""
    old = prices.history_2017()
    assert set(old.usd_per_gb_s_tiers) == {0.00001667}
    assert (old.usd_per_million_requests, old.as_of.year, old.arch) == (0.20, 2017, "x86_64")
    assert math.isnan(old.usd_per_gb_s_ephemeral) and math.isnan(old.usd_per_gb_s_provisioned)
