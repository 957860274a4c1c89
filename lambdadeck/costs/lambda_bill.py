"""The cost of a month of Lambda: pure functions, vectorized."""

import datetime as dt
from dataclasses import KW_ONLY, dataclass, fields, replace
from typing import Any

import numpy as np

from lambdadeck.costs.arithmetic import (
    Amount,
    Floats,
    Numbers,
    charge,
    checked,
    flag,
    plain,
    positive,
    rounded_up,
    tiered,
    total,
)
from lambdadeck.costs.fronts import alb_usd
from lambdadeck.costs.limits import (
    FREE_EPHEMERAL_MB,
    FREE_GB_SECONDS,
    FREE_REQUESTS,
    HOURS_A_MONTH,
    HOURS_OF_LONGEST_MONTH,
    MEMORY_MB,
    MOST_EPHEMERAL_MB,
    MOST_MS,
)
from lambdadeck.prices import LambdaPrice, lambda_price, unit_price


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


@dataclass(frozen=True, eq=False)
class LambdaOptions:
    """Options of `lambda_bill`: numbers, or arrays that broadcast."""

    # AWS's monthly allowance: on demand, and not for a function with provisioned concurrency.
    free_tier: bool = False
    rounding_ms: float = 1.0  # 100 in 2017
    init_ms: Numbers = 0.0
    init_share: Numbers = 0.0  # of the requests: these pay `init_ms` of INIT
    ephemeral_mb: Numbers = FREE_EPHEMERAL_MB  # costs above 512
    provisioned_concurrency: Numbers = 0.0  # environments kept warm
    provisioned_hours: Numbers = HOURS_A_MONTH
    provisioned_share: Numbers = 1.0  # of the requests: those environments serve them, if they can
    discount: Numbers = 0.0  # 0.12 is 12% off duration and provisioned concurrency (Savings Plans)
    front: str | float | None = None  # see `front_charge`
    price: LambdaPrice | None = None  # replaces the table's (`prices.history_2017()`)


def lambda_bill(
    requests: Numbers,
    duration_ms: Numbers,
    memory_mb: Numbers,
    *,
    region: str,
    arch: str,
    **options: Any,
) -> LambdaBill:
    """Price a month of `requests` invocations of `duration_ms` each at `memory_mb`.

    GB-seconds = requests * ((1 - s) * up(d) + s * up(d + init)) / 1000 * memory / 1024, where `up`
    rounds to the next `rounding_ms` and s is `init_share`. They are priced by the month's tiers
    (AWS Lambda pricing page). `options` are the fields of `LambdaOptions`.

    Numbers or arrays that broadcast. LookupError names an unknown region, architecture or price
    that the bill needs (in arrays: NaN in that element); ValueError for what AWS refuses, such
    as 1 MB of memory or 20 minutes.
    """
    given = LambdaOptions(**options)
    use = _use(requests, duration_ms, memory_mb, given)
    front_usd = front_charge(use.requests, given.front, region)
    return _bill(use, given.price or lambda_price(region, arch), given, front_usd)


def account_bill(
    requests: Numbers,
    duration_ms: Numbers,
    memory_mb: Numbers,
    *,
    region: str,
    arch: str,
    **options: Any,
) -> LambdaBill:
    """Price the functions of one account together: one free tier, and tiers of their sum.

    Arguments are those of `lambda_bill`, with a function an element.
    """
    given = LambdaOptions(**options)
    each = _use(requests, duration_ms, memory_mb, given)
    use = _Use(*(np.asarray(np.sum(getattr(each, one.name))) for one in fields(each)))
    shared = {
        "free_requests": np.minimum(use.free_requests, FREE_REQUESTS),
        "free_gb_seconds": np.minimum(use.free_gb_seconds, FREE_GB_SECONDS),
    }
    use = replace(use, **shared)
    front_usd = front_charge(use.requests, given.front, region)
    return _bill(use, given.price or lambda_price(region, arch), given, front_usd)


def front_charge(requests: Floats, front: str | float | None, region: str) -> Floats:
    """Price what stands in front of a service for `requests` a month, in US dollars.

    `front`: None, an item of `prices.unit_price` ("http-api", "rest-api", "function-url";
    LookupError if its price is unknown), "alb", or your own US dollars per million requests.
    """
    if front is None:
        return np.zeros(np.shape(requests))
    if front == "alb":
        return alb_usd(requests, region)
    if isinstance(front, str):
        row = unit_price(front, region)
        if row.unit != "1M requests":
            raise ValueError(f"front must be priced by requests, and {front} is by {row.unit}.")
        tiers = row.tiers
        return tiered(requests / 1e6, tiers, f"a million requests to {front} in {region}")
    return requests / 1e6 * checked("front", front)


