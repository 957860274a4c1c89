"""Which cloud answers, where everybody sees it: the badge that connect() shows, and the strip that stays while it is AWS.

The strip is one style sheet and no script: a rule for the page's body, which holds on every slide, in JupyterLab too.
"""

from __future__ import annotations

import datetime as dt
import html
import json

from lambdadeck.shared import redaction

LOCAL_WORDS = "the embedded cloud on this machine"


def local(region: str, today: dt.date | None = None) -> str:
    """The badge of the embedded cloud, as HTML."""
    return _badge(
        "local",
        "LOCAL",
        f"{LOCAL_WORDS} · {region} · no AWS account, no network, no cost{_old_prices(region, today)}",
    )


def aws(region: str, account: str, endpoint: str, today: dt.date | None = None) -> str:
    """The badge of real AWS, as HTML, with the strip in it."""
    said = f"a real account, {redaction.account(account)} · {region} · calls cost money{_elsewhere(endpoint)}{_old_prices(region, today)}"
    look = f"border-left-color: {_colours()[0]} !important"
    return f"{_badge('aws', 'AWS', said, look)}<style>{strip(region, account)}</style>"


def strip(region: str, account: str) -> str:
    """The style sheet of a strip that stays: across the top of every slide, elsewhere across the bottom of the page."""
    alarm, paper = _colours()
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
    return f"body::after {{ {rules} }} body.rise-enabled::after {{ top: 0 !important; bottom: auto !important }}"


def _colours() -> tuple[str, str]:
    from lambdadeck.shared import (
        style,
    )  # only here: it brings matplotlib, which LOCAL's badge does not need

    return style.palette().bad, style.palette().paper


def _old_prices(region: str, today: dt.date | None) -> str:
    """That the table's prices in the region are more than 180 days old on `today` (the clock's day when None), or nothing."""
    from lambdadeck import prices  # only here: it brings numpy, which a cloud does not need

    said = ""
    for kind, rows in (("Lambda", _lambda_days), ("EC2", _ec2_days)):
        try:
            note = prices.stale_note(min(rows(region)), today)
        except prices.UnknownPrice:
            continue  # what has no price shows none
        said += f" · {kind} {note}" if note else ""
    return said


def _lambda_days(region: str) -> list[dt.date]:
    from lambdadeck import prices

    return [prices.lambda_price(region, arch).as_of for arch in ("x86_64", "arm64")]


def _ec2_days(region: str) -> list[dt.date]:
    from lambdadeck import prices

    return prices.ec2_catalogue(region).as_of.tolist()


def _badge(kind: str, name: str, said: str, look: str = "") -> str:
    styled = f' style="{look}"' if look else ""
    return f'<div class="badge badge-{kind}" role="status"{styled}><strong>{name}</strong> {html.escape(said)}</div>'


def _elsewhere(endpoint: str) -> str:
    return "" if ".amazonaws." in endpoint else f" · at {endpoint}"
