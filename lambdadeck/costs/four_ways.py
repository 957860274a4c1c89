"""The same work four ways: Lambda, Lambda Managed Instances, Fargate, EC2, as lines to audit."""

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lambdadeck.costs.ec2_bill import SizingOptions, average, catalogue_bill
from lambdadeck.costs.fronts import FREE_FRONTS, alb_lcu_hours, alb_rates
from lambdadeck.costs.limits import FREE_GB_SECONDS, FREE_REQUESTS, FULL_VCPU_MB, HOURS_A_MONTH
from lambdadeck.costs.tiers import tier_parts
from lambdadeck.costs.workload import Workload
from lambdadeck.prices import (
    Dated,
    Ec2Catalogue,
    UnitPrice,
    ec2_catalogue,
    lambda_price,
    unit_price,
)

# vCPU: GB (Amazon ECS developer guide, "Task CPU and memory", read 2026-11-27).
FARGATE_SIZES = {
    0.25: (0.5, 1, 2),
    0.5: (1, 2, 3, 4),
    1: range(2, 9),
    2: range(4, 17),
    4: range(8, 31),
    8: range(16, 61, 4),
    16: range(32, 121, 8),
}
# Families C, M and R, large and up (a walkthrough by jajera, read 2026-11-27); three instances by
# default (AWS Lambda developer guide, "Best practices for Lambda Managed Instances", same day).
MANAGED = r"^[cmr][5-8][a-z]*\.(x?large|\d+xlarge)$"
MANAGED_LEAST = 3
_HEADERS = (
    *("way", "item", "quantity", "unit", "US$ a unit", "US$"),
    *("source", "as of", "last confirmed"),
)


@dataclass(frozen=True)
class Line:
    """A line of a bill: `quantity` times `usd_per_unit`, with the price's source and dates."""

    item: str
    quantity: float
    unit: str
    usd_per_unit: float
    source: str
    as_of: dt.date
    last_confirmed: dt.date

    @property
    def usd(self) -> float:
        """Return quantity times price."""
        return self.quantity * self.usd_per_unit if self.quantity else 0.0


@dataclass(frozen=True)
class Way:
    """A month's bill of one way to run the work."""

    name: str
    lines: tuple[Line, ...]

    @property
    def usd(self) -> float:
        """Return the sum of the lines; NaN if a price is unknown."""
        return math.fsum(line.usd for line in self.lines)


def four_ways(work: Workload, instances: Sequence[str] | None = None) -> tuple[Way, ...]:
    """Price the work four ways, on the workload's architecture; its `instance` does not matter.

    EC2 and Managed Instances take the cheapest type (of `instances`, or of all) that holds the
    work, Fargate the cheapest task. LookupError for an unknown price.
    """
    types = sold_types(work)
    if instances is not None:
        types = types.where(np.isin(types.instance_type, list(instances)))
    return (
        Way("Lambda", tuple(_lambda(work))),
        Way("Lambda Managed Instances", tuple(_managed(work, managed_types(types)))),
        Way("Fargate", tuple(_fargate(work))),
        Way("EC2", tuple(_ec2(work, types))),
    )


def as_csv(ways: Sequence[Way]) -> str:
    """Return every line of the ways as CSV, with a line for each sum."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_HEADERS)
    for way in ways:
        for one in way.lines:
            price = (one.quantity, one.unit, one.usd_per_unit, round(one.usd, 6))
            dates = (one.as_of.isoformat(), one.last_confirmed.isoformat())
            rows.writerow((way.name, one.item, *price, one.source, *dates))
        rows.writerow((way.name, "total", "", "", "", round(way.usd, 6), "", "", ""))
    return text.getvalue()


def sold_types(work: Workload) -> Ec2Catalogue:
    """Return the types that the workload's region sells on its architecture."""
    types = ec2_catalogue(work.region)
    return types.where(types.arch == work.arch)


def managed_types(types: Ec2Catalogue) -> Ec2Catalogue:
    """Return those of the types that Managed Instances offer."""
    return types.where(np.array([bool(re.match(MANAGED, str(one))) for one in types.instance_type]))


def fargate_rates(work: Workload) -> tuple[UnitPrice, UnitPrice]:
    """Return the prices of an hour of a vCPU and of a GB."""
    arch = {"x86_64": "x86", "arm64": "arm"}[work.arch]
    vcpu, gb = (unit_price(f"fargate-{i}-hour-{arch}", work.region) for i in ("vcpu", "gb"))
    return vcpu, gb


def _line(item: str, quantity: float, unit: str, usd: float, price: Dated) -> Line:
    return Line(item, quantity, unit, usd, price.source, price.as_of, price.last_confirmed)


def _lambda(work: Workload) -> Iterator[Line]:
    price = lambda_price(work.region, work.arch)
    free = 1 if work.free_tier else 0
    seconds = work.requests * math.ceil(work.duration_ms * (1 - 1e-12)) / 1000
    rest = max(seconds * work.memory_mb / 1024 - FREE_GB_SECONDS * free, 0.0)
    paid = max(work.requests - FREE_REQUESTS * free, 0.0) / 1e6
    yield _line("requests", paid, "million", price.usd_per_million_requests, price)
    for number, (part, usd) in enumerate(tier_parts(rest, price.tiers), 1):
        if part or number == 1:
            rate = usd * (1 - work.lambda_discount)
            yield _line(f"duration, tier {number}", part, "GB-second", rate, price)
    yield from _front(work.lambda_front, work)


