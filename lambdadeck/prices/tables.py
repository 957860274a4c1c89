"""Dated price tables of Lambda and EC2, each row with region, date, and source."""

import csv
import datetime as dt
import math
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lambdadeck.shared.paths import ASSETS

TABLES = ASSETS / "prices"
STALE_DAYS = 180
ARCHITECTURES = ("x86_64", "arm64")
# A month's GB-seconds at which the cheaper tiers begin (AWS Lambda pricing page).
TIER_BOUNDS_GB_S = {"x86_64": (6e9, 15e9), "arm64": (7.5e9, 18.75e9)}


class UnknownPrice(LookupError):  # noqa: N818 (the notebooks catch it by this name)
    """Raised for a price, region, or instance type that the tables lack; the message names it."""


@dataclass(frozen=True)
class LambdaPrice:
    """Lambda's prices in one region on one architecture.

    US dollars; an unknown price is NaN, never zero. `usd_per_gb_s_tiers` are the prices
    of a GB-second below, between and above `tier_bounds_gb_s` (GB-seconds a month).
    """

    region: str
    arch: str
    usd_per_gb_s_tiers: tuple[float, float, float]
    usd_per_million_requests: float
    usd_per_gb_s_ephemeral: float
    usd_per_gb_s_provisioned: float
    usd_per_gb_s_duration_provisioned: float
    source: str
    as_of: dt.date
    as_of_note: str = ""

    @property
    def usd_per_gb_s(self) -> float:
        """Return the price of a GB-second in the first tier."""
        return self.usd_per_gb_s_tiers[0]

    @property
    def usd_per_request(self) -> float:
        """Return the price of one request."""
        return self.usd_per_million_requests / 1e6

    @property
    def tier_bounds_gb_s(self) -> tuple[float, float]:
        """Return the GB-seconds a month at which the second and the third tier begin."""
        return TIER_BOUNDS_GB_S[self.arch]


@dataclass(frozen=True)
class Ec2Price:
    """The on-demand price of one instance type in one region (Linux, shared tenancy).

    `burst_baseline_per_vcpu` is the share of a vCPU that a burstable instance sustains, NaN for
    the others. `how` says whether the price was listed or derived from another size of its family.
    """

    region: str
    instance_type: str
    arch: str
    vcpu: int
    memory_gib: float
    usd_per_hour: float
    burst_baseline_per_vcpu: float
    how: str
    source: str
    as_of: dt.date
    as_of_note: str = ""


@dataclass(frozen=True, eq=False)
class Ec2Catalogue:
    """EC2's price table by columns: numpy arrays of one length, a row an instance type in a region.

    `as_of` is datetime64[D]; the other columns are those of `Ec2Price`.
    """

    region: NDArray[np.str_]
    instance_type: NDArray[np.str_]
    arch: NDArray[np.str_]
    vcpu: NDArray[np.int64]
    memory_gib: NDArray[np.float64]
    usd_per_hour: NDArray[np.float64]
    burst_baseline_per_vcpu: NDArray[np.float64]
    how: NDArray[np.str_]
    source: NDArray[np.str_]
    as_of: NDArray[np.datetime64]
    as_of_note: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.instance_type)

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> "Ec2Catalogue":
        """Return the rows that `chosen` (a boolean mask or row numbers) picks."""
        return Ec2Catalogue(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})


@dataclass(frozen=True)
class UnitPrice:
    """The price of something beside Lambda and EC2 (a load balancer, a volume, an API in front).

    `tiers` are (units a month from which it holds, US dollars per `unit`), the first from 0.
    """

    item: str
    region: str
    unit: str
    tiers: tuple[tuple[float, float], ...]
    source: str
    as_of: dt.date
    as_of_note: str = ""


def lambda_price(region: str, arch: str, *, tables: Path = TABLES) -> LambdaPrice:
    """Return Lambda's prices in `region` on `arch` ("x86_64" or "arm64").

    LookupError if the table has no such row; a blank price in a row is NaN.
    """
    table = _lambda_table(*_version(tables / "lambda.csv"))
    if (region, arch) not in table:
        known = ", ".join(sorted({r for r, a in table if a == arch})) or " and ".join(ARCHITECTURES)
        raise UnknownPrice(f"No Lambda prices for {arch!r} in {region!r}. Known: {known}.")
    return table[region, arch]


def history_2017() -> LambdaPrice:
    """Return the prices on the talk's slide of 2017; the tables know no other price of 2017."""
    return _lambda_table(*_version(TABLES / "lambda-2017.csv"))["eu-west-1", "x86_64"]


def ec2_price(region: str, instance_type: str, *, tables: Path = TABLES) -> Ec2Price:
    """Return the on-demand price of `instance_type` in `region`; LookupError if unknown."""
    table = _ec2_table(*_version(tables / "ec2.csv"))
    if (region, instance_type) not in table:
        raise UnknownPrice(
            f"No EC2 price for {instance_type!r} in {region!r}: pass usd_per_hour, "
            "or choose one that ec2_catalogue(region) lists."
        )
    return table[region, instance_type]


