"""What a panel offers: regions with prices of both sides, and their common instance types."""

import math

from lambdadeck import prices

_HOME = "eu-west-1"  # its table lists the common families; all 1,340 types are too many for a menu


def priced_regions() -> list[str]:
    """Return the regions with prices of both Lambda and EC2."""
    sold = prices.instance_types()
    return [region for region in prices.regions() if region in sold]


def common_instances(region: str) -> list[str]:
    """Return the common instance types that the region sells; LookupError if it is unknown."""
    sold = prices.instance_types()
    if region not in sold:
        known = ", ".join(sorted(sold))
        raise prices.UnknownPrice(f"No EC2 prices for {region!r}. Known: {known}.")
    return sorted(sold[_HOME] & sold[region])


def stand_in(instance: str, region: str) -> str:
    """Return the common type, or where the region does not sell it the cheapest that is as large.

    A burstable type stands in for its kind alone; the largest does if none is as large. LookupError
    for an unknown region or a type that is not common.
    """
    offered = common_instances(region)
    if instance in offered:
        return instance
    wanted = prices.ec2_price(_HOME, instance)
    rows = [prices.ec2_price(region, name) for name in offered]
    large = [
        row
        for row in rows
        if row.vcpu >= wanted.vcpu and row.memory_gib >= wanted.memory_gib
        if math.isnan(row.burst_baseline_per_vcpu) or not math.isnan(wanted.burst_baseline_per_vcpu)
    ]
    if large:
        return min(large, key=lambda row: row.usd_per_hour).instance_type
    return max(rows, key=lambda row: (row.vcpu, row.memory_gib)).instance_type
