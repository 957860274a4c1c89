"""`jupyter nbconvert --to lambdadeck`: the nbconvert exporter."""

from __future__ import annotations

import copy
import datetime as dt
import html
import re
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.preprocessors.coalescestreams import CoalesceStreamsPreprocessor
from nbformat import NotebookNode
from traitlets import default

from lambdadeck.export import images, markdown, outputs, page
from lambdadeck.export.adapt import adapted
from lambdadeck.export.validation import check
from lambdadeck.notebook import RUN
from lambdadeck.notebook.errors import NotebookError, in_cell
from lambdadeck.notebook.slides import Slide, is_article, kind_of, stacks

INDEX = "lambdadeck_index"  # notebook metadata of a page that has an index.html beside it


@dataclass(frozen=True)
class CellView:
    """A cell as HTML; `ran` says where and when its outputs were made."""

    id: str
    skip: bool
    words: Markup = Markup()
    source: Markup = Markup()
    outputs: tuple[Markup, ...] = ()
    ran: str = ""


@dataclass(frozen=True)
class PartView:
    fragment: bool
    cells: list[CellView]


@dataclass(frozen=True)
class SlideView:
    """A slide as HTML; `level` is its heading's, 0 without one."""

    id: str
    title: str
    level: int
    is_shown: bool
    parts: list[PartView]
    notes: list[Markup]


class DeckExporter(TemplateExporter):
    """The notebook as one page that is slides, article and handout, and asks nothing of the network."""

    export_from_notebook = "AWS Lambda deck (one HTML page)"
    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    @default("template_extension")
    def _template_extension_default(self) -> str:
        return ".html.j2"

    @default("template_name")
    def _template_name_default(self) -> str:
        return "page"

    @default("template_paths")
    def _template_paths_default(self) -> list[str]:
        return [str(page.DECK_ASSETS / "page")]

    @property
    def default_config(self):  # noqa: ANN201  (nbconvert's own name and type)
        config = super().default_config
        config.TemplateExporter.preprocessors = []
        return config

    def _init_preprocessors(self) -> None:
        """None of nbconvert's: each would be a pass over the notebook that changes nothing here."""
        self._preprocessors = []

    def from_notebook_node(self, nb: NotebookNode, resources=None, **kw):  # noqa: ANN001, ANN201  (nbconvert's signature)
        resources = self._init_resources(resources or {})
        folder = Path(resources.get("metadata", {}).get("path") or ".")
        own = copy.deepcopy(nb)  # the caller's notebook stays as it is
        CoalesceStreamsPreprocessor().preprocess(
            own, {}
        )  # what was printed in pieces is one output
        shrinking = images.Shrinking()
        shrinking.start(own)
        return shrinking.finish(self.template.render(**context(own, folder))), resources


def context(notebook: NotebookNode, folder: Path) -> dict[str, object]:
    """What the template needs; NotebookError, naming the cell, for a notebook that cannot become a page."""
    found = [
        [_slide(slide, notebook, folder) for slide in stack]
        for stack in stacks(_with_ids(notebook.cells))
    ]
    if not found:
        raise NotebookError("The notebook holds no cell, so there is nothing to export.")
    early, late = page.script(page.EARLY), page.script(page.LATE)
    return {
        "title": notebook.metadata.get("title")
        or next((s.title for stack in found for s in stack if s.title), "Slides"),
        "usual": "article" if is_article(notebook.cells) else "slides",
        "has_index": notebook.metadata.get(INDEX, False),
        "lang": notebook.metadata.get("lang", "en"),
        "stacks": found,
        "policy": page.policy([early, late]),
        "early": Markup(early),
        "late": Markup(late),
        "style": Markup(page.style()),
        **page.reveal(),
        "run": notebook.metadata.get(RUN, {}),
    }


def _with_ids(cells: list[NotebookNode]) -> list[NotebookNode]:
    """The cells, those without an id (notebook format before 4.5) numbered."""
    for number, cell in enumerate(cells, 1):
        cell.setdefault("id", f"cell-{number}")
    return cells


def _slide(slide: Slide, notebook: NotebookNode, folder: Path) -> SlideView:
    parts = [
        PartView(part.fragment, [_cell(cell, notebook, folder) for cell in part.cells])
        for part in slide.parts
        if part.cells
    ]
    markup = "".join(cell.words for part in parts for cell in part.cells)
    heading = re.search(r"<h([1-6])[^>]*>(.*?)</h\1>", markup, re.DOTALL)
    title = html.unescape(re.sub(r"<[^>]+>", "", heading[2])).strip() if heading else ""
    notes = [_guarded(cell, folder) for cell in slide.notes]
    return SlideView(
        slide.id, title, int(heading[1]) if heading else 0, slide.is_shown, parts, notes
    )


def _cell(cell: NotebookNode, notebook: NotebookNode, folder: Path) -> CellView:
    skip = kind_of(cell) == "skip"
    if cell.cell_type != "code":
        return CellView(cell.id, skip, words=_guarded(cell, folder))
    try:
        shown = outputs.shown(cell)
    except NotebookError as problem:
        raise in_cell(cell.id, str(problem)) from problem
    source = Markup(_highlight(cell.source)) if cell.source.strip() else Markup()
    return CellView(
        cell.id,
        skip,
        source=source,
        outputs=tuple(map(adapted, shown)),
        ran=ran(cell, notebook) if shown else "",
    )


def _guarded(cell: NotebookNode, folder: Path) -> Markup:
    """A markdown cell as HTML; a raw cell as it stands."""
    try:
        if cell.cell_type == "raw":
            return Markup("<pre>{}</pre>").format(cell.source)
        markup = markdown.rendered(cell.source, folder, cell.get("attachments"))
        check(markup)
    except NotebookError as problem:
        raise in_cell(cell.id, str(problem)) from problem
    return adapted(markup)


def ran(cell: NotebookNode, notebook: NotebookNode) -> str:
    """Where and when the cell ran ("LOCAL · Linux x86_64 · 2026-11-23 17:40 UTC"); says so if that is not recorded."""
    place = notebook.metadata.get(RUN, {}).get("where", "")
    stamp = cell.metadata.get("execution", {}).get("iopub.status.busy", "")
    if stamp:
        moment = dt.datetime.fromisoformat(stamp.replace("Z", "+00:00")).astimezone(dt.UTC)
        stamp = f"{moment:%Y-%m-%d %H:%M} UTC"
    if not place and not stamp:
        return "where and when it ran is not recorded"
    return f"{place or 'where it ran is not recorded'} · {stamp or 'when is not recorded'}"


_HIGHLIGHT = Highlight2HTML()


def _highlight(source: str) -> str:
    return str(_HIGHLIGHT(source, language="python"))
