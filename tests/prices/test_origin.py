"""The corner of a figure: where its prices come from, and how old they are."""

import datetime as dt
from dataclasses import dataclass

from lambdadeck import prices
from lambdadeck.prices.dated import Dated
from lambdadeck.prices.origin import chosen, origin, source


@dataclass(frozen=True)
class Row(Dated):
    """A row of a price table, made up."""

    region: str = "eu-west-1"
    source: str = "a table (AWS Price List); tiers not verified"
    as_of: dt.date = dt.date(2026, 11, 1)
    as_of_note: str = ""


TODAY = dt.date(2026, 11, 23)
OLD = dt.date(2026, 1, 1)


def test_the_corner_names_place_currency_kind_date_and_source():
    text = origin("eu-west-1", TODAY, aws_lambda=[Row()], ec2=[Row(source="another")]).data
    assert (
        text
        == "eu-west-1, US$ · Lambda 2026-11-01: a table (AWS Price List) · EC2 2026-11-01: another"
    )


def test_a_source_without_a_day_is_dated_about():
    assert "about 2026-11-01" in origin("x", TODAY, ec2=[Row(as_of_note="undated snapshot")]).data


def test_one_source_is_named_once_and_as_confirmed_only_if_every_row_is():
    again = Row(confirmed=dt.date(2026, 11, 9), confirmed_by="a list")
    text = origin("x", TODAY, aws_lambda=[Row(source="a table (AWS Price List)"), again]).data
    assert text.count("a table") == 1 and "confirmed" not in text
    assert origin("x", TODAY, aws_lambda=[again, again]).data.endswith(", confirmed 2026-11-09")


def test_prices_are_called_old_from_the_181st_day_on():
    assert origin("x", Row().as_of + dt.timedelta(180), aws_lambda=[Row()]).warning == ""
    warning = origin("x", Row().as_of + dt.timedelta(181), aws_lambda=[Row()]).warning
    assert warning == "Lambda prices are 181 days old"


def test_the_age_counts_from_the_later_of_source_and_confirmation_and_both_are_named():
    again = {"confirmed": dt.date(2026, 9, 9), "confirmed_by": "spot check: 54 of 54 rows"}
    row = Row(as_of=dt.date(2026, 6, 1), as_of_note="undated snapshot", **again)
    assert origin("x", row.confirmed + dt.timedelta(180), ec2=[row]).warning == ""
    late = origin("x", row.confirmed + dt.timedelta(181), ec2=[row])
    assert late.warning == "EC2 prices are 181 days old"
    assert "EC2 about 2026-06-01: " in late.data and late.data.endswith(", spot check 2026-09-09")
    earlier = Row(confirmed=dt.date(2026, 1, 1), confirmed_by="a list")
    assert earlier.last_confirmed == earlier.as_of and earlier.confirmation == ""


def test_prices_that_no_source_lists_are_called_inferred():
    assert source(prices.lambda_price("eu-west-1", "x86_64")).endswith(", tiers 2 and 3 inferred")
    assert "inferred" not in source(prices.lambda_price("us-east-1", "x86_64"))


def test_when_some_are_old_their_regions_are_named():
    rows = [Row(), Row(region="me-south-1", as_of=OLD)]
    assert origin("x", TODAY, ec2=rows).warning == "EC2 prices of me-south-1 are 326 days old"


def test_the_warning_is_part_of_the_text_and_the_text_is_only_the_origin_without_one():
    assert origin("x", TODAY, ec2=[Row()]).text == origin("x", TODAY, ec2=[Row()]).data
    assert origin("x", TODAY, ec2=[Row(as_of=OLD)]).text.endswith(
        " Note: EC2 prices are 326 days old."
    )


def test_no_option_of_a_bill_acts_unseen():
    words = chosen(
        True, {"burst_baseline": True, "peak_factor": 3, "min_instances": 2, "discount": 0.3}
    )
    assert words == (
        "free tier used; EC2 burstable at its baseline, peak factor 3, min instances 2, "
        "discount 0.3, "
        "filled to 100%, no load balancer"
    )
    assert chosen(False, {"utilization": 0.65, "load_balancer": "alb"}).endswith(
        "Linux on demand, at most 65% busy, load balancer alb, no peak, no spare"
    )
    assert "burstable in unlimited mode" in chosen(False, {"burst_baseline": False})


def test_what_an_ec2_bill_leaves_out_is_said():
    words = chosen(False, {"load_balancer": None})
    assert (
        words
        == "no free tier; EC2 Linux on demand, filled to 100%, no peak, no spare, no load balancer"
    )
    assert chosen(False, {"load_balancer": None}, all_of_it=True) == (
        f"{words}, all of the duration on a CPU, no volumes, no public addresses, "
        "no logs, data transfer, or people"
    )
