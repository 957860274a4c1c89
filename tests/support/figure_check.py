"""Flaws of a drawing: text that is small, cut off, or written over other text."""

from dataclasses import dataclass
from itertools import combinations
from weakref import WeakKeyDictionary

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from lambdadeck.figures.base import Figure
from lambdadeck.shared import style

LEAST_PX = 24
_TOUCH_PX = 1.5  # boxes include the room for accents and descenders


_SHOWN: WeakKeyDictionary[Drawing, list[Text]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Drawn:
    """A drawing alone, to be checked like a figure."""

    fig: Drawing


def texts(figure: Figure | Drawn) -> list[Text]:
    """Return every text that the picture shows, laid out once."""
    if figure.fig not in _SHOWN:
        _SHOWN[figure.fig] = _texts(figure)
    return _SHOWN[figure.fig]


def _texts(figure: Figure | Drawn) -> list[Text]:
    figure.fig.draw_without_rendering()
    hidden = {label for axes in figure.fig.axes for label in _ticks_off(axes)}
    found = figure.fig.findobj(lambda artist: isinstance(artist, Text) and artist.get_visible())
    return [text for text in found if text.get_text().strip() and text not in hidden]


def _ticks_off(axes: Axes) -> list[Text]:
    """Labels of ticks outside the axis' range, which matplotlib keeps but does not draw."""
    off = []
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        slack = (high - low) * 1e-9
        ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
        off += [tick.label1 for tick in ticks if not low - slack <= tick.get_loc() <= high + slack]
    return off


def box(text: Text) -> Bbox:
    """Where the letters are, without the leader line of an annotation."""
    return Text.get_window_extent(text)


def too_small(figure: Figure | Drawn, least_px: int = LEAST_PX) -> list[str]:
    """Texts below `least_px` when the figure is shown at its own size."""
    return [
        text.get_text()
        for text in texts(figure)
        if text.get_fontsize() * style.DPI / 72 < least_px - 0.01
    ]


def cut_off(figure: Figure | Drawn) -> list[str]:
    """Texts that reach past the edge of the picture."""
    page = figure.fig.bbox
    return [text.get_text() for text in texts(figure) if not _within(box(text), page)]


def collisions(figure: Figure | Drawn) -> list[tuple[str, str]]:
    """Pairs of texts that cover each other."""
    boxes = [(text.get_text(), box(text).padded(-_TOUCH_PX)) for text in texts(figure)]
    return [(a, b) for (a, one), (b, other) in combinations(boxes, 2) if one.overlaps(other)]


def _within(inner: Bbox, page: Bbox) -> bool:
    return inner.x0 >= -1 and inner.y0 >= -1 and inner.x1 <= page.x1 + 1 and inner.y1 <= page.y1 + 1
