"""A bench's findings as one JSON object and as text for a terminal. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from benchmarks.measure import Number, Result, of_runs

# What the project sets out to reach; a key that is not here has no such bound.
REACH = {
    "warm_ratio_rie": 0.9,
    "cold_ratio_rie": 0.8,
    "parallel50_s": 3.0,
    "present_ratio": 1.3,
    "deck_cells_s": 30.0,
    "slowest_cell_s": 5.0,
}


def as_object(runs: Mapping[str, list[Result]], facts: Mapping[str, object]) -> dict[str, object]:
    """Return one flat object: the medians of all keys, `facts`, and every run's details."""
    keys: dict[str, object] = {}
    for results in runs.values():
        keys |= of_runs([result.keys for result in results])
    details = {part: [asdict(result) for result in results] for part, results in runs.items()}
    return keys | dict(facts) | {"details": details}


def as_text(part: str, results: list[Result]) -> str:
    """Return a part's table: each key, its value and goal; then its series and the notes."""
    rows = [_row(key, value) for key, value in of_runs([result.keys for result in results]).items()]
    many = (
        f", median of {len(results)} runs; the series are the last run's"
        if len(results) > 1
        else ""
    )
    notes = [f"  · {note}" for note in results[-1].notes]
    return "\n".join([f"{part}{many}", *rows, *_series(results[-1].details), *notes, ""])


def _row(key: str, value: Number | str) -> str:
    bound = REACH.get(key)
    reached = (
        ""
        if bound is None or not isinstance(value, int | float)
        else "  reached"
        if value <= bound
        else "  NOT reached"
    )
    return f"  {key:<26}{_figure(value):>12}" + (
        f"  to reach: ≤ {bound:g}{reached}" if bound is not None else ""
    )


def _figure(value: Number | str) -> str:
    if value is None:
        return "unknown"
    return (
        value
        if isinstance(value, str)
        else f"{value:,.0f}"
        if abs(value) >= 1000
        else f"{value:.3f}"
    )


def _series(details: Mapping[str, object]) -> list[str]:
    lines = []
    for kind, found in details.items():
        for name, series in found.items() if isinstance(found, Mapping) else ():
            if isinstance(series, Mapping) and "p99" in series:
                median, p99 = f"{series['median']:>9.3f}", f"{series['p99']:>9.3f}"
                found_line = f"    {kind:<14}{name:<14}median {median}   p99 {p99}"
                lines.append(f"{found_line}   of {series['count']}")
    return lines
