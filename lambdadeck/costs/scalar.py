"""Both bills of one workload in plain floats: quick, and the twin of assets/deck/js/costs.js."""

import math
from dataclasses import dataclass

from lambdadeck.costs.fronts import front_usd
from lambdadeck.costs.limits import (
    FREE_GB_SECONDS,
    FREE_REQUESTS,
    FULL_VCPU_MB,
    HOURS_A_MONTH,
    SECONDS_A_MONTH,
)
from lambdadeck.costs.tiers import single_charge, single_tiered
from lambdadeck.costs.workload import Workload
from lambdadeck.prices import Ec2Price, LambdaPrice, ec2_price, lambda_price

NOISE = 1 - 1e-12  # float noise must not start an instance or a millisecond


class TooSmall(ValueError):  # noqa: N818 (named like UnknownPrice)
    """Raised for an instance that cannot hold a request; the message says so."""

    @classmethod
    def of(cls, row: Ec2Price, memory_mb: float) -> "TooSmall":
        """Return the error for a request of a size."""
        has = f"{row.instance_type} has {row.memory_gib:g} GiB of memory"
        return cls(f"{has} and cannot hold a request of {memory_mb:,.0f} MB: choose a larger type.")


@dataclass(frozen=True)
class Fleet:
    """A month of instances in US dollars: what they cost, and what they use above baselines."""

    instances: float
    busy: float  # share of their capacity that the average load uses
    compute_usd: float
    surplus_usd: float

    @property
    def usd(self) -> float:
        """Return the sum."""
        return self.compute_usd + self.surplus_usd


def gb_seconds(work: Workload) -> float:
    """Return the billed GB-seconds of a month."""
    return work.requests * math.ceil(work.duration_ms * NOISE) / 1000 * (work.memory_mb / 1024)


def lambda_usd(work: Workload) -> float:
    """Return a month of Lambda in US dollars; LookupError for an unknown price."""
    front = front_usd(work.lambda_front, work.requests, work.region)
    return functions_usd(work, lambda_price(work.region, work.arch)) + front


def functions_usd(work: Workload, price: LambdaPrice) -> float:
    """Return a month of Lambda without what stands in front."""
    here = f"on Lambda in {price.region} ({price.arch})"
    free = 1 if work.free_tier else 0
    rest = max(gb_seconds(work) - FREE_GB_SECONDS * free, 0)
    paid = max(work.requests - FREE_REQUESTS * free, 0)
    requests = single_charge(
        paid / 1e6, price.usd_per_million_requests, f"a million requests {here}"
    )
    duration = single_tiered(rest, price.tiers, f"a GB-second {here}")
    return requests + duration * (1 - work.lambda_discount)


def ec2_usd(work: Workload) -> float:
    """Return a month of EC2 in US dollars; `TooSmall`, or LookupError for an unknown price."""
    usd = fleet(work, ec2_price(work.region, work.instance)).usd
    return usd + front_usd(work.ec2_front, work.requests, work.region)


def room(work: Workload, row: Ec2Price) -> tuple[float, float]:
    """Return how many requests an instance's CPUs work on at once, and how many it serves."""
    works_on = row.vcpu / (work.memory_mb / FULL_VCPU_MB) / work.cpu_share
    return works_on, min(works_on, math.floor(row.memory_gib * 1024 / work.memory_mb))


def average(work: Workload) -> float:
    """Return the average number of requests under way (Little's law)."""
    return work.requests * work.duration_ms / 1000 / SECONDS_A_MONTH


def fleet(work: Workload, row: Ec2Price) -> Fleet:
    """Return a month of instances without what stands in front."""
    (works_on, serves), busy = room(work, row), average(work)
    if busy and not serves:
        raise TooSmall.of(row, work.memory_mb)
    needed = math.ceil(busy * work.peak_factor / work.utilization * NOISE / serves) if busy else 0
    instances = max(needed, math.ceil(work.zones))
    compute = instances * HOURS_A_MONTH * row.usd_per_hour * (1 - work.ec2_discount)
    surplus = 0.0
    if not math.isnan(row.burst_baseline_per_vcpu):
        above = max(busy / works_on - instances * row.burst_baseline_per_vcpu, 0) * row.vcpu
        surplus = above * HOURS_A_MONTH * row.surplus_usd_per_vcpu_hour
    used = busy / (instances * serves) if busy else 0.0
    return Fleet(instances, used, compute, surplus)
