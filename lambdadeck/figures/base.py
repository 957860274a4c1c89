"""A figure: a matplotlib drawing with its finding, its words, and its numbers."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, Unpack

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.layout_engine import ConstrainedLayoutEngine

from lambdadeck.figures.labels import TextLook, drawing_of, wrapped
from lambdadeck.shared import style

MIME = "application/vnd.lambdadeck.figure+json"  # the figure as words and numbers
Cell: TypeAlias = str | int | float | None  # None is an unknown, never zero
Table: TypeAlias = tuple[Sequence[str], Sequence[Sequence[Cell]]]
_PAD = 8  # pixels between the drawing's edge and its text


@dataclass(frozen=True)
class Figure:
    """A drawing with its finding as title, alternative text, a line on how to read it, its numbers.

    `table` is (headers, rows) in the units that the headers name; `data` is the corner text:
    region, date, source.
    """

    fig: Drawing
    title: str
    alt: str
    how_to_read: str
    table: Table
    data: str

    @style.styled
    def png(self, scale: float = 2) -> bytes:
        """Return the picture as PNG, `scale` image pixels to a CSS pixel (of 1100 x 400)."""
        picture = io.BytesIO()
        self.fig.savefig(picture, format="png", dpi=style.DPI * scale)
        return picture.getvalue()

    def csv(self) -> str:
        """Return the numbers as CSV with a header line; an unknown is an empty field."""
        headers, rows = self.table
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([headers, *rows])
        return text.getvalue()

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, object], dict[str, object]]:
        width, height = (round(inches * style.DPI) for inches in self.fig.get_size_inches())
        bundle: dict[str, object] = {
            "image/png": base64.b64encode(self.png()).decode("ascii"),
            "text/plain": "\n".join([self.title, self.alt, self.how_to_read, self.data]),
            MIME: self._words(),
        }
        return bundle, {"image/png": {"width": width, "height": height, "alt": self.alt}}

    def _words(self) -> dict[str, object]:
        headers, rows = self.table
        table = {"headers": list(headers), "rows": [list(row) for row in rows]}
        return {
            "title": self.title,
            "alt": self.alt,
            "how_to_read": self.how_to_read,
            "data": self.data,
            "table": table,
        }


def figure(axes: Axes, title: str, alt: str, how: str, table: Table, data: str) -> Figure:
    """Return the drawing of the axes as a figure."""
    return Figure(drawing_of(axes), title, alt, how, table, data)


@style.styled
def frame(
    title: str,
    how_to_read: str,
    data: str,
    *,
    warning: str = "",
    size: tuple[float, float] = style.SIZE,
) -> Axes:
    """Draw empty axes between the title and, below, the reading line and the data's origin.

    `warning` (such as old prices) stands out above the origin. `size` is in inches. Long text
    wraps, and the axes make room for it.
    """
    drawing = Drawing(figsize=size, dpi=style.DPI)
    top = _heading(drawing, title)
    bottom = _footer(drawing, how_to_read, data, warning)
    layout = ConstrainedLayoutEngine(rect=(0.01, bottom, 0.98, top - bottom), w_pad=0, h_pad=0.04)
    drawing.set_layout_engine(layout)
    return drawing.add_subplot()


def _heading(drawing: Drawing, title: str) -> float:
    """Draw the title; return the height below it, as a share of the drawing."""
    size, pad = style.type_scale().figure_title, _share(drawing, _PAD)
    return 1 - _block(drawing, title, size, 1 - pad, va="top", fontweight="bold") - pad


def _footer(drawing: Drawing, how_to_read: str, data: str, warning: str) -> float:
    """Draw the bottom lines; return their height, as a share of the drawing."""
    px, colors = style.type_scale().figure_source, style.palette()
    low = _share(drawing, _PAD)
    low += _block(drawing, data, px, low, va="bottom", color=colors.muted)
    if warning:
        low += _share(drawing, _PAD / 4)
        look: TextLook = {"va": "bottom", "color": colors.bad, "fontweight": "bold"}
        low += _block(drawing, f"Note: {warning}.", px, low, **look)
    low += _share(drawing, _PAD / 2)
    return low + _block(drawing, how_to_read, px, low, va="bottom", fontstyle="italic")


def _block(drawing: Drawing, words: str, px: int, y: float, **look: Unpack[TextLook]) -> float:
    """Draw wrapped text at height `y`; return its height, as a share of the drawing."""
    text = drawing.text(0.01, y, "", fontsize=style.points(px), linespacing=1.1, **look)
    text.set_text(wrapped(text, words, drawing.bbox.width * 0.98))
    text.set_in_layout(False)
    return text.get_window_extent().height / drawing.bbox.height


def _share(drawing: Drawing, px: float) -> float:
    return px / drawing.bbox.height
