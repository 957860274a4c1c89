"""Both bills of one workload in plain floats: quick, and the twin of assets/deck/js/costs.js."""

import math

from lambdadeck.costs.arithmetic import Tiers, tier_parts
from lambdadeck.costs.lambda_bill import (
    ALB_CONNECTIONS,
    FREE_GB_SECONDS,
    FREE_REQUESTS,
    FULL_VCPU_MB,
    HOURS_A_MONTH,
)
from lambdadeck.costs.workload import Workload
from lambdadeck.prices import UnknownPrice, ec2_price, lambda_price, unit_price

_NOISE = 1 - 1e-12  # float noise must not start an instance or a millisecond


def lambda_usd(work: Workload) -> float:
    """Return a month of Lambda in US dollars; LookupError for an unknown price."""
    price, requests = lambda_price(work.region, work.arch), work.requests
    gb_seconds = requests * math.ceil(work.duration_ms * _NOISE) / 1000 * (work.memory_mb / 1024)
    free = 1 if work.free_tier else 0
    rest = max(gb_seconds - FREE_GB_SECONDS * free, 0)
    duration = _tiered(rest, price.tiers)
    paid = max(requests - FREE_REQUESTS * free, 0)
    return (
        _charge(paid / 1e6, price.usd_per_million_requests)
        + duration * (1 - work.lambda_discount)
        + front_usd(work.lambda_front, requests, work.region)
    )


def ec2_usd(work: Workload) -> float:
    """Return a month of EC2 in US dollars; inf if the instance cannot hold a request."""
    row = ec2_price(work.region, work.instance)
    works_on = row.vcpu / (work.memory_mb / FULL_VCPU_MB) / work.cpu_share
    serves = min(works_on, math.floor(row.memory_gib * 1024 / work.memory_mb))
    busy = work.requests * work.duration_ms / 1000 / (HOURS_A_MONTH * 3600)
    if busy and not serves:
        return math.inf
    needed = math.ceil(busy * work.peak_factor / work.utilization * _NOISE / serves) if busy else 0
    instances = max(needed, math.ceil(work.zones))
    usd = instances * HOURS_A_MONTH * row.usd_per_hour * (1 - work.ec2_discount)
    if not math.isnan(row.burst_baseline_per_vcpu):
        above = max(busy / works_on - instances * row.burst_baseline_per_vcpu, 0) * row.vcpu
        usd += above * HOURS_A_MONTH * row.surplus_usd_per_vcpu_hour
    return usd + front_usd(work.ec2_front, work.requests, work.region)


def front_usd(front: str, requests: float, region: str) -> float:
    """Return US dollars for what stands in front; LookupError for an unknown price."""
    if front in ("none", "function-url"):
        return 0.0
    if front == "alb":
        hour, lcu = (unit_price(f"alb-{item}", region).tiers[0][1] for item in ("hour", "lcu-hour"))
        return HOURS_A_MONTH * (hour + lcu * max(requests / ALB_CONNECTIONS, 1))
    return _tiered(requests / 1e6, unit_price(front, region).tiers)


def _tiered(quantity: float, tiers: Tiers) -> float:
    return sum(_charge(part, usd) for part, usd in tier_parts(quantity, tiers))


def _charge(quantity: float, usd: float) -> float:
    if math.isnan(usd) and quantity > 0:
        raise UnknownPrice("A price is unknown.")
    return quantity * usd if quantity else 0.0
