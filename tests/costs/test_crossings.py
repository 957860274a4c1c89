"""Crossings of the four ways, judged by a calculation of our own at many loads."""

import math
import random
import re

import numpy as np
import pytest

from lambdadeck import costs, prices
from lambdadeck.costs import Workload
from lambdadeck.costs.four_ways import FARGATE_SIZES, four_ways
from tests.costs.test_brute_force import by_hand_ec2, by_hand_lambda, front_usd
from tests.support.cases import each

NAMES = ["Lambda", "Lambda Managed Instances", "Fargate", "EC2"]


def item(name: str, work: Workload) -> float:
    return prices.unit_price(name, work.region).tiers[0][1]


def count(work: Workload, loads, vcpu: float, gib: float, least: int):
    """Return how many instances or tasks each load takes."""
    serves = min(vcpu / (work.memory_mb / 1769 * work.cpu_share), gib * 1024 // work.memory_mb)
    if not serves:
        return np.full(len(loads), math.inf)
    busy = loads * work.duration_ms / 1000 / 730 / 3600
    needed = np.ceil(busy * work.peak_factor / work.utilization * (1 - 1e-12) / serves)
    return np.maximum(needed, max(work.zones, least))


def by_hand(work: Workload, loads):
    """Return US dollars by way (rows) and load, a type at a time."""
    types = prices.ec2_catalogue(work.region)
    sold = types.where(types.arch == work.arch)
    ec2, managed = np.full((2, len(loads)), math.inf)
    front = front_usd(work.ec2_front, work.region, loads)
    for row in range(len(sold)):
        name, hourly = str(sold.instance_type[row]), float(sold.usd_per_hour[row])
        if not math.isnan(sold.burst_baseline_per_vcpu[row]):
            if sold.memory_gib[row] * 1024 >= work.memory_mb:
                one = Workload(**{**vars(work), "instance": name})
                ec2 = np.minimum(ec2, by_hand_ec2(one, loads)[0] - front)
            continue
        vcpu, gib = int(sold.vcpu[row]), float(sold.memory_gib[row])
        rate = 730 * hourly * (1 - work.ec2_discount)
        ec2 = np.minimum(ec2, count(work, loads, vcpu, gib, 1) * rate)
        if re.match(r"[cmr][5-8][a-z]*\.(x?large|\d+xlarge)$", name):
            fee = 730 * hourly * item("managed-instances-fee", work)
            managed = np.minimum(managed, count(work, loads, vcpu, gib, 3) * (rate + fee))
    managed = managed + loads / 1e6 * item("managed-instances-requests", work)
    short = {"x86_64": "x86", "arm64": "arm"}[work.arch]
    cpu, gb = item(f"fargate-vcpu-hour-{short}", work), item(f"fargate-gb-hour-{short}", work)
    fargate = np.full(len(loads), math.inf)
    for vcpu, many in FARGATE_SIZES.items():
        for gib in many:
            tasks = count(work, loads, vcpu, gib, 1)
            fargate = np.minimum(fargate, tasks * 730 * (vcpu * cpu + gib * gb))
    managed = managed + front_usd(work.lambda_front, work.region, loads)
    return np.array([by_hand_lambda(work, loads), managed, fargate + front, ec2 + front])


def drawn(seed: int) -> Workload:
    """Return a random workload whose fleets are within a few instances of Lambda's price."""
    dice = random.Random(seed)
    return Workload(
        duration_ms=dice.choice([20, 120, 900]),
        memory_mb=dice.choice([512, 1769, 4096]),
        arch=dice.choice(prices.ARCHITECTURES),
        region="us-east-1",
        peak_factor=dice.choice([1, 3]),
        free_tier=dice.random() < 0.5,
        cpu_share=dice.choice([1, 0.2]),
        utilization=dice.choice([0.65, 1]),
        zones=dice.choice([1, 2]),
        lambda_front=dice.choice(["function-url", "http-api"]),
        ec2_front=dice.choice(["none", "alb", "rest-api"]),
        ec2_discount=dice.choice([0, 0.49]),
    )


@each("seed", range(4))
def test_between_crossings_one_way_is_the_cheapest_and_at_each_another_is(seed: int) -> None:
    work = drawn(seed)
    found = costs.crossings(work)
    edges = [one.requests + step for one in found for step in (-2, -1, 0, 1)]
    spread = np.unique(np.geomspace(1, 1e10, 1000).astype(np.int64))
    near = [round(one.requests * factor) for one in found for factor in (0.97, 0.995, 1.005, 1.03)]
    loads = np.unique(np.concatenate([spread, np.array([*edges, *near], dtype=np.int64)]))
    usd = by_hand(work, loads[loads > 0].astype(float))
    said = np.full(usd.shape[1], NAMES.index(found[0].before if found else cheapest(work)))
    for one in found:
        said[loads[loads > 0] >= one.requests] = NAMES.index(one.after)
    lead = usd[said, np.arange(usd.shape[1])] - usd.min(axis=0)
    wrong = loads[loads > 0][lead > 1e-9 * usd.min(axis=0) + 1e-9]
    assert wrong.tolist() == []
    for one in found:  # not one request earlier or later
        here = by_hand(work, np.array([one.requests - 1.0, one.requests]))
        before, after = NAMES.index(one.before), NAMES.index(one.after)
        assert here[before, 0] <= here[after, 0] + 1e-6 and here[after, 1] <= here[before, 1] + 1e-6


def cheapest(work: Workload) -> str:
    return min(four_ways(work), key=lambda way: way.usd).name


def test_the_ways_cross_where_their_bills_say_so() -> None:
    work = Workload(6e7, 120, 1769, "arm64", "us-east-1", peak_factor=3, zones=2, ec2_front="alb")
    found = costs.crossings(work, 10**6, 10**9)
    assert len(found) > 5 and found[0].before == "Lambda" and found[-1].after == "EC2"
    for one in found:
        for requests, name in ((one.requests - 1, one.before), (one.requests, one.after)):
            load = Workload(**{**vars(work), "requests": float(requests)})
            usd = {way.name: way.usd for way in four_ways(load)}
            assert usd[name] == pytest.approx(min(usd.values()), rel=1e-9)


def test_an_unknown_price_is_named() -> None:
    with pytest.raises(prices.UnknownPrice, match="fargate"):
        costs.crossings(Workload(region="af-south-1", instance="m5.large"))
