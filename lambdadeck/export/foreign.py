"""Admit other people's notebooks: what a page cannot show is named in its place."""

import re
from pathlib import Path

from nbformat import NotebookNode

from lambdadeck.export.markdown import Renderer, rendered
from lambdadeck.export.outputs import WIDGET, has_form
from lambdadeck.export.validation import check
from lambdadeck.notebook.errors import NotebookError

ALT = "A picture that the notebook does not describe"


_MARKDOWN_PICTURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<url>[^)\s]+)[^)]*\)")
_HTML_PICTURE = re.compile(r"<img\b[^>]*?\bsrc=[\"'](?P<url>[^\"']+)[^>]*>")


def admit(cells: list[NotebookNode], folder: Path) -> None:
    """Let errors, widgets, scripts and missing pictures pass, in place; paths are from `folder`."""
    for cell in cells:
        if cell.cell_type == "markdown":
            _admit_words(cell, folder)
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                cell.metadata.setdefault("tags", []).append("raises-exception")
            if "data" in output:
                _admit(output)


def _admit_words(cell: NotebookNode, folder: Path) -> None:
    """Replace a cell's pictures that cannot be shown; show it as it was written if that fails."""
    renderer = Renderer(folder, cell.get("attachments", {}))
    for pattern in (_MARKDOWN_PICTURE, _HTML_PICTURE):
        cell.source = pattern.sub(lambda found: _picture(found, renderer), cell.source)
    try:
        check(rendered(cell.source, folder, cell.get("attachments")))
    except NotebookError as error:
        cell.cell_type = "raw"
        cell.source += f"\n(Shown as it was written: {error})"


def _picture(found: re.Match[str], renderer: Renderer) -> str:
    """Return the picture, with an alternative text; what it is called if it cannot be shown."""
    alt = found.groupdict().get("alt", "")
    try:
        renderer.picture(found["url"])
    except NotebookError as error:
        return f"(Not shown: {alt or 'a picture'}. {error})"
    if found.re is _MARKDOWN_PICTURE:
        return found[0] if alt.strip() else found[0].replace("![", f"![{ALT}", 1)
    return found[0] if "alt=" in found[0] else found[0].replace("<img", f'<img alt="{ALT}"', 1)


def _admit(output: NotebookNode) -> None:
    data, about = output.data, output.setdefault("metadata", NotebookNode())
    data.pop(WIDGET, None)
    for kind in [kind for kind in data if kind.startswith("image/")]:
        about[kind] = {"alt": ALT} | about.get(kind, {})
    if problem := _problem(data):
        del data["text/html"]
        data.setdefault("text/plain", "")
        data["text/plain"] += f"\n(Not shown as in the notebook: {problem})"
    if not has_form(data):
        data["text/plain"] = f"(Not shown: {', '.join(data) or 'a widget'}.)"


def _problem(data: NotebookNode) -> str:
    """Return why the output's HTML cannot be shown; "" if it can, or if there is none."""
    try:
        check(data.get("text/html", ""))
    except NotebookError as error:
        return str(error)
    return ""
