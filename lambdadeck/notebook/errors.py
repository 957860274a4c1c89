"""The error of a notebook that cannot be read, run or exported."""


class NotebookError(Exception):
    """The notebook cannot be used; the message names the cell, the problem and the fix."""


def in_cell(cell_id: str, problem: str) -> NotebookError:
    """Return a NotebookError that names the cell."""
    return NotebookError(f"Cell {cell_id!r}: {problem}")
