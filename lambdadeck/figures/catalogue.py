"""Figures over whole price tables: Lambda in every region, EC2 in every size."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, LinearSegmentedColormap, LogNorm
from matplotlib.ticker import FuncFormatter

from lambdadeck import prices
from lambdadeck.costs import FULL_VCPU_MB, human_usd
from lambdadeck.figures.base import Figure, frame
from lambdadeck.figures.labels import callout, settle
from lambdadeck.prices.origin import origin
from lambdadeck.shared import style

_NAMES_A_LINE = 6
_LAMBDA_WORDS = f"Lambda: 128 MB to 10 GB,\none vCPU for each {FULL_VCPU_MB:,.0f} MB"
_LAMBDA_MB = (
    128,
    10_240,
)  # least and most memory of a function: Lambda quotas, AWS developer guide


@dataclass(frozen=True)
class _Group:
    """Regions with the same price of a GB-second, in US dollars."""

    usd: float
    names: tuple[str, ...]

    @property
    def lines(self) -> list[str]:
        starts = range(0, len(self.names), _NAMES_A_LINE)
        return [", ".join(self.names[start : start + _NAMES_A_LINE]) for start in starts]


@style.styled
def regions(
    arch: str = "x86_64", *, home: str = "eu-west-1", today: dt.date | None = None
) -> Figure:
    """Lambda's price of a GB-second in every region of the table, against that of `home`.

    US dollars for a million GB-seconds of the first tier. LookupError when `home` or `arch` has no price.
    """
    base = prices.lambda_price(home, arch)
    rows = [prices.lambda_price(name, arch) for name in prices.regions()]
    groups = _grouped([row for row in rows if not math.isnan(row.usd_per_gb_s)])
    title = _regions_title(groups, base)
    how = f"How to read: each dot is one price, beside it the regions that charge it; the line is {home}."
    where = origin(f"{arch}, first tier", today, aws_lambda=rows)
    axes = frame(title, how, where.data, warning=where.warning)
    _draw_groups(axes, groups, base)
    alt = (
        f"Dot plot of Lambda's price of a million GB-seconds by region, {arch}. {title}. "
        + "; ".join(f"${group.usd * 1e6:.2f} in {', '.join(group.names)}" for group in groups)
    )
    return Figure(axes.figure, title, f"{alt}.", how, _regions_table(rows), where.text)


def _grouped(rows: Sequence[prices.LambdaPrice]) -> list[_Group]:
    values = sorted({row.usd_per_gb_s for row in rows})
    return [
        _Group(usd, tuple(row.region for row in rows if row.usd_per_gb_s == usd)) for usd in values
    ]


def _regions_title(groups: Sequence[_Group], base: prices.LambdaPrice) -> str:
    total = sum(len(group.names) for group in groups)
    same = next(len(group.names) for group in groups if group.usd == base.usd_per_gb_s)
    dearest = groups[-1]
    more = dearest.usd / base.usd_per_gb_s - 1
    rest = f"{dearest.names[0]} asks {more:.0%} more" if more else "none asks more"
    return f"{same} of {total} regions charge what {base.region} does; {rest}"


def _regions_table(rows: Sequence[prices.LambdaPrice]) -> tuple[tuple[str, ...], list[tuple]]:
    headers = ("region", "US$ a million GB-seconds", "US$ a million requests", "as of", "source")
    return headers, [
        (
            row.region,
            _known(row.usd_per_gb_s * 1e6),
            _known(row.usd_per_million_requests),
            row.as_of.isoformat(),
            row.source,
        )
        for row in rows
    ]


def _known(usd: float) -> float | None:
    return None if math.isnan(usd) else round(usd, 4)


def _draw_groups(axes: Axes, groups: Sequence[_Group], base: prices.LambdaPrice) -> None:
    colours = style.palette()
    ends = np.cumsum([len(group.lines) for group in groups])
    rows = ends - np.array([len(group.lines) for group in groups]) / 2
    axes.axvline(base.usd_per_gb_s * 1e6, color=colours.muted, linewidth=1.5, zorder=1)
    axes.plot(
        [group.usd * 1e6 for group in groups],
        rows,
        "o",
        color=colours.aws_lambda,
        markersize=11,
        zorder=3,
    )
    for group, row in zip(groups, rows, strict=True):
        change = group.usd / base.usd_per_gb_s - 1
        words = f"${group.usd * 1e6:.2f}" + (f" ({change:+.0%})" if change else "").replace(
            "-", "−"
        )
        _name_group(axes, (group.usd * 1e6, row), words, "\n".join(group.lines))
    low, high = groups[0].usd * 1e6, groups[-1].usd * 1e6
    axes.set(
        ylim=(ends[-1] + 0.3, -0.3), xlim=(low - (high - low) * 0.22, high + (high - low) * 0.3)
    )
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda usd, _: f"${usd:.0f}"))
    axes.set_title(f"US$ for a million GB-seconds ({base.arch})")


def _name_group(axes: Axes, point: tuple[float, float], price: str, names: str) -> None:
    paper = {"boxstyle": "square,pad=0.1", "facecolor": style.palette().paper, "edgecolor": "none"}
    at = {
        "textcoords": "offset points",
        "va": "center",
        "bbox": paper,
        "zorder": 2,
        "annotation_clip": False,
    }
    axes.annotate(price, point, xytext=(-12, 0), ha="right", fontweight="bold", **at)
    axes.annotate(names, point, xytext=(12, 0), ha="left", linespacing=1.1, **at)


@style.styled
def catalogue(region: str = "us-east-1", *, today: dt.date | None = None) -> Figure:
    """EC2's on-demand catalogue of a region: vCPU by memory by US dollars an hour, with Lambda's sizes as a line.

    us-east-1 is the only region that the table lists completely. A dot is a size (vCPU and memory); where several
    types share it the dot is the cheapest. The table has every type. LookupError for an unknown region.
    """
    types = prices.ec2_catalogue(region)
    cheapest = _cheapest_by_size(types)
    title = _catalogue_title(types)
    how = "How to read: further right more vCPU, further up more memory, darker dearer; the line is every Lambda size."
    rows = [prices.ec2_price(region, str(name)) for name in types.instance_type[[0]]]
    where = origin(f"{region}, Linux, on-demand", today, ec2=rows)
    axes = frame(title, how, where.data, warning=where.warning)
    _draw_catalogue(axes, cheapest)
    what = f"Scatter plot of {len(types):,} EC2 types in {region} by vCPU, memory and price"
    alt = f"{what}. {title}. {_lambda_line_words()}"
    return Figure(axes.figure, title, alt, how, _catalogue_table(types), where.text)


def _cheapest_by_size(types: prices.Ec2Catalogue) -> prices.Ec2Catalogue:
    ordered = types.where(np.argsort(types.usd_per_hour, kind="stable"))
    sizes = np.stack([ordered.vcpu.astype(float), ordered.memory_gib.astype(float)], axis=1)
    return ordered.where(np.sort(np.unique(sizes, axis=0, return_index=True)[1]))


def _catalogue_title(types: prices.Ec2Catalogue) -> str:
    low, high = types.usd_per_hour.min(), types.usd_per_hour.max()
    return f"{len(types):,} EC2 types cost {human_usd(low)} to {human_usd(high)} an hour; Lambda is one knob"


def _lambda_line_words() -> str:
    low, high = _LAMBDA_MB
    return (
        f"Lambda is one line, {low:,} to {high:,} MB, with a vCPU for each {FULL_VCPU_MB:,.0f} MB."
    )


def _catalogue_table(types: prices.Ec2Catalogue) -> tuple[tuple[str, ...], list[tuple]]:
    headers = ("instance", "architecture", "vCPU", "memory (GiB)", "US$ an hour", "as of")
    columns = (types.instance_type, types.arch, types.vcpu, types.memory_gib, types.usd_per_hour)
    return headers, [
        (*row, str(day))
        for *row, day in zip(*(column.tolist() for column in columns), types.as_of, strict=True)
    ]


def _draw_catalogue(axes: Axes, sizes: prices.Ec2Catalogue) -> None:
    colours, norm = style.palette(), LogNorm(sizes.usd_per_hour.min(), sizes.usd_per_hour.max())
    look = {
        "cmap": _darker(),
        "norm": norm,
        "s": 90,
        "edgecolor": colours.ec2,
        "linewidth": 1,
        "zorder": 3,
    }
    axes.scatter(sizes.vcpu, sizes.memory_gib, c=sizes.usd_per_hour, **look)
    memory = np.array(_LAMBDA_MB)
    axes.plot(memory / FULL_VCPU_MB, memory / 1024, color=colours.aws_lambda, linewidth=6, zorder=2)
    _power_axes(axes, sizes)
    bar = axes.figure.colorbar(ScalarMappable(norm, _darker()), ax=axes, pad=0.015, aspect=14)
    bar.ax.set_title("US$ an hour", loc="right")
    bar.ax.yaxis.set_major_formatter(
        FuncFormatter(lambda usd, _: f"${usd:,.2f}" if usd < 1 else f"${usd:,.0f}")
    )
    bar.ax.minorticks_off()
    settle(axes)
    callout(
        axes,
        (5, 5 * FULL_VCPU_MB / 1024),
        _LAMBDA_WORDS,
        offset=(60, -46),
        color=colours.aws_lambda,
    )


def _power_axes(axes: Axes, sizes: prices.Ec2Catalogue) -> None:
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    axes.set_xticks([0.25, 1, 4, 16, 64, 256, 1024])
    axes.set_yticks([0.5, 4, 32, 256, 2048, 16384])
    plain = FuncFormatter(lambda value, _: f"{value:,g}" if value < 1000 else f"{value:,.0f}")
    axes.xaxis.set_major_formatter(plain)
    axes.yaxis.set_major_formatter(plain)
    axes.set(
        xlim=(0.06, sizes.vcpu.max() * 1.5), ylim=(0.1, sizes.memory_gib.max() * 1.8), xlabel="vCPU"
    )
    axes.set_title("memory in GiB")


def _darker() -> Colormap:
    colours = style.palette()
    return LinearSegmentedColormap.from_list(
        "dearer is darker", [colours.paper, colours.ec2, "#000000"]
    )
