"""What a month of Lambda costs: pure functions, vectorised."""

import datetime as dt
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from lambdadeck.costs.arithmetic import (
    Numbers,
    charge,
    checked,
    plain,
    positive,
    rounded_up,
    tiered,
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
    on-demand ones before the free tier. NaN marks what an unknown price leaves unknown.
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
    """What a month of `requests` invocations of `duration_ms` each at `memory_mb` costs.

    GB-seconds = requests * ((1 - s) * up(d) + s * up(d + init)) / 1000 * memory / 1024, where `up`
    rounds to the next `rounding_ms` (1; 100 in 2017) and s is the `init_share` of requests that
    pay `init_ms` of INIT. They are priced by the month's tiers (AWS Lambda pricing page).
    `free_tier` takes off what AWS gives each month, from on-demand use only. Ephemeral storage
    costs above 512 MB. `provisioned_concurrency` environments are paid for `provisioned_hours` and
    serve `provisioned_share` of the requests. `front`: see `front_charge`. `price` stands in for
    the table's (`prices.HISTORY_2017`).

    Numbers or arrays that broadcast. An unknown region, architecture or price that the bill needs
    raises LookupError naming it (a single price in arrays: NaN in that element); ValueError for
    what cannot be, such as negative requests or zero memory.
    """
    use = _use(
        requests,
        duration_ms,
        memory_mb,
        float(positive("rounding_ms", rounding_ms)),
        (init_ms, init_share),
        ephemeral_mb,
        (provisioned_concurrency, provisioned_hours, provisioned_share),
    )
    return _bill(
        use,
        price or lambda_price(region, arch),
        free_tier,
        front_charge(use.requests, front, region),
    )


def front_charge(requests: np.ndarray, front: str | float | None, region: str) -> np.ndarray:
    """What stands in front of a service costs for `requests` a month, in US dollars.

    `front`: None, an item of `prices.unit_price` ("http-api", "rest-api", "function-url";
    LookupError when its price is unknown), or your own US dollars per million requests.
    """
    if front is None:
        return np.zeros(np.shape(requests))
    if isinstance(front, str):
        return tiered(
            requests / 1e6,
            unit_price(front, region).tiers,
            f"a million requests to {front} in {region}",
        )
    return requests / 1e6 * checked("front", front)


@dataclass(frozen=True, eq=False)
class _Use:
    """What a month uses, in arrays of one shape."""

    requests: np.ndarray
    provisioned_requests: np.ndarray
    gb_seconds: np.ndarray
    provisioned_gb_seconds: np.ndarray
    reserved_gb_seconds: np.ndarray
    ephemeral_gb_seconds: np.ndarray


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
    extra_gb = (
        checked("ephemeral_mb", ephemeral_mb, least=FREE_EPHEMERAL_MB) - FREE_EPHEMERAL_MB
    ) / 1024
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
        seconds * extra_gb,
    )
    return _Use(*np.broadcast_arrays(*amounts))


def _bill(use: _Use, price: LambdaPrice, free_tier: bool, front_usd: np.ndarray) -> LambdaBill:
    parts = {
        "requests_usd": _requests(use, price, free_tier),
        "duration_usd": _duration(use, price, free_tier),
        "ephemeral_usd": _ephemeral(use, price),
        "provisioned_usd": _provisioned(use, price),
        "front_usd": front_usd,
    }
    return LambdaBill(
        **{name: plain(part) for name, part in parts.items()},
        total_usd=plain(sum(parts.values())),
        gb_seconds=plain(use.gb_seconds),
        region=price.region,
        arch=price.arch,
        free_tier=free_tier,
        source=price.source,
        as_of=price.as_of,
    )


def _requests(use: _Use, price: LambdaPrice, free_tier: bool) -> np.ndarray:
    on_demand = use.requests - use.provisioned_requests
    paid = np.maximum(on_demand - FREE_REQUESTS * free_tier, 0) + use.provisioned_requests
    return charge(paid / 1e6, price.usd_per_million_requests, _named("a million requests", price))


def _duration(use: _Use, price: LambdaPrice, free_tier: bool) -> np.ndarray:
    tiers = tuple(zip((0.0, *price.tier_bounds_gb_s), price.usd_per_gb_s_tiers, strict=True))
    return tiered(
        np.maximum(use.gb_seconds - FREE_GB_SECONDS * free_tier, 0),
        tiers,
        _named("a GB-second", price),
    )


def _ephemeral(use: _Use, price: LambdaPrice) -> np.ndarray:
    what = _named("a GB-second of ephemeral storage", price)
    return charge(use.ephemeral_gb_seconds, price.usd_per_gb_s_ephemeral, what)


def _provisioned(use: _Use, price: LambdaPrice) -> np.ndarray:
    reserved = _named("a GB-second of provisioned concurrency", price)
    duration = _named("a GB-second of duration on provisioned concurrency", price)
    return charge(use.reserved_gb_seconds, price.usd_per_gb_s_provisioned, reserved) + charge(
        use.provisioned_gb_seconds, price.usd_per_gb_s_duration_provisioned, duration
    )


def _named(what: str, price: LambdaPrice) -> str:
    return f"{what} on Lambda in {price.region} ({price.arch})"
