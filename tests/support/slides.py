"""The deck under RISE as a person at the keyboard has it: walk, run, look."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page

STAGE = {"width": 1280, "height": 720}
SCRIPT = "\n".join((Path(__file__).parent / name).read_text() for name in ("look.js", "slides.js"))
# The stage lays out what a cell has shown in the next frame.
TWO_FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
PATIENCE_MS = 120_000  # of a busy machine; every wait ends with its event


@dataclass(frozen=True)
class Output:
    """What a cell showed once it had run."""

    id: str
    text: str
    pictures: int
    errors: list[str]


class Stage:
    """One page with the deck on it, driven by keys alone."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._listen)
        page.on("request", lambda request: self._note(request.url))
        page.set_default_timeout(PATIENCE_MS)
        page.add_init_script(SCRIPT)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text[:300]} ({message.location['url']})")

    def _note(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:")):
            self.foreign.append(url)

    def _ask(self, expression: str) -> Any:
        return self.page.evaluate(f"stage.{expression}")

    def _until(self, expression: str, timeout_ms: float = PATIENCE_MS) -> None:
        self.page.wait_for_function(f"stage.{expression}", timeout=timeout_ms, polling=50)

    def open(self, url: str) -> "Stage":
        """Open the deck and wait until it is ready."""
        self.page.goto(url)
        return self.ready()

    def ready(self) -> "Stage":
        """Wait until RISE shows the deck and a kernel listens."""
        self._until("isReady()")
        # RISE on nbclassic shows its two buttons for two seconds.
        self.page.wait_for_selector("#exit_b", state="hidden")
        self._until("isSettled()")
        return self

    def forward(self) -> bool:
        """Space: one slide or fragment on; False at the end of the deck."""
        before = self.position
        if self._ask("isLast()"):
            return False
        self.page.keyboard.press("Space")
        self._until(f"position() !== {before!r}")
        self._until("isSettled()")
        return True

    def run(self) -> Iterator[Output]:
        """Press Shift-Enter on each cell that came with this slide or fragment."""
        if self._ask("bringsNoCode()"):
            return
        done: set[int] = set()
        while (cell := self._ask("selected()")) and cell["index"] not in done:
            done.add(cell["index"])
            self.page.keyboard.press("Shift+Enter")
            if cell["code"]:
                self._until(f"isRun({cell['index']}, {cell['count'] or 'null'})")
                self.page.evaluate(TWO_FRAMES)
                yield Output(**self._ask(f"output({cell['index']})"))

    @property
    def position(self) -> str:
        """Where the deck is: the slide's id and how many fragments are out."""
        return str(self._ask("position()"))

    @property
    def title(self) -> str:
        return str(self._ask("title()"))

    @property
    def words(self) -> int:
        """Words of markdown on this slide; title, notes, tables and listings apart."""
        return int(self._ask("words()"))

    @property
    def past_the_edge(self) -> list[str]:
        """What is cut by the stage or a box in it, or lies under the slide number."""
        return list(self._ask("pastTheEdge()"))

    @property
    def too_small(self) -> list[str]:
        """Text below 28 px (code, output, tables: 24 px; the panel: 20 px)."""
        return list(self._ask("tooSmall()"))

    @property
    def broken(self) -> list[str]:
        """The rules of the look that the slide breaks."""
        return list(self._ask("broken()"))

    @property
    def shrunken(self) -> list[str]:
        """Figures shown at less than 80 % of their size, because the slide is full."""
        return list(self._ask("shrunken()"))

    @property
    def missing_images(self) -> list[str]:
        return list(self._ask("missingImages()"))

    @property
    def never_run(self) -> list[str]:
        """The code cells of the whole deck that have not run yet."""
        return list(self._ask("neverRun()"))
