"""The cost of a month of Lambda: pure functions, vectorized."""

import datetime as dt
from dataclasses import KW_ONLY, dataclass
from typing import TypedDict

import numpy as np

from lambdadeck.costs.arithmetic import (
    Amount,
    Floats,
    Numbers,
    charge,
    checked,
    plain,
    positive,
    rounded_up,
    tiered,
    total,
)
from lambdadeck.prices import LambdaPrice, lambda_price, unit_price

HOURS_A_MONTH = 730  # 365 * 24 / 12: the month of AWS's pricing calculator
FREE_REQUESTS = 1e6  # a month (AWS Lambda pricing page)
FREE_GB_SECONDS = 400_000.0  # a month (AWS Lambda pricing page)
FREE_EPHEMERAL_MB = 512.0  # included in every function (AWS Lambda pricing page)
FULL_VCPU_MB = 1769.0  # the memory at which a function has one vCPU (AWS Lambda developer guide)


@dataclass(frozen=True, eq=False)
class LambdaBill:
    """A month of Lambda in US dollars: floats, or arrays of the inputs' common shape.

    `duration_usd` holds the on-demand GB-seconds, INIT included; `provisioned_usd` the environments
    kept warm and the duration on them; the parts add up to `total_usd`. `gb_seconds` are the
    on-demand ones before the free tier. NaN marks an amount that needs an unknown price.
    """

    requests_usd: Amount
    duration_usd: Amount
    ephemeral_usd: Amount
    provisioned_usd: Amount
    front_usd: Amount
    total_usd: Amount
    gb_seconds: Amount
    _: KW_ONLY
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
    """Price a month of `requests` invocations of `duration_ms` each at `memory_mb`.

    GB-seconds = requests * ((1 - s) * up(d) + s * up(d + init)) / 1000 * memory / 1024, where `up`
    rounds to the next `rounding_ms` (1; 100 in 2017) and s is the `init_share` of requests that
    pay `init_ms` of INIT. They are priced by the month's tiers (AWS Lambda pricing page).
    `free_tier` takes AWS's monthly allowance off on-demand use only. Ephemeral storage costs above
    512 MB. `provisioned_concurrency` environments are paid for `provisioned_hours` and serve
    `provisioned_share` of the requests. `front`: see `front_charge`. `price` replaces the table's
    (`prices.history_2017()`).

    Numbers or arrays that broadcast. LookupError names an unknown region, architecture or price
    that the bill needs (in arrays: NaN in that element); ValueError for impossible numbers, such
    as negative requests or zero memory.
    """
    step = float(positive("rounding_ms", rounding_ms))
    provisioned = provisioned_concurrency, provisioned_hours, provisioned_share
    use = _use(
        requests, duration_ms, memory_mb, step, (init_ms, init_share), ephemeral_mb, provisioned
    )
    front_usd = front_charge(use.requests, front, region)
    return _bill(use, price or lambda_price(region, arch), free_tier, front_usd)


def front_charge(requests: Floats, front: str | float | None, region: str) -> Floats:
    """Price what stands in front of a service for `requests` a month, in US dollars.

    `front`: None, an item of `prices.unit_price` ("http-api", "rest-api", "function-url";
    LookupError if its price is unknown), or your own US dollars per million requests.
    """
    if front is None:
        return np.zeros(np.shape(requests))
    if isinstance(front, str):
        tiers = unit_price(front, region).tiers
        return tiered(requests / 1e6, tiers, f"a million requests to {front} in {region}")
    return requests / 1e6 * checked("front", front)


@dataclass(frozen=True, eq=False)
class _Use:
    """What a month uses, in arrays of one shape."""

    requests: Floats
    provisioned_requests: Floats
    gb_seconds: Floats
    provisioned_gb_seconds: Floats
    reserved_gb_seconds: Floats
    ephemeral_gb_seconds: Floats


def _use(
    requests: Numbers,
    duration_ms: Numbers,
    memory_mb: Numbers,
    step: float,
    init: tuple[Numbers, Numbers],
    ephemeral_mb: Numbers,
    provisioned: tuple[Numbers, Numbers, Numbers],
) -> _Use:
    requests, duration_ms = checked("requests", requests), checked("duration_ms", duration_ms)
    gb = positive("memory_mb", memory_mb) / 1024
    extra_mb = checked("ephemeral_mb", ephemeral_mb, least=FREE_EPHEMERAL_MB) - FREE_EPHEMERAL_MB
    init_ms, init_share = checked("init_ms", init[0]), checked("init_share", init[1], most=1)
    environments = checked("provisioned_concurrency", provisioned[0])
    hours = checked("provisioned_hours", provisioned[1])
    share = np.where(environments > 0, checked("provisioned_share", provisioned[2], most=1), 0.0)
    warm_ms = rounded_up(duration_ms, step)
    # Lambda rounds INIT and duration once, together, not each.
    cold_ms = rounded_up(duration_ms + init_ms, step)
    seconds = requests * (warm_ms + init_share * (cold_ms - warm_ms)) / 1000
    amounts = (
        requests,
        requests * share,
        seconds * gb * (1 - share),
        seconds * gb * share,
        environments * hours * 3600 * gb,
        seconds * extra_mb / 1024,
    )
    return _Use(*np.broadcast_arrays(*amounts))


def _bill(use: _Use, price: LambdaPrice, free_tier: bool, front_usd: Floats) -> LambdaBill:
    parts = (
        _requests(use, price, free_tier),
        _duration(use, price, free_tier),
        _ephemeral(use, price),
        _provisioned(use, price),
        front_usd,
    )
    return LambdaBill(
        *map(plain, (*parts, total(parts), use.gb_seconds)),
        region=price.region,
        arch=price.arch,
        free_tier=free_tier,
        source=price.source,
        as_of=price.as_of,
    )


def _requests(use: _Use, price: LambdaPrice, free_tier: bool) -> Floats:
    on_demand = use.requests - use.provisioned_requests
    paid = np.maximum(on_demand - FREE_REQUESTS * free_tier, 0) + use.provisioned_requests
    return charge(paid / 1e6, price.usd_per_million_requests, _named("a million requests", price))


def _duration(use: _Use, price: LambdaPrice, free_tier: bool) -> Floats:
    tiers = tuple(zip((0.0, *price.tier_bounds_gb_s), price.usd_per_gb_s_tiers, strict=True))
    paid = np.maximum(use.gb_seconds - FREE_GB_SECONDS * free_tier, 0)
    return tiered(paid, tiers, _named("a GB-second", price))


def _ephemeral(use: _Use, price: LambdaPrice) -> Floats:
    what = _named("a GB-second of ephemeral storage", price)
    return charge(use.ephemeral_gb_seconds, price.usd_per_gb_s_ephemeral, what)


def _provisioned(use: _Use, price: LambdaPrice) -> Floats:
    what = _named("a GB-second of provisioned concurrency", price)
    reserved = charge(use.reserved_gb_seconds, price.usd_per_gb_s_provisioned, what)
    usd, what = price.usd_per_gb_s_duration_provisioned, "duration on provisioned concurrency"
    return reserved + charge(
        use.provisioned_gb_seconds, usd, _named(f"a GB-second of {what}", price)
    )


def _named(what: str, price: LambdaPrice) -> str:
    return f"{what} on Lambda in {price.region} ({price.arch})"
