"""Money and counts as a person says them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdadeck.shared.formatting import human_count, human_usd
from tests.support.cases import each


@each(
    ("usd", "said"),
    [
        (0, "$0"),
        (0.0021, "0.21 cents"),
        (0.21, "21 cents"),
        (0.01, "1 cent"),
        (0.994, "99 cents"),
        (0.9951, "$1.00"),
        (4.1, "$4.10"),
        (66.576, "$66.58"),
        (99.996, "$100"),
        (1249.76, "$1,250"),
        (123456.7, "$123,457"),
        (1.5e-5, "$15.00 for a million"),
        (2.02e-7, "20 cents for a million"),
        (4e-13, "0.04 cents for a billion"),
        (-3, "-$3.00"),
        (math.nan, "unknown"),
        (math.inf, "without limit"),
    ],
)
def test_an_amount_is_said_in_human_units(usd, said):
    assert human_usd(usd) == said


def test_one_millisecond_at_128_mb_is_a_fifth_of_a_cent_for_a_million():
    assert human_usd(0.125 * 0.001 * 0.0000166667) == "0.21 cents for a million"


def test_next_to_nothing_is_never_said_to_be_nothing():
    assert human_usd(1e-30) == "less than 0.01 cents for a billion"


@given(st.floats(min_value=1e-12, max_value=1e12))
def test_what_is_said_is_within_five_percent_of_what_is_meant(usd):
    said = human_usd(usd)
    if said.startswith("less than"):
        assert usd < 1.1e-13
        return
    number = float(said.split()[0].lstrip("$").replace(",", ""))
    cents = 0.01 if "cent" in said else 1.0
    each = 1e6 if said.endswith("million") else 1e9 if said.endswith("billion") else 1.0
    assert number * cents / each == pytest.approx(usd, rel=0.051)


@each(
    ("count", "said"),
    [
        (0, "0"),
        (1, "1"),
        (12, "12"),
        (950, "950"),
        (999.7, "1,000"),
        (12345, "12,300"),
        (999_800, "1 million"),
        (4.1e6, "4.1 million"),
        (35.67e6, "36 million"),
        (123.4e6, "123 million"),
        (4.15e9, "4.2 billion"),
        (math.inf, "without limit"),
        (math.nan, "unknown"),
    ],
)
def test_a_count_is_said_with_as_many_figures_as_an_audience_can_hold(count, said):
    assert human_count(count) == said


@given(st.floats(min_value=0.5, max_value=1e15))
def test_a_count_is_within_five_percent_of_what_is_said(count):
    scale = {"million": 1e6, "billion": 1e9}
    number, *word = human_count(count).split()
    assert float(number.replace(",", "")) * (scale[word[0]] if word else 1) == pytest.approx(
        count, rel=0.051
    )
