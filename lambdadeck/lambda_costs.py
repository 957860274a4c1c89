"""What a month of Lambda costs: pure functions, vectorised."""

import datetime as dt
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from lambdadeck.charges import Numbers, charge, checked, plain, positive, rounded_up, tiered
from lambdadeck.prices import LambdaPrice, lambda_price, unit_price

HOURS_A_MONTH = 730  # 365 * 24 / 12: the month of AWS's pricing calculator
FREE_REQUESTS = 1e6  # a month (AWS Lambda pricing page)
FREE_GB_SECONDS = 400_000.0  # a month (AWS Lambda pricing page)
FREE_EPHEMERAL_MB = 512.0  # included in every function (AWS Lambda pricing page)
FULL_VCPU_MB = 1769.0  # the memory at which a function has one vCPU (AWS Lambda developer guide)


@dataclass(frozen=True, eq=False)
class LambdaBill:
    """A month of Lambda in US dollars: floats, or arrays of the inputs' common shape.

    `duration_usd` holds the on-demand GB-seconds, INIT included;
    `provisioned_usd` the reservation and the duration on it.
    `gb_seconds` are the on-demand ones before the free tier. NaN marks an unknown price.
    """

    requests_usd: float | np.ndarray
    duration_usd: float | np.ndarray
    ephemeral_usd: float | np.ndarray
    provisioned_usd: float | np.ndarray
    front_usd: float | np.ndarray
    total_usd: float | np.ndarray
    gb_seconds: float | np.ndarray
    region: str
    arch: str
    free_tier: bool
    source: str
    as_of: dt.date


class LambdaOptions(TypedDict, total=False):
    """The options of `lambda_bill`, by name."""

    free_tier: bool
    rounding_ms: float
    init_ms: Numbers
    init_share: Numbers
    ephemeral_mb: Numbers
    provisioned_concurrency: Numbers
    provisioned_hours: Numbers
    provisioned_share: Numbers
    front: str | float | None
    price: LambdaPrice | None


def lambda_bill(
    requests: Numbers,
    duration_ms: Numbers,
    memory_mb: Numbers,
    *,
    region: str,
    arch: str,
    free_tier: bool = False,
    rounding_ms: float = 1.0,
    init_ms: Numbers = 0.0,
    init_share: Numbers = 0.0,
    ephemeral_mb: Numbers = FREE_EPHEMERAL_MB,
    provisioned_concurrency: Numbers = 0.0,
    provisioned_hours: Numbers = HOURS_A_MONTH,
    provisioned_share: Numbers = 1.0,
    front: str | float | None = None,
    price: LambdaPrice | None = None,
) -> LambdaBill:
    """What `requests` invocations a month of `duration_ms` at `memory_mb` cost."""
    if free_tier and np.any(np.asarray(provisioned_concurrency) > 0):
        raise ValueError(
            "The free tier does not apply to a function with provisioned concurrency: choose one."
        )
    price = price or lambda_price(region, arch)
    use = _use(
        checked("requests", requests),
        checked("duration_ms", duration_ms),
        positive("memory_mb", memory_mb) / 1024,
        checked("init_ms", init_ms),
        checked("init_share", init_share, most=1),
        float(positive("rounding_ms", rounding_ms)),
        (checked("ephemeral_mb", ephemeral_mb, least=FREE_EPHEMERAL_MB) - FREE_EPHEMERAL_MB) / 1024,
        checked("provisioned_concurrency", provisioned_concurrency),
        checked("provisioned_hours", provisioned_hours),
        checked("provisioned_share", provisioned_share, most=1),
    )
    parts = _parts(use, price, free_tier) | {"front_usd": front_charge(use.requests, front, region)}
    return LambdaBill(
        **{name: plain(part) for name, part in parts.items()},
        total_usd=plain(sum(parts.values())),
        gb_seconds=plain(use.on_demand_gb_s),
        region=price.region,
        arch=price.arch,
        free_tier=free_tier,
        source=price.source,
        as_of=price.as_of,
    )


@dataclass(frozen=True, eq=False)
class _Use:
    """What a month uses, arrays of one shape."""

    requests: np.ndarray
    on_demand_gb_s: np.ndarray
    provisioned_gb_s: np.ndarray
    reserved_gb_s: np.ndarray
    ephemeral_gb_s: np.ndarray


def _use(requests, duration_ms, gb, init_ms, init_share, step, extra_gb, warm, hours, share) -> _Use:
    warm_ms = rounded_up(duration_ms, step)
    cold_ms = rounded_up(duration_ms + init_ms, step)  # Lambda rounds the sum, once
    seconds = requests * (warm_ms + init_share * (cold_ms - warm_ms)) / 1000
    provisioned = np.where(warm > 0, share, 0.0)
    return _Use(
        *np.broadcast_arrays(
            requests,
            seconds * gb * (1 - provisioned),
            seconds * gb * provisioned,
            warm * hours * 3600 * gb,
            seconds * extra_gb,
        )
    )


def _parts(use: _Use, price: LambdaPrice, free_tier: bool) -> dict[str, np.ndarray]:
    where = f"in {price.region} ({price.arch})"
    paid_requests = np.maximum(use.requests - FREE_REQUESTS * free_tier, 0)
    paid_gb_s = np.maximum(use.on_demand_gb_s - FREE_GB_SECONDS * free_tier, 0)
    tiers = tuple(zip((0.0, *price.tier_bounds_gb_s), price.usd_per_gb_s_tiers, strict=True))
    return {
        "requests_usd": charge(
            paid_requests / 1e6, price.usd_per_million_requests, f"a million Lambda requests {where}"
        ),
        "duration_usd": tiered(paid_gb_s, tiers, f"a Lambda GB-second {where}"),
        "ephemeral_usd": charge(
            use.ephemeral_gb_s, price.usd_per_gb_s_ephemeral, f"ephemeral storage {where}"
        ),
        "provisioned_usd": charge(
            use.reserved_gb_s, price.usd_per_gb_s_provisioned, f"provisioned concurrency {where}"
        )
        + charge(
            use.provisioned_gb_s,
            price.usd_per_gb_s_duration_provisioned,
            f"a GB-second on provisioned concurrency {where}",
        ),
    }


def front_charge(requests: np.ndarray, front: str | float | None, region: str) -> np.ndarray:
    """What stands in front of a service costs for `requests` a month, in US dollars.

    `front`: None, the name of an item of `prices.unit_price` ("http-api", "rest-api",
    "function-url"; LookupError when its price is unknown), or your own US dollars per million.
    """
    if front is None:
        return np.zeros(np.shape(requests))
    if isinstance(front, str):
        return tiered(requests / 1e6, unit_price(front, region).tiers, f"{front} in {region}")
    return requests / 1e6 * checked("front", front)
