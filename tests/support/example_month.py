"""Write assets/month, made up and always the same: python -m tests.support.example_month."""

import datetime as dt
import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from lambdadeck.shared.paths import ASSETS

FOLDER = ASSETS / "month"
_START, _HOURS = dt.datetime(2026, 10, 1, tzinfo=dt.UTC), 744


@dataclass(frozen=True)
class Example:
    """A made-up function: calls an hour on average, ms a call, and how the calls are spread."""

    name: str
    memory_mb: int
    arch: str
    calls: float
    ms: float
    spread: Callable[[dt.datetime], float]


def steady(hour: dt.datetime) -> float:
    """Return the same load at any hour."""
    return 1.0


def daily(hour: dt.datetime) -> float:
    """Return a load that peaks in the afternoon, and is lower on weekends."""
    day = 1 + 0.9 * math.sin((hour.hour - 8) / 24 * 2 * math.pi)
    return day * (0.5 if hour.weekday() > 4 else 1.15)


def office(hour: dt.datetime) -> float:
    """Return a load on working hours of working days alone."""
    return 3.0 if hour.weekday() < 5 and 7 <= hour.hour < 18 else 0.0


def nightly(hour: dt.datetime) -> float:
    """Return a load in one hour of the night."""
    return 24.0 if hour.hour == 2 else 0.0


def spiky(hour: dt.datetime) -> float:
    """Return a daily load with two sales of twelve hours, ten times as busy."""
    is_sale = hour.day in (9, 23) and 8 <= hour.hour < 20
    return daily(hour) * (10.0 if is_sale else 0.75)


EXAMPLES = (
    Example("shop-page", 512, "arm64", 420_000, 38, daily),
    Example("shop-search", 1024, "arm64", 160_000, 95, daily),
    Example("shop-checkout", 1024, "arm64", 9_000, 240, spiky),
    Example("shop-basket", 256, "arm64", 70_000, 22, spiky),
    Example("recommend", 1769, "arm64", 95_000, 130, daily),
    Example("events-in", 512, "arm64", 900_000, 45, steady),
    Example("events-enrich", 1769, "arm64", 240_000, 180, steady),
    Example("thumbnail", 1769, "x86_64", 3_200, 640, daily),
    Example("video-probe", 3008, "x86_64", 260, 5_200, daily),
    Example("invoice-pdf", 1024, "x86_64", 700, 1_900, office),
    Example("report-nightly", 3008, "x86_64", 12, 410_000, nightly),
    Example("mail-out", 256, "x86_64", 2_600, 310, office),
    Example("price-feed", 512, "x86_64", 360, 820, steady),
    Example("health", 128, "x86_64", 240, 3, steady),
)


def functions_csv() -> str:
    """Return NAME,MB,ARCH."""
    rows = [f"{one.name},{one.memory_mb},{one.arch}" for one in EXAMPLES]
    return "\n".join(["NAME,MB,ARCH", *rows, ""])


def hours_csv() -> str:
    """Return a column for each function's invocations and their duration, a line an hour."""
    labels = [f"{one.name} {what}" for one in EXAMPLES for what in ("Invocations", "Duration")]
    chance = random.Random(2018)
    rows = [",".join(["Timestamp", *labels])]
    for hour in (_START + dt.timedelta(hours=number) for number in range(_HOURS)):
        cells = [cell for one in EXAMPLES for cell in _cells(one, hour, chance)]
        rows.append(",".join([f"{hour:%Y-%m-%dT%H:%M:%SZ}", *cells]))
    return "\n".join([*rows, ""])


def _cells(one: Example, hour: dt.datetime, chance: random.Random) -> tuple[str, str]:
    """Return invocations and duration; without any, CloudWatch has no data point."""
    calls = round(one.calls * one.spread(hour) * (0.85 + 0.3 * chance.random()))
    ms = one.ms * (0.9 + 0.2 * chance.random())
    return (str(calls), f"{calls * ms:.0f}") if calls else ("", "")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "functions.csv").write_text(functions_csv(), encoding="utf-8")
    (FOLDER / "hours.csv").write_text(hours_csv(), encoding="utf-8")
