"""Words inside a figure: wrapped to the width, and labels that never cover each other."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure as Drawing
from matplotlib.text import Annotation, Text
from matplotlib.ticker import FuncFormatter, LogLocator

from lambdadeck.costs import Floats
from lambdadeck.shared import style

Look: TypeAlias = dict[str, Any]  # properties that matplotlib sets on what it draws


@dataclass(frozen=True)
class EndLabel:
    """The name of a line, to be written beside its right end at (x, y) in the line's own color."""

    x: float
    y: float
    words: str
    color: str


def drawing_of(axes: Axes) -> Drawing:
    """Return the whole drawing that the axes are in."""
    drawing = axes.figure
    assert isinstance(drawing, Drawing)
    return drawing


def axis_words(axis: Axis, words: Callable[[float], str]) -> None:
    """Label the ticks of an axis with `words` of their values."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: words(value)))


def log_axes(axes: Axes, across: Callable[[float], str], up: Callable[[float], str]) -> None:
    """Make both axes logarithmic, their ticks labeled with words of the values."""
    axes.set(xscale="log", yscale="log")
    axis_words(axes.xaxis, across)
    axis_words(axes.yaxis, up)
    axes.xaxis.set_major_locator(LogLocator(numticks=6))  # more would touch: "100 million"
    axes.minorticks_off()


def tick_usd(usd: float) -> str:
    """Return US dollars as on an axis: "$1,000", "$1", "$0.10"."""
    return f"${usd:,.0f}" if usd >= 1 else f"${usd:.2f}"


def wrapped(text: Text, words: str, width: float) -> str:
    """Return `words` broken at spaces so that `text` is at most `width` pixels wide."""
    rest, lines = words.split(" "), []

    def width_of(count: int) -> float:
        text.set_text(" ".join(rest[:count]))
        return text.get_window_extent().width

    while rest:
        fit = max(1, bisect_right(range(1, len(rest) + 1), width, key=width_of))
        lines.append(" ".join(rest[:fit]))
        rest = rest[fit:]
    return "\n".join(lines)


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> Floats:
    """Return positions near `wanted`, in its order, `gap` apart and within low..high if they fit.

    Neighbors that are too close share the move: groups are centered on the mean of their wishes.
    """
    order = np.argsort(wanted, kind="stable")
    groups: list[list[float]] = []
    for position in np.asarray(wanted, dtype=float)[order]:
        groups.append([position])
        while len(groups) > 1 and _touch(groups[-2], groups[-1], gap):
            last = groups.pop()
            groups[-1] = groups[-1] + last
    placed = np.concatenate([_centered(group, gap) for group in groups]) if groups else np.empty(0)
    steps = np.arange(len(placed)) * gap
    result = np.empty(len(placed))
    result[order] = np.minimum(np.maximum(placed, low + steps), high - steps[::-1])
    return result


def _centered(group: list[float], gap: float) -> Floats:
    return np.asarray(np.mean(group) + gap * (np.arange(len(group)) - (len(group) - 1) / 2))


def _touch(below: list[float], above: list[float], gap: float) -> bool:
    return bool(_centered(above, gap)[0] - _centered(below, gap)[-1] < gap)


def note(
    axes: Axes,
    point: tuple[float, float],
    words: str,
    away: tuple[float, float] = (12, 0),
    **look: Any,
) -> Annotation:
    """Write `words`, bold, `away` points from `point`."""
    look = {"fontweight": 600, "va": "center", "annotation_clip": False, **look}
    return axes.annotate(words, point, xytext=away, textcoords="offset points", **look)


def paper(pad: float = 0.15) -> dict[str, object]:
    """Return the background of words that lie on lines."""
    color = style.palette().paper
    return {"boxstyle": f"square,pad={pad}", "facecolor": color, "edgecolor": "none"}


def shade_winner(axes: Axes, loads: Floats, on_lambda: Floats, on_ec2: Floats) -> None:
    """Tint the background where each side is cheaper; an unknown bill (NaN) stays untinted."""
    colors, place = style.palette(), axes.get_xaxis_transform()
    sides = ((on_lambda < on_ec2, colors.lambda_tint), (on_lambda >= on_ec2, colors.ec2_tint))
    for wins, color in sides:
        look: Look = {"color": color, "linewidth": 0, "zorder": 0.4}  # the grid is above it
        reached = wins | np.roll(wins, 1) & (np.arange(len(wins)) > 0)  # no gap where sides change
        axes.fill_between(loads, 0, 1, where=reached, transform=place, **look)


def label_ends(axes: Axes, labels: Sequence[EndLabel]) -> list[Annotation]:
    """Write each label right of its line's end, moved up or down until none touches another.

    Call it last: the layout is fixed here, so that the labels stay in place.
    """
    notes = [_end_note(axes, label) for label in labels]
    settle(axes)
    pixels = [axes.transData.transform((label.x, label.y))[1] for label in labels]
    box = axes.get_window_extent()
    gap = style.type_scale().text * 1.22
    places = spread(pixels, gap, box.y0 + gap / 2, box.y1 - gap / 2)
    for one, start, place in zip(notes, pixels, places, strict=True):
        one.xyann = (12, style.points(place - start))
    return notes


def _end_note(axes: Axes, label: EndLabel) -> Annotation:
    leader = {"arrowstyle": "-", "color": label.color, "linewidth": 1, "shrinkA": 0, "shrinkB": 2}
    look: Look = {"color": label.color, "arrowprops": leader, "bbox": paper()}
    return note(axes, (label.x, label.y), label.words, ha="left", **look)


def callout(
    axes: Axes,
    point: tuple[float, float],
    words: str,
    *,
    offset: tuple[float, float],
    color: str | None = None,
    ha: str = "left",
) -> Annotation:
    """Write `words` on paper beside a point, `offset` pixels away, with a leader line."""
    color = color or style.palette().ink
    leader: Look = {"arrowstyle": "-", "color": color, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 4}
    leader["relpos"] = (0 if ha == "left" else 1, 0.5)
    away = (style.points(offset[0]), style.points(offset[1]))
    look: Look = {"color": color, "arrowprops": leader, "bbox": paper(), "zorder": 6}
    written = note(axes, point, words, away, ha=ha, **look)
    written.set_in_layout(False)
    return written


def label_axis(axes: Axes, places: Sequence[float], words: Sequence[str]) -> None:
    """Write the words on the horizontal axis at their places, apart so that none touches another.

    Call it once the layout is fixed.
    """
    look: Look = {"va": "bottom", "linespacing": 1.1, "zorder": 6, "bbox": paper()}
    floor, box = axes.get_ylim()[0], axes.get_window_extent()
    notes = [
        note(axes, (place, floor), text, (0, 4), ha="center", **look)
        for place, text in zip(places, words, strict=True)
    ]
    widths = [one.get_window_extent().width for one in notes]
    wide = max(widths, default=0) + style.type_scale().text
    pixels = [axes.transData.transform((place, floor))[0] for place in places]
    targets = spread(pixels, wide, box.x0 + wide / 2, box.x1)
    for one, start, target in zip(notes, pixels, targets, strict=True):
        one.xyann = (style.points(target - start), 4)
        one.set_in_layout(False)


def inline(axes: Axes, point: tuple[float, float], words: str, color: str) -> Annotation:
    """Write a line's name on the line itself, from `point` to the right."""
    look: Look = {"annotation_clip": None, "color": color, "bbox": paper(), "zorder": 4}
    return note(axes, point, words, (0, 0), **look)


def label_starts(axes: Axes, labels: Sequence[EndLabel]) -> None:
    """Write each name on its own line near the left end, further right if names would meet.

    Call it once the layout is fixed; the lines must be level at their left end.
    """
    size, taken = style.type_scale().text, [list[float]() for _ in labels]
    width = 14 + 0.62 * size * max((len(label.words) for label in labels), default=0)
    for label in labels:
        x, y = axes.transData.transform((label.x, label.y))
        column = next(
            column
            for column, others in enumerate(taken)
            if all(abs(y - other) > size * 1.2 for other in others)
        )
        taken[column].append(y)
        place = axes.transData.inverted().transform((x + 14 + width * column, y))
        inline(axes, (place[0], place[1]), label.words, label.color)


def settle(axes: Axes) -> None:
    """Lay the figure out once and keep that layout, so that positions in pixels stay valid."""
    drawing = drawing_of(axes)
    engine = drawing.get_layout_engine()
    assert engine
    for _ in range(2):  # a label beyond the axes moves as they shrink
        engine.execute(drawing)
    drawing.set_layout_engine("none")
