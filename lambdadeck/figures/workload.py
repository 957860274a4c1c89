"""The curve of the panel "your numbers": both monthly bills over the requests."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.transforms import Bbox

from lambdadeck.costs import LOADS, Comparison, Workload, human_count, human_usd
from lambdadeck.figures.labels import (
    Look,
    callout,
    drawing_of,
    log_axes,
    shade_winner,
    spread,
    tick_usd,
    wrapped,
)
from lambdadeck.shared import style

CURVE_SIZE = (7.6, 3.7)  # inches; beside the controls it fills a slide
_LABEL_PX = 34  # the height of a label, with air
_ASIDE_PX, _LETTER_PX = 26, 13.5  # from a mark to its label; a letter of a label at most
_SHARPNESS = 1.5  # image pixels to a CSS pixel: enough for 1080p, drawn a third faster than 2


@style.styled
def workload_curve(work: Workload, found: Comparison) -> bytes:
    """Return the drawing of a comparison as PNG."""
    picture = io.BytesIO()
    workload_drawing(work, found).savefig(picture, format="png", dpi=style.DPI * _SHARPNESS)
    return picture.getvalue()


@style.styled
def workload_drawing(work: Workload, found: Comparison) -> Drawing:
    """Draw both bills over requests a month, with the workload and the break-even marked."""
    drawing = Drawing(figsize=CURVE_SIZE, dpi=style.DPI)
    low = 0.12 + _warn(drawing, found)
    # Fixed margins: measuring the text would take longer than the rest of the drawing.
    axes = drawing.add_axes((0.15, low, 0.77, 0.9 - low))
    log_axes(axes, human_count, _tick)
    colors = style.palette()
    shade_winner(axes, LOADS, found.lambda_curve, found.ec2_curve)
    axes.plot(LOADS, found.lambda_curve, "-", color=colors.aws_lambda)
    axes.plot(LOADS, found.ec2_curve, "--", color=colors.ec2)
    _set_axes(axes, found)
    _mark_break_even(axes, found, _mark_workload(axes, work, found))
    return drawing


def _tick(usd: float) -> str:
    return f"${usd / 1e6:,.0f}M" if usd >= 1e6 else tick_usd(usd)


def _warn(drawing: Drawing, found: Comparison) -> float:
    """Write below the axes that prices are old; return the height, as a share of the drawing."""
    if not found.caption.warning:
        return 0.0
    look: Look = {"color": style.palette().bad, "fontweight": 600, "va": "bottom"}
    text = drawing.text(0, 0.01, "", **look)
    text.set_text(wrapped(text, f"Note: {found.caption.warning}.", drawing.bbox.width))
    return text.get_window_extent().height / drawing.bbox.height


def _set_axes(axes: Axes, found: Comparison) -> None:
    highest = max(np.nanmax(found.lambda_curve), np.nanmax(found.ec2_curve))
    axes.set(xlim=(LOADS[0], LOADS[-1]), ylim=(0.1, highest * 2))
    axes.set_title("US$ a month over requests a month")


def _mark_workload(axes: Axes, work: Workload, found: Comparison) -> list[Bbox]:
    """Mark both bills at the workload's load; return where their labels are."""
    colors = style.palette()
    axes.axvline(work.requests, color=colors.ink, linewidth=1.5)
    sides = [
        (max(found.lambda_usd, 0.1), f"Lambda {human_usd(found.lambda_usd)}", "o"),
        (max(found.ec2_usd, 0.1), f"{work.instance} {human_usd(found.ec2_usd)}", "s"),
    ]  # nothing sits below the axis
    labels = []
    for (usd, words, mark), away in zip(sides, _places(axes, work, sides), strict=True):
        color = colors.aws_lambda if mark == "o" else colors.ec2
        axes.plot(work.requests, usd, mark, color=color, markersize=12, zorder=5, clip_on=False)
        ha = "left" if away[0] > 0 else "right"
        labels.append(callout(axes, (work.requests, usd), words, offset=away, color=color, ha=ha))
    dots = [axes.transData.transform((work.requests, usd)) for usd, *_ in sides]
    marks = [Bbox.from_extents(x - 10, y - 10, x + 10, y + 10) for x, y in dots]
    return [*marks, *(one.get_window_extent() for one in labels)]


def _places(
    axes: Axes, work: Workload, sides: Sequence[tuple[float, str, str]]
) -> list[tuple[float, float]]:
    """Return where labels go: left of the higher bill and above, right of the other and below.

    No curve runs there, because bills only rise. At an edge of the axes both go to the same side.
    """
    box = axes.get_window_extent()
    points = [axes.transData.transform((work.requests, usd)) for usd, *_ in sides]
    is_higher = sides[0][0] > sides[1][0]
    ups = [is_higher, not is_higher]
    wide = [_LETTER_PX * len(words) + _ASIDE_PX for _, words, _ in sides]
    wanted = [y + (_ASIDE_PX if up else -_ASIDE_PX) for up, (_, y) in zip(ups, points, strict=True)]
    heights = spread(wanted, _LABEL_PX, box.y0 + _LABEL_PX / 2, box.y1 - _LABEL_PX / 2)
    return [
        (_aside(x - box.x0, box.x1 - x, needs, goes_left=up), height - y)
        for up, (x, y), needs, height in zip(ups, points, wide, heights, strict=True)
    ]


def _aside(left: float, right: float, needs: float, *, goes_left: bool) -> float:
    """Return how far to the side a label goes: to the other side if there is no room."""
    is_left = needs <= left if goes_left else needs > right
    return -_ASIDE_PX if is_left else _ASIDE_PX


def _mark_break_even(axes: Axes, found: Comparison, taken: list[Bbox]) -> None:
    """Mark the break-even, and write its load where there is room."""
    if not (LOADS[0] < found.break_even_requests < LOADS[-1] and found.break_even_usd > 0.1):
        return
    point, box = (found.break_even_requests, found.break_even_usd), axes.get_window_extent()
    axes.plot(*point, "D", color=style.palette().ink, markersize=9, zorder=5)
    for away in ((24, -44), (-24, 44), (24, 44), (-24, -44)):
        ha = "left" if away[0] > 0 else "right"
        words = f"even at {human_count(point[0])}"
        label = callout(axes, point, words, offset=away, ha=ha)
        here = label.get_window_extent()
        right = drawing_of(axes).bbox.x1  # beside the axes there is room, too
        is_inside = box.x0 < here.x0 and here.x1 < right and box.y0 < here.y0 and here.y1 < box.y1
        if is_inside and not any(here.overlaps(other) for other in taken):
            return
        label.remove()
