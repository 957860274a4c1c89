"""Numbers of a run: medians, percentiles, ratios, and on what machine. Pure, but for `machine`."""

from __future__ import annotations

import math
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Number = float | None


class BenchError(Exception):
    """Something cannot be measured: the message says what and what to do."""


@dataclass(frozen=True)
class Result:
    """A part's keys (None if not measured), what they were made from, and notes."""

    keys: dict[str, Number | str]
    details: dict[str, object] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def median(values: Sequence[float]) -> float:
    """Return the middle value; raise ValueError if there is none."""
    if not values:
        raise ValueError("There is no median of nothing: measure at least once.")
    return statistics.median(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile; raise ValueError if there are no values."""
    if not values:
        raise ValueError("There is no percentile of nothing: measure at least once.")
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def ratio(ours: Number, theirs: Number) -> Number:
    """Ours ÷ theirs, lower is better; None when either is not known."""
    return None if ours is None or not theirs else ours / theirs


def timed_ms(call: Callable[[], object]) -> float:
    """Milliseconds that a call takes."""
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def summary(times_ms: Mapping[str, Sequence[float]]) -> dict[str, dict[str, float]]:
    """Median, p99 and count of each series, in its own unit."""
    return {
        name: {
            "median": round(median(series), 4),
            "p99": round(percentile(series, 99), 4),
            "count": len(series),
        }
        for name, series in times_ms.items()
        if series
    }


def of_runs(runs: Sequence[Mapping[str, Number | str]]) -> dict[str, Number | str]:
    """Return the median of each key over several runs; for names, that of the last run."""
    medians: dict[str, Number | str] = {}
    for key in runs[-1]:
        values = [value for run in runs if isinstance(value := run.get(key), int | float)]
        medians[key] = median(values) if values else runs[-1][key]
    return medians


def load() -> float:
    """Return the load average of the last minute."""
    return round(os.getloadavg()[0], 2)


def machine() -> dict[str, object]:
    """Return the facts about this machine that a reader needs to judge the figures."""
    return {
        "system": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            return next(
                (line.split(":", 1)[1].strip() for line in file if line.startswith("model name")),
                "unknown",
            )
    except OSError:  # no /proc: macOS
        return platform.processor() or "unknown"
