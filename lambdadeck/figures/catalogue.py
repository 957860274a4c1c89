"""Figures of whole price tables: Lambda in every region, EC2 in every size."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, LinearSegmentedColormap, LogNorm

from lambdadeck import prices
from lambdadeck.costs import FULL_VCPU_MB, human_usd
from lambdadeck.figures.base import Figure, Table, figure, known
from lambdadeck.figures.labels import (
    Look,
    axis_words,
    callout,
    drawing_of,
    note,
    paper,
    settle,
    tick_usd,
)
from lambdadeck.prices.origin import origin
from lambdadeck.shared import style

_NAMED = 3  # regions of a group; the table has them all
_LAMBDA_WORDS = f"Lambda: 128 MB to 10 GB,\none vCPU for each {FULL_VCPU_MB:,.0f} MB"
_LAMBDA_MB = (128, 10_240)  # least and most memory: Lambda quotas, AWS developer guide
_LAMBDA_LINE = (
    f"Lambda is one line, {_LAMBDA_MB[0]:,} to {_LAMBDA_MB[1]:,} MB, "
    f"with a vCPU for each {FULL_VCPU_MB:,.0f} MB."
)


@dataclass(frozen=True)
class _Group:
    """Regions with the same price of a GB-second, in US dollars."""

    usd: float
    names: tuple[str, ...]

    @property
    def words(self) -> str:
        named, more = ", ".join(self.names[:_NAMED]), len(self.names) - _NAMED
        return f"{named} and {more} more" if more > 0 else named


def regions(
    arch: str = "x86_64", *, home: str = "eu-west-1", today: dt.date | None = None
) -> Figure:
    """Draw Lambda's price of a GB-second in every region of the table, against that of `home`.

    US dollars for a million GB-seconds of the first tier. LookupError if `home` or `arch` has no
    price.
    """
    base = prices.lambda_price(home, arch)
    rows = [prices.lambda_price(name, arch) for name in prices.regions()]
    groups = _grouped([row for row in rows if not math.isnan(row.usd_per_gb_s)])
    title = _regions_title(groups, base)
    each = "; ".join(f"${group.usd * 1e6:.2f} in {', '.join(group.names)}" for group in groups)
    dots = "each dot is one price, beside it the regions that charge it"
    what = f"Dot plot of Lambda's price of a million GB-seconds by region, {arch}"
    return figure(
        title=title,
        alt=f"{what}. {title}. {each}.",
        how_to_read=f"{dots}; the line is {home}.",
        table=_regions_table(rows),
        where=origin(f"{arch}, first tier", today, aws_lambda=rows),
        draw=lambda axes: _draw_groups(axes, groups, base),
    )


def _grouped(rows: Sequence[prices.LambdaPrice]) -> list[_Group]:
    values = sorted({row.usd_per_gb_s for row in rows})
    return [
        _Group(usd, tuple(row.region for row in rows if row.usd_per_gb_s == usd)) for usd in values
    ]


def _regions_title(groups: Sequence[_Group], base: prices.LambdaPrice) -> str:
    total = sum(len(group.names) for group in groups)
    same = next(len(group.names) for group in groups if group.usd == base.usd_per_gb_s)
    highest = groups[-1]
    more = highest.usd / base.usd_per_gb_s - 1
    rest = f"{highest.names[0]} asks {more:.0%} more" if more else "none asks more"
    return f"{same} of {total} regions charge what {base.region} does; {rest}"


def _regions_table(rows: Sequence[prices.LambdaPrice]) -> Table:
    headers = ("region", "US$ a million GB-seconds", "US$ a million requests", "as of", "source")
    return headers, [
        (
            row.region,
            known(row.usd_per_gb_s * 1e6, 4),
            known(row.usd_per_million_requests, 4),
            row.as_of.isoformat(),
            row.source,
        )
        for row in rows
    ]


def _draw_groups(axes: Axes, groups: Sequence[_Group], base: prices.LambdaPrice) -> None:
    colors = style.palette()
    rows = np.arange(len(groups), dtype=float)
    axes.axvline(base.usd_per_gb_s * 1e6, color=colors.muted, linewidth=1.5, zorder=1)
    usd = [group.usd * 1e6 for group in groups]
    axes.plot(usd, rows, "o", color=colors.aws_lambda, markersize=11, zorder=3)
    for group, row in zip(groups, rows, strict=True):
        change = group.usd / base.usd_per_gb_s - 1
        more = f" ({change:+.0%})".replace("-", "−") if change else ""
        words = f"${group.usd * 1e6:.2f}{more}"
        _name_group(axes, (group.usd * 1e6, row), words, group.words)
    low, high = groups[0].usd * 1e6, groups[-1].usd * 1e6
    span = high - low
    axes.set(ylim=(len(groups) - 0.4, -0.6), xlim=(low - span * 0.22, high + span * 0.3))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axis_words(axes.xaxis, lambda usd: f"${usd:.0f}")
    axes.set_title(f"US$ for a million GB-seconds ({base.arch})")


def _name_group(axes: Axes, point: tuple[float, float], price: str, names: str) -> None:
    box = paper(0.1)
    note(axes, point, price, (-12, 0), ha="right", bbox=box, zorder=2)
    note(axes, point, names, fontweight="normal", bbox=box, zorder=2)


def catalogue(region: str = "us-east-1", *, today: dt.date | None = None) -> Figure:
    """Draw a region's EC2 catalogue: vCPU, memory, US dollars an hour; Lambda's sizes as a line.

    us-east-1 is the only region that the table lists completely. A dot is the cheapest type of its
    size (vCPU and memory). The table has every type. LookupError for an unknown region.
    """
    types = prices.ec2_catalogue(region)
    title = _catalogue_title(types)
    right = "right is more vCPU, up is more memory, darker is more expensive"
    rows = [prices.ec2_price(region, str(name)) for name in types.instance_type[[0]]]
    what = f"Scatter plot of {len(types):,} EC2 types in {region} by vCPU, memory and price"
    return figure(
        title=title,
        alt=f"{what}. {title}. {_LAMBDA_LINE}",
        how_to_read=f"{right}; the line is every Lambda size.",
        table=_catalogue_table(types),
        where=origin(f"{region}, Linux, on-demand", today, ec2=rows),
        draw=lambda axes: _draw_catalogue(axes, _cheapest_by_size(types)),
        number=f"{len(types):,} types",
    )


def _cheapest_by_size(types: prices.Ec2Catalogue) -> prices.Ec2Catalogue:
    ordered = types.where(np.argsort(types.usd_per_hour, kind="stable"))
    sizes = np.stack([ordered.vcpu.astype(float), ordered.memory_gib.astype(float)], axis=1)
    return ordered.where(np.sort(np.unique(sizes, axis=0, return_index=True)[1]))


def _catalogue_title(types: prices.Ec2Catalogue) -> str:
    low, high = types.usd_per_hour.min(), types.usd_per_hour.max()
    span = f"{human_usd(low)} to {human_usd(high)} an hour"
    return f"{len(types):,} EC2 types cost {span}; Lambda is one knob"


def _catalogue_table(types: prices.Ec2Catalogue) -> Table:
    headers = ("instance", "architecture", "vCPU", "memory (GiB)", "US$ an hour", "as of")
    columns = (types.instance_type, types.arch, types.vcpu, types.memory_gib, types.usd_per_hour)
    return headers, [
        (*row, str(day))
        for *row, day in zip(*(column.tolist() for column in columns), types.as_of, strict=True)
    ]


def _draw_catalogue(axes: Axes, sizes: prices.Ec2Catalogue) -> None:
    colors, norm = style.palette(), LogNorm(sizes.usd_per_hour.min(), sizes.usd_per_hour.max())
    price: Look = {"c": sizes.usd_per_hour, "cmap": _darker(), "norm": norm}
    look: Look = {"s": 90, "edgecolor": colors.ec2, "linewidth": 1, "zorder": 3}
    axes.scatter(sizes.vcpu, sizes.memory_gib, **price, **look)
    memory = np.array(_LAMBDA_MB)
    axes.plot(memory / FULL_VCPU_MB, memory / 1024, color=colors.aws_lambda, linewidth=6, zorder=2)
    _power_axes(axes, sizes)
    bar = drawing_of(axes).colorbar(ScalarMappable(norm, _darker()), ax=axes, pad=0.015, aspect=14)
    bar.ax.set_title("US$ an hour", loc="right")
    within = [usd for usd in bar.ax.get_yticks() if norm.vmin <= usd <= norm.vmax]
    bar.ax.set_yticks(within)
    axis_words(bar.ax.yaxis, tick_usd)
    bar.ax.minorticks_off()
    settle(axes)
    point = (5, 5 * FULL_VCPU_MB / 1024)
    callout(axes, point, _LAMBDA_WORDS, offset=(60, -46), color=colors.aws_lambda)


def _power_axes(axes: Axes, sizes: prices.Ec2Catalogue) -> None:
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    axes.set_xticks([0.25, 1, 4, 16, 64, 256, 1024])
    axes.set_yticks([0.5, 4, 32, 256, 2048, 16384])
    for axis in (axes.xaxis, axes.yaxis):
        axis_words(axis, lambda value: f"{value:,g}" if value < 1000 else f"{value:,.0f}")
    axes.set(xlim=(0.06, sizes.vcpu.max() * 1.5), ylim=(0.1, sizes.memory_gib.max() * 1.8))
    axes.set_xlabel("vCPU")
    axes.set_title("memory in GiB")


def _darker() -> Colormap:
    colors = style.palette()
    return LinearSegmentedColormap.from_list("price", [colors.paper, colors.ec2, "#000000"])
