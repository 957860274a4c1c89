"""A figure as HTML: its picture, its finding and origin, its numbers as a table."""

import html
from collections.abc import Mapping, Sequence
from typing import Any


def figure(words: Mapping[str, Any], picture: str) -> str:
    """Return the markup of a figure from its words (`figures.Figure`'s) and its picture's markup.

    `words` has `title`, `table` with headers and rows, and may have `data`, `source`, `assumed`.
    """
    caption = _words(words) + _numbers_table(
        words["table"], words["title"], words.get("assumed", "")
    )
    picture = f'<div class="picture" data-prevent-swipe>{picture}</div>'
    return f'<figure class="drawing">{picture}<figcaption>{caption}</figcaption></figure>'


def _words(words: Mapping[str, Any]) -> str:
    """Return the finding, which a slide has as its title, and the origin, in short on a slide."""
    title, data = html.escape(words["title"]), html.escape(words.get("data", ""))
    short = html.escape(words.get("source", ""))
    return (
        f'<p class="finding">{title}</p><p class="origin"><span class="short">{short}</span>'
        f'<span class="long">{data}</span></p>'
    )


def _numbers_table(table: Mapping[str, Any], title: str, assumed: str) -> str:
    title = html.escape(title)
    words = f"<p>Assumed: {html.escape(assumed)}.</p>" if assumed else ""
    head = "".join(f'<th scope="col">{html.escape(str(name))}</th>' for name in table["headers"])
    # HTML allows to omit </td> and </tr>, which matters for a thousand rows.
    rows = "".join(f"<tr>{''.join(map(_td, row))}" for row in table["rows"])
    return (
        '<details class="numbers"><summary>The numbers'
        f'<span class="aside"> of: {title}</span></summary>'
        '<div class="sheet" data-prevent-swipe>'
        f'<table class="{_numeric(table["rows"])}"><caption>{title}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{words}</div></details>"
    )


def _td(value: object) -> str:
    if value is None:
        return "<td>unknown"
    # 12 digits: the others are floating-point noise.
    return f"<td>{value:.12g}" if _is_number(value) else f"<td>{html.escape(str(value))}"


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _numeric(rows: Sequence[Sequence[object]]) -> str:
    """Return a class for each column of numbers: shorter than a class on each cell."""
    columns = enumerate(zip(*rows, strict=True), 1)
    return " ".join(f"number-{place}" for place, values in columns if any(map(_is_number, values)))
