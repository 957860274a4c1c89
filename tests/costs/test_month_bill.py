"""The bill of a real month against the bills of averages, and against calculations one by one."""

import datetime as dt
import itertools
import math
import random
import time

import numpy as np
import pytest

from lambdadeck import costs, prices
from lambdadeck.costs.credits import surplus_vcpu_hours
from tests.support.cases import each

REGION = "eu-west-1"
START = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)


def month(functions: list[tuple[int, str]], calls: object, ms: object) -> costs.Month:
    named = [costs.MonthFunction(f"f{n}", *one) for n, one in enumerate(functions)]
    calls, ms = np.array(calls, dtype=float), np.array(ms, dtype=float)
    return costs.Month(tuple(named), START, calls, calls * ms)


def test_on_one_architecture_lambda_is_the_accounts_bill() -> None:
    for free_tier, calls in itertools.product((True, False), (1e3, 1e6, 2e8)):
        flat = month([(512, "arm64"), (3008, "arm64")], [[calls] * 744] * 2, [[93], [420]])
        bill = costs.month_bill(flat, region=REGION, free_tier=free_tier)
        account = costs.account_bill(
            [calls * 744] * 2,
            [93, 420],
            [512, 3008],
            region=REGION,
            arch="arm64",
            free_tier=free_tier,
        )
        assert bill.lambda_usd == pytest.approx(account.total_usd)
        assert sum(one.lambda_usd for one in bill.functions) == pytest.approx(bill.lambda_usd)


def test_a_flat_month_costs_on_ec2_what_the_average_costs() -> None:
    flat = month([(1769, "x86_64")], [[4e5] * 730], [[100]])
    load = {"region": REGION, "duration_ms": 100, "memory_mb": 1769}
    for name in ("t3.medium", "c6i.large", "m5.large"):
        bill = costs.month_bill(flat, region=REGION, instances=[name], fixed=True)
        plain = costs.ec2_bill(name, **load, requests=4e5 * 730, utilization=0.65, min_instances=2)
        assert bill.ec2_usd == pytest.approx(plain.total_usd)
        assert bill.averages_usd == pytest.approx(bill.ec2_usd)


def one_by_one(
    work: costs.Month, which: list[int], fixed: bool, instances: list[str], region: str
) -> float:
    """Return the cheapest fleet's cost, a type and an hour at a time."""
    best = math.inf
    for name in instances:
        row = prices.ec2_price(region, name)
        if row.arch != work.functions[which[0]].arch:
            continue
        loads, used = [], []
        for hour in range(work.hours):
            load = vcpu = 0.0
            for i in which:
                busy = work.duration_ms[i, hour] / 3_600_000
                mb = work.functions[i].memory_mb
                holds = math.floor(row.memory_gib * 1024 / mb)
                load += busy / min(row.vcpu / (mb / 1769), holds) if holds else math.inf
                vcpu += busy * mb / 1769
            loads.append(load)
            used.append(vcpu)
        if math.inf in loads:
            continue
        count = [max(2, math.ceil(load / 0.65 * (1 - 1e-12))) for load in loads]
        count = [max(count)] * len(count) if fixed else count
        usd = sum(count) * row.usd_per_hour
        if not math.isnan(row.burst_baseline_per_vcpu):
            above = by_hand(used, count, row.burst_baseline_per_vcpu * row.vcpu)
            usd += above * row.surplus_usd_per_vcpu_hour
        best = min(best, usd)
    return best


def by_hand(used: list[float], count: list[int], baseline: float) -> float:
    """Return the vCPU-hours charged, an hour at a time."""
    owned = charged = 0.0
    before = count[0]
    for vcpu, here in zip(used, count, strict=True):
        if here < before:
            gone = owned * (before - here) / before
            owned -= gone
            charged += max(-gone, 0)
        owned = min(owned + here * baseline - vcpu, 24 * here * baseline)
        if owned < -24 * here * baseline:
            charged += -24 * here * baseline - owned
            owned = -24 * here * baseline
        before = here
    return charged + max(-owned, 0)


TYPES = ["t3.medium", "t3a.small", "c6i.large", "m5.large", "t4g.small", "t4g.nano", "c7g.large"]


def drawn(seed: int) -> costs.Month:
    """Return four functions over 60 hours, drawn at random."""
    chance = random.Random(seed)
    sizes = [(chance.choice((128, 512, 1769, 3008)), chance.choice(("arm64", "x86_64")))] * 1
    sizes += [(chance.choice((128, 512, 1769)), chance.choice(("arm64", "x86_64"))) for _ in "abc"]
    scale = [10 ** chance.uniform(2, 6) for _ in sizes]
    calls = [[round(s * chance.random() ** 3) for _ in range(60)] for s in scale]
    return month(sizes, calls, [[chance.uniform(5, 900)] for _ in sizes])


@each("seed", range(8))
def test_fleets_and_the_mix_are_the_cheapest_of_all_tried_one_by_one(seed: int) -> None:
    work, fixed, free_tier = drawn(seed), seed % 2 == 1, seed % 3 == 0
    bill = costs.month_bill(work, region=REGION, fixed=fixed, free_tier=free_tier, instances=TYPES)
    own = [one_by_one(work, [i], fixed, TYPES, REGION) for i in range(4)]
    assert [one.ec2_usd for one in bill.functions] == pytest.approx(own)
    arches = {one.arch for one in work.functions}
    groups = [[i for i in range(4) if work.functions[i].arch == arch] for arch in arches]
    shared = sum(one_by_one(work, group, fixed, TYPES, REGION) for group in groups)
    assert bill.ec2_usd == pytest.approx(shared)
    mixes = [
        on_lambda(work, stays, free_tier) + sum(own[i] for i in range(4) if i not in stays)
        for size in range(5)
        for stays in itertools.combinations(range(4), size)
    ]
    assert bill.mix_usd == pytest.approx(min(mixes))


