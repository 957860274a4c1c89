"""The one assumption that would flip a verdict, and by how much (assets/deck/js/flip.js)."""

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import TypeAlias

from lambdadeck.costs.fronts import front_usd
from lambdadeck.costs.quantities import Quantity
from lambdadeck.costs.scalar import ec2_usd, fleet, functions_usd, lambda_usd
from lambdadeck.costs.workload import QUANTITIES, Workload
from lambdadeck.prices import UnknownPrice, ec2_price, lambda_price

_Change: TypeAlias = tuple[float, str]  # how far away (the logarithm of a factor), in words
# The values that help EC2 and Lambda most; the bills change in one direction between them.
_SPANS = {
    "peak_factor": (1.0, 20.0, "a peak of {} the average"),
    "utilization": (1.0, 0.3, "instances {} busy at the peak"),
    "cpu_share": (0.01, 1.0, "{} of the duration on a CPU"),
    "zones": (1.0, 3.0, "{} zones"),
    "ec2_discount": (0.49, 0.0, "a Savings Plan of {} on EC2"),
    "lambda_discount": (0.0, 0.17, "a Savings Plan of {} on Lambda"),
}
_HALVINGS = 40
_FREE = "the account's free tier"
_ARM = "Lambda on arm64, if it is as fast there"
_SWITCH = 0.5  # a yes or no is as far away as a factor of 1.65


def flip(work: Workload) -> str:
    """Return the smallest single change that makes the other side cheaper, as a sentence."""
    here, there = lambda_usd(work), ec2_usd(work)
    on_lambda = here < there
    changes = [*_numbers(work, here, there), *_switches(work, on_lambda)]
    if not changes:
        return "No single assumption flips it."
    return f"It flips with {min(changes, key=lambda one: one[0])[1]}."


def _flips(work: Workload, on_lambda: bool) -> bool:
    """Return if the other side is cheaper now; not if that needs an unknown price."""
    with suppress(UnknownPrice):
        there, here = ec2_usd(work), lambda_usd(work)
        return there < here if on_lambda else here < there
    return False


def _numbers(work: Workload, here: float, there: float) -> Iterator[_Change]:
    on_lambda = here < there
    for name, (for_ec2, for_lambda, words) in _SPANS.items():
        now: float = getattr(work, name)
        limit, away = (for_ec2, for_lambda) if on_lambda else (for_lambda, for_ec2)
        if (limit - now) * (limit - away) <= 0:
            continue
        is_ec2 = name != "lambda_discount"
        turns = _turns(_side(work, name), here if is_ec2 else there, on_lambda == is_ec2)
        if not turns(limit):
            continue
        value = _shown(QUANTITIES[name], _nearest(turns, now, limit), now)
        yield _distance(name, now, value), words.format(QUANTITIES[name].show(value))


def _side(work: Workload, name: str) -> Callable[[float], float]:
    """Return the bill that a number changes, as a function of it; the other bill stays."""
    if name == "lambda_discount":
        price = lambda_price(work.region, work.arch)
        front = front_usd(work.lambda_front, work.requests, work.region)
        return lambda value: functions_usd(replace(work, lambda_discount=value), price) + front
    row = ec2_price(work.region, work.instance)
    front = front_usd(work.ec2_front, work.requests, work.region)
    return lambda value: fleet(replace(work, **{name: value}), row).usd + front  # type: ignore[arg-type]  # all are floats


def _turns(usd: Callable[[float], float], other: float, down: bool) -> Callable[[float], bool]:
    """Return if a value brings the bill to the other side of the one that stays."""
    return lambda value: usd(value) < other if down else other < usd(value)


def _nearest(turns: Callable[[float], bool], now: float, limit: float) -> float:
    """Return the value nearest to `now` that flips; `limit` does."""
    for _ in range(_HALVINGS):
        middle = (now + limit) / 2
        if turns(middle):
            limit = middle
        else:
            now = middle
    return limit


def _shown(quantity: Quantity, value: float, now: float) -> float:
    """Round away from `now`, so that the number shown flips too."""
    digits = {"whole": 0, "share": 3}.get(quantity.kind, 2)
    scaled = value * 10**digits
    whole = math.ceil(scaled) if value > now else math.floor(scaled)
    return float(f"{whole}e-{digits}")


def _distance(name: str, now: float, value: float) -> float:
    pair = (1 - value, 1 - now) if name.endswith("discount") else (value, now)
    return abs(math.log(pair[0] / pair[1]))


def _switches(work: Workload, on_lambda: bool) -> Iterator[_Change]:
    for name, value, words in _choices(work):
        if _flips(replace(work, **{name: value}), on_lambda):  # type: ignore[arg-type]  # of each one's type
            yield _SWITCH, words


def _choices(work: Workload) -> Iterator[tuple[str, object, str]]:
    """Return what is there or not: the free tier, the architecture, the fronts."""
    yield "free_tier", not work.free_tier, "no free tier" if work.free_tier else _FREE
    arm = work.arch == "arm64"
    yield "arch", "x86_64" if arm else "arm64", "Lambda on x86_64" if arm else _ARM
    yield "lambda_front", "function-url", "a function URL in front of Lambda"
    yield "lambda_front", "http-api", "an HTTP API in front of Lambda"
    yield "ec2_front", "none", "nothing in front of EC2"
    yield "ec2_front", "alb", "an ALB in front of EC2"
