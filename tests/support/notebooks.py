"""The notebooks as data: their cells, their slides, the words of a slide."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
DECK = FOLDER / "aws-lambda.ipynb"
ANSWERS = {  # what a cell shows that its slide asks to predict
    "invoke-greet": r"greeting Ada",
    "three-calls": r"\d\.\d times faster, \d+ ms instead of \d+",
    "ticks-while-frozen": r"\n1 s without a call: -?\d ticks, then 0.2 s in a call: \d+ ticks",
    "killer": r"ExitError.*alive: true",
    "copies": r"events: 4, copies: 4, all answered after \d+ ms",
    "burst": r"\d+ cold starts?, \d+ warm",
    "thousand-at-once": r"\d+ cold starts?",
    "start-ahead": r"\d+ cold starts?, [1-5] warm",
    "source": r"\d+ lines with text",
    "life-cycle": r"2020-03-05",
    "sdk-is-api": r"POST http\S+/functions/greet/invocations",
    "fire-all": r"\d+\.\d s in all",
    "s3-upload": r"Unable to validate the following destination.*hello\.txt\s+size\s+14 bytes",
    "dead-letter": r"dead letter: bad.*bad, delivery 2: failed",
    "function-url": r"sourceIp",
    "side-by-side": r"differs.*compared with itself",
    "instance-types": r"[\d,]+ EC2 types",
    "passed-and-billed": r"of \d+\.\d\d s on the clock: \d+\.\d%",
    "glance-2017": r"answer: None",
    "plan-of-2017": r"2 create_function.*TracingConfig",
    "deploy-today": r"InvalidParameterValue.*4\.3 → [\d.x]+, \d characters.*differs",
    "replacements": r"role-to-assume|id-token",
    "shift-a-tenth": r"\d+ of 200 calls reached version",
    "roll-back-at-once": r"after the rollback, none",
    "configuration-and-code": r"before: .*Hello.*between: .*(Hello|Bonjour).*after: .*Bonjour",
}


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook."""

    id: str
    kind: str
    source: str
    slide_type: str
    raw: dict[str, Any]

    @property
    def is_note(self) -> bool:
        return self.slide_type == "notes"


@dataclass(frozen=True)
class Slide:
    """The cells from one slide or subslide to the next."""

    slide_type: str
    cells: list[Cell]

    @property
    def title(self) -> str:
        """The first heading, without its marks."""
        found = re.search(r"^#+ +(.+)$", self.markdown, re.MULTILINE)
        return found[1] if found else ""

    @property
    def talk(self) -> dict[str, Any]:
        """Minutes, and the shortest route that the slide is on."""
        return dict(self.cells[0].raw["metadata"]["talk"])

    @property
    def route(self) -> str:
        return str(self.talk["route"])

    @property
    def markdown(self) -> str:
        """What the audience reads: all markdown but the notes."""
        return "\n\n".join(
            cell.source for cell in self.cells if cell.kind == "markdown" and not cell.is_note
        )

    @property
    def code(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.kind == "code"]

    @property
    def words(self) -> list[str]:
        """The words of the markdown; title, notes, tables and listings apart."""
        text = re.sub(r"^```.*?^```", "", self.markdown, flags=re.MULTILINE | re.DOTALL)
        text = re.sub(r"^(\||#{1,2} ).*$", "", text, flags=re.MULTILINE)
        text = re.sub(r"<[^>]+>|!\[[^]]*\]\([^)]*\)|\]\([^)]*\)", " ", text)
        return [word for word in text.split() if re.search(r"\w", word)]


def read(path: Path) -> dict[str, Any]:
    """Return a notebook as nbformat's JSON."""
    return json.loads(path.read_text(encoding="utf-8"))


def cells(path: Path) -> list[Cell]:
    """Return the cells of a notebook, in order."""
    return [
        Cell(
            id=raw.get("id", ""),
            kind=raw["cell_type"],
            source="".join(raw["source"]),
            slide_type=raw["metadata"].get("slideshow", {}).get("slide_type", ""),
            raw=raw,
        )
        for raw in read(path)["cells"]
    ]


def slides(path: Path) -> list[Slide]:
    """Return the slides of a notebook, in the order in which Space shows them."""
    found: list[Slide] = []
    for cell in cells(path):
        if cell.slide_type in ("slide", "subslide"):
            found.append(Slide(cell.slide_type, []))
        if cell.slide_type != "skip":
            found[-1].cells.append(cell)
    return found


def words(shown: list[dict[str, Any]], between: str = "") -> str:
    """Return what a cell printed and showed, as one text."""
    texts = (one.get("text") or one.get("data", {}).get("text/plain", "") for one in shown)
    return between.join(texts)
