"""Which cloud answers: told by words, and on AWS by a strip that stays."""

import datetime as dt
import re

import pytest

from lambdadeck import prices
from lambdadeck.cloud import Cloud, badge
from lambdadeck.shared import style

ACCOUNT = "210987654321"
AWS = Cloud("AWS", "eu-west-1", "https://lambda.eu-west-1.amazonaws.com", ACCOUNT)
LOCAL = Cloud("LOCAL", "eu-west-1", "http://127.0.0.1:4566", "000000000000")


def test_local_needs_no_strip():
    assert "LOCAL" in LOCAL._repr_html_() and "no cost" in LOCAL._repr_html_()
    assert "<style" not in LOCAL._repr_html_() and "badge-aws" not in LOCAL._repr_html_()


def test_aws_says_in_words_which_account_and_region_and_that_it_costs():
    page = AWS._repr_html_()
    visible, sheet = page.split("<style>")
    for words in ("AWS", "…4321", "eu-west-1", "cost money"):
        assert words in visible and words in sheet
    assert "embedded" not in page and "no cost" not in page


def test_neither_holds_the_whole_account():
    assert ACCOUNT not in AWS._repr_html_() + repr(AWS) and "…4321" in repr(AWS)


def test_the_strip_is_a_rule_of_the_page_and_no_script():
    page = AWS._repr_html_()
    assert "<script" not in page and re.search(
        r"<style>body::after \{ .*position: fixed !important.*\}.*\}</style>", page
    )


def test_its_colours_are_the_decks_and_read_from_afar():
    palette = style.palette()
    assert (
        f"background: {palette.bad}" in AWS._repr_html_()
        and f"color: {palette.paper}" in AWS._repr_html_()
    )
    assert contrast(palette.bad, palette.paper) >= 4.5


def test_an_endpoint_that_is_not_amazons_is_named():
    assert "at http://127.0.0.1:4566" in badge.aws("eu-west-1", ACCOUNT, "http://127.0.0.1:4566")
    assert " at " not in AWS._repr_html_().split("<style>")[0]


@pytest.mark.parametrize("place", ["region", "endpoint"])
def test_what_came_from_outside_cannot_leave_badge_or_strip(place):
    wicked = 'x"}</style><script>alert(1)</script>'
    page = badge.aws(
        **{"region": "eu-west-1", "account": ACCOUNT, "endpoint": "http://x", place: wicked}
    )
    assert "<script" not in page and page.count("</style>") == 1


@pytest.mark.parametrize(
    "made",
    [badge.local, lambda region, today: badge.aws(region, ACCOUNT, "x.amazonaws.com", today)],
)
def test_prices_that_are_old_are_called_old_on_the_badge_and_fresh_ones_are_not(made):
    days = [
        prices.lambda_price("eu-west-1", "x86_64").last_confirmed,
        prices.ec2_catalogue("eu-west-1").last_confirmed.min().item(),
    ]
    fresh, first, last = (
        min(days) + dt.timedelta(180),
        min(days) + dt.timedelta(181),
        max(days) + dt.timedelta(181),
    )
    assert "days old" not in made("eu-west-1", today=fresh)
    assert made("eu-west-1", today=first).count("prices are 181 days old") == days.count(min(days))
    assert all(f"{kind} prices are" in made("eu-west-1", today=last) for kind in ("Lambda", "EC2"))
    assert "days old" not in made("mars-north-1", today=last)


def test_a_figure_is_told_where_its_numbers_come_from():
    assert (LOCAL.where, AWS.where) == ("LOCAL, this machine", "AWS, eu-west-1")


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
