"""AWS's Price List on this machine: the pricing API and the public files, over real HTTP.

Formats, attribute names, units and decoys are those of the offer files of AWSLambda and AmazonEC2
(September 2026).
"""

import csv
import io
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PUBLISHED = "2026-11-20T19:55:14Z"
VERSION = "20261120195514"
DISCLAIMER = "This pricing list is for informational purposes only."
PREFIX = {"us-east-1": "", "eu-west-1": "EU-", "ap-south-1": "APS3-", "": "Global-"}
CSV_HEADER = [
    "SKU",
    "OfferTermCode",
    "RateCode",
    "TermType",
    "PriceDescription",
    "EffectiveDate",
    "StartingRange",
    "EndingRange",
    "Unit",
    "PricePerUnit",
    "Currency",
    "RelatedTo",
    "LeaseContractLength",
    "PurchaseOption",
    "OfferingClass",
    "Product Family",
    "serviceCode",
    "Location",
    "Location Type",
    "Instance Type",
    "Current Generation",
    "Instance Family",
    "vCPU",
    "Physical Processor",
    "Clock Speed",
    "Memory",
    "Storage",
    "Network Performance",
    "Processor Architecture",
    "Volume Type",
    "Tenancy",
    "EBS Optimized",
    "Operating System",
    "License Model",
    "Group",
    "Group Description",
    "usageType",
    "operation",
    "CapacityStatus",
    "MarketOption",
    "Pre Installed S/W",
    "Region Code",
    "serviceName",
    "Volume API Name",
]


@dataclass
class Offer:
    """One product as AWS lists it; `tiers` are (from, US dollars) as text."""

    service: str
    region: str
    usage: str
    tiers: list[tuple[str, str]]
    unit: str
    family: str = "Serverless"
    attributes: dict[str, str] = field(default_factory=dict)
    term: str = "OnDemand"

    def about(self) -> dict[str, str]:
        named = {
            "regionCode": self.region,
            "servicecode": self.service,
            "usagetype": PREFIX[self.region] + self.usage,
        }
        return named | {"location": self.region or "Any"} | self.attributes


@dataclass
class PriceList:
    """The server's data, and its faults: paths answered by a status, or cut after some bytes."""

    offers: list[Offer]
    status: dict[str, int] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    garbage: bool = False
    asked: list[Any] = field(default_factory=list)
    url: str = ""


def lambda_offers(region: str, duration: str = "0.0000166667") -> list[Offer]:
    """Lambda in one region: both architectures, tiers, and what must not be taken for them."""

    def one(
        group: str,
        usage: str,
        tiers: list[tuple[str, str]],
        unit: str = "Lambda-GB-Second",
        place: str = region,
    ) -> Offer:
        return Offer("AWSLambda", place, usage, tiers, unit, attributes={"group": group})

    x86 = [("0", duration), ("6000000000", "0.0000150000"), ("15000000000", "0.0000133334")]
    arm = [("0", "0.0000133334"), ("7500000000", "0.0000120001"), ("18750000000", "0.0000106667")]
    return [
        one("AWS-Lambda-Duration", "Lambda-GB-Second", x86),
        one("AWS-Lambda-Duration-ARM", "Lambda-GB-Second-ARM", arm),
        one("AWS-Lambda-Requests", "Request", [("0", "0.0000002000")], "Requests"),
        one("AWS-Lambda-Requests-ARM", "Request-ARM", [("0", "0.0000002000")], "Requests"),
        one(
            "AWS-Lambda-Storage-Duration",
            "Lambda-Storage-GB-Second",
            [("0", "0.0000000309")],
            "GB-Seconds",
        ),
        one(
            "AWS-Lambda-Storage-Duration-ARM",
            "Lambda-Storage-GB-Second-ARM",
            [("0", "0.0000000309")],
            "GB-Seconds",
        ),
        one(
            "AWS-Lambda-Provisioned-Concurrency",
            "Lambda-Provisioned-Concurrency",
            [("0", "0.0000041667")],
        ),
        one(
            "AWS-Lambda-Provisioned-Concurrency-ARM",
            "Lambda-Provisioned-Concurrency-ARM",
            [("0", "0.0000033334")],
        ),
        one(
            "AWS-Lambda-Duration-Provisioned",
            "Lambda-Provisioned-GB-Second",
            [("0", "0.0000097222")],
        ),
        one(
            "AWS-Lambda-Duration-Provisioned-ARM",
            "Lambda-Provisioned-GB-Second-ARM",
            [("0", "0.0000077778")],
        ),
        one("AWS-Lambda-Duration", "Lambda-GB-Second", [("0", "0.0000000000")], place=""),
        one("AWS-Lambda-Requests", "Request", [("0", "0.0000000000")], "Requests", place=""),
        one("AWS-Lambda-Edge-Requests", "Lambda-Edge-Request", [("0", "0.0000006000")], "Request"),
        one("AWS-Lambda-Edge-Duration", "Lambda-Edge-GB-Second", [("0", "0.0000500100")]),
    ]


