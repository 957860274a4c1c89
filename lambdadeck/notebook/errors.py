"""What can go wrong on the way to the page, said so that it can be mended."""


class NotebookError(Exception):
    """The page cannot be made; the message names the cell, says what is wrong and what to do."""


def in_cell(cell_id: str, problem: str) -> NotebookError:
    """An NotebookError that names the cell."""
    return NotebookError(f"Cell {cell_id!r}: {problem}")
