"""Make the learners' notebooks from notebooks/solutions/; its README.md explains the markers."""

import json
import re
from pathlib import Path
from typing import Any

from lambdadeck.labs import glossary

Cell = dict[str, Any]
# The first cell of a learner's notebook, for kernels that scripts/present has not made.
READY = """# Does nothing where lambdadeck is installed.
import importlib.util, pathlib, sys
if not importlib.util.find_spec("lambdadeck"):
    above = pathlib.Path.cwd().resolve().parents
    roots = [p for p in above if (p / "lambdadeck").is_dir()]
    if not roots:
        sys.exit("This notebook needs its project: get the "
                 "repository, and run this cell in its folder.")
    %pip install -q -r {roots[0]}/requirements.txt
    %pip install -q --no-deps --no-build-isolation -e {roots[0]}
    sys.path.append(str(roots[0]))"""
CHECK = re.compile(r'lesson\.check\("(\d+\.[a-z-]+)"')
SUMMARY = "Show the solution"
_MARKER = re.compile(r"^ *# (solution(?:: *.+)?|blank|end)$", re.MULTILINE)
_EXERCISE = re.compile(
    r"^(?P<indent> *)# solution(?:: *(?P<prompt>[^\n]+))?\n(?P<solution>.*?)"
    r"(?:^ *# blank\n(?P<blank>.*?))?^ *# end(?:\n|\Z)",
    re.MULTILINE | re.DOTALL,
)


class LabError(ValueError):
    """A notebook has a misplaced marker, or a solution without a check."""


def split(source: str) -> tuple[str, str]:
    """Return a cell solved and unsolved; raise LabError if a marker is misplaced."""
    for exercise in _EXERCISE.finditer(source):
        if found := _MARKER.search(f"{exercise['solution']}{exercise['blank']}"):
            raise LabError(f"{found[0].strip()!r} stands inside '# solution'.")
        if found := re.search(r"^(?! *#).+$", exercise["blank"] or "", re.MULTILINE):
            raise LabError(f"{found[0].strip()!r} after '# blank' must be a comment.")
    if found := _MARKER.search(_EXERCISE.sub("", source)):
        missing = "'# end'" if found[1].startswith("solution") else "'# solution' before it"
        raise LabError(f"{found[0].strip()!r} has no {missing}.")
    solved, unsolved = _EXERCISE.sub(r"\g<solution>", source), _EXERCISE.sub(_blank, source)
    return solved.rstrip(), unsolved.rstrip()


def _blank(exercise: re.Match[str]) -> str:
    indent, prompt, blank = exercise["indent"], exercise["prompt"], exercise["blank"]
    lines = re.sub(r"^( *)# ?", r"\1", blank or f"{indent}...\n", flags=re.MULTILINE)
    return f"{indent}# your turn: {prompt or 'replace ...'}\n{lines}"


def learners(cells: list[Cell]) -> list[Cell]:
    """Return the learner's cells; behind each check, folded, the solutions since the last one."""
    made: list[Cell] = []
    solutions: list[str] = []
    for cell in stripped(cells):
        made.append(cell)
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        try:
            solved, unsolved = split(source)
        except LabError as error:
            raise LabError(f"Cell {cell['id']!r}: {error}") from error
        cell["source"] = unsolved.splitlines(keepends=True)
        solutions += [solved] if solved != unsolved else []
        if CHECK.search(source) and solutions:
            made.append(_folded(cell["id"], solutions))
            solutions = []
    if solutions:
        raise LabError(f"No lesson.check follows the solution {solutions[0].splitlines()[0]!r}.")
    return made


def stripped(cells: list[Cell]) -> list[Cell]:
    """Return the cells without outputs."""
    nothing: Cell = {"outputs": [], "execution_count": None}
    return [cell | (nothing if cell["cell_type"] == "code" else {}) for cell in cells]


def _folded(check_id: str, solutions: list[str]) -> Cell:
    code = "\n\n".join(f"```python\n{solution}\n```" for solution in solutions)
    source = f"<details>\n<summary><u>{SUMMARY}</u></summary>\n\n{code}\n\n</details>"
    lines = source.splitlines(keepends=True)
    return {"cell_type": "markdown", "id": f"{check_id}-solution", "metadata": {}, "source": lines}


def _ready() -> Cell:
    lines = READY.splitlines(keepends=True)
    look = {"jupyter": {"source_hidden": True}}
    shown: Cell = {"cell_type": "code", "execution_count": None, "id": "ready", "metadata": look}
    return shown | {"outputs": [], "source": lines}


def stale(folder: Path) -> dict[Path, str | None]:
    """Return the notebooks to change, with their new text; None for one without solutions."""
    texts: dict[Path, str | None] = dict.fromkeys(sorted(folder.glob("[0-9]*-*.ipynb")))
    for path in sorted((folder / "solutions").glob("*.ipynb")):
        notebook = json.loads(path.read_text("utf-8"))
        try:
            top, *rest = glossary.linked(learners(notebook["cells"]), folder)
            made = [top, _ready(), *rest]
        except LabError as error:
            raise LabError(f"{path.name}: {error}") from error
        for file, cells in ((path, stripped(notebook["cells"])), (folder / path.name, made)):
            text = json.dumps(notebook | {"cells": cells}, indent=1, ensure_ascii=False)
            texts[file] = f"{text}\n"
    now = {path: path.read_text("utf-8") if path.exists() else None for path in texts}
    return {path: text for path, text in texts.items() if text != now[path]}
