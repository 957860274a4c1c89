"""The loop over cases runs all of them, and names each that fails."""

import pytest

from tests.support.cases import each


def test_every_case_runs_and_every_failing_one_is_named():
    ran = []

    @each(("number", "word"), [(1, "one"), (2, "two"), (3, "three")])
    def odd(number, word):
        ran.append(word)
        assert number % 2 == 0, f"{word} is odd"

    with pytest.raises(AssertionError) as caught:
        odd()
    assert ran == ["one", "two", "three"]
    said = str(caught.value)
    assert "2 of 3 failed" in said and "one is odd" in said and "three is odd" in said
    assert "'word': 'two'" not in said


def test_an_exception_that_did_not_come_is_a_failure_too():
    @each("number", [1, 0])
    def divides(number):
        with pytest.raises(ZeroDivisionError):
            1 / number

    with pytest.raises(AssertionError, match="1 of 2 failed"):
        divides()


@each("number", [1, 2])
@each("letter", "ab")
def test_cases_multiply_and_fixtures_come_through(number, letter, tmp_path):
    (tmp_path / f"{letter}{number}").touch(exist_ok=False)
