"""What may be printed of an error: names instead of values, even where AWS cuts a value off."""

import pytest

from lambdadeck.deployment.travis.execute import Deployment, Made, redacted


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("measured: hunter2hunter2!", "measured: $SECRET!"),
        ("measured: hunter2hunt…", "measured: $SECRET…"),
        ("hunter2hunter2 hunter2hunter2", "$SECRET $SECRET"),
        ("the hunt is on", "the hunt is on"),
    ],
)
def test_a_value_is_replaced_by_its_name(words, shown):
    assert redacted(words, [("$SECRET", "hunter2hunter2")]) == shown


def test_a_value_inside_a_longer_one_does_not_break_it_up():
    assert redacted("abcdefgh-ijkl", [("$A", "abcdefgh"), ("$B", "abcdefgh-ijkl")]) == "$B"


def test_a_name_that_looks_like_its_value_ends():
    assert redacted("x aaaaaaaaaa", [("aaaaaaaaaaaa", "aaaaaaaaaa")]) == "x aaaaaaaaaaaa"


def test_a_word_of_three_letters_is_left_alone():
    assert redacted("the runtime", [("$X", "the")]) == "the runtime"


def test_the_error_is_the_first_failure():
    made = (
        Made("f", "get_function", "found", 1.0),
        Made("f", "create_function", "Denied: no", 2.0, failed=True),
    )
    assert Deployment(made).error == "Denied: no" and Deployment(made[:1]).error is None


def test_a_deployment_of_nothing_says_so():
    assert "nothing was to be deployed" in str(Deployment(()))
