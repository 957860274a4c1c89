"""The nbconvert exporter of `jupyter nbconvert --to lambdadeck`."""

import copy
import datetime as dt
import html
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from markupsafe import Markup
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.preprocessors.coalescestreams import CoalesceStreamsPreprocessor
from nbformat import NotebookNode
from traitlets import Bool, Unicode
from traitlets.config import Config

from lambdadeck.export import about, foreign, images, markdown, outputs, page
from lambdadeck.export.adapt import adapted
from lambdadeck.export.sanitizer import clean
from lambdadeck.export.validation import check
from lambdadeck.notebook import RUN
from lambdadeck.notebook.errors import NotebookError, in_cell
from lambdadeck.notebook.slides import Slide, is_article, kind_of, stacks
from lambdadeck.shared import known_secrets

NOTHING = Markup()
_HIGHLIGHT = Highlight2HTML()
INDEX = "lambdadeck_index"  # notebook metadata of a page that has an index.html beside it


@dataclass(frozen=True)
class CellView:
    """A cell as HTML; `ran` says where and when it ran."""

    id: str
    skip: bool
    words: Markup = NOTHING
    source: Markup = NOTHING
    outputs: tuple[Markup, ...] = ()
    ran: str = ""


@dataclass(frozen=True)
class PartView:
    fragment: bool
    cells: list[CellView]


@dataclass(frozen=True)
class SlideView:
    """A slide as HTML; `level` is its heading's level, 0 if missing."""

    id: str
    title: str
    level: int
    is_shown: bool
    parts: list[PartView]
    notes: list[Markup]
    question: str = ""


