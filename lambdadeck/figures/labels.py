"""Words inside a figure: wrapped to the width, and labels beside their lines that never cover each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Annotation, Text

from lambdadeck.shared import style


@dataclass(frozen=True)
class EndLabel:
    """The name of a line, to be written beside its right end at (x, y) in the line's own colour."""

    x: float
    y: float
    words: str
    colour: str


def wrapped(text: Text, words: str, width: float) -> str:
    """`words` with line breaks so that `text` is at most `width` pixels wide, broken at spaces only."""
    lines = [""]
    for word in words.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        text.set_text(longer)
        if lines[-1] and text.get_window_extent().width > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return "\n".join(lines)


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> np.ndarray:
    """Positions near `wanted`, at least `gap` apart and inside low..high as far as they fit, in the order given.

    Neighbours that are too close share the move: groups are centred on the mean of what they wanted.
    """
    order = np.argsort(wanted, kind="stable")
    groups: list[list[float]] = []
    for position in np.asarray(wanted, dtype=float)[order]:
        groups.append([position])
        while len(groups) > 1 and _touch(groups[-2], groups[-1], gap):
            last = groups.pop()
            groups[-1] = groups[-1] + last
    placed = np.concatenate([_centred(group, gap) for group in groups]) if groups else np.empty(0)
    result = np.empty(len(placed))
    result[order] = _inside(placed, gap, low, high)
    return result


def _centred(group: list[float], gap: float) -> np.ndarray:
    return np.mean(group) + gap * (np.arange(len(group)) - (len(group) - 1) / 2)


def _touch(below: list[float], above: list[float], gap: float) -> bool:
    return _centred(above, gap)[0] - _centred(below, gap)[-1] < gap


def _inside(placed: np.ndarray, gap: float, low: float, high: float) -> np.ndarray:
    steps = np.arange(len(placed)) * gap
    pushed_up = np.maximum(placed, low + steps)
    return np.minimum(pushed_up, high - steps[::-1])


def label_ends(axes: Axes, labels: Sequence[EndLabel]) -> list[Annotation]:
    """Write each label right of its line's end, moved up or down until none touches another.

    Call it last: the layout is fixed here, so that the labels stay where they were put.
    """
    notes = [_end_note(axes, label) for label in labels]
    settle(axes)
    pixels = [axes.transData.transform((label.x, label.y))[1] for label in labels]
    box = axes.get_window_extent()
    gap = style.type_scale().figure * 1.22
    for note, start, place in zip(notes, pixels, spread(pixels, gap, box.y0, box.y1), strict=True):
        note.xyann = (12, style.points(place - start))
    return notes


def _end_note(axes: Axes, label: EndLabel) -> Annotation:
    look = {
        "va": "center",
        "ha": "left",
        "annotation_clip": False,
        "fontweight": "bold",
        "color": label.colour,
        "bbox": _paper(),
    }
    leader = {"arrowstyle": "-", "color": label.colour, "linewidth": 1, "shrinkA": 0, "shrinkB": 2}
    return axes.annotate(
        label.words,
        (label.x, label.y),
        xytext=(12, 0),
        textcoords="offset points",
        arrowprops=leader,
        **look,
    )


def _paper() -> dict[str, object]:
    """The background of words that stand on lines."""
    return {"boxstyle": "square,pad=0.15", "facecolor": style.palette().paper, "edgecolor": "none"}


def callout(
    axes: Axes,
    point: tuple[float, float],
    words: str,
    *,
    offset: tuple[float, float],
    **look: object,
) -> None:
    """Write `words` beside a point, `offset` pixels away, on paper so that no line runs through the letters."""
    look = {"color": style.palette().ink, "ha": "left", "va": "center", "fontweight": "bold"} | look
    side = ({"left": 0, "right": 1}.get(str(look["ha"]), 0.5), 0.5)
    leader = {
        "arrowstyle": "-",
        "color": look["color"],
        "linewidth": 1.2,
        "shrinkA": 0,
        "shrinkB": 4,
        "relpos": side,
    }
    away = tuple(style.points(px) for px in offset)
    note = axes.annotate(
        words,
        point,
        xytext=away,
        textcoords="offset points",
        bbox=_paper(),
        arrowprops=leader,
        zorder=6,
        **look,
    )
    note.set_in_layout(False)


def stand(axes: Axes, places: Sequence[float], words: Sequence[str]) -> None:
    """Write each of the words upon the horizontal axis at its place, moved aside until none touches another.

    Call it once the layout is fixed.
    """
    look = {
        "ha": "center",
        "va": "bottom",
        "fontweight": "bold",
        "linespacing": 1.1,
        "zorder": 6,
        "bbox": _paper(),
    }
    floor, box = axes.get_ylim()[0], axes.get_window_extent()
    notes = [
        axes.annotate(text, (place, floor), xytext=(0, 4), textcoords="offset points", **look)
        for place, text in zip(places, words, strict=True)
    ]
    wide = (
        max((note.get_window_extent().width for note in notes), default=0)
        + style.type_scale().figure
    )
    pixels = [axes.transData.transform((place, floor))[0] for place in places]
    for note, start, place in zip(
        notes, pixels, spread(pixels, wide, box.x0 + wide / 2, box.x1), strict=True
    ):
        note.xyann = (style.points(place - start), 4)
        note.set_in_layout(False)


def inline(axes: Axes, point: tuple[float, float], words: str, colour: str) -> Annotation:
    """Write a line's name on the line itself, from `point` to the right."""
    return axes.annotate(
        words, point, color=colour, fontweight="bold", va="center", bbox=_paper(), zorder=4
    )


def label_starts(axes: Axes, labels: Sequence[EndLabel]) -> None:
    """Write each name on its own line near the left end, further right where names would meet.

    Call it once the layout is fixed; the lines must be level at their left end.
    """
    size, taken = style.type_scale().figure, dict[int, list[float]]()
    line, width = (
        size * 1.2,
        14 + 0.62 * size * max((len(label.words) for label in labels), default=0),
    )
    for label in labels:
        x, y = axes.transData.transform((label.x, label.y))
        columns = (
            column
            for column in range(len(labels))
            if all(abs(y - other) > line for other in taken.get(column, []))
        )
        column = next(columns)
        taken.setdefault(column, []).append(y)
        place = axes.transData.inverted().transform((x + 14 + width * column, y))
        inline(axes, tuple(place), label.words, label.colour)


def settle(axes: Axes) -> None:
    """Lay the figure out once and keep that layout, so that positions in pixels hold from here on."""
    drawing = axes.figure
    drawing.draw_without_rendering()
    drawing.set_layout_engine("none")
