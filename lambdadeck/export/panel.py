"""Make the page's "your numbers" panel: its markup and its price tables."""

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict

from markupsafe import Markup

from lambdadeck import costs, prices
from lambdadeck.costs.four_ways import FARGATE_SIZES, MANAGED, MANAGED_LEAST
from lambdadeck.costs.quantities import NUMBER, UNITS
from lambdadeck.costs.workload import EC2_FRONTS, FRONTS, LAMBDA_FRONTS, MENU_LABELS
from lambdadeck.export.page import data_block, template
from lambdadeck.prices import origin

MENUS = ("arch", "region", "instance", "lambda_front", "ec2_front")
FRONT_MENUS = {"lambda_front": LAMBDA_FRONTS, "ec2_front": EC2_FRONTS}
FRONT_ITEMS = {"http-api": "http-api", "rest-api": "rest-api", "alb": "alb-hour"}
ITEMS = (
    *("alb-hour", "alb-lcu-hour", "http-api", "rest-api"),
    *(f"fargate-{unit}-hour-{arch}" for unit in ("vcpu", "gb") for arch in ("x86", "arm")),
    *("managed-instances-fee", "managed-instances-requests"),
)
START = asdict(costs.Workload())


def panel(start: Mapping[str, object], number: int = 1) -> str:
    """Return the panel as HTML; `start` overrides the default numbers (START).

    Only the first panel of a page holds the prices; ids of the others carry their number.
    """
    numbers = {**START, **start}
    data = Markup(data_block(tables(numbers) if number == 1 else {"start": numbers}))
    place = "" if number == 1 else f" {number}"
    return template("numbers.html.j2").render(
        sliders=[(name, one.label) for name, one in costs.QUANTITIES.items()],
        examples={name: one.example for name, one in costs.QUANTITIES.items()},
        menus=[(name, MENU_LABELS[name]) for name in MENUS],
        fronts={name: [(one, FRONTS[one]) for one in ones] for name, ones in FRONT_MENUS.items()},
        free_tier=MENU_LABELS["free_tier"],
        data=data,
        key=f"numbers{place.replace(' ', '-')}",
        place=place,
    )


def tables(start: Mapping[str, object]) -> dict[str, object]:
    """Return the script's data: dated prices (null if unknown), constants, choices."""
    sources: list[dict[str, str]] = []
    return {
        "start": dict(start),
        "quantities": {name: asdict(one) for name, one in costs.QUANTITIES.items()},
        "units": UNITS,
        "number": NUMBER,
        "fronts": FRONTS,
        "front_items": {name: _front_item(item) for name, item in FRONT_ITEMS.items()},
        "arm_families": _arm_families(),
        "fargate_sizes": [[vcpu, list(many)] for vcpu, many in FARGATE_SIZES.items()],
        "managed": MANAGED,
        "managed_least": MANAGED_LEAST,
        "known": {item: ", ".join(prices.known_regions(item)) for item in ITEMS},
        "lcu_connections": costs.LCU_CONNECTIONS,
        "regions": {region: _region(region, sources) for region in costs.priced_regions()},
        "sources": sources,
        "tier_bounds": prices.TIER_BOUNDS_GB_S,
        "free_requests": costs.FREE_REQUESTS,
        "free_gb_seconds": costs.FREE_GB_SECONDS,
        "full_vcpu_mb": costs.FULL_VCPU_MB,
        "hours": costs.HOURS_A_MONTH,
        "stale_days": prices.STALE_DAYS,
    }


def _arm_families() -> list[str]:
    rows = (
        prices.ec2_price(region, name)
        for region in costs.priced_regions()
        for name in costs.common_instances(region)
    )
    return sorted({row.instance_type.split(".")[0] for row in rows if row.arch == "arm64"})


def _front_item(item: str) -> dict[str, str]:
    return {"item": item, "known": ", ".join(prices.known_regions(item))}


def _fronts(region: str) -> dict[str, list[tuple[float, float]]]:
    """Return the tiers of what can stand in front; an ALB's are an hour and an LCU-hour."""
    found = dict[str, list[tuple[float, float]]]()
    for name in FRONT_ITEMS:
        items = ("alb-hour", "alb-lcu-hour") if name == "alb" else (name,)
        with suppress(prices.UnknownPrice):
            found[name] = [tier for item in items for tier in prices.unit_price(item, region).tiers]
    return found


def _region(region: str, sources: list[dict[str, str]]) -> dict[str, object]:
    return {
        "lambda": {
            arch: _lambda(prices.lambda_price(region, arch), sources)
            for arch in prices.ARCHITECTURES
        },
        "ec2": {
            name: _ec2(prices.ec2_price(region, name), sources)
            for name in costs.common_instances(region)
        },
        "fronts": _fronts(region),
        "items": _items(region, sources),
    }


def _items(region: str, sources: list[dict[str, str]]) -> dict[str, tuple[float, int]]:
    """Return the prices, with their sources, of what the four ways use beside Lambda and EC2."""
    found = dict[str, tuple[float, int]]()
    for item in ITEMS:
        with suppress(prices.UnknownPrice):
            row = prices.unit_price(item, region)
            found[item] = row.tiers[0][1], _source(row, sources)
    return found


def _lambda(price: prices.LambdaPrice, sources: list[dict[str, str]]) -> dict[str, object]:
    return {
        "usd_per_gb_s": [_or_null(usd) for usd in price.usd_per_gb_s_tiers],
        "usd_per_million": _or_null(price.usd_per_million_requests),
        "source": _source(price, sources),
    }


def _ec2(price: prices.Ec2Price, sources: list[dict[str, str]]) -> list[object]:
    """Return the fields of the script's Ec2Price in their order: a list is short."""
    burst = price.burst_baseline_per_vcpu, price.surplus_usd_per_vcpu_hour
    source = _source(price, sources)
    return [price.vcpu, price.memory_gib, price.usd_per_hour, *map(_or_null, burst), source]


def _or_null(number: float) -> float | None:
    return None if math.isnan(number) else number


def _source(row: prices.Dated, sources: list[dict[str, str]]) -> int:
    """Return the index of the row's source, appended if it is new."""
    source = {"last_confirmed": row.last_confirmed.isoformat(), "text": origin.source(row)}
    if source not in sources:
        sources.append(source)
    return sources.index(source)
