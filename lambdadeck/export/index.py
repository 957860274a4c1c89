"""Make the index of the exported pages: the talk, and each lab with its minutes and objectives."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from lambdadeck.export import about
from lambdadeck.export import page as inlined
from lambdadeck.notebook import execute

STYLES = ("tokens.css", "fonts.css", "css/unscripted.css", "css/index.css")


@dataclass(frozen=True)
class PageEntry:
    """A page in the index: its file, and data from its notebook's first cell."""

    file: str
    title: str
    minutes: str
    objectives: list[str]


def page(notebooks: Iterable[Path], site: str = "") -> str:
    """Return the index page as HTML without requests or scripts."""
    return inlined.template("contents.html.j2").render(
        entries=[page_entry(path) for path in notebooks],
        style=Markup(inlined.style(STYLES)),
        policy=inlined.policy([]),
        title="AWS Lambda, live: all pages",
        description="A talk whose every claim is proved by the code on its slide, and six labs.",
        **about.page(site),
    )


def page_entry(path: Path) -> PageEntry:
    """Read a notebook's index entry from its first cell."""
    top = execute.read(path).cells[0].source
    title = re.search(r"^# (.+)$", top, re.MULTILINE)
    minutes = re.search(r"\*\*(\d+ minutes)\.\*\*", top)
    objectives = re.findall(r"^- (.+)$", top, re.MULTILINE)
    named = title[1] if title else path.stem
    return PageEntry(f"{path.stem}.html", named, minutes[1] if minutes else "", objectives)
