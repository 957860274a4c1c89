"""What a cell showed, as HTML: the best form of each output, with words for every picture."""

from __future__ import annotations

import base64
import html
from pathlib import Path

from markupsafe import Markup
from nbconvert.filters.ansi import ansi2html
from nbformat import NotebookNode

from lambdadeck.export.markdown import mathml, rendered
from lambdadeck.export.validation import alternative, check
from lambdadeck.notebook.errors import NotebookError
from lambdadeck.shared import redaction

FIGURE = (
    "application/vnd.lambdadeck.figure+json"  # figure.MIME, without importing matplotlib for it
)
NUMBERS = "application/vnd.lambdadeck.numbers+json"  # the "your numbers" panel; its data is the panel's first state
WIDGET = "application/vnd.jupyter.widget-view+json"


def shown(cell: NotebookNode) -> list[str]:
    """Each output of a code cell as HTML, in order, redacted; NotebookError for one that the page cannot show."""
    redaction.outputs(cell.get("outputs", []))  # also those of a notebook that ran elsewhere
    return [text for output in cell.get("outputs", []) if (text := _output(output, cell))]


def _output(output: NotebookNode, cell: NotebookNode) -> str:
    if output.output_type == "stream":
        return _terminal(output.text, output.name)
    if output.output_type == "error":
        if "raises-exception" not in cell.metadata.get("tags", []):
            raise NotebookError(
                f"it failed with {output.ename}: {output.evalue}. Mend it, or tag it raises-exception."
            )
        return _terminal("\n".join(output.traceback), "error")
    return _data(output.get("data", {}), output.get("metadata", {}))


def _terminal(text: str, stream: str) -> str:
    return (
        f'<pre class="terminal {stream}" tabindex="-1">{ansi2html(text)}</pre>'
        if text.strip()
        else ""
    )


def _data(data: NotebookNode, about: NotebookNode) -> str:
    if WIDGET in data and not data.keys() & (_FORMS.keys() - {"text/plain"}):
        raise NotebookError(
            "its output is a widget, which needs a kernel. Show a figure or a table instead."
        )
    for kind, show in _FORMS.items():
        if kind in data:
            return show(data[kind], data, about.get(kind, {}))
    raise NotebookError(
        f"its output has no form that a page can show, only {', '.join(data) or 'nothing'}."
    )


def _figure(words: NotebookNode, data: NotebookNode, about: NotebookNode) -> str:
    caption = _numbers_table(words["table"], words["title"])
    picture = _picture_of(data, words["alt"])
    return f'<figure class="drawing">{picture}<figcaption>{caption}</figcaption></figure>'


def _picture_of(data: NotebookNode, alt: str) -> str:
    for kind in ("image/svg+xml", "image/png"):
        if kind in data:
            return _FORMS[kind](data[kind], data, {"alt": alt})
    raise NotebookError("its figure came without a picture: image/png or image/svg+xml.")


def _numbers_table(table: NotebookNode, title: str) -> str:
    head = "".join(f'<th scope="col">{html.escape(str(name))}</th>' for name in table["headers"])
    # HTML lets the end of a cell and of a row go unsaid; over a thousand rows that is worth it.
    rows = "".join(f"<tr>{''.join(map(_td, row))}" for row in table["rows"])
    return (
        f'<details class="numbers"><summary>The numbers<span class="aside"> of: {html.escape(title)}</span></summary>'
        f'<div class="sheet"><table class="{_numeric(table)}"><caption>{html.escape(title)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _td(value: object) -> str:
    if value is None:
        return "<td>unknown"
    # Twelve digits: what floating point adds beyond them is noise.
    return f"<td>{value:.12g}" if _is_number(value) else f"<td>{html.escape(str(value))}"


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _numeric(table: NotebookNode) -> str:
    """The columns of numbers as classes of the table: on each of a thousand cells they would fill a hundred kilobytes."""
    columns = enumerate(zip(*table["rows"], strict=True), 1)
    return " ".join(f"number-{place}" for place, values in columns if any(map(_is_number, values)))


def _png(content: str, data: NotebookNode, about: NotebookNode) -> str:
    return _img(f"data:image/png;base64,{''.join(content.split())}", about)


def _jpeg(content: str, data: NotebookNode, about: NotebookNode) -> str:
    return _img(f"data:image/jpeg;base64,{''.join(content.split())}", about)


def _svg(content: str, data: NotebookNode, about: NotebookNode) -> str:
    # As a picture, not as markup: what a drawing holds cannot then reach the page, nor its ids the next drawing's.
    return _img(
        f"data:image/svg+xml;base64,{base64.b64encode(content.encode()).decode('ascii')}", about
    )


def _img(source: str, about: NotebookNode) -> str:
    size = "".join(f' {name}="{about[name]}"' for name in ("width", "height") if name in about)
    return f'<img src="{source}" alt="{html.escape(alternative(about.get("alt")))}"{size}>'


def _html(content: str, data: NotebookNode, about: NotebookNode) -> str:
    check(content)
    return f'<div class="html">{content}</div>'


def _latex(content: str, data: NotebookNode, about: NotebookNode) -> str:
    tex = content.strip()
    for start, end in (("$$", "$$"), (r"\[", r"\]"), (r"$\displaystyle", "$"), ("$", "$")):
        if tex.startswith(start) and tex.endswith(end):
            return f"<p>{mathml(tex[len(start) : -len(end)], display='block')}</p>"
    return f"<p>{mathml(tex, display='block')}</p>"


def _markdown(content: str, data: NotebookNode, about: NotebookNode) -> str:
    return _html(rendered(content, Path()), data, about)


def _plain(content: str, data: NotebookNode, about: NotebookNode) -> str:
    return _terminal(content, "result")


def _panel(state: NotebookNode, data: NotebookNode, about: NotebookNode) -> str:
    from lambdadeck.export.panel import panel

    return Markup(panel(dict(state)))


_FORMS = {
    NUMBERS: _panel,
    FIGURE: _figure,
    "image/svg+xml": _svg,
    "text/html": _html,
    "image/png": _png,
    "image/jpeg": _jpeg,
    "text/latex": _latex,
    "text/markdown": _markdown,
    "text/plain": _plain,
}
