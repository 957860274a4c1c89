"""Dated price tables of Lambda and EC2."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

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
    table = ec2_table(*version(tables / "ec2.csv"))
    if (region, instance_type) not in table:
        raise UnknownPrice(
            f"No EC2 price for {instance_type!r} in {region!r}: "
            f"choose a type that prices.ec2_catalogue({region!r}) lists."
        )
    return table[region, instance_type]


def instance_types(*, tables: Path = TABLES) -> Mapping[str, frozenset[str]]:
    """Return the instance types that each region sells."""
    return _sold(*version(tables / "ec2.csv"))


@cache
def _sold(path: Path, changed_ns: int) -> Mapping[str, frozenset[str]]:
    sold: dict[str, set[str]] = {}
    for region, name in ec2_table(path, changed_ns):
        sold.setdefault(region, set()).add(name)
    return {region: frozenset(names) for region, names in sold.items()}


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
def ec2_table(path: Path, changed_ns: int) -> dict[tuple[str, str], Ec2Price]:
    """Return the rows by region and instance type; `version` gives the arguments."""
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