class DeckExporter(TemplateExporter):
    """Export a notebook as one offline page: slides, article and handout."""

    export_from_notebook = "AWS Lambda deck (one HTML page)"
    output_mimetype = "text/html"

    strict = Bool(False, help="Refuse what a page cannot show; else name it in its place.").tag(
        config=True
    )
    with_notes = Bool(True, help="Keep the speaker's notes in the file.").tag(config=True)
    site = Unicode("", help="The page's folder on the web, for links to a picture.").tag(
        config=True
    )

    runs = Bool(False, help="Put Python and the embedded Lambda into the page.").tag(config=True)

    @property
    def default_config(self) -> Config:
        """Return where the page's template is."""
        folder = str(page.DECK_ASSETS / "page")
        own = {"file_extension": ".html", "template_name": "page", "template_paths": [folder]}
        return Config({"TemplateExporter": own})

    def _init_preprocessors(self) -> None:  # they would change nothing here
        self._preprocessors: list[object] = []

    def from_notebook_node(
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Return the page and the resources, as nbconvert expects; `nb` is not changed."""
        resources = self._init_resources(resources or {})  # type: ignore[no-untyped-call]  # nbconvert
        folder = Path(resources.get("metadata", {}).get("path") or ".")
        own = copy.deepcopy(nb)
        if not self.with_notes:
            own.cells = [cell for cell in own.cells if kind_of(cell) != "notes"]
        CoalesceStreamsPreprocessor().preprocess(own, {})  # joins what was printed in pieces
        if not self.strict:
            foreign.admit(own.cells, folder)
        outputs.number(own.cells)
        shrinking = images.Shrinking()
        shrinking.start(own)
        text = page.template("index.html.j2").render(
            **context(own, folder, self.runs), **about.page(self.site)
        )
        _refuse_secrets("The page, outside its cells,", text)
        return shrinking.finish(text), resources


def context(notebook: NotebookNode, folder: Path, runs: bool = False) -> dict[str, object]:
    """Return the template's variables; NotebookError names the cell that cannot be shown."""
    cells = stacks(_with_ids(notebook.cells))
    found = [[_slide(slide, notebook, folder) for slide in stack] for stack in cells]
    if not found:
        raise NotebookError("The notebook has no cells: nothing to export.")
    titles = (slide.title for stack in found for slide in stack if slide.title)
    stated = notebook.metadata.get("description")
    early, late = page.script(page.EARLY), page.script(page.LATE)
    running = _running(notebook) if runs else {}
    late += str(running.get("script", ""))
    return {
        "title": notebook.metadata.get("title") or next(titles, "Slides"),
        "description": stated or about.description(_words(found[0][0].parts)),
        "usual": "article" if is_article(notebook.cells) else "slides",
        "has_index": notebook.metadata.get(INDEX, False),
        "lang": _language(notebook),
        "stacks": found,
        "policy": Markup(page.policy([early, late], "blocks" in running)),
        "early": Markup(early),
        "late": Markup(late),
        "style": Markup(page.style() + str(running.get("style", ""))),
        "blocks": running.get("blocks", []),
        "reasons": running.get("reasons", {}),
        "no_cell_runs": running.get("no_cell_runs", ""),
        **page.reveal(),
        "run": notebook.metadata.get(RUN, {}),
    }


def _running(notebook: NotebookNode) -> dict[str, object]:
    """Return what a page that runs has beside the plain one; if no cell can run, only why."""
    from lambdadeck.export.runs import parts, recorded

    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    reasons = recorded.reasons({cell.id: cell.source for cell in code})
    if len(reasons) == len(code):
        [(why, _)] = Counter(reasons.values()).most_common(1) or [("", 0)]
        return {"no_cell_runs": why}
    return {
        "script": "\n" + parts.scripts(),
        "style": parts.styles(),
        "blocks": parts.blocks(),
        "reasons": reasons,
    }


def _language(notebook: NotebookNode) -> str:
    stated = str(notebook.metadata.get("lang", "en"))
    if re.fullmatch(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*", stated):
        return stated
    raise NotebookError(f"The notebook's language is {stated[:40]!r}: write it like en or de-CH.")


def _lexer(notebook: NotebookNode) -> str:
    about = notebook.metadata.get("language_info", {})
    lexer = about.get("pygments_lexer") or about.get("name") or "python"
    return lexer if isinstance(lexer, str) else str(lexer.get("name", "python"))


def _with_ids(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Add missing ids (notebook format before 4.5)."""
    for number, cell in enumerate(cells, 1):
        cell.setdefault("id", f"cell-{number}")
    return cells


def _slide(slide: Slide, notebook: NotebookNode, folder: Path) -> SlideView:
    parts = [
        PartView(part.fragment, [_cell(cell, notebook, folder) for cell in part.cells])
        for part in slide.parts
        if part.cells
    ]
    markup = _words(parts)
    heading = re.search(r"<h([1-6])[^>]*>(.*?)</h\1>", markup, re.DOTALL)
    title = about.text(heading[2]) if heading else ""
    notes = [_cell(cell, notebook, folder).words for cell in slide.notes]
    level = int(heading[1]) if heading else 0
    number, cell = slide.measured
    if number:
        title, parts = f"{title}: {number}", _numbered(parts, number, cell)
    return SlideView(slide.id, title, level, slide.is_shown, parts, notes, slide.question)


def _numbered(parts: list[PartView], number: str, cell: str) -> list[PartView]:
    """Add the number that the slide's cell measured to its title."""
    first, *rest = parts
    by = f'class="measured" data-by="{html.escape(cell)}"'
    ending = f"<span {by}>: {html.escape(number)}</span>"
    words = re.sub(r"(?=</h[12]>)", ending, first.cells[0].words, count=1)
    return [
        replace(first, cells=[replace(first.cells[0], words=Markup(words)), *first.cells[1:]]),
        *rest,
    ]


def _words(parts: list[PartView]) -> str:
    return "".join(cell.words for part in parts for cell in part.cells)


def _cell(cell: NotebookNode, notebook: NotebookNode, folder: Path) -> CellView:
    view = _view(cell, notebook, folder)
    for markup in (view.words, cell.source, *view.outputs):
        _refuse_secrets(f"Cell {cell.id!r}", markup)
    return view


def _refuse_secrets(place: str, markup: str) -> None:
    """Scan what is about to be written: NotebookError for a secret that redaction did not see."""
    try:
        known_secrets.check(place, markup)
    except known_secrets.SecretLeakError as error:
        raise NotebookError(str(error)) from error


def _view(cell: NotebookNode, notebook: NotebookNode, folder: Path) -> CellView:
    skip = kind_of(cell) == "skip"
    if cell.cell_type != "code":
        return CellView(cell.id, skip, words=_guarded(cell, folder))
    try:
        shown = outputs.shown(cell)
    except NotebookError as error:
        raise in_cell(cell.id, str(error)) from error
    source = (
        Markup(_HIGHLIGHT(cell.source, language=_lexer(notebook)))
        if cell.source.strip()
        else NOTHING
    )
    made = ran(cell, notebook) if shown else ""
    return CellView(cell.id, skip, source=source, outputs=tuple(map(adapted, shown)), ran=made)


def _guarded(cell: NotebookNode, folder: Path) -> Markup:
    """Render a markdown cell and check it; a raw cell becomes <pre>."""
    try:
        if cell.cell_type == "raw":
            return Markup("<pre>{}</pre>").format(cell.source)
        markup = markdown.rendered(cell.source, folder, cell.get("attachments"))
        check(markup)
    except NotebookError as error:
        raise in_cell(cell.id, str(error)) from error
    return adapted(clean(markup))


def ran(cell: NotebookNode, notebook: NotebookNode) -> str:
    """Return where and when the cell ran: "LOCAL · Linux x86_64 · 2026-11-23 17:40 UTC"."""
    place = notebook.metadata.get(RUN, {}).get("where", "")
    stamp = cell.metadata.get("execution", {}).get("iopub.status.busy", "")
    if stamp:
        moment = dt.datetime.fromisoformat(stamp).astimezone(dt.UTC)
        stamp = f"{moment:%Y-%m-%d %H:%M} UTC"
    if not place and not stamp:
        return "where and when it ran is not recorded"
    return f"{place or 'where it ran is not recorded'} · {stamp or 'when is not recorded'}"
