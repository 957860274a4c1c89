"""Describe a page to browsers, search engines, and link previews."""

import html
import re

from lambdadeck.export.markdown import data_url
from lambdadeck.export.page import DECK_ASSETS

LONGEST = 200


def page(site: str) -> dict[str, str]:
    """Return the icon, and the page's folder on the web if it has one, for the templates."""
    return {"icon": data_url(DECK_ASSETS / "icon.svg"), "site": site.rstrip("/")}


def text(markup: str) -> str:
    """Return the text of markup, as one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", markup)).split())


def description(markup: str) -> str:
    """Return the first paragraph's text, cut at a word; "" if there is no paragraph."""
    paragraphs = re.findall(r"<p\b[^>]*>(.*?)</p>", markup, re.DOTALL)
    words = next(filter(None, map(text, paragraphs)), "")
    return words if len(words) <= LONGEST else words[:LONGEST].rsplit(" ", 1)[0] + " …"
