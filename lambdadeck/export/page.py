"""Inline scripts and styles into the page, with a policy that allows nothing else."""

import base64
import hashlib
import json
import re
from functools import cache

from jinja2 import Environment, FileSystemLoader, Template
from markupsafe import Markup

from lambdadeck.notebook.errors import NotebookError
from lambdadeck.shared.paths import ASSETS

DECK_ASSETS = ASSETS / "deck"
EARLY = ("js/view.js",)  # before the body: view and colors
LATE = (
    "reveal/reveal.js",
    "js/exhibit.js",
    "js/fit.js",
    "js/stage.js",
    "js/speaker.js",
    "js/menu.js",
    "js/cells.js",
    "js/figures.js",
    "js/article.js",
    "js/print.js",
    "js/formatting.js",
    "js/costs.js",
    "js/quantities.js",
    "js/assumptions.js",
    "js/flip.js",
    "js/comparison.js",
    "js/curve.js",
    "js/ways.js",
    "js/month-csv.js",
    "js/month-bill.js",
    "js/month.js",
    "js/numbers.js",
)
STYLES = (
    "tokens.css",
    "fonts.css",
    "reveal/reveal.css",
    "css/page.css",
    "css/unscripted.css",
    "css/cells.css",
    "css/slides.css",
    "css/article.css",
    "css/print.css",
    "css/dialogs.css",
    "css/numbers.css",
)


def script(names: tuple[str, ...]) -> str:
    """Return the files as the text of one <script>; NotebookError if it ends the element."""
    text = "\n".join(_read(name).strip() for name in names)
    if found := re.search(r"</script|<!--", text, re.IGNORECASE):
        raise NotebookError(f"A page script holds {found[0]!r}, which ends it: split the string.")
    return text


@cache
def style(names: tuple[str, ...] = STYLES) -> str:
    """Return the style sheets as the text of one <style>, without comments and indentation."""
    text = "\n".join(_read(name) for name in names)
    text = re.sub(r'url\("\.\./(fonts/[\w-]+\.woff2)"\)', lambda found: _font(found[1]), text)
    if re.search(r"@import|url\((?!['\"]?data:)|</style", text):
        raise NotebookError("A page style sheet fetches something or ends its element: inline it.")
    text = re.sub(r"/\*(?!!).*?\*/", "", text, flags=re.DOTALL)
    return re.sub(r"\n\s*", "\n", text).strip()


def policy(scripts: list[str], runs: bool = False) -> str:
    """Return the content security policy: only these scripts, inline pictures and fonts.

    A page that runs compiles WebAssembly, and starts workers from its own bytes.
    Tables and reveal.js need style attributes, which cannot fetch anything here.
    """
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()) for text in scripts]
    hashes = " ".join(f"'sha256-{digest.decode('ascii')}'" for digest in digests)
    hashes += " 'wasm-unsafe-eval'; worker-src blob:" if runs else ""
    allowed = f"script-src {hashes}; " if scripts else ""
    pictures = "style-src 'unsafe-inline'; img-src data:; font-src data:"
    return f"default-src 'none'; {allowed}{pictures}; base-uri 'none'; form-action 'none'"


def data_block(value: object) -> str:
    """Return a value as JSON for a <script>; < is escaped, so that it cannot end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def template(name: str) -> Template:
    """Return one of the page's own templates."""
    loader = FileSystemLoader(DECK_ASSETS / "page")
    return Environment(loader=loader, autoescape=True).get_template(name)


def reveal() -> dict[str, object]:
    """Return the version and license of reveal.js, which must be in the page."""
    version = json.loads(_read("reveal/version.json"))["version"]
    return {"reveal_version": version, "reveal_license": Markup(_read("reveal/LICENSE"))}


def _font(name: str) -> str:
    """Return a font of ours as a URL that holds it."""
    font = base64.b64encode((ASSETS / name).read_bytes()).decode("ascii")
    return f'url("data:font/woff2;base64,{font}")'


def _read(name: str) -> str:
    return (DECK_ASSETS / name).read_text(encoding="utf-8").replace("\r\n", "\n")
