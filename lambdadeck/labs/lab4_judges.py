"""How lab 4's checks judge: the learner's sums against the cost model, at the prices of the region that boto3 calls."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import boto3

from lambdadeck import costs, prices
from lambdadeck.labs import probes
from lambdadeck.labs.model import MISS, RIGHT
from lambdadeck.report import Report

INSTANCE, ARCH = "c7g.large", "arm64"
REQUESTS, DURATION_MS, MEMORY_MB, PEAK = 60e6, 120, 1769, 10  # the case that is decided
BUSY, ZONES = 0.65, 2
_MONTH_S = costs.HOURS_A_MONTH * 3600


def region() -> str:
    """The region that boto3 calls: the one that the notebook prices in."""
    return (boto3.DEFAULT_SESSION or boto3.session.Session()).region_name


# --- a call --------------------------------------------------------------------------------------------------------

_REPORTS = [
    Report("1", 0.21, 1, 128, 37, None),
    Report("2", 12.3, 113, 1024, 61, 100.2),  # cold: INIT is billed too
    Report("3", 340.7, 341, 512, 40, None),
    Report("4", 2999.4, 3000, 10_240, 9001, None),
]


def _call(
    report: Report,
    mb: float | None = None,
    ms: float | None = None,
    *,
    gb_mb: int = 1024,
    request: bool = True,
) -> float:
    price = prices.lambda_price(region(), "x86_64")
    gb_s = (mb or report.memory_mb) / gb_mb * (ms or report.billed_ms) / 1000
    return gb_s * price.usd_per_gb_s + price.usd_per_request * request


_MISTAKEN: dict[str, Callable[[Report], float]] = {
    "not-billed": lambda report: _call(report, ms=report.duration_ms),
    "used-memory": lambda report: _call(report, report.max_memory_mb),
    "thousand": lambda report: _call(report, gb_mb=1000),
    "no-request": lambda report: _call(report, request=False),
    "milliseconds": lambda report: _call(report, ms=report.billed_ms * 1000),
}


def call(usd: Callable[[Report], Any]) -> str:
    """Their price of four calls, against the cost model's bill and against what people take it for."""
    told = [probes.returned(usd, report) for report in _REPORTS]
    if not all(isinstance(each, (int, float)) for each in told):
        return MISS
    place = {"region": region(), "arch": "x86_64"}
    bills = [
        costs.lambda_bill(1, report.billed_ms, report.memory_mb, **place).total_usd
        for report in _REPORTS
    ]
    if _agree(told, bills):
        return RIGHT
    found = (
        name
        for name, formula in _MISTAKEN.items()
        if _agree(told, [formula(report) for report in _REPORTS])
    )
    return next(found, MISS)


def _agree(told: Sequence[float], known: Sequence[float]) -> bool:
    return all(math.isclose(*pair, rel_tol=1e-6) for pair in zip(told, known, strict=True))


# --- memory --------------------------------------------------------------------------------------------------------


def _measured(*calls: tuple[int, float]) -> list[Report]:
    return [Report(str(mb), ms, math.ceil(ms), mb, 60, None) for mb, ms in calls]


_COMPUTES = _measured((512, 400), (1769, 100), (3538, 98))
_WAITS = _measured((512, 200), (128, 205), (1769, 199))  # not in the order of size
_CASES = (
    (_COMPUTES, 150),
    (_COMPUTES, 99),
    (_COMPUTES, 500),
    (_WAITS, 300),
    (_WAITS, 203),
    (_WAITS, 199.5),
)
_STRATEGIES: dict[str, Callable[[list[Report], float], Report]] = {
    "fastest": lambda reports, limit_ms: min(reports, key=lambda report: report.duration_ms),
    "any-time": lambda reports, limit_ms: min(reports, key=_gb_ms),
    "least-memory": lambda reports, limit_ms: min(
        _in_time(reports, limit_ms), key=lambda report: report.memory_mb
    ),
}


def _gb_ms(report: Report) -> float:
    return report.memory_mb * report.billed_ms


def _in_time(reports: list[Report], limit_ms: float) -> list[Report]:
    return [report for report in reports if report.duration_ms <= limit_ms]


def memory(
    cheapest: Callable[[list[Report], float], Any],
    measured: list[Report],
    limit_ms: float,
    name: str,
) -> str:
    """Their choice among measurements that are known, then the memory size that their function really has."""
    told = [probes.returned(cheapest, reports, limit_ms) for reports, limit_ms in _CASES]
    if told != [min(_in_time(*case), key=_gb_ms) for case in _CASES]:
        found = (
            mistake
            for mistake, choose in _STRATEGIES.items()
            if told == [choose(*case) for case in _CASES]
        )
        return next(found, MISS)
    best = min(_in_time(measured, limit_ms), key=_gb_ms)
    return RIGHT if probes.configuration(name)["MemorySize"] == best.memory_mb else "not-deployed"


# --- a fleet -------------------------------------------------------------------------------------------------------

