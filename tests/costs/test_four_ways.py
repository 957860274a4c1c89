"""Four ways to run the same work, line by line, and the published bills."""

import csv
import dataclasses
import io
import json
import math
from pathlib import Path

import numpy as np
import pytest

from lambdadeck import costs, prices
from lambdadeck.costs import Workload
from lambdadeck.costs.four_ways import as_csv, four_ways

WORK = Workload(6e7, 120, 1769, "arm64", "us-east-1", peak_factor=3, zones=2, ec2_front="alb")
EXAMPLES = (Path(__file__).parent / "worked_examples.csv").read_text(encoding="utf-8")
PUBLISHED = list(csv.DictReader(io.StringIO(EXAMPLES)))


def price(item: str, region: str = "us-east-1") -> float:
    return prices.unit_price(item, region).tiers[0][1]


def managed(given: dict[str, float]) -> float:
    hourly = prices.ec2_price("us-east-1", str(given["instance"])).usd_per_hour
    usd = given.get("instances", 1) * given["hours"] * hourly
    fee = usd * price("managed-instances-fee")
    requests = given.get("requests", 0) / 1e6 * price("managed-instances-requests")
    return usd * (1 - given.get("ec2_discount", 0)) + fee + requests


def fargate(given: dict[str, float], region: str, arch: str) -> float:
    hours = given.get("task_hours", given.get("hours", 0)) * given.get("tasks", 1)
    vcpu = given.get("v", price(f"fargate-vcpu-hour-{arch}", region))
    gb = given.get("g", price(f"fargate-gb-hour-{arch}", region))
    others = given.get("ipv4_hours", 0) * price("ipv4-hour")
    others += given.get("snapshot_gb", 0) * 0.05 + given.get("ipv4_usd", 0)
    others += given.get("snapshots_usd", 0)
    if "nat_hours" in given:
        others += given["nat_hours"] * price("nat-hour") + given["nat_gb"] * price("nat-gb")
    if "alb_hour" in given:
        others += given["hours"] * price("alb-hour", region)
    return hours * (given["vcpu"] * vcpu + given["gb"] * gb) + others


def on_lambda(given: dict[str, float], name: str) -> float:
    arch = "arm64" if "arm" in name else "x86_64"
    own = prices.lambda_price("us-east-1", arch)
    if "rate" in given:
        own = dataclasses.replace(own, usd_per_gb_s_tiers=(given["rate"], math.nan, math.nan))
    gb_s = given.get("gb_s") or given["hours"] * 3600 * given["gb"]
    if "provisioned" in name:
        kept = own.usd_per_gb_s_provisioned + own.usd_per_gb_s_duration_provisioned
        return gb_s * kept
    if not given.get("requests"):
        return gb_s * own.usd_per_gb_s
    each_ms = gb_s / given["requests"] / 8 * 1000
    place = {"region": "us-east-1", "arch": arch, "price": own}
    free = "free_gb_s" in given
    bill = costs.lambda_bill(given["requests"], each_ms, 8192, free_tier=free, **place)
    return float(bill.total_usd)


def recomputed(row: dict[str, str]) -> float:
    name, given = row["name"], json.loads(row["inputs"])
    if name.startswith("lmi"):
        return managed(given)
    if name.startswith("fargate"):
        return fargate(given, row["region"], "arm" if "arm" in name else "x86")
    return on_lambda(given, name)


def test_the_published_bills_come_out_of_the_tables_and_the_cost_model() -> None:
    wrong = []
    for row in PUBLISHED:
        ours, theirs = recomputed(row), float(row["expected_usd"])
        if abs(ours - theirs) > float(row["tolerance_usd"]) + 0.005:
            wrong.append((row["name"], ours, theirs))
    assert len(PUBLISHED) == 18
    assert wrong == []


def test_every_line_is_quantity_times_price_with_source_and_date() -> None:
    ways = four_ways(WORK)
    assert [way.name for way in ways] == ["Lambda", "Lambda Managed Instances", "Fargate", "EC2"]
    for way in ways:
        assert way.usd == pytest.approx(
            sum(line.quantity * line.usd_per_unit for line in way.lines)
        )
        assert all(line.source and line.as_of.year >= 2024 for line in way.lines), way
        assert all(line.last_confirmed >= line.as_of for line in way.lines), way


def test_lambda_is_the_cost_models_bill_and_ec2_the_cheapest_type() -> None:
    lambda_way, _, fargate_way, ec2_way = four_ways(WORK)
    bill = costs.lambda_bill(6e7, 120, 1769, region="us-east-1", arch="arm64")
    assert lambda_way.usd == pytest.approx(float(bill.total_usd))
    types = prices.ec2_catalogue("us-east-1")
    names = types.instance_type[types.arch == "arm64"].tolist()
    options = {name: value for name, value in WORK.on_ec2.items() if name != "front"}
    bills = [
        costs.ec2_bill(name, **WORK.load, requests=np.array([6e7]), front="alb", **options)
        for name in names
    ]
    assert ec2_way.usd == pytest.approx(min(float(one.total_usd[0]) for one in bills))
    assert fargate_way.lines[0].item == "13 tasks of 1 vCPU and 2 GB: vCPU"


def test_managed_instances_are_three_at_least_and_pay_the_fee_on_demand() -> None:
    few = Workload(1e6, 10, 1769, "arm64", "us-east-1", ec2_discount=0.27)
    instances, fee, *_ = four_ways(few)[1].lines
    assert instances.item.startswith("3 × ") and instances.quantity == 3 * 730
    assert fee.usd == pytest.approx(instances.usd / 0.73 * 0.15)


def test_the_csv_has_every_line_and_a_total_a_way() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(four_ways(WORK)))))
    totals = {row["way"]: float(row["US$"]) for row in rows if row["item"] == "total"}
    assert totals == {way.name: pytest.approx(way.usd, abs=1e-5) for way in four_ways(WORK)}


def test_an_unknown_price_is_named() -> None:
    with pytest.raises(prices.UnknownPrice, match="fargate"):
        four_ways(Workload(region="af-south-1", instance="m5.large"))
