"""Sentence, curve, bills and flip, judged by a calculation of our own: every load, every count."""

import math
import random
import re
import time
from dataclasses import replace

import numpy as np
import pytest

from lambdadeck import costs, prices
from lambdadeck.costs import LOADS, QUANTITIES, Workload, compare, fronts, scalar

SECONDS = 730 * 3600
TYPES = ["c6i.large", "t3.medium", "t3.micro", "t3.2xlarge", "t4g.small", "t3a.large", "c7g.large"]


def setting(dice):
    """Return a random workload: half of its options are the default."""
    options = {
        "peak_factor": dice.choice([1, 2.5, 10]),
        "free_tier": True,
        "cpu_share": dice.choice([0.3, 0.05]),
        "utilization": dice.choice([1, 0.4]),
        "zones": dice.choice([2, 3]),
        "lambda_front": dice.choice(["http-api", "alb"]),
        "ec2_front": dice.choice(["http-api", "alb"]),
        "lambda_discount": 0.12,
        "ec2_discount": dice.choice([0.27, 0.49]),
    }
    return Workload(
        requests=10 ** dice.uniform(2, 10),
        duration_ms=10 ** dice.uniform(0, 5.5),
        memory_mb=dice.choice([128, 512, 1024, 1769, 3008]),
        arch=dice.choice(prices.ARCHITECTURES),
        region=dice.choice(["us-east-1", "eu-west-1"]),
        instance=dice.choice(TYPES),
        **{name: value for name, value in options.items() if dice.random() < 0.5},
    )


def front_usd(front, region, loads):
    if front in ("none", "function-url"):
        return 0 * loads
    if front == "alb":
        hour, lcu = (
            prices.unit_price(f"alb-{i}", region).tiers[0][1] for i in ("hour", "lcu-hour")
        )
        return 730 * (hour + lcu * loads / SECONDS / 25)
    tiers = prices.unit_price(front, region).tiers
    steps = [usd - before for (_, usd), (_, before) in zip(tiers, [(0, 0), *tiers], strict=False)]
    return sum(
        np.maximum(loads / 1e6 - start, 0) * step
        for (start, _), step in zip(tiers, steps, strict=True)
    )


def by_hand_lambda(work, loads):
    price, free = prices.lambda_price(work.region, work.arch), 1 if work.free_tier else 0
    gb_s = loads * math.ceil(work.duration_ms * (1 - 1e-12)) / 1000 * work.memory_mb / 1024
    gb_s = np.maximum(gb_s - 4e5 * free, 0)
    steps = np.diff([0, *price.usd_per_gb_s_tiers])
    starts = [0, *price.tier_bounds_gb_s]
    usd = sum(np.maximum(gb_s - start, 0) * step for start, step in zip(starts, steps, strict=True))
    requests = np.maximum(loads - 1e6 * free, 0) * price.usd_per_request
    return (
        requests
        + usd * (1 - work.lambda_discount)
        + front_usd(work.lambda_front, work.region, loads)
    )


