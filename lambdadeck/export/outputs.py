"""Render a cell's outputs as HTML: the best form of each, every picture with alternative text."""

import html
import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from markupsafe import Markup
from nbconvert.filters.ansi import ansi2html
from nbformat import NotebookNode

from lambdadeck.export import figure_markup, vector
from lambdadeck.export.markdown import mathml, rendered
from lambdadeck.export.sanitizer import clean
from lambdadeck.export.validation import alternative, check
from lambdadeck.notebook.errors import NotebookError
from lambdadeck.shared import redaction

_PIXELS = re.compile(r"[0-9]{1,5}(?:\.[0-9]+)?")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+=*|@@picture-[0-9]+@@")  # or a token of images.Shrinking
FIGURE = "application/vnd.lambdadeck.figure+json"  # figures.base.MIME, without matplotlib
NUMBERS = "application/vnd.lambdadeck.numbers+json"  # the "your numbers" panel's initial state
_STREAMS = ("stdout", "stderr", "result", "error")
WIDGET = "application/vnd.jupyter.widget-view+json"


def shown(cell: NotebookNode) -> list[str]:
    """Return each output of a code cell as redacted HTML; NotebookError if that fails."""
    redaction.outputs(cell.get("outputs", []))  # the notebook may have run elsewhere
    return [text for output in cell.get("outputs", []) if (text := _output(output, cell))]


def _output(output: NotebookNode, cell: NotebookNode) -> str:
    if output.output_type == "stream":
        return _terminal(output.text, output.name)
    if output.output_type == "error":
        if "raises-exception" not in cell.metadata.get("tags", []):
            problem = f"it failed with {output.ename}: {output.evalue}"
            raise NotebookError(f"{problem}. Fix it, or tag it raises-exception.")
        return _terminal("\n".join(output.traceback), "error")
    return _data(output.get("data", {}), output.get("metadata", {}))


def _terminal(text: str, stream: str) -> str:
    if not text.strip():
        return ""
    kind = stream if stream in _STREAMS else "stdout"
    return f'<pre class="terminal {kind}" tabindex="-1">{ansi2html(text)}</pre>'


def _data(data: NotebookNode, about: NotebookNode) -> str:
    if WIDGET in data and not data.keys() & (_FORMS.keys() - {"text/plain"}):
        problem = "its output is a widget, which needs a kernel"
        raise NotebookError(f"{problem}. Show a figure or a table instead.")
    for kind, show in _FORMS.items():
        if kind in data:
            return show(data[kind], data, about.get(kind, {}))
    has = ", ".join(data) or "nothing"
    raise NotebookError(f"its output has no form that a page can show, only {has}.")


def has_form(data: NotebookNode) -> bool:
    """Return whether a page can show one of the output's forms."""
    return bool(data.keys() & _FORMS.keys())


def _figure(words: NotebookNode, data: NotebookNode) -> str:
    return figure_markup.figure(words, _picture_of(data, words))


def _picture_of(data: NotebookNode, words: NotebookNode) -> str:
    if svg := data.get("image/svg+xml"):
        return vector.inline(svg, words.get("figure", 1), words["title"], words["alt"])
    if png := data.get("image/png"):
        return _FORMS["image/png"](png, data, NotebookNode({"alt": words["alt"]}))
    raise NotebookError("its figure has no picture: image/png or image/svg+xml.")


def _img(kind: str, content: str, about: NotebookNode) -> str:
    sizes = {name: str(about[name]) for name in ("width", "height") if name in about}
    size = "".join(f' {name}="{px}"' for name, px in sizes.items() if _PIXELS.fullmatch(px))
    words = html.escape(alternative(about.get("alt")))
    if not _BASE64.fullmatch(content):
        raise NotebookError(f"its picture is not {kind} in base64. Run the cell again.")
    return f'<img src="data:image/{kind};base64,{content}" alt="{words}"{size}>'


def _html(content: str) -> str:
    check(content)
    return f'<div class="html">{clean(content)}</div>'


def _latex(content: str) -> str:
    tex = content.strip()
    for start, end in (("$$", "$$"), (r"\[", r"\]"), (r"$\displaystyle", "$"), ("$", "$")):
        if tex.startswith(start) and tex.endswith(end):
            tex = tex[len(start) : -len(end)]
            break
    return clean(f"<p>{mathml(tex, display='block')}</p>")


def number(cells: list[NotebookNode]) -> None:
    """Give each panel and each figure of a notebook a number: their parts need different ids."""
    found = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    for kind, name in ((NUMBERS, "panel"), (FIGURE, "figure")):
        for place, data in enumerate((data for data in found if kind in data), 1):
            data[kind] = {**data[kind], name: place}


def _panel(state: NotebookNode) -> str:
    from lambdadeck.export.panel import panel

    start = dict(state)
    number = start.pop("panel", 1)
    return Markup(panel(start, number))


# The best form first; each is shown from its content, all forms of the output, and its metadata.
_FORMS: dict[str, Callable[[Any, NotebookNode, NotebookNode], str]] = {
    NUMBERS: lambda state, *_: _panel(state),
    FIGURE: lambda words, data, _: _figure(words, data),
    # An <img>, not markup: its scripts and ids cannot reach the page.
    "image/svg+xml": lambda svg, _, about: _img("svg+xml", b64encode(svg.encode()).decode(), about),
    "text/html": lambda markup, *_: _html(markup),
    "image/png": lambda png, _, about: _img("png", "".join(png.split()), about),
    "image/jpeg": lambda jpeg, _, about: _img("jpeg", "".join(jpeg.split()), about),
    "text/latex": lambda tex, *_: _latex(tex),
    "text/markdown": lambda words, *_: _html(rendered(words, Path())),
    "text/plain": lambda words, *_: _terminal(words, "result"),
}
