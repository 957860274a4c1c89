"""What a panel offers: regions with prices of both sides, and their common instance types."""

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
