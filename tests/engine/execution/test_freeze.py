"""The slide about freezing: the ticker's thread counts during calls and stops between them."""

import re
import time

from lambdadeck.functions import FUNCTIONS

PAUSE_S = 1.0  # time for a hundred ticks


def ticks(answer: str) -> tuple[int, int]:
    first, last = re.fullmatch(r"ticks (\d+) to (\d+)", answer).groups()
    return int(first), int(last)


def test_between_two_calls_no_tick_is_counted_and_during_a_call_they_are(lambdas):
    name = lambdas.make((FUNCTIONS / "ticker" / "app.py").read_text())
    _, before = ticks(lambdas.call(name, {"seconds": 0}).payload)
    time.sleep(PAUSE_S)  # it is the time itself that is looked at: there is no event to wait for
    after, _ = ticks(lambdas.call(name, {"seconds": 0}).payload)
    begin, end = ticks(lambdas.call(name, {"seconds": PAUSE_S}).payload)
    assert (
        after - before < 40 and end - begin >= 10
    )  # a busy machine freezes late, and ticks less often
