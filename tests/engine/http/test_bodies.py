"""The memory of request bodies: bounded for each, and for all together."""

import asyncio

import pytest

from lambdadeck.engine.http.bodies import Budget, read
from lambdadeck.engine.http.sigv4 import AccessDeniedError


def test_a_body_over_its_limit_and_one_too_many_are_refused_and_released():
    budget = Budget(10, 15)
    with budget.body() as one, budget.body() as two:
        one.add(b"12345")
        one.add(b"67890")
        with pytest.raises(AccessDeniedError) as large:
            one.add(b"1")
        two.add(b"12345")
        with pytest.raises(AccessDeniedError) as full:
            two.add(b"1")
        assert (large.value.status, full.value.status) == (413, 503)
        assert one.joined() == b"1234567890" and budget.free == 0
    assert budget.free == 15


def test_a_body_whose_caller_hangs_up_is_never_taken_for_a_whole_one():
    messages = [
        {"type": "http.disconnect"},
        {"type": "http.request", "body": b"1", "more_body": True},
    ]

    async def receive():
        return messages.pop()

    budget = Budget(10, 10)
    with pytest.raises(AccessDeniedError, match="hung up"), budget.body() as body:
        asyncio.run(read(receive, body))
    assert budget.free == 10
