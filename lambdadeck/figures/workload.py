"""The curve of the panel "your numbers": both monthly bills over the requests."""

from __future__ import annotations

import io
import textwrap

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.transforms import Bbox

from lambdadeck.costs import LOADS, Comparison, Workload, human_count, human_usd
from lambdadeck.figures.labels import Look, callout, log_axes, note, shade_winner, spread, tick_usd
from lambdadeck.shared import style

CURVE_SIZE = (11.52, 2.25)  # inches; with the controls and the verdict it fills a slide
_LABEL_PX = 28  # the height of a label, with air
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
    with matplotlib.rc_context(style.rc(style.type_scale().footer)):
        return _drawing(work, found)


def _drawing(work: Workload, found: Comparison) -> Drawing:
    drawing = Drawing(figsize=CURVE_SIZE, dpi=style.DPI)
    # Fixed margins: measuring the text would take longer than the rest of the drawing.
    axes = drawing.add_axes((0.075, 0.41, 0.8, 0.47))
    log_axes(axes, human_count, _tick)
    _note_origin(drawing, found)
    colors = style.palette()
    shade_winner(axes, LOADS, found.lambda_curve, found.ec2_curve)
    axes.plot(LOADS, found.lambda_curve, "-", color=colors.aws_lambda)
    axes.plot(LOADS, found.ec2_curve, "--", color=colors.ec2)
    _set_axes(axes, found)
    _name_curves(axes, work, found)
    _mark_break_even(axes, found, _mark_workload(axes, work, found))
    return drawing


def _tick(usd: float) -> str:
    return f"${usd / 1e6:,.0f}M" if usd >= 1e6 else tick_usd(usd)


def _note_origin(drawing: Drawing, found: Comparison) -> None:
    origin, px = found.caption, style.type_scale().footer
    color = style.palette().bad if origin.warning else style.palette().muted
    words = f"Note: {origin.warning}. {origin.data}" if origin.warning else origin.data
    look: Look = {"color": color, "va": "bottom", "linespacing": 1.1}
    drawing.text(0.008, 0.01, textwrap.fill(words, 128), fontsize=style.points(px), **look)


def _set_axes(axes: Axes, found: Comparison) -> None:
    highest = max(np.nanmax(found.lambda_curve), np.nanmax(found.ec2_curve))
    axes.set(xlim=(LOADS[0], LOADS[-1]), ylim=(0.1, highest * 2))
    axes.set_title("US$ a month over requests a month")


def _name_curves(axes: Axes, work: Workload, found: Comparison) -> None:
    colors = style.palette()
    ends = [
        (found.lambda_curve, "Lambda", colors.aws_lambda),
        (found.ec2_curve, work.instance, colors.ec2),
    ]
    heights = [axes.transData.transform((1e4, usd[np.isfinite(usd)][-1]))[1] for usd, _, _ in ends]
    box = axes.get_window_extent()
    for (_, words, color), y in zip(ends, spread(heights, 22, box.y0, box.y1), strict=True):
        point = (1, (y - box.y0) / box.height)
        note(axes, point, words, (8, 0), xycoords="axes fraction", color=color)


def _mark_workload(axes: Axes, work: Workload, found: Comparison) -> list[Bbox]:
    """Mark both bills at the workload's load; return where their labels are."""
    colors, box = style.palette(), axes.get_window_extent()
    axes.axvline(work.requests, color=colors.ink, linewidth=1.5)
    sides = [
        (found.lambda_usd, "Lambda", "o", colors.aws_lambda),
        (found.ec2_usd, "EC2", "s", colors.ec2),
    ]
    points = [(work.requests, max(usd, 0.1)) for usd, *_ in sides]  # nothing sits on the axis
    heights = [axes.transData.transform(point)[1] for point in points]
    x, ha = (-26, "right") if work.requests > 1e8 else (26, "left")
    labels = []
    places = spread(heights, _LABEL_PX, box.y0 + _LABEL_PX / 2, box.y1 - _LABEL_PX / 2)
    drawn = zip(sides, points, heights, places, strict=True)
    for (usd, name, mark, color), point, y, place in drawn:
        axes.plot(*point, mark, color=color, markersize=12, zorder=5, clip_on=False)
        words, offset = f"{name} {human_usd(usd)}", (x, place - y)
        labels.append(callout(axes, point, words, offset=offset, color=color, ha=ha))
    return [one.get_window_extent() for one in labels]


def _mark_break_even(axes: Axes, found: Comparison, taken: list[Bbox]) -> None:
    """Mark the break-even, and write its load where there is room."""
    if not (LOADS[0] < found.break_even_requests < LOADS[-1] and found.break_even_usd > 0.1):
        return
    point, box = (found.break_even_requests, found.break_even_usd), axes.get_window_extent()
    axes.plot(*point, "D", color=style.palette().ink, markersize=9, zorder=5)
    for away in ((20, -34), (-20, 34), (20, 34), (-20, -34)):
        ha = "left" if away[0] > 0 else "right"
        words = f"even at {human_count(point[0])}"
        label = callout(axes, point, words, offset=away, ha=ha)
        here = label.get_window_extent()
        is_inside = box.x0 < here.x0 and here.x1 < box.x1 and box.y0 < here.y0 and here.y1 < box.y1
        if is_inside and not any(here.overlaps(other) for other in taken):
            return
        label.remove()
