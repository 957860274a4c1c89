"""Which cell goes to which slide, as RISE and nbconvert read `slideshow.slide_type`; pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from nbformat import NotebookNode

from lambdadeck.notebook.errors import in_cell

KINDS = ("slide", "subslide", "fragment", "notes", "skip", "-")


@dataclass
class Part:
    """Cells that come on stage together; a fragment waits for a key. Skipped cells in it are for the article alone."""

    cells: list[NotebookNode] = field(default_factory=list)
    fragment: bool = False


@dataclass
class Slide:
    """One slide: its parts in order, and the cells with the speaker's notes."""

    parts: list[Part] = field(default_factory=lambda: [Part()])
    notes: list[NotebookNode] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The id of its first cell, which is the slide's address."""
        cells = [cell for part in self.parts for cell in part.cells]
        shown = [cell for cell in cells if kind_of(cell) != "skip"]
        return str([*shown, *cells, *self.notes][0]["id"])

    @property
    def is_shown(self) -> bool:
        """Whether anything of it is on stage: a slide of skipped cells alone is in the article only."""
        return any(kind_of(cell) != "skip" for part in self.parts for cell in part.cells)


def stacks(cells: list[NotebookNode]) -> list[list[Slide]]:
    """The slides in the notebook's order: a list for each "slide", with its "subslide"s after it.

    A "-" cell joins what is open: the slide, or the fragment before it. Notes and skipped cells open nothing. A notebook
    without slides is an article, in which each heading of the first or second level opens a section.
    """
    if is_article(cells):
        return [[Slide([Part(section)])] for section in sections(cells)]
    found: list[list[Slide]] = []
    for cell in cells:
        kind = kind_of(cell)
        if kind == "slide" or not found:
            found.append([Slide()])
        elif kind == "subslide":
            found[-1].append(Slide())
        _place(cell, kind, found[-1][-1])
    return found


def is_article(cells: list[NotebookNode]) -> bool:
    """Whether no cell says how it is shown as slides."""
    return not any("slideshow" in cell.metadata for cell in cells)


def sections(cells: list[NotebookNode]) -> list[list[NotebookNode]]:
    """The cells, a list for each heading of the first or second level with what follows it."""
    found: list[list[NotebookNode]] = []
    for cell in cells:
        if not found or (cell.cell_type == "markdown" and cell.source.startswith(("# ", "## "))):
            found.append([])
        found[-1].append(cell)
    return found


def kind_of(cell: NotebookNode) -> str:
    """The cell's slide_type; NotebookError for one that nobody knows."""
    kind = cell.metadata.get("slideshow", {}).get("slide_type") or "-"
    if kind not in KINDS:
        raise in_cell(
            cell["id"], f"slide_type {kind!r} is unknown; choose one of {', '.join(KINDS)}."
        )
    return str(kind)


def _place(cell: NotebookNode, kind: str, slide: Slide) -> None:
    if kind == "notes":
        slide.notes.append(cell)
        return
    if kind == "fragment":
        slide.parts.append(Part(fragment=True))
    slide.parts[-1].cells.append(cell)
