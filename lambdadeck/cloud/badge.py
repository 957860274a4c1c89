"""Show which cloud answers: connect()'s badge, and a strip on every slide while it is AWS.

The strip is a style sheet without a script: one rule for the page's body, in JupyterLab too.
"""

import datetime as dt
import html
import json
from collections.abc import Callable, Iterable

from lambdadeck.shared import redaction, style

LOCAL_WORDS = "the embedded cloud on this machine"


def local(region: str, today: dt.date | None = None) -> str:
    """Return the badge of the embedded cloud, as HTML."""
    said = f"{LOCAL_WORDS} · {region} · no AWS account, no network, no cost"
    return _badge("local", "LOCAL", said + _old_prices(region, today))


def browser(region: str) -> str:
    """Return the badge of a page that runs, as HTML."""
    said = f"a Lambda inside this page · {region} · no AWS account, no network, no cost"
    return _badge("local", "BROWSER", said)


def aws(region: str, account: str, endpoint: str, today: dt.date | None = None) -> str:
    """Return the badge of real AWS, as HTML, with the strip in it."""
    said = f"a real account, {redaction.account(account)} · {region} · calls cost money"
    elsewhere = "" if ".amazonaws." in endpoint else f" · at {endpoint}"
    said += elsewhere + _old_prices(region, today)
    look = f"border-left-color: {_colors()[0]} !important"
    return f"{_badge('aws', 'AWS', said, look)}<style>{strip(region, account)}</style>"


def strip(region: str, account: str) -> str:
    """Return the style sheet: a strip at the top of every slide, at the bottom of other pages."""
    alarm, paper = _colors()
    words = f"AWS · real account {redaction.account(account)} · {region} · calls cost money"
    look = {
        "content": json.dumps(words, ensure_ascii=False).replace("<", "\\3c "),
        "position": "fixed",
        "z-index": "2147483647",
        "bottom": "0",
        "left": "0",
        "right": "0",
        "pointer-events": "none",
        "padding": "0 calc(60px * var(--k, 1))",
        "background": alarm,
        "color": paper,
        "font": "700 calc(20px * var(--k, 1)) / calc(24px * var(--k, 1)) var(--font, sans-serif)",
    }
    rules = "; ".join(f"{name}: {value} !important" for name, value in look.items())
    slide = "body.rise-enabled::after { top: 0 !important; bottom: auto !important }"
    return f"body::after {{ {rules} }} {slide}"


def _colors() -> tuple[str, str]:
    return style.palette().bad, style.palette().paper


def _old_prices(region: str, today: dt.date | None) -> str:
    """Return a note if the region's prices are more than 180 days old (default: today), or ""."""
    from lambdadeck import prices  # only here: it imports numpy

    days: dict[str, Callable[[], Iterable[dt.date]]] = {
        "Lambda": lambda: (
            prices.lambda_price(region, one).last_confirmed for one in prices.ARCHITECTURES
        ),
        "EC2": lambda: prices.ec2_catalogue(region).last_confirmed.tolist(),
    }
    said = ""
    for kind, of_region in days.items():
        try:
            note = prices.stale_note(min(of_region()), today)
        except prices.UnknownPrice:
            continue
        said += f" · {kind} {note}" if note else ""
    return said


def _badge(kind: str, name: str, said: str, look: str = "") -> str:
    styled = f' style="{look}"' if look else ""
    words = f"<strong>{name}</strong> {html.escape(said)}"
    return f'<div class="badge badge-{kind}" role="status"{styled}>{words}</div>'