def instance(
    region: str,
    name: str,
    usd: str,
    *,
    vcpu: str = "2",
    memory: str = "4 GiB",
    arm: bool = False,
    usage: str = "BoxUsage",
    term: str = "OnDemand",
    **changes: str,
) -> Offer:
    """Return an EC2 instance type; `changes` make it a row that is not the on-demand price."""
    about = {
        "instanceType": name,
        "vcpu": vcpu,
        "memory": memory,
        "operatingSystem": "Linux",
        "tenancy": "Shared",
        "preInstalledSw": "NA",
        "capacitystatus": "Used",
        "marketoption": "OnDemand",
        "operation": "RunInstances",
        "licenseModel": "No License required",
        "currentGeneration": "Yes",
        "processorArchitecture": "64-bit",
        "physicalProcessor": "AWS Graviton3 Processor" if arm else "Intel Xeon 8375C (Ice Lake)",
    }
    return Offer(
        "AmazonEC2",
        region,
        f"{usage}:{name}",
        [("0", usd)],
        "Hrs",
        "Compute Instance",
        about | changes,
        term,
    )


def ec2_offers(region: str, c6i_large: str) -> list[Offer]:
    """Return a few instance types of one region, and the rows that a loose filter would take."""
    volume = {"volumeApiName": "gp3"}
    return [
        instance(region, "c6i.large", c6i_large),
        instance(region, "c7g.large", "0.0775000000", arm=True),
        instance(region, "t3.medium", "0.0456000000"),
        instance(region, "m9x.metal", "99.0000000000", vcpu="448", memory="1,952 GiB"),
        instance(
            region,
            "c6i.large",
            "0.1832000000",
            operatingSystem="Windows",
            operation="RunInstances:0002",
        ),
        instance(
            region,
            "c6i.large",
            "0.5712000000",
            preInstalledSw="SQL Std",
            operation="RunInstances:0004",
        ),
        instance(region, "c6i.large", "0.0968000000", usage="DedicatedUsage", tenancy="Dedicated"),
        instance(
            region,
            "c6i.large",
            "0.0912000001",
            usage="UnusedBox",
            capacitystatus="UnusedCapacityReservation",
        ),
        instance(
            region,
            "c6i.large",
            "0.0000000000",
            marketoption="CapacityBlock",
            operation="RunInstances:CB",
        ),
        instance(region, "c6i.large", "0.0500000000", marketoption="CapacityBlock"),
        instance(region, "c6i.large", "0.0000000000"),
        instance(region, "c6i.large", "0.0574000000", term="Reserved"),
        Offer(
            "AmazonEC2",
            region,
            "EBS:VolumeUsage.gp3",
            [("0", "0.0880000000")],
            "GB-Mo",
            "Storage",
            volume,
        ),
        Offer(
            "AmazonEC2",
            region,
            "EBS:VolumeP-IOPS.gp3",
            [("0", "0.0055000000")],
            "IOPS-Mo",
            "System",
            volume,
        ),
    ]


