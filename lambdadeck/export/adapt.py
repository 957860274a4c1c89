"""Adapt a notebook's markup to the page: themed colors, scrolling tables, no empty header cells."""

import re
from functools import cache

from markupsafe import Markup

from lambdadeck.export.page import DECK_ASSETS


def adapted(markup: str) -> Markup:
    """Return the markup with the theme's colors, scrollable tables and no empty header cells."""
    empty = r"<th\b([^>]*)>\s*</th>"
    markup = re.sub(empty, lambda found: f"<td{_unscoped(found[1])}></td>", markup)
    markup = re.sub(r'style="[^"]*"', lambda found: _themed(found[0]), markup)
    boxed = re.sub(r"(?s)<table\b.*?</table>", r'<div class="scroller">\g<0></div>', markup)
    return Markup(boxed)


def _unscoped(attributes: str) -> str:
    return re.sub(r"\s+scope=\S+", "", attributes)


def _themed(style: str) -> str:
    color = r"#[0-9a-fA-F]{6}\b"
    return re.sub(color, lambda found: _names().get(found[0].lower(), found[0]), style)


@cache
def _names() -> dict[str, str]:
    """Map each palette color to its custom property, the first if it has two."""
    css = (DECK_ASSETS / "tokens.css").read_text(encoding="utf-8")
    found = re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{6});", css)
    light = [(color.lower(), name) for name, color in found if not name.startswith("dark-")]
    return {color: f"var(--{name})" for color, name in reversed(light)}
