"""The checks of lab 4: the learner's calculations against the cost model, in boto3's region."""

import math
from collections.abc import Callable
from functools import partial
from operator import attrgetter
from typing import Any

import boto3

from lambdadeck import costs, prices
from lambdadeck.labs import calls, probes
from lambdadeck.labs.model import RIGHT, Judgment
from lambdadeck.report import Report

INSTANCE, ARCH = "c7g.large", "arm64"
BUSY, ZONES = costs.UTILIZATION, 2
_MONTH_S = costs.HOURS_A_MONTH * 3600


def region() -> str:
    """Return boto3's region: the notebook uses its prices."""
    return str((boto3.DEFAULT_SESSION or boto3.session.Session()).region_name)


# --- a call ---------------------------------------------------------------------------------------

_REPORTS = (
    [Report("1", 0.21, 1, 128, 37, None)],
    [Report("2", 12.3, 113, 1024, 61, 100.2)],  # cold: INIT is billed too
    [Report("3", 340.7, 341, 512, 40, None)],
    [Report("4", 2999.4, 3000, 10_240, 9001, None)],
)


def _usd(mb: float, ms: float, arch: str, mb_per_gb: int = 1024, requests: int = 1) -> float:
    price = prices.lambda_price(region(), arch)
    return mb / mb_per_gb * ms / 1000 * price.usd_per_gb_s + requests * price.usd_per_request


def _bill(report: Report, arch: str) -> float:
    ms, mb = report.billed_ms, report.memory_mb
    return float(costs.lambda_bill(1, ms, mb, region=region(), arch=arch).total_usd)


_CALLS: calls.Formulas = (
    (RIGHT, _bill),
    ("not-billed", lambda it, arch: _usd(it.memory_mb, it.duration_ms, arch)),
    ("used-memory", lambda it, arch: _usd(it.max_memory_mb, it.billed_ms, arch)),
    ("thousand", lambda it, arch: _usd(it.memory_mb, it.billed_ms, arch, mb_per_gb=1000)),
    ("no-request", lambda it, arch: _usd(it.memory_mb, it.billed_ms, arch, requests=0)),
    ("milliseconds", lambda it, arch: _usd(it.memory_mb, it.billed_ms * 1000, arch)),
)


def call(usd: Callable[[Report], Any], arch: str = "x86_64") -> str:
    """Compare their price of four calls with the cost model's, and with usual mistakes.

    A step of the lab changes the architecture, and with it the price that their calculation reads.
    """
    formulas = [(name, partial(formula, arch=arch)) for name, formula in _CALLS]
    return calls.outcome(usd, _REPORTS, formulas)


# --- memory ---------------------------------------------------------------------------------------


def _measured(*calls: tuple[int, float]) -> list[Report]:
    return [Report(str(mb), ms, math.ceil(ms), mb, 60, None) for mb, ms in calls]


_COMPUTES = _measured((512, 400), (1769, 100), (3538, 98))
_WAITS = _measured((512, 200), (128, 205), (1769, 199))  # not in the order of size
_CASES = (
    *((_COMPUTES, limit_ms) for limit_ms in (150, 100, 99, 500)),
    *((_WAITS, limit_ms) for limit_ms in (300, 205, 203, 200, 199.5)),
)
_memory_mb = attrgetter("memory_mb")


def _gb_ms(report: Report) -> float:
    return report.memory_mb * report.billed_ms


def _in_time(reports: list[Report], limit_ms: float) -> list[Report]:
    return [report for report in reports if report.duration_ms <= limit_ms]


_STRATEGIES: calls.Formulas = (
    (RIGHT, lambda reports, limit_ms: min(_in_time(reports, limit_ms), key=_gb_ms)),
    ("fastest", lambda reports, limit_ms: min(reports, key=attrgetter("duration_ms"))),
    ("any-time", lambda reports, limit_ms: min(reports, key=_gb_ms)),
    ("least-memory", lambda reports, limit_ms: min(_in_time(reports, limit_ms), key=_memory_mb)),
)


def memory(
    cheapest: Callable[[list[Report], float], Any],
    measured: list[Report],
    limit_ms: float,
    name: str,
) -> str:
    """Test their choice on known measurements, then the memory size that their function has."""
    if (strategy := calls.outcome(cheapest, _CASES, _STRATEGIES)) != RIGHT:
        return strategy
    best = min(_in_time(measured, limit_ms), key=_gb_ms)
    size = probes.configuration(name)["MemorySize"]
    if size == best.memory_mb:
        return RIGHT
    client = "import boto3\nboto3.client('lambda')"
    call = f"{client}.get_function_configuration(FunctionName={name!r})['MemorySize']"
    return Judgment("not-deployed", call, size, best.memory_mb)


# --- a fleet --------------------------------------------------------------------------------------

_LOADS = (  # requests a second on average, peak factor, seconds each, requests at once per instance
    (20, 4, 0.25, 2),
    (1, 1, 0.1, 4),
    (300, 10, 0.05, 8),
    (90, 2, 0.3, 2),
    (2.9, 10, 0.5, 10),
    (1.2, 2, 1, 3),
    (5, 3, 0.2, 2),
    (13, 1, 0.5, 2),  # exactly 5 instances
    (13, 2, 0.25, 2),
    (39, 1, 1, 5),  # exactly 12
    (0, 4, 0.25, 2),
)


def _instances(
    rate: float, peak: float, s: float, at_once: float, busy: float = BUSY, zones: int = ZONES
) -> float:
    bill = costs.ec2_bill(
        INSTANCE,
        region=region(),
        requests=rate * _MONTH_S,
        duration_ms=s * 1000,
        peak_factor=peak,
        concurrency=at_once,
        utilization=busy,
        min_instances=zones,
    )
    return float(bill.instances)


def _rounded_down(rate: float, peak: float, s: float, at_once: float) -> float:
    return max(ZONES, math.floor(rate * peak * s / (at_once * BUSY)))


_FLEETS: calls.Formulas = (
    (RIGHT, _instances),
    ("average", lambda rate, peak, s, at_once: _instances(rate, 1, s, at_once)),
    ("one-zone", lambda rate, peak, s, at_once: _instances(rate, peak, s, at_once, zones=1)),
    ("full", lambda rate, peak, s, at_once: _instances(rate, peak, s, at_once, busy=1)),
    ("rounded-down", _rounded_down),
    ("one-by-one", lambda rate, peak, s, at_once: _instances(rate, peak, s, 1)),
)


def fleet(instances: Callable[..., Any]) -> str:
    """Compare their fleet at several loads with the cost model's, and with usual mistakes."""
    return calls.outcome(instances, _LOADS, _FLEETS)
