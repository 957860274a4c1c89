"""From AWS's products to the rows of assets/prices: one price for each, or a sentence why not."""

import re
from collections.abc import Iterable, Mapping
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
# Our item: service, usage type, what else its product must say, AWS's unit, our unit and how many of AWS's it holds.
ITEMS = {
    "alb-hour": (
        "AWSELB",
        "LoadBalancerUsage",
        {"operation": "LoadBalancing:Application"},
        "Hrs",
        "hour",
        1,
    ),
    "alb-lcu-hour": (
        "AWSELB",
        "LCUUsage",
        {"operation": "LoadBalancing:Application"},
        "LCU-Hrs",
        "LCU-hour",
        1,
    ),
    "gp3-gb-month": (
        "AmazonEC2",
        "EBS:VolumeUsage.gp3",
        {"volumeApiName": "gp3"},
        "GB-Mo",
        "GB-month",
        1,
    ),
    "http-api": (
        "AmazonApiGateway",
        "ApiGatewayHttpRequest",
        {},
        "Requests",
        "1M requests",
        1_000_000,
    ),
    "ipv4-hour": ("AmazonVPC", "PublicIPv4:InUseAddress", {}, "Hrs", "hour", 1),
    "rest-api": ("AmazonApiGateway", "ApiGatewayRequest", {}, "Requests", "1M requests", 1_000_000),
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
VOLUMES_WANTED = {"volumeApiName": "gp3"}


def lambda_rows(region: str, products: Iterable[Product], stamp: Row) -> list[Row]:
    """The rows of lambda.csv for `region`; a price that AWS does not list stays blank.

    Raises PriceListError without a price of a GB-second or of a request, or with two for one.
    """
    found = list(products)
    rows = [_lambda_row(region, arch, found, stamp) for arch in ARCHITECTURES]
    return [row for row in rows if row]


def ec2_rows(
    region: str, products: Iterable[Product], stamp: Row, known: Mapping[str, Row]
) -> list[Row]:
    """The rows of ec2.csv for `region`: Linux, on demand, shared tenancy.

    `known`: rows by instance type, for what AWS's list does not say (the burst baseline).
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
    """The rows of other.csv that these products of `region` give: one a tier; none for what is not listed."""
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
        raise PriceListError(
            f"AWS lists no price of a {'request' if duration else 'GB-second'} for {region} ({arch})."
        )
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
    """The three tiers; a list without tiers has one price in all of them."""
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
    """Not a capacity block, a reservation that lies idle, a volume, or a zero that is none."""
    about = product.attributes
    return (
        bool(about.get("instanceType"))
        and all(about.get(name) == value for name, value in INSTANCES_WANTED.items())
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
        "burst_baseline_per_vcpu": known.get(name, {}).get("burst_baseline_per_vcpu", ""),
        "how": "listed",
        **stamp,
    }


def _item_rows(region: str, item: str, products: list[Product], stamp: Row) -> list[Row]:
    _, usage, also, aws_unit, unit, size = ITEMS[item]
    product = _only(usage, [one for one in products if also.items() <= one.attributes.items()])
    if product is None:
        return []
    _unit(product, aws_unit)
    first = {"region": region, "item": item, "unit": unit, **stamp}
    return [
        {**first, "from_units": _text(start / size), "usd": _text(usd * size)}
        for start, usd in product.tiers
    ]


def _only(usage: str, products: Iterable[Product]) -> Product | None:
    """The one product of a usage type (AWS puts a region before it), None if there is none.

    Two with one price are one; two prices are an error: guessing would put a wrong price on stage.
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
        raise PriceListError(
            f"{product.attributes.get('usagetype')} has {len(product.tiers)} tiers; one was expected."
        )
    return product.tiers[0][1]


def _unit(product: Product, expected: str) -> None:
    if expected not in product.unit:
        usage = product.attributes.get("usagetype")
        raise PriceListError(f"AWS prices {usage} by {product.unit!r}, not by {expected!r}.")


def _text(number: Decimal) -> str:
    """A number without exponent and trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
