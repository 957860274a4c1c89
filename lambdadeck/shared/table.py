"""Small tables for a slide: HTML for the browser, text for everything else."""

import html
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from lambdadeck.shared import style

_RIGHT = ' align="right"'
_GRID, _STEPS = 49 / 1152, 23  # of a slide's width, and how often it fits
_FOOTER = 90  # characters in the footer of a slide
_EM, _STEP_EM = 0.53, 49 / 24  # of a letter, and of a step of the grid beside letters of 24 px


@dataclass(frozen=True)
class Bars:
    """Bars to scale in front of a column's words: for each row its parts, as (length, look).

    A look is INIT (hatched), handler (solid), or an outline: recorded INIT, replayed. `steps` of
    the slide's grid is the least room of the longest bar.
    """

    header: str
    rows: Sequence[Sequence[tuple[float, str]]]
    steps: int = 3


@dataclass(frozen=True)
class Table:
    """Headers and rows of text, with a caption that says where the numbers come from.

    `number` joins the title of its slide. A cell that ends with a word of `bold` is bold.
    A row that begins with a word of `lifted` has a panel below it.
    """

    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    number: str = field(default="", kw_only=True)
    bold: tuple[str, ...] = field(default=("differs", "skipped"), kw_only=True)
    lifted: tuple[str, ...] = field(default=(), kw_only=True)
    bars: Bars | None = field(default=None, kw_only=True)

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, object], dict[str, object]]:
        about = for_slide(self.number, _brief(self.caption))
        return {"text/html": self._repr_html_(), "text/plain": str(self)}, about

    def _repr_html_(self) -> str:
        columns = list(zip(self.headers, *self.rows, strict=True))
        numeric = [_is_numeric(cells) for _, *cells in columns]
        numeric[0] = False  # the first column names the row
        steps, marked = _steps(columns, self.bars), [list(map(_escaped, row)) for row in self.rows]
        if self.bars:
            at = self.headers.index(self.bars.header)
            numeric[at] = False  # the words follow their bar
            drawn = _drawn(self.bars, columns[at][1:], steps[at])
            for cells, bar in zip(marked, drawn, strict=True):
                cells[at] = bar + cells[at]
        head = "".join(map(_heading, self.headers, numeric))
        body = "".join(
            self._html_row(row, cells, numeric)
            for row, cells in zip(self.rows, marked, strict=True)
        )
        brief = _brief(self.caption)
        rest = f'<span class="rest">{_escaped(self.caption[len(brief) :])}</span>'
        caption = f"<p>{_escaped(brief)}{rest}</p>" if self.caption else ""
        widths = "".join(f'<col style="width: {100 * _GRID * step:.3f}%">' for step in steps[:-1])
        return (
            f'<div class="lambdadeck-table"><table><colgroup>{widths}<col></colgroup>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{caption}</div>"
        )

    def _html_row(self, row: Sequence[str], marked: Sequence[str], numeric: Sequence[bool]) -> str:
        """Return a row of cells; `marked` is the markup in each of them."""
        marks, bold = _marks(), ' style="font-weight: bold"'
        cells = (
            f"<td{_RIGHT if number else ''}"
            f"{marks.get(cell) or (bold if cell.endswith(self.bold) else '')}>{markup}</td>"
            for cell, markup, number in zip(row[1:], marked[1:], numeric[1:], strict=True)
        )
        look = ' class="lifted"' if row[0] in self.lifted else ""
        return f'<tr{look}><th scope="row">{marked[0]}</th>{"".join(cells)}</tr>'

    def __str__(self) -> str:
        lines = [self.headers, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.headers))]
        text = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        ]
        return "\n".join([*text, *filter(None, [self.caption])])

    __repr__ = __str__


def for_slide(number: str, source: str = "") -> dict[str, object]:
    """Return an output's metadata for its slide: a number for the title, a source for the footer.

    What is "" is left out.
    """
    given = {"number": number, "source": source}
    words = {name: text for name, text in given.items() if text}
    return {"lambdadeck": words} if words else {}