def other_offers(region: str) -> list[Offer]:
    """Return rows around functions and instances, with Outposts and trust-store rows as decoys."""

    def balancer(
        usage: str, usd: str, unit: str = "Hrs", operation: str = "LoadBalancing:Application"
    ) -> Offer:
        return Offer(
            "AWSELB", region, usage, [("0", usd)], unit, "Load Balancer", {"operation": operation}
        )

    def api(usage: str, tiers: list[tuple[str, str]]) -> Offer:
        return Offer("AmazonApiGateway", region, usage, tiers, "Requests", "API Calls")

    return [
        balancer("LoadBalancerUsage", "0.0252000000"),
        balancer("TS-LoadBalancerUsage", "0.0056000000"),
        balancer("Outposts-LoadBalancerUsage", "0.0252000000"),
        balancer("LCUUsage", "0.0080000000", "LCU-Hrs"),
        balancer("Outposts-LCUUsage", "0.0000000000", "LCU-Hrs"),
        balancer("ReservedLCUUsage", "0.0080000000", "ReservedLCU-Hr"),
        balancer("LoadBalancerUsage", "0.0280000000", operation="LoadBalancing"),
        api("ApiGatewayHttpRequest", [("0", "0.0000011100"), ("300000000", "0.0000010000")]),
        api("ApiGatewayRequest", [("0", "0.0000035000"), ("333000000", "0.0000028000")]),
        Offer("AmazonVPC", region, "PublicIPv4:InUseAddress", [("0", "0.0050000000")], "Hrs", ""),
        Offer("AmazonVPC", region, "PublicIPv4:IdleAddress", [("0", "0.0050000000")], "Hrs", ""),
    ]


