"""The look of what a lab shows, from the project's tokens: inline, so that it holds in any notebook and in the exported page."""

from __future__ import annotations

import html
from collections.abc import Iterable

from lambdadeck.shared import style


def colour(name: str) -> str:
    """A colour of tokens.css, by its name there; the exported page has it as a property and themes it."""
    return f"var(--{name}, {style.tokens()[name]})"


def box(content: str, edge: str = "muted") -> str:
    """HTML content on a panel of its own; `edge` is the colour of its left edge."""
    look = (
        f"background: {colour('panel')}; color: {colour('ink')}; border-left: 6px solid {colour(edge)}; "
        "padding: 0.5em 1em; margin: 0.3em 0; max-width: 46em; line-height: 1.45"
    )
    return f'<div class="lambdadeck-lesson" role="status" style="{look}">{content}</div>'


def listed(items: Iterable[str]) -> str:
    """Words as an unordered list."""
    return f"<ul style='margin: 0.3em 0'>{''.join(f'<li>{html.escape(item)}</li>' for item in items)}</ul>"
