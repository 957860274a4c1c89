"""The figures of the talk: a `Figure` has its finding as title, alternative text, its numbers."""

from lambdadeck.figures.base import Figure
from lambdadeck.figures.burst import burst_timeline, cold_starts
from lambdadeck.figures.catalogue import catalogue, regions
from lambdadeck.figures.invocation import this_call, winner_map
from lambdadeck.figures.languages import cold_and_warm
from lambdadeck.figures.month import month_cost
from lambdadeck.figures.monthly_cost import monthly_cost
from lambdadeck.figures.rates import architectures, rounding, vcpu_hour
from lambdadeck.figures.traffic_shift import shift
from lambdadeck.figures.workload import CURVE_SIZE, workload_curve

__all__ = [
    "CURVE_SIZE",
    "Figure",
    "architectures",
    "burst_timeline",
    "catalogue",
    "cold_and_warm",
    "cold_starts",
    "month_cost",
    "monthly_cost",
    "regions",
    "rounding",
    "shift",
    "this_call",
    "vcpu_hour",
    "winner_map",
    "workload_curve",
]
