"""The figure of a real month: US dollars a day on Lambda, on EC2, and for the cheapest mix."""

import datetime as dt

import numpy as np
from matplotlib.axes import Axes

from lambdadeck import prices
from lambdadeck.costs import Floats, Month, MonthBill, human_usd
from lambdadeck.figures.base import Cell, Figure, Table, figure
from lambdadeck.figures.labels import EndLabel, axis_words, label_ends, tick_usd
from lambdadeck.prices.origin import origin
from lambdadeck.shared import style

_DAY = 24


def month_cost(month: Month, bill: MonthBill, *, today: dt.date | None = None) -> Figure:
    """Draw US dollars a day over the month: Lambda, shared fleets, and the cheapest mix."""
    arches = sorted({one.arch for one in month.functions})
    types = dict.fromkeys(one.instance for one in bill.shared)
    return figure(
        title=bill.sentence,
        alt=_alt(month, bill),
        how_to_read="the area below a line is the month's cost; a step is a day.",
        assumed=bill.assumptions,
        table=_table(month, bill),
        where=origin(
            f"{bill.region}, {bill.assumptions}",
            today,
            aws_lambda=[prices.lambda_price(bill.region, arch) for arch in arches],
            ec2=[prices.ec2_price(bill.region, name) for name in types],
        ),
        draw=lambda axes: _draw(axes, month, bill),
    )


def _alt(month: Month, bill: MonthBill) -> str:
    span = f"{month.hours} hours from {month.start:%Y-%m-%d}"
    return f"US$ a day over {span}. {bill.sentence}. {bill.error_sentence}"


def _days(bill: MonthBill) -> list[tuple[str, Floats, str, str]]:
    """Return name, cost a day (24 hours each), color and line style of each way."""
    colors = style.palette()
    ways = [
        ("Lambda", bill.lambda_hourly_usd, colors.aws_lambda, "-"),
        ("EC2, shared", bill.ec2_hourly_usd, colors.ec2, "--"),
        ("mix", bill.mix_hourly_usd, colors.ink, ":"),
    ]
    shown = ways if any(one.moves for one in bill.functions) else ways[:2]
    days = np.arange(0, bill.hours, _DAY)
    return [(name, np.add.reduceat(usd, days), color, line) for name, usd, color, line in shown]


def _table(month: Month, bill: MonthBill) -> Table:
    ways = _days(bill)
    dates = [f"{month.start + dt.timedelta(days=day):%Y-%m-%d}" for day in range(len(ways[0][1]))]
    columns = [[round(float(day), 2) for day in usd] for _, usd, *_ in ways]
    rows: list[tuple[Cell, ...]] = list(zip(dates, *columns, strict=True))
    return ("24 hours from", *(f"{name} (US$)" for name, *_ in ways)), rows


def _draw(axes: Axes, month: Month, bill: MonthBill) -> None:
    ways = _days(bill)
    days = len(ways[0][1])
    for _, usd, color, line in ways:
        axes.stairs(usd, range(days + 1), baseline=None, color=color, linestyle=line, linewidth=2.4)
    axes.set(xlim=(0, days), ylim=(0, 1.08 * max(float(usd.max()) for _, usd, *_ in ways)))
    axes.set_title("US$ a day; beside the lines, US$ for the month")
    axis_words(axes.yaxis, lambda usd: tick_usd(usd) if usd else "$0")
    axes.set_xticks(range(0, days, 7))
    axis_words(axes.xaxis, lambda day: f"{month.start + dt.timedelta(days=float(day)):%b %d}")
    label_ends(axes, [_end(days, *way) for way in ways])


def _end(days: int, name: str, usd: Floats, color: str, line: str) -> EndLabel:
    return EndLabel(days, float(usd[-1]), f"{name} {human_usd(float(usd.sum()))}", color)
