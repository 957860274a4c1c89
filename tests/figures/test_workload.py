"""The panel's live picture: its labels at every position of every slider."""

import random
from dataclasses import replace

import pytest

from lambdadeck import costs, prices
from lambdadeck.costs import QUANTITIES, Workload, compare
from lambdadeck.figures.workload import workload_drawing
from tests.support import figure_check

LOADS = (1e4, 5e6, 1e10)  # the sliders' ends, and where the talk starts


def positions() -> list[tuple[str, Workload]]:
    """Return every slider at each of its steps, from three loads and three fleets."""
    starts = [
        Workload(requests=load, **options)
        for load in LOADS
        for options in ({}, {"instance": "t3.medium"}, {"ec2_front": "alb", "zones": 3})
    ]
    return [
        (f"{name} {value}", replace(start, **{name: value}))
        for start in starts
        for name, quantity in QUANTITIES.items()
        for value in quantity.choices
    ]


def faults(work: Workload) -> list[object]:
    try:
        found = compare(work)
    except (prices.UnknownPrice, costs.TooSmall):
        return []
    drawn = figure_check.Drawn(workload_drawing(work, found))
    checks = (figure_check.collisions, figure_check.cut_off)
    small = figure_check.too_small(drawn, least_px=24)  # a panel's picture is part of its slide
    return [*small, *(fault for check in checks for fault in check(drawn))]


def test_labels_never_overprint_at_any_position_of_a_slider(request: pytest.FixtureRequest) -> None:
    every = positions()
    if not request.config.getoption("--full"):
        every = random.Random(18).sample(every, 16)
    wrong = [(where, work.requests, found) for where, work in every if (found := faults(work))]
    assert wrong == [], (len(wrong), wrong[:12])
