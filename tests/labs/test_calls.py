"""How a check calls the learner's Python: with any signature, on copies, whatever it returns."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from lambdadeck.labs import calls
from lambdadeck.labs.model import MISS, RIGHT
from lambdadeck.labs.probes import NotTestedError


def test_a_result_is_compared_by_value_whatever_its_type():
    equal = (
        (Decimal("0.25"), 0.25),
        (Fraction(1, 4), 0.25),
        (np.float64(0.25), 0.25),
        (np.array(5), 5),
        (("a", "b"), ["a", "b"]),
        (np.array(["a", "b"]), ["a", "b"]),
        ({1: "a"}.values(), ["a"]),
    )
    other = (
        ("0.25", 0.25),
        (None, 0),
        ([0.25], 0.25),
        ({"a", "b"}, ["a", "b"]),
        ("ab", ["a", "b"]),
    )
    assert [pair for pair in equal if not calls.same(*pair)] == []
    assert [pair for pair in other if calls.same(*pair)] == []


def test_a_function_may_be_keyword_only_in_any_order_async_or_a_generator():
    def keyword_only(*, share, new, name):
        return [name, new, share]

    async def later(name, new, share):
        return [name, new, share]

    def yields(*given):
        yield from given

    for made in (keyword_only, later, yields):
        assert calls.returned(made, "f", "2", 0.5) == ["f", "2", 0.5], made.__name__
    assert calls.returned(len, [1]) == 1


def test_an_answer_is_called_twice_with_one_copy_of_the_arguments():
    given = [3, 1, 2]

    def empties(numbers):
        found = max(numbers)
        numbers.clear()
        return found

    def sorts(numbers):
        numbers.sort()
        return numbers[-1]

    with pytest.raises(NotTestedError, match="Your function raised ValueError"):
        calls.differs(empties, (given,), 3)
    assert calls.differs(sorts, (given,), 3) == ""
    assert given == [3, 1, 2]


def test_a_miss_is_shown_by_the_first_case_that_is_not_right():
    formulas = ((RIGHT, lambda a: a + 1), ("same", lambda a: a))

    def mine(a):
        return a

    told = calls.outcome(mine, [(1,), (2,)], formulas)
    assert (told, told.evidence) == ("same", "Run it yourself: mine(1)\nReceived: 1\nExpected: 2")
    assert calls.outcome(lambda a: 1 + a, [(1,), (2,)], formulas) == RIGHT
    assert calls.outcome(lambda a: 2, [(1,), (2,)], formulas) == MISS
