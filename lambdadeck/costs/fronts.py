"""What stands in front of a service: load balancers and APIs, priced by their requests."""

from typing import TYPE_CHECKING, TypeVar

from lambdadeck.costs.limits import HOURS_A_MONTH, LCU_CONNECTIONS
from lambdadeck.costs.tiers import single_tiered
from lambdadeck.prices import UnitPrice, unit_price

if TYPE_CHECKING:
    from lambdadeck.costs.arithmetic import Floats

_Requests = TypeVar("_Requests", float, "Floats")
FREE_FRONTS = ("none", "function-url")


def alb_rates(region: str) -> tuple[UnitPrice, UnitPrice]:
    """Return the prices of an hour and of an LCU-hour; LookupError for an unknown one."""
    hour, lcu = (unit_price(f"alb-{item}", region) for item in ("hour", "lcu-hour"))
    return hour, lcu


def alb_lcu_hours(requests: _Requests) -> _Requests:
    """Return the LCU-hours of `requests`, each a new connection: the most that they can take.

    AWS bills the LCUs that are used, also parts of one (CloudWatch metrics of Application Load
    Balancers, ConsumedLCUs, read 2026-11-27).
    """
    return requests / LCU_CONNECTIONS


def alb_usd(requests: _Requests, region: str) -> _Requests:
    """Price an Application Load Balancer for `requests` a month: its hours, and LCU-hours."""
    hour, lcu = (price.tiers[0][1] for price in alb_rates(region))
    return HOURS_A_MONTH * hour + alb_lcu_hours(requests) * lcu


def front_usd(front: str, requests: float, region: str) -> float:
    """Return US dollars for what stands in front; LookupError for an unknown price."""
    if front in FREE_FRONTS:
        return 0.0
    if front == "alb":
        return alb_usd(requests, region)
    tiers = unit_price(front, region).tiers
    return single_tiered(requests / 1e6, tiers, f"a million requests to {front} in {region}")
