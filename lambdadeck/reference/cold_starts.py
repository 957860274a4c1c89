"""Published measurements of cold starts in AWS, beside a laptop's milliseconds."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass

from lambdadeck.shared.paths import ASSETS

TABLE = ASSETS / "measured" / "cold_starts_2026-08.csv"


@dataclass(frozen=True)
class Measured:
    """The mean INIT of a hello world in AWS: milliseconds, over a week that ends on `as_of`."""

    runtime: str
    memory_mb: int
    arch: str
    init_ms: float
    source: str
    as_of: dt.date

    def __str__(self) -> str:
        return (
            f"On AWS, INIT of {self.runtime} took {self.init_ms:.0f} ms on average "
            f"(hello world, {self.arch}, {self.memory_mb} MB; {self.source.split(',')[0]}, "
            f"{self.as_of:%B %Y})"
        )


def measured(
    runtime: str = "python3.13", *, memory_mb: int = 128, arch: str = "x86_64"
) -> Measured:
    """Return the mean INIT of a zip package on a runtime, by Lambda's identifier (nodejs24.x).

    LookupError if the table has no such measurement. Source: maxday/lambda-perf, daily means of a
    week.
    """
    wanted = (runtime.replace(".", ""), str(memory_mb), arch, "zip")
    with TABLE.open(newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            if (row["runtime"], row["memory_mb"], row["arch"], row["package"]) == wanted:
                init, day = float(row["avg_cold_init_ms"]), dt.date.fromisoformat(row["as_of"])
                return Measured(runtime, memory_mb, arch, init, row["source"], day)
    raise LookupError(
        f"{TABLE.name} has no cold start of {runtime} with {memory_mb} MB on {arch} as zip."
    )
