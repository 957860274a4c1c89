"""The recorder: its log is found again, and its clock is told from ours."""

import time
from itertools import pairwise
from types import SimpleNamespace

import pytest

from lambdadeck import functions
from lambdadeck.functions import InvokeResult
from lambdadeck.triggers import recorder
from lambdadeck.triggers.recorder import Recorder


def answering(ahead_s, walls_ms):
    """Return an invoke whose function's clock is ahead, and which takes these ms in turn."""
    left = iter(walls_ms)

    def invoke(name):
        wall_ms = next(left)
        middle_s = time.time() + wall_ms / 2000
        return InvokeResult(
            {},
            None,
            f"START\nEVENT {(middle_s + ahead_s) * 1000:.1f} {{}}\nEND",
            None,
            wall_ms,
            200,
        )

    return invoke


def test_a_clock_that_is_ahead_or_behind_is_noticed(monkeypatch):
    told = {}
    for ahead_s in (0.0, 2.5, -90.0):
        monkeypatch.setattr(functions, "invoke", answering(ahead_s, [80.0, 30.0, 900.0]))
        told[ahead_s] = recorder._ahead_s("any")
    assert told == {ahead_s: pytest.approx(ahead_s, abs=0.005) for ahead_s in told}


class Log:
    """CloudWatch Logs with one line in it."""

    exceptions = SimpleNamespace(ResourceNotFoundException=LookupError)

    def __init__(self, line):
        self.line, self.asked = line, []

    def get_paginator(self, _):
        return self

    def paginate(self, **asked):
        self.asked.append(asked)
        return [{"events": [{"message": self.line}]}]


def test_when_an_event_came_is_told_by_our_clock():
    log = Log('EVENT 1000060000.0 {"id": "mark"}')
    seen = Recorder("f", "arn", log, ahead_s=60.0).sighting(
        "mark", 1_000_000.0, lambda event: event
    )
    assert seen.at_s == 1_000_000.0
    assert (
        log.asked[0]["startTime"] == 1_000_000_000
    )  # by the function's clock, and a minute of grace


def test_it_is_looked_for_less_and_less_often():
    looks = []
    recorder.until(lambda: looks.append(time.monotonic()), 1.0)
    pauses = [later - earlier for earlier, later in pairwise(looks)]
    assert len(looks) < 12 and pauses[-2] > pauses[0]


def test_what_is_found_is_returned_immediately():
    assert recorder.until(lambda: "here", 0) == "here"
    assert recorder.until(lambda: None, 0) is None