def table_of(
    rows: Sequence[Mapping[str, object]],
    caption: str = "",
    number: str = "",
    bars: Bars | None = None,
) -> Table:
    """Return a row for each mapping, with the keys as headers; omit columns that are all empty.

    ValueError without a row: an empty table would look like a finding.
    """
    if not rows:
        raise ValueError("There is no row to show. Run the cell that makes them first.")
    named = dict.fromkeys(name for row in rows for name in row)
    names = [name for name in named if any(text(row.get(name)) for row in rows)]
    cells = [[text(row.get(name)) for name in names] for row in rows]
    return Table(names, cells, caption, number=number, bars=bars)


def _letters(name: str) -> int:
    """Return the width of a heading: a long one may take two lines."""
    return max(1, *map(len, name.split()), len(name) if len(name) < 12 else len(name) // 2 + 1)


def _brief(caption: str) -> str:
    """Return as many sentences or parts of a caption as the footer of a slide holds."""
    ends = [found.end() for found in re.finditer(r"\.(?= )| [·(]|;(?![^(]*\))|$", caption)]
    last = max((end for end in ends if end <= _FOOTER), default=_FOOTER)
    return caption[:last].rstrip(" ·;(")


def _steps(columns: Sequence[Sequence[str]], bars: Bars | None) -> list[int]:
    """Return the width of each column in steps of the grid: what its longest cell needs.

    The widest columns give what is missing; all share what is left, or the bars get it.
    """
    ems = [_EM * max(_letters(name), *map(len, cells)) + 0.9 for name, *cells in columns]
    steps = [max(2, math.ceil(em / _STEP_EM)) for em in ems]
    names = [name for name, *_ in columns]
    if bars:
        steps[names.index(bars.header)] += bars.steps
    while sum(steps) > _STEPS and max(steps) > 2:
        steps[steps.index(max(steps))] -= 1
    left = max(0, _STEPS - sum(steps))
    if bars:
        steps[names.index(bars.header)] += left
        return steps
    return [step + left // len(steps) + (at < left % len(steps)) for at, step in enumerate(steps)]


def _drawn(bars: Bars, words: Sequence[str], steps: int) -> list[str]:
    """Return the markup of each row's bar, as long as the words beside it permit."""
    room = steps * _STEP_EM
    beside = [_EM * len(text) + 1.8 for text in words]
    lengths = [sum(length for length, _ in row) for row in bars.rows]
    fits = [(room - em) / length for em, length in zip(beside, lengths, strict=True) if length]
    scale = 100 / room * min(fits, default=0)
    gap = '<span style="margin-right: 0.4em"></span>'
    parts = [[_part(scale * length, look) for length, look in row] for row in bars.rows]
    return ["".join([*row, gap]) if row else "" for row in parts]


def _part(percent: float, look: str) -> str:
    shape = f"display: inline-block; width: {percent:.2f}%; height: 0.9em; vertical-align: middle"
    return f'<span style="{shape}; {_looks()[look]}"></span>'


@cache
def _looks() -> dict[str, str]:
    """Return how a bar looks: only INIT is hatched, what this run did not measure is an outline."""
    colors = style.palette()
    hatch = f"repeating-linear-gradient(135deg, {colors.cold} 0 2px, {colors.paper} 2px 6px)"
    return {
        "INIT": f"background: {hatch}; border: 2px solid {colors.cold}",
        "handler": f"background: {colors.aws_lambda}; border-left: 3px solid {colors.aws_lambda}",
        "recorded INIT": f"border: 2px dashed {colors.cold}",
        "replayed": f"border: 2px dashed {colors.aws_lambda}",
    }


@cache
def _marks() -> dict[str, str]:
    """Return the style of words with one meaning on every slide: bold, never color alone."""
    colors = style.palette()
    meant = {"cold": colors.cold, "warm": colors.aws_lambda, "differs": colors.ink}
    look = ' style="color: {}; font-weight: bold; white-space: nowrap"'
    return {word: look.format(color) for word, color in meant.items()}


def _escaped(text: str) -> str:
    return html.escape(text).replace("$", "<span>$</span>")  # MathJax reads a formula between two


def _heading(name: str, number: bool) -> str:
    look = _RIGHT if number else ""
    return f'<th scope="col"{look}>{_escaped(name)}</th>'


def _is_numeric(column: Sequence[str]) -> bool:
    number = r"-?[0-9][0-9,]*(\.[0-9]+)?|–|"
    return all(re.fullmatch(number, cell) for cell in column) and any(column)


def text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {text(item)}" for name, item in value.items())
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
