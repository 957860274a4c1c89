"""Rows of price tables with the date of their source, and how old a price is."""

import csv
import datetime as dt
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lambdadeck.shared.paths import ASSETS

TABLES = ASSETS / "prices"
STALE_DAYS = 180


class UnknownPrice(LookupError):  # noqa: N818 (the notebooks catch it by this name)
    """Raised for a price, region, or instance type that the tables lack; the message names it."""


@dataclass(frozen=True, kw_only=True)
class Dated:
    """A row's source and its date, and when an independent source last said the same."""

    source: str
    as_of: dt.date
    as_of_note: str = ""
    confirmed: dt.date | None = None
    confirmed_by: str = ""

    @property
    def last_confirmed(self) -> dt.date:
        """Return the day from which the row's age counts: the later of its two dates."""
        return max(self.as_of, self.confirmed or self.as_of)

    @property
    def confirmation(self) -> str:
        """Return the later confirmation in words ("spot check 2026-09-09"), or ""."""
        if self.last_confirmed == self.as_of:
            return ""
        how = "spot check" if "spot check" in self.confirmed_by else "confirmed"
        return f"{how} {self.last_confirmed.isoformat()}"


def is_stale(day: dt.date, today: dt.date | None = None) -> bool:
    """Return if a price last confirmed on `day` is too old on `today` (None: the clock's day)."""
    return ((today or dt.date.today()) - day).days > STALE_DAYS


def stale_note(day: dt.date, today: dt.date | None = None) -> str:
    """Return the note for a stale price ("prices are 204 days old"), "" for a fresh one."""
    today = today or dt.date.today()
    return f"prices are {(today - day).days} days old" if is_stale(day, today) else ""


def version(path: Path) -> tuple[Path, int]:
    """Return the key of the readers' caches: a refreshed table is read again."""
    return path, path.stat().st_mtime_ns


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table as text."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def price(text: str) -> float:
    """Return a price; a blank one is unknown: NaN."""
    return float(text) if text else math.nan


def dated(row: dict[str, str]) -> dict[str, Any]:
    """Return the fields of `Dated`; a row without the column was never confirmed."""
    confirmed = row.get("confirmed")
    return {
        "source": row["source"],
        "as_of": dt.date.fromisoformat(row["as_of"]),
        "as_of_note": row["as_of_note"],
        "confirmed": dt.date.fromisoformat(confirmed) if confirmed else None,
        "confirmed_by": row.get("confirmed_by", ""),
    }
