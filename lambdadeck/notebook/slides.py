"""Assign cells to slides as RISE and nbconvert do by `slideshow.slide_type`."""

from dataclasses import dataclass, field

from nbformat import NotebookNode

from lambdadeck.notebook.errors import in_cell

KINDS = ("slide", "subslide", "fragment", "notes", "skip", "-")


@dataclass
class Part:
    """Cells that appear together; a fragment waits for a key."""

    cells: list[NotebookNode] = field(default_factory=list)
    fragment: bool = False


@dataclass
class Slide:
    """A slide: its parts in order, and the cells with the speaker's notes."""

    parts: list[Part] = field(default_factory=lambda: [Part()])
    notes: list[NotebookNode] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Return the id of the first shown cell; the slide's address."""
        cells = [cell for part in self.parts for cell in part.cells]
        shown = [cell for cell in cells if kind_of(cell) != "skip"]
        return str([*shown, *cells, *self.notes][0]["id"])

    @property
    def question(self) -> str:
        """Return what the room is asked before the slide's cell runs; "" without a question."""
        return str(self._cells[0].metadata.get("slideshow", {}).get("question", ""))

    @property
    def measured(self) -> tuple[str, str]:
        """Return the number that an output adds to the title, and the id of its cell; else ""."""
        for cell in self._cells:
            for output in cell.get("outputs", []):
                if number := output.get("metadata", {}).get("lambdadeck", {}).get("number"):
                    return str(number), str(cell["id"])
        return "", ""

    @property
    def _cells(self) -> list[NotebookNode]:
        return [cell for part in self.parts for cell in part.cells]

    @property
    def is_shown(self) -> bool:
        """Return whether any cell is shown; a slide of skipped cells is in the article only."""
        return any(kind_of(cell) != "skip" for part in self.parts for cell in part.cells)


def stacks(cells: list[NotebookNode]) -> list[list[Slide]]:
    """Return the slides in order: a list for each "slide", followed by its "subslide"s.

    A "-" cell joins the open slide or fragment; notes and skipped cells open nothing. In a
    notebook without slides (an article), each heading of level 1 or 2 opens a section.
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
    """Return whether no cell has slideshow metadata."""
    return not any("slideshow" in cell.metadata for cell in cells)


def sections(cells: list[NotebookNode]) -> list[list[NotebookNode]]:
    """Split the cells at headings of level 1 and 2."""
    found: list[list[NotebookNode]] = []
    for cell in cells:
        if not found or (cell.cell_type == "markdown" and cell.source.startswith(("# ", "## "))):
            found.append([])
        found[-1].append(cell)
    return found


def kind_of(cell: NotebookNode) -> str:
    """Return the cell's slide_type; NotebookError if it is unknown."""
    kind = cell.metadata.get("slideshow", {}).get("slide_type") or "-"
    if kind not in KINDS:
        choose = f"slide_type {kind!r} is unknown; choose one of {', '.join(KINDS)}."
        raise in_cell(cell["id"], choose)
    return str(kind)


def _place(cell: NotebookNode, kind: str, slide: Slide) -> None:
    if kind == "notes":
        slide.notes.append(cell)
        return
    if kind == "fragment":
        slide.parts.append(Part(fragment=True))
    slide.parts[-1].cells.append(cell)
