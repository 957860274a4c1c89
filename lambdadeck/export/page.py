"""What is inlined into the page, and the content security policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from pathlib import Path

from markupsafe import Markup

from lambdadeck.notebook.errors import NotebookError
from lambdadeck.shared.paths import ASSETS

DECK_ASSETS = ASSETS / "deck"
EARLY = ("js/view.js",)  # before the body: which view, which colours
LATE = (
    "reveal/reveal.js",
    "js/fit.js",
    "js/stage.js",
    "js/speaker.js",
    "js/menu.js",
    "js/cells.js",
    "js/article.js",
    "js/print.js",
    "js/formatting.js",
    "js/costs.js",
    "js/comparison.js",
    "js/curve.js",
    "js/numbers.js",
)
STYLES = (
    "tokens.css",
    "reveal/reveal.css",
    "css/page.css",
    "css/cells.css",
    "css/slides.css",
    "css/article.css",
    "css/print.css",
    "css/dialogs.css",
    "css/numbers.css",
)


def script(names: tuple[str, ...], assets: Path = DECK_ASSETS) -> str:
    """The files as the text of one <script>; NotebookError for what would end the element early."""
    text = "\n".join(_read(assets / name).strip() for name in names)
    if found := re.search(r"</script|<!--", text, re.IGNORECASE):
        raise NotebookError(
            f"A script of the page holds {found[0]!r}, which would end it: write it in two strings."
        )
    return text


@cache
def style(names: tuple[str, ...] = STYLES, assets: Path = DECK_ASSETS) -> str:
    """The style sheets as the text of one <style>, without comments and indentation."""
    text = "\n".join(_read(assets / name) for name in names)
    if re.search(r"@import|url\((?!['\"]?data:)|</style", text):
        raise NotebookError(
            "A style sheet of the page fetches something or ends its element: inline it."
        )
    text = re.sub(r"/\*(?!!).*?\*/", "", text, flags=re.DOTALL)
    return re.sub(r"\n\s*", "\n", text).strip()


def policy(scripts: list[str]) -> str:
    """The content security policy: these scripts and no other, pictures from the page itself, no connection at all.

    Style attributes are allowed, because tables and reveal.js use them; they can fetch nothing, since every source is closed.
    """
    hashes = " ".join(f"'sha256-{_digest(text)}'" for text in scripts)
    return f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def data_block(value: object) -> str:
    """A value as the text of a <script type="application/json">, which no markup in it can leave."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace(
        "<", "\\u003c"
    )


def reveal(assets: Path = DECK_ASSETS) -> dict[str, object]:
    """The version of reveal.js in the page, and its licence, which goes where the program goes."""
    record = json.loads(_read(assets / "reveal" / "version.json"))
    return {
        "reveal_version": record["version"],
        "reveal_licence": Markup(_read(assets / "reveal" / "LICENSE")),
    }


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8").replace("\r\n", "\n")