def ec2_catalogue(region: str | None = None, *, tables: Path = TABLES) -> Ec2Catalogue:
    """Return the EC2 rows of `region` (None: of all); LookupError for an unknown region."""
    catalogue = _ec2_columns(*_version(tables / "ec2.csv"))
    if region is None:
        return catalogue
    if region not in catalogue.region:
        raise UnknownPrice(
            f"No EC2 prices for {region!r}. Known: {', '.join(np.unique(catalogue.region))}."
        )
    return catalogue.where(catalogue.region == region)


def unit_price(item: str, region: str, *, tables: Path = TABLES) -> UnitPrice:
    """Return the price of `item` in `region`; LookupError if unknown.

    Items: function-url, http-api, rest-api (a million requests), alb-hour, alb-lcu-hour, ipv4-hour,
    gp3-gb-month. Rows of the region "all" are valid everywhere.
    """
    table = _unit_table(*_version(tables / "other.csv"))
    row = table.get((item, region)) or table.get((item, "all"))
    if row is None:
        known = ", ".join(sorted({r for i, r in table if i == item})) or "no region"
        raise UnknownPrice(
            f"No price for {item!r} in {region!r} (known in: {known}): pass your own."
        )
    return row


def regions(*, tables: Path = TABLES) -> tuple[str, ...]:
    """Return the regions that have Lambda prices, in alphabetical order."""
    return tuple(sorted({region for region, _ in _lambda_table(*_version(tables / "lambda.csv"))}))


def is_stale(as_of: dt.date, today: dt.date | None = None) -> bool:
    """Return if a price of `as_of` is too old on `today` (None: the clock's day)."""
    return ((today or dt.date.today()) - as_of).days > STALE_DAYS


def stale_note(as_of: dt.date, today: dt.date | None = None) -> str:
    """Return the note for a stale price ("prices are 204 days old"), "" for a fresh one."""
    today = today or dt.date.today()
    return f"prices are {(today - as_of).days} days old" if is_stale(as_of, today) else ""


def _version(path: Path) -> tuple[Path, int]:
    """Return the key of the caches below: a refreshed table is read again."""
    return path, path.stat().st_mtime_ns


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table as text."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _price(text: str) -> float:
    return float(text) if text else math.nan


def _dated(row: dict[str, str]) -> dict[str, Any]:
    as_of = dt.date.fromisoformat(row["as_of"])
    return {"source": row["source"], "as_of": as_of, "as_of_note": row["as_of_note"]}


@cache
def _lambda_table(path: Path, changed_ns: int) -> dict[tuple[str, str], LambdaPrice]:
    return {(row["region"], row["arch"]): _lambda_row(row) for row in read(path)}


def _lambda_row(row: dict[str, str]) -> LambdaPrice:
    first, second, third = (_price(row[f"usd_per_gb_s_tier{n}"]) for n in (1, 2, 3))
    return LambdaPrice(
        region=row["region"],
        arch=row["arch"],
        usd_per_gb_s_tiers=(first, second, third),
        usd_per_million_requests=_price(row["usd_per_1m_requests"]),
        usd_per_gb_s_ephemeral=_price(row["usd_per_gb_s_ephemeral_storage_over_512mb"]),
        usd_per_gb_s_provisioned=_price(row["usd_per_gb_s_provisioned_concurrency"]),
        usd_per_gb_s_duration_provisioned=_price(row["usd_per_gb_s_duration_provisioned"]),
        **_dated(row),
    )


@cache
def _ec2_table(path: Path, changed_ns: int) -> dict[tuple[str, str], Ec2Price]:
    return {(row["region"], row["instance_type"]): _ec2_row(row) for row in read(path)}


def _ec2_row(row: dict[str, str]) -> Ec2Price:
    return Ec2Price(
        region=row["region"],
        instance_type=row["instance_type"],
        arch=row["arch"],
        vcpu=int(row["vcpu"]),
        memory_gib=float(row["memory_gib"]),
        usd_per_hour=float(row["usd_per_hour"]),
        burst_baseline_per_vcpu=_price(row["burst_baseline_per_vcpu"]),
        how=row["how"],
        **_dated(row),
    )


@cache
def _ec2_columns(path: Path, changed_ns: int) -> Ec2Catalogue:
    rows = list(_ec2_table(path, changed_ns).values())
    columns: dict[str, NDArray[Any]] = {
        f.name: np.array([getattr(row, f.name) for row in rows]) for f in fields(Ec2Price)
    }
    columns["as_of"] = columns["as_of"].astype("datetime64[D]")
    for column in columns.values():
        column.flags.writeable = False  # cached: shared by every caller
    return Ec2Catalogue(**columns)


@cache
def _unit_table(path: Path, changed_ns: int) -> dict[tuple[str, str], UnitPrice]:
    table: dict[tuple[str, str], UnitPrice] = {}
    for row in read(path):
        key = row["item"], row["region"]
        below = table[key].tiers if key in table else ()
        tiers = (*below, (float(row["from_units"]), _price(row["usd"])))
        table[key] = UnitPrice(*key, row["unit"], tiers, **_dated(row))
    return table