def on_lambda(work: costs.Month, stays: tuple[int, ...], free_tier: bool) -> float:
    """Return the bill of the functions on Lambda, below the second tier."""
    gb_seconds, calls = {"x86_64": 0.0, "arm64": 0.0}, 0.0
    for i in stays:
        one = work.functions[i]
        for n, ms in zip(work.invocations[i], work.duration_ms[i], strict=True):
            billed = n * math.ceil(ms / n - 1e-9) if n else 0
            gb_seconds[one.arch] += billed / 1000 * one.memory_mb / 1024
            calls += n
    free = 400_000 if free_tier else 0
    usd = max(calls - (1e6 if free_tier else 0), 0) * 0.2e-6
    for arch, used in gb_seconds.items():
        paid = max(used - free, 0)
        free -= used - paid
        usd += paid * prices.lambda_price(REGION, arch).usd_per_gb_s
    return usd


def test_with_many_functions_the_mix_is_still_the_cheapest() -> None:
    chance = random.Random(1)
    calls = [[round(10 ** chance.uniform(1, 5))] * 48 for _ in range(40)]
    work = month([(512, "arm64")] * 40, calls, [[200]] * 40)
    bill = costs.month_bill(work, region=REGION, instances=["t4g.micro"])
    for change in range(40):  # no function gains by moving the other way
        moved = {i for i, one in enumerate(bill.functions) if one.moves} ^ {change}
        stays = tuple(i for i in range(40) if i not in moved)
        other = on_lambda(work, stays, True) + sum(bill.functions[i].ec2_usd for i in moved)
        assert bill.mix_usd <= other + 1e-9


def test_credits_carry_a_peak_and_what_is_owed_is_charged() -> None:
    two = np.full((1, 48), 2.0)
    baseline = np.array([0.4])  # a t3.medium: 20% of two vCPUs
    used = np.zeros((1, 48))
    used[0, 30] = 19.2  # all that 24 hours of two instances earn
    assert surplus_vcpu_hours(used, two, baseline).sum() == 0
    used[0, 30] += 21
    charged = surplus_vcpu_hours(used, two, baseline)[0]
    assert charged[30] == pytest.approx(21 - 19.2 - 0.8)
    assert charged[-1] == pytest.approx(19.2 - 17 * 0.8)
    assert charged.sum() == pytest.approx(charged[30] + charged[-1])


def test_credits_go_with_the_instances_that_go() -> None:
    used = np.array([[3.0, 0.0, 0.0, 0.0]])
    count = np.array([[4.0, 4.0, 2.0, 2.0]])
    charged = surplus_vcpu_hours(used, count, np.array([0.25]))[0]
    assert charged.tolist() == [0, 0, 0.5, 0]


def test_averages_hide_what_peaks_cost_on_a_fixed_fleet() -> None:
    calls = [[1e6 if hour % 24 == 12 else 1e4 for hour in range(720)]]
    bill = costs.month_bill(month([(1769, "x86_64")], calls, [[200]]), region=REGION, fixed=True)
    assert bill.averages_usd < bill.ec2_usd / 5
    assert "less than hour by hour" in bill.error_sentence
    low, high = bill.lambda_range_usd
    assert low <= bill.lambda_usd <= high
    assert high - low == pytest.approx(
        sum(calls[0]) / 1000 * 1769 / 1024 * prices.lambda_price(REGION, "x86_64").usd_per_gb_s
    )


def test_what_cannot_be_priced_is_refused() -> None:
    work = month([(10_240, "arm64")], [[1e4] * 24], [[200]])
    with pytest.raises(costs.TooSmall, match=r"10,240 MB \(f0\)"):
        costs.month_bill(work, region=REGION, instances=["t4g.nano"])
    with pytest.raises(prices.UnknownPrice, match="u7i"):
        costs.month_bill(work, region=REGION, instances=["u7i.large"])
    with pytest.raises(prices.UnknownPrice, match="nowhere-1"):
        costs.month_bill(work, region="nowhere-1")
    vast = month([(10_240, "x86_64")], [[4e6] * 744], [[1000]])
    with pytest.raises(prices.UnknownPrice, match=r"GB-second .* beyond the first 6,000,000,000"):
        costs.month_bill(vast, region="af-south-1")
    with pytest.raises(ValueError, match="credits hour by hour"):
        costs.month_bill(work, region=REGION, burst_baseline=True)
    with pytest.raises(ValueError, match="fixed must be True or False"):
        costs.month_bill(work, region=REGION, fixed="yes")  # type: ignore[arg-type]  # the point


def timed() -> tuple[costs.MonthBill, float]:
    """Return the example month's bill, and the CPU seconds that reading and pricing took."""
    before = time.process_time()
    bill = costs.month_bill(costs.example_month(), region="us-east-1")
    return bill, time.process_time() - before


def test_the_verdict_names_the_cheapest_way_first_and_a_month_takes_under_a_second() -> None:
    bill, seconds = timed()
    assert min(seconds, *(timed()[1] for _ in range(2 if seconds > 1 else 0)), math.inf) < 1
    least = min(bill.lambda_usd, bill.ec2_usd, bill.mix_usd)
    assert bill.sentence.split(";")[0].endswith(costs.human_usd(least))
    assert bill.mix_usd <= bill.lambda_usd
    assert len(bill.functions) == 14
    assert sum(one.lambda_usd for one in bill.functions) == pytest.approx(bill.lambda_usd)
