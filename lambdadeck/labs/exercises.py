"""The cells of one exercise, as the learner got them."""

import html
import json
from dataclasses import dataclass
from pathlib import Path

from lambdadeck.labs.generate import CHECK, split
from lambdadeck.labs.html import box
from lambdadeck.labs.model import Lab
from lambdadeck.shared.paths import NOTEBOOKS


@dataclass(frozen=True)
class Restored:
    """The sources of an exercise's cells with their blanks."""

    key: str
    sources: tuple[str, ...]

    def __repr__(self) -> str:
        rest = "" if len(self.sources) == 1 else "; copy the others from here into yours"
        said = f"The exercise {self.key} starts over. Its first cell is below, as it was{rest}."
        return "\n\n".join([said, *self.sources])

    def _repr_html_(self) -> str:
        said, *sources = repr(self).split("\n\n", 1)
        return box(f"{html.escape(said)}<pre>{html.escape(''.join(sources))}</pre>")


def restored(lab: Lab, key: str, folder: Path = NOTEBOOKS) -> Restored:
    """Return an exercise's cells with their blanks; FileNotFoundError says what to do."""
    path = folder / "solutions" / f"{lab.stem}.ipynb"
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is missing, so the exercise cannot be restored: ask your teacher for "
            f"notebooks/{lab.stem}.ipynb as it was."
        )
    open_cells: list[str] = []
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] != "code":
            continue
        solved, unsolved = split(source)
        open_cells += [unsolved] if solved != unsolved else []
        if found := CHECK.search(source):
            if found[1] == f"{lab.number}.{key}":
                return Restored(found[1], tuple(open_cells))
            open_cells = []
    raise ValueError(f"{path.name} has no cell with lesson.check({lab.number}.{key}).")
