"""Dated prices of what stands beside Lambda and EC2, and rates of Savings Plans."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lambdadeck.prices.dated import TABLES, Dated, UnknownPrice, dated, price, read, version


@dataclass(frozen=True)
class UnitPrice(Dated):
    """The price of something beside Lambda and EC2 (a load balancer, a volume, an API in front).

    `tiers` are (units a month from which it holds, US dollars per `unit`), the first from 0.
    """

    item: str
    region: str
    unit: str
    tiers: tuple[tuple[float, float], ...]


def unit_price(item: str, region: str, *, tables: Path = TABLES) -> UnitPrice:
    """Return the price of `item` in `region`; LookupError if unknown.

    Items: function-url, http-api, rest-api (a million requests), alb-hour, alb-lcu-hour, ipv4-hour,
    gp3-gb-month, fargate-vcpu-hour-x86, fargate-gb-hour-x86 (and -arm), fargate-ephemeral-gb-hour,
    managed-instances-fee, managed-instances-requests, nat-hour, nat-gb, dto-internet-gb,
    dto-free-gb, logs-ingest-gb. Rows of the region "all" are valid everywhere.
    """
    table = _unit_table(*version(tables / "other.csv"))
    row = table.get((item, region)) or table.get((item, "all"))
    if row is None:
        known = ", ".join(known_regions(item, tables=tables)) or "no region"
        raise UnknownPrice(
            f"No price for {item!r} in {region!r} (known in: {known}): pass your own."
        )
    return row


def known_regions(item: str, *, tables: Path = TABLES) -> list[str]:
    """Return the regions in which the price of `item` is known."""
    return sorted(
        {region for one, region in _unit_table(*version(tables / "other.csv")) if one == item}
    )


@dataclass(frozen=True)
class SavingsPlan(Dated):
    """The rate of a Savings Plan: US dollars per `unit`, and per cent off the on-demand price.

    NaN if unknown. `covers` is an architecture or instance type, "" for several; `term_years` and
    `payment` are "" if the source gives one rate for all.
    """

    service: str
    region: str
    covers: str
    item: str
    term_years: str
    payment: str
    plan: str
    usd: float
    discount_pct: float
    unit: str


def savings_plans(*, tables: Path = TABLES) -> tuple[SavingsPlan, ...]:
    """Return the rates of Savings Plans that are known, for Lambda, Fargate and EC2."""
    return _plan_table(*version(tables / "savings-plans.csv"))


@cache
def _plan_table(path: Path, changed_ns: int) -> tuple[SavingsPlan, ...]:
    return tuple(
        SavingsPlan(
            service=row["service"],
            region=row["region"],
            covers=row["arch_or_type"],
            item=row["item"],
            term_years=row["term_years"],
            payment=row["payment"],
            plan=row["plan"],
            usd=price(row["rate_usd"]),
            discount_pct=price(row["discount_pct"]),
            unit=row["unit"],
            **dated(row),
        )
        for row in read(path)
    )


@cache
def _unit_table(path: Path, changed_ns: int) -> dict[tuple[str, str], UnitPrice]:
    table: dict[tuple[str, str], UnitPrice] = {}
    for row in read(path):
        key = row["item"], row["region"]
        below = table[key].tiers if key in table else ()
        tiers = (*below, (float(row["from_units"]), price(row["usd"])))
        table[key] = UnitPrice(*key, row["unit"], tiers, **dated(row))
    return table
