"""From a notebook in notebooks/solutions/ to the learner's: solutions out of the cells, and behind a click. Pure but for files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from lambdadeck.labs.markers import MarkerError, split

Cell = dict[str, Any]
CHECK = re.compile(r'lesson\.check\("(\d+\.[a-z-]+)"')
SUMMARY = "Show the solution"


class LabError(ValueError):
    """A notebook that no lab can be made of; the message names notebook and cell."""


def text(solutions: str) -> str:
    """The learner's notebook as the text of its file; LabError says what is wrong with the given one."""
    notebook = json.loads(solutions)
    notebook["cells"] = learners(notebook["cells"])
    return dumped(notebook)


def dumped(notebook: dict[str, Any]) -> str:
    """A notebook as the text of its file."""
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def stripped(solutions: str) -> str:
    """The notebook with solutions as it is committed: without outputs."""
    notebook = json.loads(solutions)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    return dumped(notebook)


def learners(cells: list[Cell]) -> list[Cell]:
    """The learner's cells; after each check, the solutions since the check before it."""
    made: list[Cell] = []
    solutions: list[str] = []
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] != "code":
            made.append(cell)
            continue
        solved, unsolved = _split(cell["id"], source)
        solutions += [solved] if solved != unsolved else []
        made.append(cell | {"source": _lines(unsolved), "outputs": [], "execution_count": None})
        if CHECK.search(source) and solutions:
            made.append(_behind_a_click(cell["id"], solutions))
            solutions = []
    if solutions:
        raise LabError(
            f"The last solution is followed by no lesson.check: {solutions[-1].splitlines()[0]!r}."
        )
    return made


def _split(cell_id: str, source: str) -> tuple[str, str]:
    try:
        exercise = split(source)
    except MarkerError as problem:
        raise LabError(f"Cell {cell_id!r}: {problem}") from problem
    return exercise.solved, exercise.unsolved


def _behind_a_click(check_id: str, solutions: list[str]) -> Cell:
    code = "\n\n".join(f"```python\n{solution}\n```" for solution in solutions)
    source = f"<details>\n<summary><u>{SUMMARY}</u></summary>\n\n{code}\n\n</details>"
    return {
        "cell_type": "markdown",
        "id": f"{check_id}-solution",
        "metadata": {},
        "source": _lines(source),
    }


def _lines(source: str) -> list[str]:
    return source.splitlines(keepends=True)


def targets(folder: Path) -> dict[Path, Path]:
    """Each notebook in folder/solutions, and the learner's that is made of it."""
    return {path: folder / path.name for path in sorted((folder / "solutions").glob("*.ipynb"))}


def drifted(folder: Path) -> list[Path]:
    """The learner notebooks that are not what their solutions make, or that have none."""
    pairs = targets(folder)
    stale = [
        target
        for source, target in pairs.items()
        if not target.exists() or target.read_text("utf-8") != made_of(source)
    ]
    return stale + [
        path for path in sorted(folder.glob("[0-9]*-*.ipynb")) if path not in pairs.values()
    ]


def made_of(source: Path) -> str:
    """What the learner's notebook of that file has to hold; LabError names the file."""
    try:
        return text(source.read_text("utf-8"))
    except LabError as problem:
        raise LabError(f"{source.name}: {problem}") from problem