@contextmanager
def serving(prices: PriceList) -> Iterator[PriceList]:
    """Serve `prices` on a loopback port until the end of the block."""
    handler = type("Handler", (_Handler,), {"prices": prices})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    prices.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield prices
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    prices: PriceList

    def do_GET(self) -> None:
        self.prices.asked.append(self.path)
        _, _, _, _, service, _, region, file = self.path.split("/")
        # A region's public file holds the rows of no region as well: the free tier.
        mine = [
            (at, one)
            for at, one in enumerate(self.prices.offers)
            if one.service == service and one.region in (region, "")
        ]
        if not mine:
            self._answer(404, b"no such offer")
            return
        text = _csv(service, mine) if file.endswith(".csv") else _json(service, mine)
        self._answer(
            self.prices.status.get(service, 200), b"<html>" if self.prices.garbage else text
        )

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.prices.asked.append(query)
        assert self.headers["X-Amz-Target"] == "AWSPriceListService.GetProducts"
        terms = {one["Field"]: one["Value"] for one in query["Filters"]}
        found = [
            (at, one)
            for at, one in enumerate(self.prices.offers)
            if one.service == query["ServiceCode"]
            and one.term == "OnDemand"
            and terms.items() <= one.about().items()
        ]
        # One product a page: whoever forgets the next page loses prices.
        start = int(query.get("NextToken", "0"))
        page: dict[str, Any] = {
            "FormatVersion": "aws_v1",
            "PriceList": [_entry(*one) for one in found[start : start + 1]],
        }
        if start + 1 < len(found):
            page["NextToken"] = str(start + 1)
        status = self.prices.status.get(query["ServiceCode"], 200)
        refusal = {
            "__type": "AccessDeniedException",
            "Message": "not authorized to perform: pricing:GetProducts",
        }
        self._answer(status, json.dumps(page if status == 200 else refusal).encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        cut = next((size for part, size in self.prices.cut.items() if part in self.path), len(body))
        self.wfile.write(body[:cut])

    def log_message(self, *parts: object) -> None:
        """Keep the access log out of the test's output."""


def _sku(at: int) -> str:
    return f"SKU{at:013d}"


def _term(at: int, one: Offer) -> dict[str, Any]:
    ends = [*[start for start, _ in one.tiers[1:]], "Inf"]
    dimensions = {
        f"{_sku(at)}.JRTCKXETXF.RATE{number}": {
            "rateCode": f"{_sku(at)}.JRTCKXETXF.RATE{number}",
            "description": one.usage,
            "unit": one.unit,
            "beginRange": start,
            "endRange": ends[number],
            "pricePerUnit": {"USD": usd},
            "appliesTo": [],
        }
        for number, (start, usd) in enumerate(one.tiers)
    }
    # AWS does not sort the tiers.
    shuffled = dict(reversed(dimensions.items()))
    return {
        f"{_sku(at)}.JRTCKXETXF": {
            "offerTermCode": "JRTCKXETXF",
            "sku": _sku(at),
            "effectiveDate": "2026-11-01T00:00:00Z",
            "priceDimensions": shuffled,
            "termAttributes": {},
        }
    }


def _product(at: int, one: Offer) -> dict[str, Any]:
    return {"sku": _sku(at), "productFamily": one.family, "attributes": one.about()}


def _entry(at: int, one: Offer) -> str:
    """Return an element of PriceList: JSON in a string."""
    return json.dumps(
        {
            "product": _product(at, one),
            "serviceCode": one.service,
            "terms": {one.term: _term(at, one)},
            "version": VERSION,
            "publicationDate": PUBLISHED,
        }
    )


def _json(service: str, mine: list[tuple[int, Offer]]) -> bytes:
    terms: dict[str, dict[str, Any]] = {"OnDemand": {}, "Reserved": {}}
    for at, one in mine:
        terms[one.term][_sku(at)] = _term(at, one)
    offer = {
        "formatVersion": "v1.0",
        "disclaimer": DISCLAIMER,
        "offerCode": service,
        "version": VERSION,
        "publicationDate": PUBLISHED,
        "products": {_sku(at): _product(at, one) for at, one in mine},
        "terms": terms,
        "attributesList": {},
    }
    return json.dumps(offer, indent=2).encode()


def _csv(service: str, mine: list[tuple[int, Offer]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    about = {
        "FormatVersion": "v1.0",
        "Disclaimer": DISCLAIMER,
        "Publication Date": PUBLISHED,
        "Version": VERSION,
        "OfferCode": service,
    }
    writer.writerows(about.items())
    writer.writerow(CSV_HEADER)
    for at, one in mine:
        for start, usd in one.tiers:
            writer.writerow([_cells(at, one, start, usd).get(column, "") for column in CSV_HEADER])
    return text.getvalue().encode()


def _cells(at: int, one: Offer, start: str, usd: str) -> Mapping[str, str]:
    about = one.about()
    return {
        "SKU": _sku(at),
        "TermType": one.term,
        "StartingRange": start,
        "EndingRange": "Inf",
        "Unit": one.unit,
        "PricePerUnit": usd,
        "Currency": "USD",
        "Product Family": one.family,
        "serviceCode": one.service,
        "Location": about["location"],
        "Region Code": one.region,
        "usageType": about["usagetype"],
        "Instance Type": about.get("instanceType", ""),
        "vCPU": about.get("vcpu", ""),
        "Memory": about.get("memory", ""),
        "Physical Processor": about.get("physicalProcessor", ""),
        "Operating System": about.get("operatingSystem", ""),
        "Tenancy": about.get("tenancy", ""),
        "Pre Installed S/W": about.get("preInstalledSw", ""),
        "CapacityStatus": about.get("capacitystatus", ""),
        "MarketOption": about.get("marketoption", ""),
        "operation": about.get("operation", ""),
        "Volume API Name": about.get("volumeApiName", ""),
        "EffectiveDate": "2026-11-01",
        "PriceDescription": f"${usd} per {one.usage}",
    }
