"""Turn AWS's products into the rows of assets/prices: one price each, or an error that says why."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from lambdadeck.prices.aws_price_list import PriceListError, Product
from lambdadeck.prices.tables import ARCHITECTURES, TIER_BOUNDS_GB_S

Row = dict[str, str]

# Our column: AWS's group and usage type; on arm64 both end in -ARM.
LAMBDA_COLUMNS = {
    "usd_per_gb_s_tier1": ("AWS-Lambda-Duration", "Lambda-GB-Second"),
    "usd_per_1m_requests": ("AWS-Lambda-Requests", "Request"),
    "usd_per_gb_s_ephemeral_storage_over_512mb": (
        "AWS-Lambda-Storage-Duration",
        "Lambda-Storage-GB-Second",
    ),
    "usd_per_gb_s_provisioned_concurrency": (
        "AWS-Lambda-Provisioned-Concurrency",
        "Lambda-Provisioned-Concurrency",
    ),
    "usd_per_gb_s_duration_provisioned": (
        "AWS-Lambda-Duration-Provisioned",
        "Lambda-Provisioned-GB-Second",
    ),
}


@dataclass(frozen=True)
class _Item:
    """AWS's usage type and unit, our unit, how many of AWS's it holds, further attributes."""

    usage: str
    aws_unit: str
    unit: str
    size: int = 1
    also: Mapping[str, str] = field(default_factory=dict)


_ALB = {"operation": "LoadBalancing:Application"}
ITEMS = {
    "alb-hour": _Item("LoadBalancerUsage", "Hrs", "hour", also=_ALB),
    "alb-lcu-hour": _Item("LCUUsage", "LCU-Hrs", "LCU-hour", also=_ALB),
    "gp3-gb-month": _Item(
        "EBS:VolumeUsage.gp3", "GB-Mo", "GB-month", also={"volumeApiName": "gp3"}
    ),
    "http-api": _Item("ApiGatewayHttpRequest", "Requests", "1M requests", 1_000_000),
    "ipv4-hour": _Item("PublicIPv4:InUseAddress", "Hrs", "hour"),
    "rest-api": _Item("ApiGatewayRequest", "Requests", "1M requests", 1_000_000),
}
LAMBDA_WANTED = [
    {"group": group + suffix} for group, _ in LAMBDA_COLUMNS.values() for suffix in ("", "-ARM")
]
INSTANCES_WANTED = {
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
}
BURST_COLUMNS = ("burst_baseline_per_vcpu", "surplus_usd_per_vcpu_hour")
VOLUMES_WANTED = {"volumeApiName": "gp3"}


def lambda_rows(region: str, products: Iterable[Product], stamp: Row) -> list[Row]:
    """Return the rows of lambda.csv for `region`; a price that AWS does not list stays blank.

    PriceListError if a GB-second or a request has no price, or if anything has two.
    """
    found = list(products)
    rows = [_lambda_row(region, arch, found, stamp) for arch in ARCHITECTURES]
    return [row for row in rows if row]


def ec2_rows(
    region: str, products: Iterable[Product], stamp: Row, known: Mapping[str, Row]
) -> list[Row]:
    """Return the rows of ec2.csv for `region`: Linux, on demand, shared tenancy.

    `known`: rows by instance type, with the burst columns that AWS's list lacks.
    """
    rows: dict[str, Row] = {}
    for product in products:
        if _is_on_demand_instance(product):
            row = _ec2_row(region, product, stamp, known)
            again = rows.setdefault(row["instance_type"], row)
            if again["usd_per_hour"] != row["usd_per_hour"]:
                two = f"{again['usd_per_hour']} and {row['usd_per_hour']}"
                raise PriceListError(
                    f"AWS lists two prices for {row['instance_type']} in {region}: {two}."
                )
    if not rows:
        raise PriceListError(f"AWS lists no on-demand Linux instance for {region}.")
    return [rows[name] for name in sorted(rows)]


def item_rows(region: str, products: Iterable[Product], stamp: Row) -> list[Row]:
    """Return the rows of other.csv for these products of `region`: one a tier."""
    found = list(products)
    return [row for item in ITEMS for row in _item_rows(region, item, found, stamp)]


def _lambda_row(region: str, arch: str, products: list[Product], stamp: Row) -> Row | None:
    suffix = "-ARM" if arch == "arm64" else ""
    prices = {
        column: _only(usage + suffix, products) for column, (_, usage) in LAMBDA_COLUMNS.items()
    }
    duration, requests = prices["usd_per_gb_s_tier1"], prices["usd_per_1m_requests"]
    if duration is None and requests is None and arch == "arm64":
        return None  # not offered in that region
    if duration is None or requests is None:
        missing = "request" if duration else "GB-second"
        raise PriceListError(f"AWS lists no price of a {missing} for {region} ({arch}).")
    _unit(requests, "Request")
    return {
        "region": region,
        "arch": arch,
        **_tiers(duration, region, arch),
        "usd_per_1m_requests": _text(_flat(requests) * 1_000_000),
        **{column: _gb_second(prices[column]) for column in list(LAMBDA_COLUMNS)[2:]},
        **stamp,
    }


def _tiers(duration: Product, region: str, arch: str) -> Row:
    """Return the three tiers; a list without tiers has one price in all of them."""
    _unit(duration, "Second")
    bounds = [Decimal(0), *map(Decimal, TIER_BOUNDS_GB_S[arch])]
    starts = [start for start, _ in duration.tiers]
    if starts not in ([Decimal(0)], bounds):
        raise PriceListError(
            f"AWS's tiers of a GB-second for {region} ({arch}) begin at {starts}, not at {bounds}."
        )
    usd = [price for _, price in duration.tiers] * (1 if len(starts) == 3 else 3)
    return {f"usd_per_gb_s_tier{number}": _text(price) for number, price in enumerate(usd, 1)}


def _gb_second(product: Product | None) -> str:
    if product is None:
        return ""
    _unit(product, "Second")
    return _text(_flat(product))


def _is_on_demand_instance(product: Product) -> bool:
    """Exclude capacity blocks, idle reservations, volumes, and placeholder prices of zero."""
    about = product.attributes
    return (
        bool(about.get("instanceType"))
        and product.has(INSTANCES_WANTED)
        and about.get("marketoption") in (None, "", "OnDemand")
        and product.unit == "Hrs"
        and _flat(product) > 0
    )


def _ec2_row(region: str, product: Product, stamp: Row, known: Mapping[str, Row]) -> Row:
    about = product.attributes
    name = about["instanceType"]
    memory = re.fullmatch(r"([\d.,]+) GiB", about.get("memory", ""))
    if not memory or not about.get("vcpu", "").isdecimal():
        raise PriceListError(
            f"AWS gives {name} {about.get('vcpu')!r} vCPUs and {about.get('memory')!r} of memory."
        )
    return {
        "region": region,
        "instance_type": name,
        "arch": "arm64" if "Graviton" in about.get("physicalProcessor", "") else "x86_64",
        "vcpu": about["vcpu"],
        "memory_gib": str(float(memory[1].replace(",", ""))),
        "usd_per_hour": _text(_flat(product)),
        **{column: known.get(name, {}).get(column, "") for column in BURST_COLUMNS},
        "how": "listed",
        **stamp,
    }


def _item_rows(region: str, item: str, products: list[Product], stamp: Row) -> list[Row]:
    about = ITEMS[item]
    fitting = [one for one in products if one.has(about.also)]
    product = _only(about.usage, fitting)
    if product is None:
        return []
    _unit(product, about.aws_unit)
    row = {"region": region, "item": item, "unit": about.unit, **stamp}
    return [
        {**row, "from_units": _text(start / about.size), "usd": _text(usd * about.size)}
        for start, usd in product.tiers
    ]


def _only(usage: str, products: Iterable[Product]) -> Product | None:
    """Return the product of a usage type (AWS puts a region before it), None if missing.

    Two products with one price are the same; PriceListError for two prices.
    """
    pattern = re.compile(rf"(?:EU-|[A-Z]{{2,4}}\d{{1,2}}-)?{re.escape(usage)}")
    found = [one for one in products if pattern.fullmatch(one.attributes.get("usagetype", ""))]
    if len({one.tiers for one in found}) > 1:
        raise PriceListError(
            f"AWS lists {len(found)} different prices for {usage}; one was expected."
        )
    if found and min(usd for _, usd in found[0].tiers) <= 0:
        raise PriceListError(f"AWS lists a price of zero for {usage}.")
    return found[0] if found else None


def _flat(product: Product) -> Decimal:
    if len(product.tiers) != 1:
        usage, count = product.attributes.get("usagetype"), len(product.tiers)
        raise PriceListError(f"{usage} has {count} tiers; one was expected.")
    return product.tiers[0][1]


def _unit(product: Product, expected: str) -> None:
    if expected not in product.unit:
        usage = product.attributes.get("usagetype")
        raise PriceListError(f"AWS prices {usage} by {product.unit!r}, not by {expected!r}.")


def _text(number: Decimal) -> str:
    """Return a number without exponent and trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
