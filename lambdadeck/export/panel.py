"""The "your numbers" panel of the page: its markup, and the price tables that it computes with."""

from __future__ import annotations

import math
from collections.abc import Mapping

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from lambdadeck import lambda_costs, prices
from lambdadeck.export.page import ASSETS, data_block

SLIDERS = {
    "requests": "requests a month",
    "duration_ms": "duration",
    "memory_mb": "memory",
    "peak_factor": "peak / average",
}
MENUS = {"arch": "Lambda on", "region": "region", "instance": "EC2 instance"}
START = {
    "requests": 5e6, "duration_ms": 100, "memory_mb": 512, "arch": "x86_64", "region": "eu-west-1",
    "instance": "c6i.large", "peak_factor": 1, "free_tier": False,
}  # fmt: skip
_STEPS = (1, 1.5, 2, 3, 5, 7)  # of a decade
_HOME = "eu-west-1"  # its table lists the common families


def panel(start: Mapping[str, object]) -> str:
    """The panel as HTML, starting at `start` (fields of verdict.Numbers; what is missing is as there)."""
    templates = Environment(loader=FileSystemLoader(ASSETS / "page"), autoescape=True)
    data = Markup(data_block(tables({**START, **start})))
    return templates.get_template("numbers.html.j2").render(sliders=SLIDERS.items(), menus=MENUS.items(), data=data)


def tables(start: Mapping[str, object]) -> dict[str, object]:
    """All that the panel's script computes with: prices with source and date (null where unknown), constants, choices."""
    sources: list[dict[str, str]] = []
    ec2 = prices.ec2_catalogue()
    sold = set(ec2.region.tolist())
    both = [region for region in prices.regions() if region in sold]
    return {
        "start": dict(start),
        "choices": choices(),
        "regions": {region: _region(region, sources) for region in both},
        "sources": sources,
        "tier_bounds": prices.TIER_BOUNDS_GB_S,
        "free_requests": lambda_costs.FREE_REQUESTS,
        "free_gb_seconds": lambda_costs.FREE_GB_SECONDS,
        "full_vcpu_mb": lambda_costs.FULL_VCPU_MB,
        "hours": lambda_costs.HOURS_A_MONTH,
        "stale_days": prices.STALE_DAYS,
    }


def choices() -> dict[str, list[float]]:
    """The values that each slider offers."""
    return {
        "requests": _decades(4, 10),
        "duration_ms": _decades(0, 5),
        "memory_mb": [128, 256, 512, 1024, 1769, 2048, 3008, 4096, 6144, 8192, 10_240],
        "peak_factor": [1, 1.5, 2, 3, 5, 10, 20],
    }


def _decades(low: int, high: int) -> list[float]:
    values = [float(f"{step * 10.0**exponent:.6g}") for exponent in range(low, high) for step in _STEPS]
    return [*values, float(10**high)]


def _region(region: str, sources: list[dict[str, str]]) -> dict[str, object]:
    return {
        "lambda": {arch: _lambda(prices.lambda_price(region, arch), sources) for arch in prices.ARCHITECTURES},
        "ec2": {name: _ec2(prices.ec2_price(region, name), sources) for name in _instances(region)},
    }


def _instances(region: str) -> list[str]:
    """The common instance types that the region sells."""
    common = set(prices.ec2_catalogue(_HOME).instance_type.tolist())
    return sorted(common & set(prices.ec2_catalogue(region).instance_type.tolist()))


def _lambda(price: prices.LambdaPrice, sources: list[dict[str, str]]) -> dict[str, object]:
    return {
        "usd_per_gb_s": [_or_null(usd) for usd in price.usd_per_gb_s_tiers],
        "usd_per_million": _or_null(price.usd_per_million_requests),
        "source": _source(price, sources),
    }


def _ec2(price: prices.Ec2Price, sources: list[dict[str, str]]) -> list[object]:
    """vCPUs, US dollars an hour, burst baseline, source: a list, because there are a thousand of them in the page."""
    return [price.vcpu, price.usd_per_hour, _or_null(price.burst_baseline_per_vcpu), _source(price, sources)]


def _or_null(number: float) -> float | None:
    return None if math.isnan(number) else number


def _source(row: prices.LambdaPrice | prices.Ec2Price, sources: list[dict[str, str]]) -> int:
    """The number of the row's source in the list, which it joins if it is new."""
    about = "about " if "undated" in row.as_of_note else ""
    source = {"as_of": row.as_of.isoformat(), "text": f"{about}{row.as_of.isoformat()}: {row.source.split(';')[0]}"}
    if source not in sources:
        sources.append(source)
    return sources.index(source)
