"""An address that is new: it may not answer yet."""

from urllib.error import HTTPError

import pytest

from lambdadeck import triggers
from tests.support.aws_account import recorder


def test_an_address_that_says_403_or_404_at_first_is_asked_again():
    with recorder() as address:
        answers = iter([(403, {}, b"Forbidden"), (404, {}, b"Not Found"), (200, {}, b"Seen: /hi")])
        address.answer = lambda call: next(answers)
        assert triggers.opened(f"{address.address}/hi") == "Seen: /hi"
        assert address.calls == ["GET /hi"] * 3


def test_one_that_goes_on_saying_so_is_an_error_when_the_time_is_up():
    with recorder() as address, pytest.raises(HTTPError, match="403"):
        triggers.opened(f"{address.address}/hi", timeout_s=0.1)
