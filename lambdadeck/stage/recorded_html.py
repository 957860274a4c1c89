"""Turn recorded outputs into static HTML that runs and fetches nothing."""

import base64
import html
from collections.abc import Iterator, Sequence

import nbformat
from nbconvert.preprocessors.coalescestreams import CoalesceStreamsPreprocessor
from nbformat import NotebookNode

from lambdadeck.export import images, outputs
from lambdadeck.export.sanitizer import clean
from lambdadeck.notebook.errors import NotebookError

WIDGETS = "application/vnd.jupyter.widget-state+json"
_KEPT = ("image/svg+xml", "text/html", "image/png", "image/jpeg", "text/latex", "text/plain")


def static(shown: Sequence[NotebookNode], widgets: NotebookNode) -> list[NotebookNode]:
    """Replace widgets by their texts and pictures as HTML; `widgets` is the notebook's metadata."""
    models = widgets.get(WIDGETS, {}).get("state", {})
    cell = NotebookNode({"outputs": list(shown)})
    joined, _ = CoalesceStreamsPreprocessor().preprocess_cell(cell, {}, 0)  # as on the slide
    found = [_static(output, models) for output in joined.outputs]
    # A finished progress bar leaves empty HTML.
    return [output for output in found if output.get("data", {}).get("text/html") != ""]


def fragment(recorded: Sequence[NotebookNode]) -> str:
    """Return the HTML of recorded outputs; those without another form are plain text."""
    return "\n".join(_shown(nbformat.from_dict(output)) for output in recorded)


def _static(output: NotebookNode, models: NotebookNode) -> NotebookNode:
    if output.output_type in ("stream", "error"):
        return output
    data = output.data
    view = data.get(outputs.WIDGET)
    if view and (markup := "".join(_widget(view["model_id"], models))):
        data["text/html"] = f'<div class="recorded-widget">{markup}</div>'
        data["text/plain"] = "A panel with controls, as recorded."
    if "image/png" in data:
        data["image/png"] = images.smaller_base64(data["image/png"])
    output.data = NotebookNode({kind: data[kind] for kind in _KEPT if kind in data})
    return output


def _widget(model_id: str, models: NotebookNode) -> Iterator[str]:
    """Yield the texts and pictures of a widget and its children as HTML, each control as a line."""
    state = models.get(model_id, {}).get("state", {})
    layout = models.get(str(state.get("layout", "")).removeprefix("IPY_MODEL_"), {})
    if layout.get("state", {}).get("display") == "none":
        return
    if state.get("_model_name") == "AccordionModel" and state.get("selected_index") is None:
        return  # it was folded
    for child in state.get("children", []):
        yield from _widget(child.removeprefix("IPY_MODEL_"), models)
    if state.get("_model_name") == "HTMLModel":
        yield str(state.get("value", ""))
    elif state.get("description") and state.get("_model_name") != "PasswordModel":
        name, reading = html.escape(state["description"]), html.escape(_reading(state))
        yield f"<span>{name}: <b>{reading}</b></span> "


def _reading(state: NotebookNode) -> str:
    if "_options_labels" in state:
        chosen = state.get("index")
        return "" if chosen is None else str(state["_options_labels"][chosen])
    value = state.get("value", "")
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _shown(output: NotebookNode) -> str:
    if markup := output.get("data", {}).get("text/html"):
        return f'<div class="html">{clean(markup, with_quiz=False)}</div>'
    # Tagged, because a recorded error is meant to be shown.
    cell = NotebookNode({"outputs": [output], "metadata": {"tags": ["raises-exception"]}})
    try:
        _check_pictures(output)
        return "".join(outputs.shown(cell))
    except (NotebookError, ValueError):
        plain = output.get("data", {}).get("text/plain", "This output cannot be shown.")
        return f"<pre>{html.escape(plain)}</pre>"


def _check_pictures(output: NotebookNode) -> None:
    """Raise ValueError for a picture that is not base64, which could leave its attribute."""
    for kind in ("image/png", "image/jpeg"):
        base64.b64decode("".join(output.get("data", {}).get(kind, "").split()), validate=True)
