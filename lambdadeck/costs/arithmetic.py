"""Quantities times prices: checked numbers in, US dollars out; an unknown price stays unknown."""

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from lambdadeck.costs.tiers import Tiers, tier_name, unknown

Floats: TypeAlias = NDArray[np.float64]
Numbers: TypeAlias = float | Sequence[float] | Floats
Amount: TypeAlias = float | Floats  # a float for single numbers, an array for arrays


def checked(name: str, value: Numbers, *, least: float = 0.0, most: float = math.inf) -> Floats:
    """Return `value` as float64; ValueError if any is not a finite number within least..most."""
    # The usual case, without numpy's overhead.
    is_bool = isinstance(value, bool)
    if isinstance(value, float | int) and not is_bool and least <= value <= most and value < 1e308:
        return np.asarray(value, dtype=np.float64)
    try:
        is_number = np.asarray(value).dtype.kind not in "bcSU"  # True, "2": a mistake, not a number
        numbers = np.asarray(value, dtype=np.float64) if is_number else None
    except (TypeError, ValueError):
        numbers = None
    if numbers is None:
        raise ValueError(f"{name} must be a number or numbers, not {value!r}.")
    if not np.all(np.isfinite(numbers)):
        raise ValueError(f"{name} must be finite, not {value!r}.")
    if np.any(numbers < least) or np.any(numbers > most):
        limits = f"at least {least:g}" if most == math.inf else f"between {least:g} and {most:g}"
        raise ValueError(f"{name} must be {limits}, not {value!r}.")
    return numbers


def positive(name: str, value: Numbers, *, most: float = math.inf) -> Floats:
    """Return `value` as float64; ValueError if any is not a finite number above 0, up to `most`."""
    numbers = checked(name, value, most=most)
    if np.any(numbers == 0):
        raise ValueError(f"{name} must be above zero, not {value!r}.")
    return numbers


def flag(name: str, value: object) -> bool:
    """Return `value`; ValueError if it is not True or False."""
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be True or False, not {value!r}.")
    return value


def charge(quantity: Floats, usd: float, what: str) -> Floats:
    """Return `quantity` times `usd`; NaN where some is used at an unknown price (NaN).

    A single quantity (no dimensions) raises LookupError naming `what` instead.
    """
    if not math.isnan(usd):
        return quantity * usd
    if quantity.ndim == 0 and quantity > 0:
        raise unknown(what)
    return np.where(quantity > 0, math.nan, 0.0)


def tiered(quantity: Floats, tiers: Tiers, what: str) -> Floats:
    """Return the charge for `quantity`; each tier (from, US dollars a unit) prices its own part."""
    ends = [start for start, _ in tiers[1:]] + [math.inf]
    total = np.zeros(np.shape(quantity))
    for (start, usd), end in zip(tiers, ends, strict=True):
        part = np.clip(quantity - start, 0.0, end - start)
        # Float noise at a tier's start must not need its price.
        used = np.where(part > 1e-9 * start, part, 0.0)
        total = total + charge(used, usd, tier_name(what, start))
    return total


def total(parts: Sequence[Floats]) -> Floats:
    """Return the sum of arrays that broadcast."""
    return sum(parts, np.zeros(()))


def rounded_up(value: Floats, step: float) -> Floats:
    """Round up to a multiple of `step`, forgiving float noise of one part in 10^12."""
    return np.ceil(value / step * (1 - 1e-12)) * step


def plain(value: Floats) -> Amount:
    """Return a Python float if `value` has no dimensions, else `value` itself."""
    return float(value) if np.ndim(value) == 0 else value


def single(value: Numbers) -> float:
    """Return a single number as a float; TypeError for several."""
    return float(np.asarray(value, dtype=np.float64))
