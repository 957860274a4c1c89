"""Recorded outputs as static HTML: nothing in it runs, and nothing in it is fetched."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import nbformat
from bleach.css_sanitizer import CSSSanitizer
from bleach.sanitizer import Cleaner
from nbconvert.preprocessors.coalescestreams import CoalesceStreamsPreprocessor
from nbformat import NotebookNode

from lambdadeck.export import images, outputs
from lambdadeck.notebook.errors import NotebookError

WIDGETS = "application/vnd.jupyter.widget-state+json"
_KEPT = ("image/svg+xml", "text/html", "image/png", "image/jpeg", "text/latex", "text/plain")
_TAGS = {
    "a",
    "abbr",
    "b",
    "br",
    "caption",
    "code",
    "col",
    "colgroup",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h3",
    "h4",
    "hr",
    "i",
    "img",
    "kbd",
    "li",
    "ol",
    "p",
    "pre",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
}
_ATTRIBUTES = {
    "class",
    "style",
    "title",
    "role",
    "scope",
    "align",
    "colspan",
    "rowspan",
    "alt",
    "width",
    "height",
}
_STYLES = {
    "background-color",
    "border",
    "color",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "line-height",
    "margin",
    "max-width",
    "padding",
    "text-align",
    "vertical-align",
    "white-space",
    "width",
}


def static(shown: Sequence[NotebookNode], widgets: Mapping[str, object]) -> list[dict]:
    """Outputs without what only a running kernel could fill: of a widget its texts and pictures, as HTML.

    `shown` is a cell's list of nbformat outputs, which may be changed; `widgets` is the notebook's metadata of that name.
    """
    models = widgets.get(WIDGETS, {}).get("state", {})
    joined = [_static(output, models) for output in _coalesced(shown)]
    return [
        output
        for output in joined
        if output.output_type in ("stream", "error") or _says_something(output.data)
    ]


def _coalesced(shown: Sequence[NotebookNode]) -> list[NotebookNode]:
    """What was printed in pieces is one output, as on the slide."""
    cell, _ = CoalesceStreamsPreprocessor().preprocess_cell(
        NotebookNode({"outputs": list(shown)}), {}, 0
    )
    return cell.outputs


def fragment(recorded: Sequence[dict]) -> str:
    """The HTML of recorded outputs, in their order, for a place inside any page; what has no form is left as text."""
    return "\n".join(_shown(nbformat.from_dict(output)) for output in recorded)


def cleaned(markup: str) -> str:
    """HTML with what runs, fetches or reaches beyond its place taken out or made visible as text."""
    return _cleaner().clean(markup)


def _static(output: NotebookNode, models: Mapping[str, Mapping]) -> NotebookNode:
    if output.output_type in ("stream", "error"):
        return output
    data = output.data
    if (view := data.get(outputs.WIDGET)) and (
        markup := "".join(_widget(view["model_id"], models))
    ):
        data["text/html"] = f'<div class="recorded-widget">{markup}</div>'
        data["text/plain"] = "A panel with controls, as it stood when it was recorded."
    if "image/png" in data:
        data["image/png"] = base64.b64encode(
            images.smaller(base64.b64decode(data["image/png"]))
        ).decode("ascii")
    output.data = NotebookNode({kind: data[kind] for kind in _KEPT if kind in data})
    return output


def _says_something(data: Mapping[str, str]) -> bool:
    """Not so where a progress bar has gone away."""
    return data.get("text/html", "some") != ""


def _widget(model_id: str, models: Mapping[str, Mapping]) -> Iterator[str]:
    """What a widget and those inside it say: their texts and pictures as HTML, controls as a line each."""
    state = models.get(model_id, {}).get("state", {})
    if _layout(state, models).get("display") == "none":
        return
    for child in state.get("children", []):
        yield from _widget(child.removeprefix("IPY_MODEL_"), models)
    if state.get("_model_name") == "HTMLModel":
        yield str(state.get("value", ""))
    elif state.get("description"):
        yield f"<span>{html.escape(state['description'])}: <b>{html.escape(_reading(state))}</b></span> "


def _layout(state: Mapping, models: Mapping[str, Mapping]) -> Mapping:
    return models.get(str(state.get("layout", "")).removeprefix("IPY_MODEL_"), {}).get("state", {})


def _reading(state: Mapping) -> str:
    """What a control says now, in its own words."""
    if "_options_labels" in state:
        chosen = state.get("index")
        return "" if chosen is None else str(state["_options_labels"][chosen])
    value = state.get("value", "")
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _shown(output: NotebookNode) -> str:
    if markup := output.get("data", {}).get("text/html"):
        return f'<div class="html">{cleaned(markup)}</div>'
    # The tag: an error that was recorded was one to be shown.
    cell = NotebookNode({"outputs": [output], "metadata": {"tags": ["raises-exception"]}})
    try:
        _check_pictures(output)
        return "".join(outputs.shown(cell))
    except (NotebookError, ValueError):
        return f"<pre>{html.escape(output.get('data', {}).get('text/plain', 'This output cannot be shown.'))}</pre>"


def _check_pictures(output: NotebookNode) -> None:
    """ValueError for a picture that is not base64 and so could leave its attribute."""
    for kind in ("image/png", "image/jpeg"):
        base64.b64decode("".join(output.get("data", {}).get(kind, "").split()), validate=True)


@cache
def _cleaner() -> Cleaner:
    return Cleaner(
        _TAGS, _allowed, protocols={"https", "data"}, css_sanitizer=CSSSanitizer(_STYLES)
    )


def _allowed(tag: str, name: str, value: str) -> bool:
    if tag == "img" and name == "src":
        return value.startswith(
            ("data:image/png;base64,", "data:image/jpeg;base64,", "data:image/svg+xml;base64,")
        )
    if tag == "a" and name == "href":
        return value.startswith("https://")
    return name in _ATTRIBUTES or name.startswith("aria-")
