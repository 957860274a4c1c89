"""Readers of AWS's Price List: the pricing API (with credentials), the public files (without)."""

import csv
import http.client
import io
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

PUBLIC_URL = "https://pricing.us-east-1.amazonaws.com"
PATIENCE_S = 60.0

# The columns of the CSV files under their names in the JSON files and the API.
CSV_ATTRIBUTES = {
    "CapacityStatus": "capacitystatus",
    "Instance Type": "instanceType",
    "Location": "location",
    "MarketOption": "marketoption",
    "Memory": "memory",
    "Operating System": "operatingSystem",
    "operation": "operation",
    "Physical Processor": "physicalProcessor",
    "Pre Installed S/W": "preInstalledSw",
    "Product Family": "productFamily",
    "Region Code": "regionCode",
    "Tenancy": "tenancy",
    "usageType": "usagetype",
    "vCPU": "vcpu",
    "Volume API Name": "volumeApiName",
}

Filters = Mapping[str, str]


class PriceListError(Exception):
    """Raised if AWS's price list is unavailable or not understood; the message says what to do."""


@dataclass(frozen=True)
class Product:
    """One product's on-demand price.

    `tiers` are (units a month from which it holds, US dollars a unit), rising; `published` is the
    day of the list (YYYY-MM-DD).
    """

    attributes: Mapping[str, str]
    tiers: tuple[tuple[Decimal, Decimal], ...]
    unit: str
    published: str

    def has(self, filters: Filters) -> bool:
        """Return if its attributes have these values."""
        return filters.items() <= self.attributes.items()


@dataclass(frozen=True)
class PricingApi:
    """The pricing API through a boto3 "pricing" client: one paged query a filter."""

    client: Any
    name: str = "AWS Price List (pricing API)"
    is_selective: bool = True  # asking for little reads little

    def products(self, service: str, region: str, wanted: Sequence[Filters]) -> Iterator[Product]:
        """Yield the products of a service in a region that match one of the filters."""
        pages = self.client.get_paginator("get_products")
        for filters in wanted:
            terms = [
                {"Type": "TERM_MATCH", "Field": name, "Value": value}
                for name, value in {"regionCode": region, **filters}.items()
            ]
            for page in pages.paginate(ServiceCode=service, FormatVersion="aws_v1", Filters=terms):
                for text in page["PriceList"]:
                    entry = _json(text, f"the pricing API for {service}")
                    published = entry.get("publicationDate", "")
                    yield from _product(entry["product"], entry["terms"], published)


@dataclass(frozen=True)
class PublicList:
    """The public files, one a service and region: JSON, and CSV line by line for EC2's 300 MB."""

    url: str = PUBLIC_URL
    name: str = "AWS Price List (public files)"
    is_selective: bool = False
    say: Callable[[str], None] = field(default=lambda line: None)

    def products(self, service: str, region: str, wanted: Sequence[Filters]) -> Iterator[Product]:
        """Yield the products of a service in a region that match one of the filters."""
        kind = "csv" if service == "AmazonEC2" else "json"
        url = f"{self.url}/offers/v1.0/aws/{service}/current/{region}/index.{kind}"
        self.say(f"reading {url}")
        with closing(_open(url)) as answer:
            is_csv = kind == "csv"
            lines = _lines(answer, url)
            for product in from_csv(lines) if is_csv else from_json("".join(lines), url):
                if any(product.has({"regionCode": region, **filters}) for filters in wanted):
                    yield product


Source: TypeAlias = PricingApi | PublicList


def from_json(text: str, where: str) -> Iterator[Product]:
    """Yield the products of a public file in JSON (offer file, format v1.0)."""
    offer = _json(text, where)
    on_demand = offer.get("terms", {}).get("OnDemand", {})
    for sku, product in offer.get("products", {}).items():
        terms = {"OnDemand": on_demand.get(sku, {})}
        yield from _product(product, terms, offer.get("publicationDate", ""))


def from_csv(lines: Iterable[str]) -> Iterator[Product]:
    """Yield the products of a public CSV file: five lines about it, a header, a line a price."""
    source = iter(lines)
    about = dict(row[:2] for row in csv.reader(next(source, "") for _ in range(5)) if len(row) > 1)
    header = next(csv.reader([next(source, "")]), [])
    if "SKU" not in header or "PricePerUnit" not in header:
        raise PriceListError(
            "The CSV price list has no header on its sixth line: its format has changed."
        )
    published = about.get("Publication Date", "")[:10]
    # Most lines are reserved instances: dropped before the slower csv module sees them.
    rows = csv.DictReader((line for line in source if '"Reserved"' not in line), fieldnames=header)
    for row in rows:
        if row["TermType"] == "OnDemand" and row["Currency"] == "USD":
            attributes = {ours: row.get(theirs) or "" for theirs, ours in CSV_ATTRIBUTES.items()}
            tier = (_decimal(row["StartingRange"] or "0"), _decimal(row["PricePerUnit"]))
            yield Product(attributes, (tier,), row["Unit"], published)


def _product(
    product: Mapping[str, Any], terms: Mapping[str, Any], published: str
) -> Iterator[Product]:
    """Yield the product if it has an on-demand price in US dollars."""
    family = product.get("productFamily", "")
    attributes = {"productFamily": family, **product.get("attributes", {})}
    offers = list(terms.get("OnDemand", {}).values())
    if len(offers) > 1:
        raise PriceListError(
            f"{attributes.get('usagetype')} has {len(offers)} on-demand offers; one was expected."
        )
    dimensions = [
        one
        for offer in offers
        for one in offer["priceDimensions"].values()
        if "USD" in one["pricePerUnit"]
    ]
    if dimensions:
        tiers = sorted(
            (_decimal(one["beginRange"]), _decimal(one["pricePerUnit"]["USD"]))
            for one in dimensions
        )
        yield Product(attributes, tuple(tiers), dimensions[0]["unit"], published[:10])


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise PriceListError(
            f"AWS's price list says {text!r} where a number was expected."
        ) from None


def _json(text: str, where: str) -> dict[str, Any]:
    try:
        parsed: dict[str, Any] = json.loads(text)
    except ValueError as problem:
        raise PriceListError(f"The answer of {where} is not JSON: {problem}.") from problem
    return parsed


def _open(url: str) -> http.client.HTTPResponse:
    try:
        answer: http.client.HTTPResponse = urllib.request.urlopen(url, timeout=PATIENCE_S)
    except urllib.error.HTTPError as problem:
        problem.close()
        raise PriceListError(f"{url} answers {problem.code} {problem.reason}.") from problem
    except OSError as problem:
        raise PriceListError(f"{url} cannot be reached: {problem}.") from problem
    return answer


def _lines(answer: http.client.HTTPResponse, url: str) -> Iterator[str]:
    """Yield the lines; unlike http.client, raise if the end is missing."""
    expected, seen = answer.length, 0
    try:
        for line in io.BufferedReader(answer, 1 << 20):
            seen += len(line)
            yield line.decode("utf-8")
    except (OSError, http.client.HTTPException, UnicodeDecodeError) as problem:
        raise PriceListError(f"{url} broke off: {problem}.") from problem
    if expected is not None and seen != expected:
        raise PriceListError(f"{url} broke off after {seen:,} of {expected:,} bytes.")