def _managed(work: Workload, picked: Ec2Catalogue) -> Iterator[Line]:
    row, count = _cheapest(work, picked, least=MANAGED_LEAST)
    hours, usd = count * HOURS_A_MONTH, float(picked.usd_per_hour[row])
    fee, requests = (unit_price(f"managed-instances-{i}", work.region) for i in ("fee", "requests"))
    name, price = str(picked.instance_type[row]), _dated(picked, row)
    yield _line(f"{count:,.0f} × {name}", hours, "hour", usd * (1 - work.ec2_discount), price)
    yield _line("management fee, on demand", hours * usd, "US$", fee.tiers[0][1], fee)
    yield _line("requests", work.requests / 1e6, "million", requests.tiers[0][1], requests)
    yield from _front(work.lambda_front, work)


def _fargate(work: Workload) -> Iterator[Line]:
    vcpu, gb = fargate_rates(work)
    rates = vcpu.tiers[0][1], gb.tiers[0][1]
    sizes = [(float(cpu), float(one)) for cpu, many in FARGATE_SIZES.items() for one in many]
    counts = [_count(work, cpu, memory) for cpu, memory in sizes]
    usd = [
        n * (cpu * rates[0] + one * rates[1]) for n, (cpu, one) in zip(counts, sizes, strict=True)
    ]
    best = int(np.argmin(usd))
    hours, (cpu, memory) = counts[best] * HOURS_A_MONTH, sizes[best]
    many = "task" if counts[best] == 1 else "tasks"
    tasks = f"{counts[best]:,.0f} {many} of {cpu:g} vCPU and {memory:g} GB"
    yield _line(f"{tasks}: vCPU", hours * cpu, "vCPU-hour", rates[0], vcpu)
    yield _line(f"{tasks}: memory", hours * memory, "GB-hour", rates[1], gb)
    yield from _front(work.ec2_front, work)


def _ec2(work: Workload, picked: Ec2Catalogue) -> Iterator[Line]:
    row, count = _cheapest(work, picked, least=1)
    price, hours = _dated(picked, row), count * HOURS_A_MONTH
    rate = float(picked.usd_per_hour[row]) * (1 - work.ec2_discount)
    yield _line(f"{count:,.0f} × {picked.instance_type[row]}", hours, "hour", rate, price)
    baseline = float(picked.burst_baseline_per_vcpu[row])
    if not math.isnan(baseline):
        vcpu = int(picked.vcpu[row])
        busy = float(average(np.asarray(work.requests), np.asarray(float(work.duration_ms))))
        used = busy * work.memory_mb / FULL_VCPU_MB * work.cpu_share
        above = max(used - count * vcpu * baseline, 0.0) * HOURS_A_MONTH
        usd = float(picked.surplus_usd_per_vcpu_hour[row])
        yield _line("above the baseline", above, "vCPU-hour", usd, price)
    yield from _front(work.ec2_front, work)


def _cheapest(work: Workload, types: Ec2Catalogue, least: int) -> tuple[int, float]:
    """Return the row of the cheapest type that holds the work, and how many it takes."""
    sizing = {name: value for name, value in work.on_ec2.items() if name != "front"}
    sizing["min_instances"] = max(work.zones, least)
    bill = catalogue_bill(
        types, work.requests, work.duration_ms, memory_mb=work.memory_mb, **sizing
    )
    row = int(np.argmin(bill.total_usd[:, 0]))
    return row, float(bill.instances[row, 0])


def _count(work: Workload, vcpu: float, gb: float) -> float:
    """Return how many tasks of a size carry the work; inf if a task cannot hold a request."""
    given = SizingOptions(
        peak_factor=work.peak_factor,
        utilization=work.utilization,
        cpu_share=work.cpu_share,
        min_instances=work.zones,
    )
    room = given.room(np.asarray(vcpu), gb, work.memory_mb)
    busy = average(np.asarray(float(work.requests)), np.asarray(float(work.duration_ms)))
    return float(given.instances(busy, room, math.nan))


def _dated(types: Ec2Catalogue, row: int) -> Dated:
    return Dated(
        source=str(types.source[row]),
        as_of=types.as_of[row].item(),
        confirmed=types.confirmed[row].item(),
    )


def _front(front: str, work: Workload) -> Iterator[Line]:
    if front in FREE_FRONTS:
        return
    if front == "alb":
        hour, lcu = alb_rates(work.region)
        lcus = alb_lcu_hours(work.requests)
        yield _line("ALB", HOURS_A_MONTH, "hour", hour.tiers[0][1], hour)
        yield _line("ALB, by connections", lcus, "LCU-hour", lcu.tiers[0][1], lcu)
        return
    price = unit_price(front, work.region)
    for part, usd in tier_parts(work.requests / 1e6, price.tiers):
        if part:
            yield _line(front, part, "million", usd, price)
