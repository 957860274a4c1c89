"""A measured cold start is shown with its conditions, its source and its date, or not at all."""

import datetime as dt

import pytest

from lambdadeck.reference import cold_starts


def test_the_mean_init_of_a_runtime_is_that_of_the_table():
    found = cold_starts.measured("python3.13", memory_mb=128, arch="x86_64")
    assert (found.init_ms, found.as_of) == (87.0, dt.date(2026, 8, 22))


def test_lambdas_identifiers_are_understood():
    assert cold_starts.measured("nodejs24.x", memory_mb=1024).init_ms == pytest.approx(133, abs=1)


def test_the_sentence_names_conditions_source_and_date():
    sentence = str(cold_starts.measured("python3.13"))
    for word in (
        "AWS",
        "python3.13",
        "87 ms",
        "x86_64",
        "128 MB",
        "maxday/lambda-perf",
        "August 2026",
    ):
        assert word in sentence


def test_what_nobody_measured_is_an_error_and_not_a_guess():
    with pytest.raises(LookupError, match=r"python4\.0 with 128 MB"):
        cold_starts.measured("python4.0")
