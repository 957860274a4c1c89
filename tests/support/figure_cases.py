"""Every figure once or more, drawn from made-up measurements and the real price tables."""

import datetime as dt
from dataclasses import dataclass, field

from matplotlib.colors import to_hex
from matplotlib.lines import Line2D

from lambdadeck import costs, figures
from lambdadeck.deployment.canary import AliasCall

FRESH, LATER = dt.date(2026, 11, 23), dt.date(2027, 6, 1)
SIZES = (1769, 512, 128)
# Calls through an alias: all to the old version, and a tenth to the new one.
OLD = [AliasCall("1", "", 0.0)] * 60
TENTH = [AliasCall("2" if place % 10 == 3 else "1", "2", 0.1) for place in range(200)]
ARM = ("c7g.large", "m7g.large", "t4g.small", "c8g.large")


@dataclass
class Report:
    """A REPORT line, made up."""

    duration_ms: float
    billed_ms: float
    memory_mb: float
    init_ms: float | None = None


@dataclass
class Shot:
    """An invocation of a burst, made up."""

    start_ms: float
    end_ms: float
    environment: str
    cold: bool
    report: Report = field(default_factory=lambda: Report(40, 40, 128))


def burst(environments: int, each: int = 3) -> list[Shot]:
    """Return a cold start and then warm invocations in each environment, a little apart."""
    return [
        Shot(1000 + 7 * row + 80 * number, 1070 + 7 * row + 80 * number, f"env-{row}", number == 0)
        for row in range(environments)
        for number in range(each)
    ]


def real_month(fixed: bool = False, today: dt.date = FRESH) -> figures.Figure:
    """Return the figure of the example month."""
    month = costs.example_month()
    bill = costs.month_bill(month, region="eu-west-1", fixed=fixed)
    return figures.month_cost(month, bill, today=today)


DRAWN = {
    "monthly cost": lambda: figures.monthly_cost(today=FRESH),
    "monthly cost, memory sizes": lambda: figures.monthly_cost(
        100, SIZES, ("c6i.large",), today=FRESH
    ),
    "monthly cost, old prices": lambda: figures.monthly_cost(region="eu-south-1", today=LATER),
    "monthly cost, many knobs": lambda: figures.monthly_cost(
        250,
        (512,),
        ARM,
        arch="arm64",
        free_tier=True,
        min_instances=2,
        peak_factor=3,
        utilization=0.6,
        today=LATER,
    ),
    "monthly cost, price unknown from the second tier on": lambda: figures.monthly_cost(
        10_000, (8192, 1769), ("m5.large",), region="af-south-1", requests=(1e3, 1e10), today=FRESH
    ),
    "a real month": lambda: real_month(),
    "a real month, fixed fleets": lambda: real_month(fixed=True, today=LATER),
    "vCPU-hour": lambda: figures.vcpu_hour(today=FRESH),
    "vCPU-hour, others": lambda: figures.vcpu_hour(
        ("m5.large", "m7a.large", "t3.micro", "t4g.large", "c8g.large"),
        region="us-east-1",
        today=LATER,
    ),
    "rounding": lambda: figures.rounding(today=FRESH),
    "rounding, longer": lambda: figures.rounding(950, memory_mb=128, today=LATER),
    "winner map": lambda: figures.winner_map(today=FRESH),
    "winner map, the other way round": lambda: figures.winner_map(
        1e9, "t3.medium", min_instances=2, today=FRESH
    ),
    "winner map, arm64": lambda: figures.winner_map(1e8, "c7g.large", arch="arm64", today=LATER),
    "winner map, price unknown far out": lambda: figures.winner_map(
        1e8, "m5.large", region="af-south-1", today=FRESH
    ),
    "architectures": lambda: figures.architectures(today=FRESH),
    "regions": lambda: figures.regions(today=FRESH),
    "regions, arm64": lambda: figures.regions("arm64", home="us-east-1", today=LATER),
    "catalogue": lambda: figures.catalogue(today=FRESH),
    "catalogue, another region": lambda: figures.catalogue("eu-west-1", today=LATER),
    "cold starts": lambda: figures.cold_starts(),
    "cold starts, 128 MB": lambda: figures.cold_starts(memory_mb=128),
    "one invocation": lambda: figures.burst_timeline(burst(1, 1), today=FRESH),
    "a burst": lambda: figures.burst_timeline(burst(10), today=FRESH),
    "a large burst": lambda: figures.burst_timeline(burst(120), today=FRESH),
    "a warm call": lambda: figures.this_call(Report(2.3, 3, 128), today=FRESH),
    "a cold call": lambda: figures.this_call(Report(14.3, 93, 512, 78.4), today=FRESH),
    "the longest call": lambda: figures.this_call(
        Report(889_700, 890_000, 10_240, 300), today=LATER
    ),
}


def lines(figure: figures.Figure, color: str) -> list[Line2D]:
    """Return the lines of one color."""
    return [line for line in figure.fig.axes[0].get_lines() if to_hex(line.get_color()) == color]
