"""Prices by tiers, and the words for a price that is unknown."""

import math
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from lambdadeck.prices import UnknownPrice

Tiers: TypeAlias = Sequence[tuple[float, float]]


def unknown(what: str) -> UnknownPrice:
    """Return the error that names an unknown price."""
    return UnknownPrice(f"The price of {what} is unknown: the tables have none.")


def tier_name(what: str, start: float) -> str:
    """Return in words the tier that starts there."""
    return f"{what} beyond the first {start:,.0f} a month" if start else what


def tier_parts(quantity: float, tiers: Tiers) -> Iterator[tuple[float, float]]:
    """Yield the part of a quantity in each tier, and the tier's price; the twin of `tiered`."""
    ends = [start for start, _ in tiers[1:]] + [math.inf]
    for (start, usd), end in zip(tiers, ends, strict=True):
        part = min(max(quantity - start, 0.0), end - start)
        # Float noise at a tier's start must not need its price.
        yield part if part > 1e-9 * start else 0.0, usd


def single_charge(quantity: float, usd: float, what: str) -> float:
    """Return quantity times price; LookupError if some is used at an unknown price (NaN)."""
    if math.isnan(usd) and quantity > 0:
        raise unknown(what)
    return quantity * usd if quantity else 0.0


def single_tiered(quantity: float, tiers: Tiers, what: str) -> float:
    """Return the charge for a quantity by tiers; LookupError names a tier of unknown price."""
    parts = zip(tier_parts(quantity, tiers), tiers, strict=True)
    return sum(
        single_charge(part, usd, tier_name(what, start) if math.isnan(usd) else what)
        for (part, usd), (start, _) in parts
    )