_LOADS = (  # requests a second on average, peak factor, seconds each, requests that an instance serves at once
    (20, 4, 0.25, 2),
    (1, 1, 0.1, 4),
    (300, 10, 0.05, 8),
    (90, 2, 0.3, 2),
    (2.9, 10, 0.5, 10),
    (1.2, 2, 1, 3),
    (5, 3, 0.2, 2),
)


def _instances(
    per_second: float,
    peak: float,
    seconds: float,
    at_once: float,
    busy: float = BUSY,
    zones: int = ZONES,
) -> float:
    """The cost model's own number of instances."""
    return costs.ec2_bill(
        INSTANCE,
        region=region(),
        requests=per_second * _MONTH_S,
        duration_ms=seconds * 1000,
        peak_factor=peak,
        concurrency=at_once,
        utilization=busy,
        min_instances=zones,
    ).instances


_FLEETS: dict[str, Callable[..., float]] = {
    "average": lambda per_second, peak, *rest: _instances(per_second, 1, *rest),
    "one-zone": lambda *load: _instances(*load, zones=1),
    "full": lambda *load: _instances(*load, busy=1),
    "rounded-down": lambda rate, peak, s, c: max(ZONES, math.floor(rate * peak * s / (c * BUSY))),
    "one-by-one": lambda rate, peak, s, c: _instances(rate, peak, s, 1),
}


def fleet(instances: Callable[..., Any]) -> str:
    """Their number of instances at several loads, against the cost model's and against what it is mistaken for."""
    told = [probes.returned(instances, *load) for load in _LOADS]
    if told == [_instances(*load) for load in _LOADS]:
        return RIGHT
    found = (
        name for name, mistaken in _FLEETS.items() if told == [mistaken(*load) for load in _LOADS]
    )
    return next(found, MISS)


# --- a decision ----------------------------------------------------------------------------------------------------

_AMOUNT = re.compile(
    r"(?:\$|USD) ?(\d[\d,]*(?:\.\d+)?)|(\d[\d,]*(?:\.\d+)?) ?(?:US ?\$|USD|US dollars|dollars)"
)


def decision(choice: str, sentence: str) -> str:
    """Their choice, and whether the sentence has both bills, and for each of them region, date and source."""
    if not isinstance(sentence, str) or not isinstance(choice, str):
        raise probes.Failed("The check wants two texts: your choice, and your sentence.")
    if choice.strip().lower() not in ("lambda", "ec2"):
        raise probes.Failed(f'Your choice is {choice!r}: write "Lambda" or "EC2".')
    on_lambda, on_ec2 = lambda_bill(), fleet_bill()
    if told := _wrong_amounts(_amounts(sentence), on_lambda.total_usd, on_ec2.total_usd):
        return told
    if (choice.strip().lower() == "lambda") is not (on_lambda.total_usd < on_ec2.total_usd):
        return "dearer"
    return _unproved(sentence, (on_lambda, on_ec2)) or RIGHT


def lambda_bill(arch: str = ARCH, *, free_tier: bool = False) -> costs.LambdaBill:
    """The case's month on Lambda."""
    return costs.lambda_bill(
        REQUESTS, DURATION_MS, MEMORY_MB, region=region(), arch=arch, free_tier=free_tier
    )


def fleet_bill(peak: float = PEAK) -> costs.Ec2Bill:
    """The case's month on EC2."""
    return costs.ec2_bill(
        INSTANCE,
        region=region(),
        requests=REQUESTS,
        duration_ms=DURATION_MS,
        memory_mb=MEMORY_MB,
        peak_factor=peak,
        utilization=BUSY,
        min_instances=ZONES,
    )


def _amounts(sentence: str) -> list[float]:
    return [
        float((before or after).replace(",", "")) for before, after in _AMOUNT.findall(sentence)
    ]


def _wrong_amounts(amounts: list[float], on_lambda: float, on_ec2: float) -> str:
    """What is wrong with the amounts of the sentence: "" when both bills are there, to the nearest per cent."""
    if len(amounts) < 2:
        return "one-sided"
    if not _among(on_ec2, amounts):
        return "average" if _among(fleet_bill(peak=1).total_usd, amounts) else MISS
    if not _among(on_lambda, amounts):
        other = lambda_bill("x86_64").total_usd
        free = lambda_bill(free_tier=True).total_usd
        return (
            "processor"
            if _among(other, amounts)
            else "free-tier"
            if _among(free, amounts)
            else MISS
        )
    return ""


def _among(usd: float, amounts: list[float]) -> bool:
    return any(math.isclose(usd, amount, rel_tol=0.01) for amount in amounts)


def _unproved(sentence: str, bills: Sequence[costs.LambdaBill | costs.Ec2Bill]) -> str:
    if region() not in sentence:
        return "no-region"
    if not all(str(bill.as_of) in sentence for bill in bills):
        return "no-date"
    return (
        "" if all(" ".join(bill.source.split()[:2]) in sentence for bill in bills) else "no-source"
    )
