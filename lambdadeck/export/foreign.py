"""Admit other people's notebooks: what a page cannot show is named in its place."""

from nbformat import NotebookNode

from lambdadeck.export.outputs import WIDGET, has_form
from lambdadeck.export.validation import check
from lambdadeck.notebook.errors import NotebookError

ALT = "A picture that the notebook does not describe"


def admit(cells: list[NotebookNode]) -> None:
    """Let the code cells' errors, widgets, scripts and undescribed pictures pass, in place."""
    for cell in cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                cell.metadata.setdefault("tags", []).append("raises-exception")
            if "data" in output:
                _admit(output)


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