def by_hand_ec2(work, loads):
    """Return US dollars and instances; every count up to the one that carries the peak is tried."""
    row = prices.ec2_price(work.region, work.instance)
    cpu = work.memory_mb / 1769 * work.cpu_share
    serves = min(row.vcpu / cpu, row.memory_gib * 1024 // work.memory_mb)
    busy = loads * work.duration_ms / 1000 / SECONDS
    at_peak = busy * work.peak_factor / work.utilization * (1 - 1e-12)
    count = np.maximum(np.ceil(at_peak / serves), work.zones)
    usd = count * 730 * row.usd_per_hour * (1 - work.ec2_discount)
    if not math.isnan(row.burst_baseline_per_vcpu):
        above = busy * cpu - count * row.vcpu * row.burst_baseline_per_vcpu
        usd = usd + np.maximum(above, 0) * 730 * row.surplus_usd_per_vcpu_hour
    return usd + front_usd(work.ec2_front, work.region, loads), count


def faults(work):
    """Name what the comparison of `work` says that the calculation by hand does not."""
    found = compare(work)
    one = np.array([work.requests])
    here, (there, count) = by_hand_lambda(work, one), by_hand_ec2(work, one)
    same = lambda a, b: bool(np.allclose(a, b, rtol=1e-9, atol=1e-9))  # noqa: E731 (a name for it)
    if not (same(found.lambda_usd, here) and same(found.ec2_usd, there)):
        yield "bills"
    if not (same(scalar.lambda_usd(work), here) and same(scalar.ec2_usd(work), there)):
        yield "plain bills"
    if found.instances != count[0]:
        yield "instances"
    if not same(found.lambda_curve, by_hand_lambda(work, LOADS)):
        yield "Lambda's curve"
    if not same(found.ec2_curve, by_hand_ec2(work, LOADS)[0]):
        yield "EC2's curve"
    winner = "Lambda" if here[0] < there[0] else "EC2"
    if not found.sentence.startswith((winner, "Both cost the same")):
        yield "winner"
    yield from break_even_faults(work, found)
    yield from flip_faults(work, found.flip_sentence, here[0] < there[0])


def break_even_faults(work, found):
    even = found.break_even_requests
    below = np.linspace(0, min(even, 1e13), 300)[:-1]
    if even > 0 and np.any(
        by_hand_lambda(work, below) > by_hand_ec2(work, below)[0] * (1 + 1e-9) + 1e-6
    ):
        yield f"below {even} EC2 is cheaper"
    if math.isfinite(even) and re.search(
        r"; above it .* (is|are), from", found.break_even_sentence
    ):
        above = even * (1 + 1e-9) * np.geomspace(1, 1e4, 2000) + 1e-6
        if np.any(by_hand_lambda(work, above) < by_hand_ec2(work, above)[0] * (1 - 1e-9) - 1e-6):
            yield f"above {even} Lambda is cheaper: {found.break_even_sentence}"


WORDS = {
    "peak_factor": r"a peak of (.*) the average",
    "utilization": r"instances (.*) busy",
    "cpu_share": r"(\S*) of the duration",
    "zones": r"(\d+) zones",
    "ec2_discount": r"Plan of (.*) on EC2",
    "lambda_discount": r"Plan of (.*) on Lambda",
}


def flip_faults(work, sentence, lambda_wins):
    """Name a value that does not flip the verdict, or half of the way to it that does."""
    for name, words in WORDS.items():
        said = re.search(words, sentence)
        if not said:
            continue
        now, value = getattr(work, name), QUANTITIES[name].read(said[1].replace(" zones", ""))
        # Halfway must not flip, unless the value is only rounded away from the limit.
        step = 0.002 if QUANTITIES[name].kind == "share" else 0.02
        is_near = name == "zones" or abs(value - now) <= step
        for share, flips in ((1, True),) if is_near else ((1, True), (0.5, False)):
            other = replace(work, **{name: now + (value - now) * share})
            one = np.array([work.requests])
            wins = by_hand_lambda(other, one)[0] < by_hand_ec2(other, one)[0][0]
            if (wins != lambda_wins) != flips:
                yield f"flip: {sentence} at {share}"


def test_a_calculation_by_hand_agrees_with_sentence_curve_bills_and_flip(request):
    dice, wrong, tried = random.Random(18), [], 0
    for _ in range(20_000 if request.config.getoption("--full") else 150):
        work = setting(dice)
        try:
            problems = list(faults(work))
        except (prices.UnknownPrice, costs.TooSmall):
            continue
        tried += 1
        wrong += [(problem, work) for problem in problems]
    assert not wrong, (len(wrong), wrong[:5])
    assert tried > 70


def test_a_comparison_takes_milliseconds():
    works = [Workload(), Workload(3e7, 100, 1769, instance="t3.medium"), Workload(zones=2)]
    compare(works[0])
    start = time.process_time()
    for work in works * 10:
        compare(work)
    assert (time.process_time() - start) / 30 < 0.010  # 2 ms on a quiet machine


@pytest.mark.parametrize("side", ["lambda_front", "ec2_front"])
def test_a_load_balancer_follows_the_connections(side):
    usd = fronts.front_usd("alb", 5e9, "us-east-1")
    assert usd == pytest.approx(730 * (0.0225 + 0.008 * 5e9 / SECONDS / 25))
    found = compare(Workload(requests=5e9, region="us-east-1", **{side: "alb"}))
    plain = compare(Workload(requests=5e9, region="us-east-1"))
    bills = [one.lambda_usd if side == "lambda_front" else one.ec2_usd for one in (found, plain)]
    assert bills[0] - bills[1] == pytest.approx(usd)
