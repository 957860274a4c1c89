"""Quantities times prices: checked numbers in, dollars out, and unknown stays unknown."""

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from lambdadeck.prices import UnknownPrice

Numbers: TypeAlias = float | Sequence[float] | np.ndarray
Tiers: TypeAlias = Sequence[tuple[float, float]]


def checked(name: str, value: Numbers, *, least: float = 0.0, most: float = math.inf) -> np.ndarray:
    """`value` as float64; ValueError when any of it is no finite number or outside least..most."""
    try:
        numbers = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number or numbers, not {value!r}.") from None
    if not np.all(np.isfinite(numbers)):
        raise ValueError(f"{name} must be finite, not {value!r}.")
    if np.any(numbers < least) or np.any(numbers > most):
        limits = f"at least {least:g}" if most == math.inf else f"between {least:g} and {most:g}"
        raise ValueError(f"{name} must be {limits}, not {value!r}.")
    return numbers


def positive(name: str, value: Numbers, *, most: float = math.inf) -> np.ndarray:
    """`value` as float64; ValueError when any of it is no finite number, zero or below, or above `most`."""
    numbers = checked(name, value, most=most)
    if np.any(numbers == 0):
        raise ValueError(f"{name} must be above zero, not {value!r}.")
    return numbers


def charge(quantity: np.ndarray, usd: float, what: str) -> np.ndarray:
    """`quantity` times `usd`; where some is used at an unknown price (NaN) the charge is NaN.

    A single quantity (no dimensions) raises LookupError naming `what` instead.
    """
    if not math.isnan(usd):
        return quantity * usd
    if quantity.ndim == 0 and quantity > 0:
        raise UnknownPrice(f"The price of {what} is unknown: the tables have none.")
    return np.where(quantity > 0, math.nan, 0.0)


def tiered(quantity: np.ndarray, tiers: Tiers, what: str) -> np.ndarray:
    """The charge for `quantity` where each tier (from, US dollars a unit) prices what lies in it."""
    ends = [start for start, _ in tiers[1:]] + [math.inf]
    total = np.zeros(np.shape(quantity))
    for (start, usd), end in zip(tiers, ends, strict=True):
        label = f"{what} beyond the first {start:,.0f} a month" if start else what
        total = total + charge(np.clip(quantity - start, 0.0, end - start), usd, label)
    return total


def rounded_up(value: np.ndarray, step: float) -> np.ndarray:
    """`value` rounded up to a multiple of `step`, forgiving float noise of one part in 10^12."""
    return np.ceil(value / step * (1 - 1e-12)) * step


def plain(value: np.ndarray) -> float | np.ndarray:
    """A Python float for a number without dimensions, else the array as it is."""
    return float(value) if np.ndim(value) == 0 else value
