"""A figure: a matplotlib drawing with its finding, its words, and its numbers."""

from __future__ import annotations

import base64
import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.layout_engine import ConstrainedLayoutEngine

from lambdadeck.costs import Floats, Numbers, lambda_bill
from lambdadeck.figures.labels import drawing_of, wrapped
from lambdadeck.prices.origin import Origin
from lambdadeck.shared import style
from lambdadeck.shared.table import title_number

MIME = "application/vnd.lambdadeck.figure+json"  # the figure as words and numbers
Cell: TypeAlias = str | int | float | None  # None is an unknown, never zero
Table: TypeAlias = tuple[Sequence[str], Sequence[Sequence[Cell]]]
_PAD = 8  # pixels between the drawing's edge and its text


@dataclass(frozen=True)
class Figure:
    """A drawing with its finding as title, alternative text, a line on how to read it, its numbers.

    `table` is (headers, rows) in the units that the headers name; `data` is the corner text:
    region, date, source. `assumed` is all that a comparison assumes, if it does.
    """

    fig: Drawing
    title: str
    alt: str
    how_to_read: str
    table: Table
    data: str
    number: str = ""  # joins the title of its slide
    assumed: str = ""

    @style.styled
    def png(self, scale: float = 1.5) -> bytes:
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
        headers, rows = self.table
        width, height = (round(inches * style.DPI) for inches in self.fig.get_size_inches())
        bundle: dict[str, object] = {
            "image/png": base64.b64encode(self.png()).decode("ascii"),
            "text/plain": "\n".join([self.title, self.alt, self.how_to_read, self.data]),
            MIME: {
                "title": self.title,
                "alt": self.alt,
                "how_to_read": self.how_to_read,
                "data": self.data,
                "assumed": self.assumed,
                "table": {"headers": list(headers), "rows": [list(row) for row in rows]},
            },
        }
        about = {"width": width, "height": height, "alt": self.alt}
        return bundle, {"image/png": about, **title_number(self.number)}


@style.styled
def figure(
    *,
    title: str,
    alt: str,
    how_to_read: str,
    table: Table,
    where: Origin,
    draw: Callable[[Axes], None],
    size: tuple[float, float] = style.SIZE,
    number: str = "",
    assumed: str = "",
) -> Figure:
    """Return the figure that `draw` makes in empty axes; `size` is in inches."""
    how_to_read = f"How to read: {how_to_read}"
    axes = frame(title, how_to_read, where, size)
    draw(axes)
    alt = f"{alt} Assumed: {assumed}." if assumed else alt
    return Figure(drawing_of(axes), title, alt, how_to_read, table, where.text, number, assumed)


def frame(title: str, how_to_read: str, where: Origin, size: tuple[float, float]) -> Axes:
    """Draw empty axes between the title and, below, the reading line and the data's origin.

    The warning (such as old prices) stands out above the origin. Long text wraps, and the axes make
    room for it.
    """
    drawing = Drawing(figsize=size, dpi=style.DPI)
    top = _heading(drawing, title)
    bottom = _footer(drawing, how_to_read, where)
    layout = ConstrainedLayoutEngine(rect=(0.01, bottom, 0.98, top - bottom), w_pad=0, h_pad=0.04)
    drawing.set_layout_engine(layout)
    return drawing.add_subplot()


def known(number: float, digits: int) -> float | None:
    """Return a rounded cell of a table; None if the number is unknown (NaN)."""
    return None if math.isnan(number) else round(float(number), digits)


def million_usd(
    ms: Numbers, memory_mb: float, region: str, arch: str, rounding_ms: float = 1e-6
) -> Floats:
    """Return US dollars for a million calls, by default not rounded up to whole ms."""
    bill = lambda_bill(1e6, ms, memory_mb, region=region, arch=arch, rounding_ms=rounding_ms)
    return np.asarray(bill.total_usd)


def _heading(drawing: Drawing, title: str) -> float:
    """Draw the title; return the height below it, as a share of the drawing."""
    size, pad = style.type_scale().figure_title, _share(drawing, _PAD)
    return 1 - _block(drawing, title, size, 1 - pad, va="top", fontweight=600) - pad


def _footer(drawing: Drawing, how_to_read: str, where: Origin) -> float:
    """Draw the bottom lines; return their height, as a share of the drawing."""
    px, colors = style.type_scale().figure_source, style.palette()
    low = _share(drawing, _PAD)
    low += _block(drawing, where.data, px, low, va="bottom", color=colors.muted)
    if where.warning:
        low += _share(drawing, _PAD / 4)
        warning, bold = f"Note: {where.warning}.", {"color": colors.bad, "fontweight": 600}
        low += _block(drawing, warning, px, low, va="bottom", **bold)
    low += _share(drawing, _PAD / 2)
    return low + _block(drawing, how_to_read, px, low, va="bottom", fontstyle="italic")


def _block(drawing: Drawing, words: str, px: int, y: float, **look: Any) -> float:
    """Draw wrapped text at height `y`; return its height, as a share of the drawing."""
    text = drawing.text(0.01, y, "", fontsize=style.points(px), linespacing=1.1, **look)
    text.set_text(wrapped(text, words, drawing.bbox.width * 0.98))
    text.set_in_layout(False)
    return text.get_window_extent().height / drawing.bbox.height


def _share(drawing: Drawing, px: float) -> float:
    return px / drawing.bbox.height
