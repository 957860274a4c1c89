"""The checks of lab 3: known timelines and loads, real bursts; `retries` has the last one."""

import math
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from lambdadeck.burst import Shot
from lambdadeck.labs import calls, probes
from lambdadeck.labs.model import MISS, RIGHT, Judgment, Phrase
from lambdadeck.labs.retries import reservation, together
from lambdadeck.report import Report

CONNECTIONS = 3  # what the database of the lab allows

# --- concurrency ----------------------------------------------------------------------------------


def _shot(start: int, end: int, environment: str, cold: bool) -> Shot:
    report = Report("1", end - start, end - start, 128, 40, 90.0 if cold else None)
    return Shot(start, end, environment, cold, report)


_SHOTS = [
    _shot(0, 100, "a", True),
    _shot(50, 160, "b", True),
    _shot(120, 300, "a", False),
    _shot(200, 420, "c", True),
    _shot(210, 230, "b", False),
]
_MOMENTS = [
    *((_SHOTS, at_ms) for at_ms in (0, 50, 60, 100, 110, 130, 180, 215, 230, 250, 300, 350, 420)),
    (_SHOTS[::-1], 215),
    (_SHOTS[:1], 99.5),
    ([], 0),
]
_COUNTS: calls.Formulas = (
    (RIGHT, lambda shots, at_ms: sum(shot.start_ms <= at_ms < shot.end_ms for shot in shots)),
    ("begun", lambda shots, at_ms: sum(shot.start_ms <= at_ms for shot in shots)),
    ("not-ended", lambda shots, at_ms: sum(at_ms < shot.end_ms for shot in shots)),
    ("own-start", lambda shots, at_ms: sum(shot.start_ms < at_ms < shot.end_ms for shot in shots)),
    ("own-end", lambda shots, at_ms: sum(shot.start_ms <= at_ms <= shot.end_ms for shot in shots)),
)


def concurrency(under_way: Callable[[list[Shot], float], Any]) -> str:
    """Compare their count with the right one, and with usual mistakes, along a timeline."""
    return calls.outcome(under_way, _MOMENTS, _COUNTS)


# --- Little's law ---------------------------------------------------------------------------------

_LOADS = (  # calls a minute, ms each
    (1200, 250),
    (60, 1000),
    (90, 400),
    (7, 12_000),
    (10, 100),  # so few that rounding leaves nothing
    (1, 1),
    (0, 250),
    (600_000, 3),
)


def _little(per_minute: float, ms: float) -> float:
    return per_minute / 60 * ms / 1000


_NUMBERS: calls.Formulas = (
    (RIGHT, _little),
    ("units", lambda per_minute, ms: per_minute * ms / 1000),
    ("units", lambda per_minute, ms: per_minute / 60 * ms),
    ("units", lambda per_minute, ms: per_minute * ms),
    ("rate", lambda per_minute, ms: per_minute / 60),
    ("divided", lambda per_minute, ms: per_minute / 60 / (ms / 1000)),
    ("whole", lambda per_minute, ms: math.floor(_little(per_minute, ms))),
    ("whole", lambda per_minute, ms: round(_little(per_minute, ms))),
    ("whole", lambda per_minute, ms: math.ceil(_little(per_minute, ms))),
)


def little(busy: Callable[[float, float], Any]) -> str:
    """Compare their number at several loads with rate times duration, and with usual mistakes."""
    return calls.outcome(busy, _LOADS, _NUMBERS)


# --- connections ----------------------------------------------------------------------------------


def connections(name: str) -> str:
    """Make eight calls at once, again and again; count the connections that their function opens.

    An environment that has two shows only one at a time.
    """
    reserved = reservation(name)
    if not reserved:
        outcome = "no-limit" if reserved is None else "switched-off"
        return _reserved(outcome, name, reserved)
    opened: dict[object, set[object]] = defaultdict(set)
    for answer in [each for _ in range(6) for each in together(name, 8)]:
        if answer is not None:
            its = probes.field(answer, "environment")
            opened[its].add(probes.field(answer, "connection"))
    if wrong := _not_one_each(name, opened):
        return wrong
    if reserved == CONNECTIONS:
        return RIGHT
    return _reserved("another-limit", name, reserved)


def _not_one_each(name: str, opened: dict[object, set[object]]) -> str:
    """Return the mistake if environments do not have one connection of their own each."""
    cell = (
        "from lambdadeck.labs import retries\n"
        f"[answer for _ in range(6) for answer in retries.together({name!r}, 8) if answer]"
    )
    counts = [len(its) for its in opened.values()]
    got = Phrase(f"{len(opened)} environments with {counts} connections")
    wanted = Phrase("one connection for each environment, from connect()")
    if any(len(its) > 1 for its in opened.values()):
        return Judgment("each-call", cell, got, wanted)
    distinct = set().union(*opened.values())
    if len(distinct) != len(opened) or distinct & set(opened) or None in distinct:
        return Judgment(MISS, cell, got, wanted)
    return ""


def _reserved(outcome: str, name: str, reserved: int | None) -> Judgment:
    call = f"once.get_function_concurrency(FunctionName={name!r})"
    return Judgment(outcome, call, reserved, Phrase("as many as the database allows connections"))
