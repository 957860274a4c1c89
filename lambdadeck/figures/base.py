"""A figure: a matplotlib drawing with its finding, its words, and its numbers."""

from __future__ import annotations

import base64
import csv
import html
import io
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.layout_engine import ConstrainedLayoutEngine

from lambdadeck.costs import Floats, Numbers, lambda_bill
from lambdadeck.figures.labels import drawing_of, wrapped
from lambdadeck.prices.origin import Origin
from lambdadeck.shared import style
from lambdadeck.shared.table import for_slide

MIME = "application/vnd.lambdadeck.figure+json"  # the figure as words and numbers
Cell: TypeAlias = str | int | float | None  # None is an unknown, never zero
Table: TypeAlias = tuple[Sequence[str], Sequence[Sequence[Cell]]]


@dataclass(frozen=True)
class Figure:
    """A drawing with its finding as title, alternative text, a line on how to read it, its numbers.

    `table` is (headers, rows) in the units that the headers name; `data` is the corner text:
    region, date, source; `source` is its short form, for the footer of a slide. `assumed` is all
    that a comparison assumes, if it does.
    """

    fig: Drawing
    title: str
    alt: str
    how_to_read: str
    table: Table
    data: str
    source: str
    number: str = ""  # joins the title of its slide
    assumed: str = ""

    @style.styled
    def png(self, scale: float = 1.5) -> bytes:
        """Return the picture as PNG, `scale` image pixels to a CSS pixel (of 1152 x 484)."""
        picture = io.BytesIO()
        self.fig.savefig(picture, format="png", dpi=style.DPI * scale)
        return picture.getvalue()

    @style.styled
    def svg(self) -> str:
        """Return the picture as SVG, its text as text."""
        picture = io.StringIO()
        with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": self.title}):
            nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
            self.fig.savefig(picture, format="svg", metadata=nothing)
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
        forms, about = self._as_svg() if os.environ.get(style.PICTURES) == "svg" else self._as_png()
        text = "\n".join([self.title, self.alt, self.how_to_read, self.data])
        bundle = {**forms, "text/plain": text, MIME: self._words()}
        return bundle, {**about, **for_slide(self.number, self.source)}

    def _as_svg(self) -> tuple[dict[str, object], dict[str, object]]:
        return {"image/svg+xml": self.svg()}, {}

    def _as_png(self) -> tuple[dict[str, object], dict[str, object]]:
        width, height = (round(inches * style.DPI) for inches in self.fig.get_size_inches())
        png = base64.b64encode(self.png()).decode("ascii")
        forms: dict[str, object] = {"image/png": png, "text/html": self._html(png, width, height)}
        return forms, {"image/png": {"width": width, "height": height, "alt": self.alt}}

    def _words(self) -> dict[str, object]:
        headers, rows = self.table
        return {
            "title": self.title,
            "alt": self.alt,
            "how_to_read": self.how_to_read,
            "data": self.data,
            "source": self.source,
            "assumed": self.assumed,
            "table": {"headers": list(headers), "rows": [list(row) for row in rows]},
        }

    def _html(self, png: str, width: int, height: int) -> str:
        """Return title, picture, and origin; on a slide the style sheet makes a footer of them."""
        title, alt, data, source = map(html.escape, (self.title, self.alt, self.data, self.source))
        return (
            f'<figure class="lambdadeck-figure"><figcaption>{title}</figcaption>'
            f'<img src="data:image/png;base64,{png}" alt="{alt}" width="{width}" height="{height}">'
            f'<small title="{data}">{source}</small></figure>'
        )


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
    how_to_read = how_to_read[:1].upper() + how_to_read[1:]
    axes = frame(how_to_read, where.warning, size)
    draw(axes)
    alt = f"{alt} Assumed: {assumed}." if assumed else alt
    drawing, (data, source) = drawing_of(axes), (where.text, where.footer)
    return Figure(drawing, title, alt, how_to_read, table, data, source, number, assumed)


def frame(how_to_read: str, warning: str, size: tuple[float, float]) -> Axes:
    """Draw empty axes below the line on how to read them; a warning stands out at the bottom.

    Title and origin are words of the page. Long text wraps, and the axes make room for it.
    """
    drawing, colors = Drawing(figsize=size, dpi=style.DPI), style.palette()
    top = 1 - _block(drawing, how_to_read, 1, va="top", color=colors.muted)
    look = {"va": "bottom", "color": colors.bad, "fontweight": 600}
    bottom = _block(drawing, f"Note: {warning}.", 0, **look) if warning else 0.0
    layout = ConstrainedLayoutEngine(rect=(0, bottom, 0.995, top - bottom), w_pad=0, h_pad=0.06)
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


def _block(drawing: Drawing, words: str, y: float, **look: Any) -> float:
    """Draw wrapped text at height `y`; return its height, as a share of the drawing."""
    text = drawing.text(0, y, "", linespacing=1.1, **look)
    text.set_text(wrapped(text, words, drawing.bbox.width))
    text.set_in_layout(False)
    return text.get_window_extent().height / drawing.bbox.height
