"""The look of what a lab shows, from tokens.css; inline, so that it works in any notebook."""

import html
from collections.abc import Iterable

from lambdadeck.shared import style


def color(name: str) -> str:
    """Return a color of tokens.css by its name there; the exported page themes the property."""
    return f"var(--{name}, {style.tokens()[name]})"


def box(content: str, edge: str = "muted") -> str:
    """Return HTML content on a panel; `edge` names the color of its left edge."""
    look = (
        f"background: {color('panel')}; color: {color('ink')}; padding: 0.5em 1em; "
        f"border-left: 6px solid {color(edge)}; margin: 0.3em 0; font-family: var(--font); "
        "max-width: 46em; line-height: 1.45"
    )
    return f'<div class="lambdadeck-lesson" role="status" style="{look}">{content}</div>'


def listed(items: Iterable[str]) -> str:
    """Return words as an unordered list."""
    rows = "".join(f"<li>{html.escape(item)}</li>" for item in items)
    return f"<ul style='margin: 0.3em 0'>{rows}</ul>"
