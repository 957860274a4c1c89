"""The index of the exported pages: the talk, and each lab with its minutes and what one can do after it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from lambdadeck.export import page as inlined

STYLES = ("tokens.css", "css/index.css")


@dataclass(frozen=True)
class Entry:
    """One page: its file beside the index, and what its notebook's first cell says of it."""

    file: str
    title: str
    minutes: str
    objectives: list[str]


def page(notebooks: Iterable[Path]) -> str:
    """The index page as HTML, which asks nothing of the network and runs no script."""
    template = Environment(
        loader=FileSystemLoader(inlined.DECK_ASSETS / "page"), autoescape=True
    ).get_template("contents.html.j2")
    return template.render(
        entries=[entry(path) for path in notebooks],
        style=Markup(inlined.style(STYLES)),
        policy="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'",
    )


def entry(path: Path) -> Entry:
    """What the index says of a notebook, out of its first cell."""
    top = nbformat.read(path, as_version=4).cells[0].source
    title = re.search(r"^# (.+)$", top, re.MULTILINE)
    minutes = re.search(r"\*\*(\d+ minutes)\.\*\*", top)
    objectives = re.findall(r"^- (.+)$", top, re.MULTILINE)
    return Entry(
        f"{path.stem}.html",
        title[1] if title else path.stem,
        minutes[1] if minutes else "",
        objectives,
    )
