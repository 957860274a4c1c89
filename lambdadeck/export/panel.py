"""The "your numbers" panel of the page: its markup, and the price tables that it computes with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from lambdadeck import costs, prices
from lambdadeck.export.page import DECK_ASSETS, data_block

SLIDERS = tuple(costs.WORKLOAD_CHOICES)
MENUS = ("arch", "region", "instance")
START = asdict(costs.Workload())


def panel(start: Mapping[str, object]) -> str:
    """The panel as HTML, starting at `start` (fields of costs.Workload; what is missing is as there)."""
    templates = Environment(loader=FileSystemLoader(DECK_ASSETS / "page"), autoescape=True)
    data = Markup(data_block(tables({**START, **start})))
    return templates.get_template("numbers.html.j2").render(
        sliders=_labelled(SLIDERS), menus=_labelled(MENUS), data=data
    )


def tables(start: Mapping[str, object]) -> dict[str, object]:
    """All that the panel's script computes with: prices with source and date (null where unknown), constants, choices."""
    sources: list[dict[str, str]] = []
    return {
        "start": dict(start),
        "choices": costs.WORKLOAD_CHOICES,
        "regions": {region: _region(region, sources) for region in costs.priced_regions()},
        "sources": sources,
        "tier_bounds": prices.TIER_BOUNDS_GB_S,
        "free_requests": costs.FREE_REQUESTS,
        "free_gb_seconds": costs.FREE_GB_SECONDS,
        "full_vcpu_mb": costs.FULL_VCPU_MB,
        "hours": costs.HOURS_A_MONTH,
        "stale_days": prices.STALE_DAYS,
    }


def _labelled(names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, costs.WORKLOAD_LABELS[name]) for name in names]


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
    }


def _lambda(price: prices.LambdaPrice, sources: list[dict[str, str]]) -> dict[str, object]:
    return {
        "usd_per_gb_s": [_or_null(usd) for usd in price.usd_per_gb_s_tiers],
        "usd_per_million": _or_null(price.usd_per_million_requests),
        "source": _source(price, sources),
    }


def _ec2(price: prices.Ec2Price, sources: list[dict[str, str]]) -> list[object]:
    """vCPUs, US dollars an hour, burst baseline, source: a list, because there are a thousand of them in the page."""
    return [
        price.vcpu,
        price.usd_per_hour,
        _or_null(price.burst_baseline_per_vcpu),
        _source(price, sources),
    ]


def _or_null(number: float) -> float | None:
    return None if math.isnan(number) else number


def _source(row: prices.LambdaPrice | prices.Ec2Price, sources: list[dict[str, str]]) -> int:
    """The number of the row's source in the list, which it joins if it is new."""
    about = "about " if "undated" in row.as_of_note else ""
    source = {
        "as_of": row.as_of.isoformat(),
        "text": f"{about}{row.as_of.isoformat()}: {row.source.split(';')[0]}",
    }
    if source not in sources:
        sources.append(source)
    return sources.index(source)