@dataclass(frozen=True, eq=False)
class _Use:
    """What a month uses, in arrays of one shape."""

    requests: Floats
    provisioned_requests: Floats
    free_requests: Floats
    gb_seconds: Floats
    free_gb_seconds: Floats
    provisioned_gb_seconds: Floats
    reserved_gb_seconds: Floats
    ephemeral_gb_seconds: Floats


def _use(requests: Numbers, duration_ms: Numbers, memory_mb: Numbers, given: LambdaOptions) -> _Use:
    requests = checked("requests", requests)
    gb = checked("memory_mb", memory_mb, least=MEMORY_MB[0], most=MEMORY_MB[1]) / 1024
    ephemeral_mb = checked(
        "ephemeral_mb", given.ephemeral_mb, least=FREE_EPHEMERAL_MB, most=MOST_EPHEMERAL_MB
    )
    environments = checked("provisioned_concurrency", given.provisioned_concurrency)
    hours = checked("provisioned_hours", given.provisioned_hours, most=HOURS_OF_LONGEST_MONTH)
    kept = environments * hours * 3600
    seconds = requests * billed_seconds(duration_ms, given)
    warm = _provisioned(seconds, kept, given)
    on_demand = requests * (1 - warm)
    # A function with provisioned concurrency has no free tier (AWS Lambda pricing page).
    free = flag("free_tier", given.free_tier) * (environments == 0)
    amounts = (
        requests,
        requests * warm,
        np.minimum(on_demand, FREE_REQUESTS) * free,
        seconds * gb * (1 - warm),
        np.minimum(seconds * gb * (1 - warm), FREE_GB_SECONDS) * free,
        seconds * gb * warm,
        kept * gb,
        seconds * (ephemeral_mb - FREE_EPHEMERAL_MB) / 1024,
    )
    return _Use(*np.broadcast_arrays(*amounts))


def billed_seconds(duration_ms: Numbers, given: LambdaOptions) -> Floats:
    """Return the billed seconds of a request, with its share of INIT."""
    step = float(positive("rounding_ms", given.rounding_ms))
    duration_ms = checked("duration_ms", duration_ms, most=MOST_MS)
    init_ms = checked("init_ms", given.init_ms, most=MOST_MS)
    init_share = checked("init_share", given.init_share, most=1)
    warm_ms = rounded_up(duration_ms, step)
    # Lambda rounds INIT and duration once, together, not each.
    cold_ms = rounded_up(duration_ms + init_ms, step)
    return (warm_ms + init_share * (cold_ms - warm_ms)) / 1000


def _provisioned(seconds: Floats, kept: Floats, given: LambdaOptions) -> Floats:
    """Return the share of the requests that fits the seconds of the environments kept warm."""
    share = checked("provisioned_share", given.provisioned_share, most=1) * (kept > 0)
    every = np.ones(np.broadcast(kept, seconds).shape)
    with np.errstate(over="ignore"):
        return np.minimum(share, np.divide(kept, seconds, out=every, where=seconds > 0))


def _bill(use: _Use, price: LambdaPrice, given: LambdaOptions, front_usd: Floats) -> LambdaBill:
    requests, duration, ephemeral, provisioned = _charges(use, price)
    rate = 1 - checked("discount", given.discount, most=1)
    parts = (requests, duration * rate, ephemeral, provisioned * rate, front_usd)
    return LambdaBill(
        *map(plain, (*parts, total(parts), use.gb_seconds)),
        region=price.region,
        arch=price.arch,
        free_tier=given.free_tier,
        source=price.source,
        as_of=price.as_of,
    )


def _charges(use: _Use, price: LambdaPrice) -> tuple[Floats, ...]:
    """Return US dollars for requests, duration, ephemeral storage, provisioned concurrency."""
    here = f"on Lambda in {price.region} ({price.arch})"
    paid = use.requests - use.free_requests
    gb_seconds = use.gb_seconds - use.free_gb_seconds
    storage, kept = price.usd_per_gb_s_ephemeral, price.usd_per_gb_s_provisioned
    served = price.usd_per_gb_s_duration_provisioned
    warm = f"provisioned concurrency {here}"
    return (
        charge(paid / 1e6, price.usd_per_million_requests, f"a million requests {here}"),
        tiered(gb_seconds, price.tiers, f"a GB-second {here}"),
        charge(use.ephemeral_gb_seconds, storage, f"a GB-second of ephemeral storage {here}"),
        charge(use.reserved_gb_seconds, kept, f"a GB-second of {warm}")
        + charge(use.provisioned_gb_seconds, served, f"a GB-second of duration on {warm}"),
    )
