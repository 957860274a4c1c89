"""One figure: a matplotlib drawing with the finding, the words and the numbers that go with it."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from lambdadeck.figures.labels import wrapped
from lambdadeck.shared import style

MIME = "application/vnd.lambdadeck.figure+json"  # the figure as words and numbers
Cell = str | int | float | None  # None is an unknown, never zero
Table = tuple[Sequence[str], Sequence[Sequence[Cell]]]
_PAD = 8  # pixels between the drawing's edge and its text


@dataclass(frozen=True)
class Figure:
    """A drawing, the finding as its title, alternative text, one line on how to read it, the numbers, their origin.

    `table` is (headers, rows) in the units named by the headers; `data` is the corner text: region, date, source.
    """

    fig: Drawing
    title: str
    alt: str
    how_to_read: str
    table: Table
    data: str

    @style.styled
    def png(self, scale: float = 2) -> bytes:
        """The picture as PNG, `scale` image pixels to each CSS pixel (1100 x 400 CSS pixels by default)."""
        picture = io.BytesIO()
        self.fig.savefig(picture, format="png", dpi=style.DPI * scale)
        return picture.getvalue()

    def csv(self) -> str:
        """The numbers as CSV, one header line; an unknown is an empty field."""
        headers, rows = self.table
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([headers, *rows])
        return text.getvalue()

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict, dict]:
        width, height = (round(inches * style.DPI) for inches in self.fig.get_size_inches())
        bundle = {
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


@style.styled
def frame(
    title: str,
    how_to_read: str,
    data: str,
    *,
    warning: str = "",
    size: tuple[float, float] = style.SIZE,
) -> Axes:
    """Empty axes in our style between the title above and, below, the reading line and the data's origin.

    `warning` (old prices, say) stands out above the origin. `size` is in inches. Text that is too long for the width
    wraps, and the axes make room for it.
    """
    drawing = Drawing(figsize=size, dpi=style.DPI, layout="constrained")
    top = _heading(drawing, title)
    bottom = _footer(drawing, how_to_read, data, warning)
    drawing.get_layout_engine().set(rect=(0.01, bottom, 0.98, top - bottom), w_pad=0, h_pad=0.04)
    return drawing.add_subplot()


def _heading(drawing: Drawing, title: str) -> float:
    """Draw the title; the height below it, as a share of the drawing."""
    size = style.type_scale().figure_title
    return (
        1
        - _block(drawing, title, size, 1 - _share(drawing, _PAD), va="top", weight="bold")
        - _share(drawing, _PAD)
    )


def _footer(drawing: Drawing, how_to_read: str, data: str, warning: str) -> float:
    """Draw the bottom lines; the height that they take, as a share of the drawing."""
    px, colours = style.type_scale().figure_source, style.palette()
    low = _share(drawing, _PAD)
    low += _block(drawing, data, px, low, va="bottom", color=colours.muted)
    if warning:
        low += _share(drawing, _PAD / 4)
        low += _block(
            drawing, f"Note: {warning}.", px, low, va="bottom", color=colours.bad, weight="bold"
        )
    low += _share(drawing, _PAD / 2)
    return low + _block(drawing, how_to_read, px, low, va="bottom", style="italic")


def _block(drawing: Drawing, words: str, px: int, y: float, **look: object) -> float:
    """Draw wrapped text at height `y`; how much of the drawing's height it takes."""
    text = drawing.text(0.01, y, "", fontsize=style.points(px), linespacing=1.1, **look)
    text.set_text(wrapped(text, words, drawing.bbox.width * 0.98))
    text.set_in_layout(False)
    return text.get_window_extent().height / drawing.bbox.height


def _share(drawing: Drawing, px: float) -> float:
    return px / drawing.bbox.height
