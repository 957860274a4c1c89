"""Markup made for a notebook, adapted to the page: colours follow the theme, wide tables scroll, headers say something."""

from __future__ import annotations

import re
from functools import cache

from markupsafe import Markup

from lambdadeck.export.page import DECK_ASSETS


def adapted(markup: str) -> Markup:
    """The same markup: palette colours as the theme's, tables in boxes that can scroll, no header cell without words."""
    markup = re.sub(
        r"<th\b([^>]*)>\s*</th>", lambda found: f"<td{_unscoped(found[1])}></td>", markup
    )
    coloured = re.sub(r'style="[^"]*"', lambda found: _themed(found[0]), markup)
    return Markup(
        re.sub(r"(?s)<table\b.*?</table>", r'<div class="scroller">\g<0></div>', coloured)
    )


def _unscoped(attributes: str) -> str:
    return re.sub(r"\s+scope=\S+", "", attributes)


def _themed(style: str) -> str:
    return re.sub(
        r"#[0-9a-fA-F]{6}\b", lambda found: _names().get(found[0].lower(), found[0]), style
    )


@cache
def _names() -> dict[str, str]:
    """Palette colour to the custom property that holds it; the first name of a colour that has two."""
    css = (DECK_ASSETS / "tokens.css").read_text(encoding="utf-8")
    found = re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{6});", css)
    light = [
        (colour.lower(), f"var(--{name})") for name, colour in found if not name.startswith("dark-")
    ]
    return dict(reversed(light))
