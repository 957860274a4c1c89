"""Dated price tables of Lambda and EC2."""

import math
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lambdadeck.prices.dated import TABLES, Dated, UnknownPrice, dated, price, read, version

ARCHITECTURES = ("x86_64", "arm64")
# A month's GB-seconds at which the cheaper tiers begin (AWS Lambda pricing page).
TIER_BOUNDS_GB_S = {"x86_64": (6e9, 15e9), "arm64": (7.5e9, 18.75e9)}


@dataclass(frozen=True)
class LambdaPrice(Dated):
    """Lambda's prices in one region on one architecture.

    US dollars; an unknown price is NaN, never zero. `usd_per_gb_s_tiers` are the prices
    of a GB-second below, between and above `tier_bounds_gb_s` (GB-seconds a month). `inferred`
    names the prices that no source lists: they follow the ratios of us-east-1.
    """

    region: str
    arch: str
    usd_per_gb_s_tiers: tuple[float, float, float]
    usd_per_million_requests: float
    usd_per_gb_s_ephemeral: float
    usd_per_gb_s_provisioned: float
    usd_per_gb_s_duration_provisioned: float
    inferred: str = ""

    @property
    def tiers(self) -> tuple[tuple[float, float], ...]:
        """Return the tiers of duration: from how many GB-seconds a month, and the price of one."""
        return tuple(zip((0.0, *self.tier_bounds_gb_s), self.usd_per_gb_s_tiers, strict=True))

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
class Ec2Price(Dated):
    """The on-demand price of one instance type in one region (Linux, shared tenancy).

    `burst_baseline_per_vcpu` is the share of a vCPU that a burstable instance sustains, and
    `surplus_usd_per_vcpu_hour` what it pays above that in unlimited mode; NaN for the others.
    `how` says whether the price was listed or derived from another size of its family.
    """

    region: str
    instance_type: str
    arch: str
    vcpu: int
    memory_gib: float
    usd_per_hour: float
    burst_baseline_per_vcpu: float
    surplus_usd_per_vcpu_hour: float
    how: str

    @property
    def surplus(self) -> str:
        """Return in words what a burstable instance pays above its baseline, "" for the others."""
        if math.isnan(self.burst_baseline_per_vcpu):
            return ""
        above = f"above {100 * self.burst_baseline_per_vcpu:g}% of its CPU"
        return f"{self.instance_type} ${self.surplus_usd_per_vcpu_hour:.2f} a vCPU-hour {above}"


@dataclass(frozen=True, eq=False)
class Ec2Catalogue:
    """EC2's price table by columns: numpy arrays of one length, a row an instance type in a region.

    `as_of` and `confirmed` (NaT: never) are datetime64[D]; the others are those of `Ec2Price`.
    """

    region: NDArray[np.str_]
    instance_type: NDArray[np.str_]
    arch: NDArray[np.str_]
    vcpu: NDArray[np.int64]
    memory_gib: NDArray[np.float64]
    usd_per_hour: NDArray[np.float64]
    burst_baseline_per_vcpu: NDArray[np.float64]
    surplus_usd_per_vcpu_hour: NDArray[np.float64]
    how: NDArray[np.str_]
    source: NDArray[np.str_]
    as_of: NDArray[np.datetime64]
    as_of_note: NDArray[np.str_]
    confirmed: NDArray[np.datetime64]
    confirmed_by: NDArray[np.str_]

    @property
    def last_confirmed(self) -> NDArray[np.datetime64]:
        """Return the days from which the rows' ages count: the later of their two dates."""
        return np.fmax(self.as_of, self.confirmed)

    def __len__(self) -> int:
        return len(self.instance_type)

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> "Ec2Catalogue":
        """Return the rows that `chosen` (a boolean mask or row numbers) picks."""
        return Ec2Catalogue(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})


def lambda_price(region: str, arch: str, *, tables: Path = TABLES) -> LambdaPrice:
    """Return Lambda's prices in `region` on `arch` ("x86_64" or "arm64").

    LookupError if the table has no such row; a blank price in a row is NaN.
    """
    table = _lambda_table(*version(tables / "lambda.csv"))
    if (region, arch) not in table:
        known = ", ".join(sorted({r for r, a in table if a == arch})) or " and ".join(ARCHITECTURES)
        raise UnknownPrice(f"No Lambda prices for {arch!r} in {region!r}. Known: {known}.")
    return table[region, arch]


def history_2017() -> LambdaPrice:
    """Return the prices on the talk's slide of 2017; the tables know no other price of 2017."""
    return _lambda_table(*version(TABLES / "lambda-2017.csv"))["eu-west-1", "x86_64"]


def ec2_price(region: str, instance_type: str, *, tables: Path = TABLES) -> Ec2Price:
    """Return the on-demand price of `instance_type` in `region`; LookupError if unknown."""
    table = _ec2_table(*version(tables / "ec2.csv"))
    if (region, instance_type) not in table:
        raise UnknownPrice(
            f"No EC2 price for {instance_type!r} in {region!r}: "
            f"choose a type that prices.ec2_catalogue({region!r}) lists."
        )
    return table[region, instance_type]


def ec2_catalogue(region: str | None = None, *, tables: Path = TABLES) -> Ec2Catalogue:
    """Return the EC2 rows of `region` (None: of all); LookupError for an unknown region."""
    catalogue = _ec2_columns(*version(tables / "ec2.csv"))
    if region is None:
        return catalogue
    if region not in catalogue.region:
        raise UnknownPrice(
            f"No EC2 prices for {region!r}. Known: {', '.join(np.unique(catalogue.region))}."
        )
    return catalogue.where(catalogue.region == region)


def regions(*, tables: Path = TABLES) -> tuple[str, ...]:
    """Return the regions that have Lambda prices, in alphabetical order."""
    return tuple(sorted({region for region, _ in _lambda_table(*version(tables / "lambda.csv"))}))


@cache
def _lambda_table(path: Path, changed_ns: int) -> dict[tuple[str, str], LambdaPrice]:
    return {(row["region"], row["arch"]): _lambda_row(row) for row in read(path)}


def _lambda_row(row: dict[str, str]) -> LambdaPrice:
    first, second, third = (price(row[f"usd_per_gb_s_tier{n}"]) for n in (1, 2, 3))
    return LambdaPrice(
        region=row["region"],
        arch=row["arch"],
        usd_per_gb_s_tiers=(first, second, third),
        usd_per_million_requests=price(row["usd_per_1m_requests"]),
        usd_per_gb_s_ephemeral=price(row["usd_per_gb_s_ephemeral_storage_over_512mb"]),
        usd_per_gb_s_provisioned=price(row["usd_per_gb_s_provisioned_concurrency"]),
        usd_per_gb_s_duration_provisioned=price(row["usd_per_gb_s_duration_provisioned"]),
        inferred=row.get("inferred", ""),
        **dated(row),
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
        burst_baseline_per_vcpu=price(row["burst_baseline_per_vcpu"]),
        surplus_usd_per_vcpu_hour=price(row["surplus_usd_per_vcpu_hour"]),
        how=row["how"],
        **dated(row),
    )


@cache
def _ec2_columns(path: Path, changed_ns: int) -> Ec2Catalogue:
    rows = list(_ec2_table(path, changed_ns).values())
    columns: dict[str, NDArray[Any]] = {
        f.name: np.array([getattr(row, f.name) for row in rows]) for f in fields(Ec2Price)
    }
    for day in ("as_of", "confirmed"):
        columns[day] = columns[day].astype("datetime64[D]")
    for column in columns.values():
        column.flags.writeable = False  # cached: shared by every caller
    return Ec2Catalogue(**columns)
