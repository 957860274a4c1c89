"""Every figure of the talk: each a `Figure` with its finding as the title, alternative text, and its numbers."""

from lambdadeck.figure import Figure
from lambdadeck.figures_catalogue import catalogue, regions
from lambdadeck.figures_cost import monthly_cost
from lambdadeck.figures_deployment import shift
from lambdadeck.figures_invocation import this_call, winner_map
from lambdadeck.figures_languages import cold_and_warm
from lambdadeck.figures_platform import burst_timeline, cold_starts
from lambdadeck.figures_rates import architectures, rounding, vcpu_hour
from lambdadeck.figures_triggers import trigger_timeline

__all__ = [
    "Figure",
    "architectures",
    "burst_timeline",
    "catalogue",
    "cold_and_warm",
    "cold_starts",
    "monthly_cost",
    "regions",
    "rounding",
    "shift",
    "this_call",
    "trigger_timeline",
    "vcpu_hour",
    "winner_map",
]
