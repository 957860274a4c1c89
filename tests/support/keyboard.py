"""A learner who works with the keyboard alone, in JupyterLab or Notebook 7."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.support.notebooks import cells

ACTIVE = ".jp-Notebook .jp-Cell.jp-mod-active"
EDITS = "() => document.activeElement.matches('.cm-content')"
NEVER_RUN = "[ ]:"
IDLE = '.jp-Notebook-ExecutionIndicator[data-status="idle"]'
MOVED = f"at => +document.querySelector('{ACTIVE}').dataset.windowedListIndex !== at"
RAN = """([index, before]) => {
  const cell = document.querySelector(`.jp-Notebook [data-windowed-list-index='${index}']`);
  const now = cell?.querySelector('.jp-InputPrompt')?.innerText;
  return /\\d/.test(now) && now !== before }"""


class Keyboard:
    """The keyboard in an open notebook, whose cells are named by their ids."""

    def __init__(self, page, ids: list[str], pictures: Path) -> None:
        self.page, self.ids, self.pictures = page, ids, pictures

    @cached_property
    def notebook(self):
        return self.page.locator(".jp-Notebook")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def cell(self, cell_id: str):
        place = self.ids.index(cell_id)
        return self.page.locator(f'.jp-Notebook [data-windowed-list-index="{place}"]')

    @property
    def here(self) -> int:
        """Return the place of the active cell."""
        return int(self.page.locator(ACTIVE).get_attribute("data-windowed-list-index"))

    def go(self, cell_id: str) -> None:
        """Leave what is inside a cell, then go to that cell by arrow keys."""
        self.press("Escape")
        self.tab_to(".jp-Cell", "Shift+Tab")
        there = self.ids.index(cell_id)
        for _ in range(3 * len(self.ids)):  # a busy page loses a key
            if (here := self.here) == there:
                return
            self.press("ArrowDown" if here < there else "ArrowUp")
            with suppress(PlaywrightTimeoutError):
                self.page.wait_for_function(MOVED, arg=here, timeout=5_000)
        raise AssertionError(f"{cell_id} is out of reach")

    def run(self, cell_id: str) -> str:
        """Run that cell by Shift-Enter; return what it shows once it is done."""
        before = self.begun(cell_id)
        try:
            self.ran(cell_id, before, patience_s=20)
        except PlaywrightTimeoutError:
            if self.prompt(cell_id) == NEVER_RUN:  # lost while Jupyter connected to the kernel
                self.begun(cell_id)
            self.ran(cell_id, before)
        return self.shown(cell_id)

    def begun(self, cell_id: str) -> str:
        """Press Shift-Enter on that cell; return its prompt of before."""
        self.go(cell_id)
        before = self.prompt(cell_id)
        self.press("Shift+Enter")
        return before

    def prompt(self, cell_id: str) -> str:
        """Return what stands beside that cell, such as "[3]:"."""
        return self.cell(cell_id).locator(".jp-InputPrompt").first.inner_text()

    def ran(self, cell_id: str, before: str = "", *, patience_s: int = 120) -> None:
        """Wait until that cell has run, and so has another number than before."""
        place = self.ids.index(cell_id)
        self.page.wait_for_function(RAN, arg=[place, before], timeout=patience_s * 1000)

    def shown(self, cell_id: str) -> str:
        """Return the text below that cell."""
        return self.cell(cell_id).locator(".jp-OutputArea").first.inner_text()

    def write(self, cell_id: str, source: str) -> None:
        """Replace that cell's source."""
        self.go(cell_id)
        self.press("Enter")
        self.page.wait_for_function(EDITS)
        self.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)
        self.press("Escape")

    def command(self, name: str) -> None:
        """Choose a command from the palette, whose key works a moment after the page has loaded."""
        palette = self.page.locator(".lm-CommandPalette-input")
        while not palette.is_visible():
            self.press("ControlOrMeta+Shift+c")
            self.page.wait_for_timeout(500)
        self.page.keyboard.insert_text(name)
        self.page.locator(".lm-CommandPalette-item").first.wait_for()
        self.press("Enter")

    def tab_to(self, selector: str, key: str = "Tab") -> None:
        """Tab until the focus is on such an element."""
        for _ in range(25):
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            self.press(key)
        raise AssertionError(f"{selector} is out of reach")

    def picture(self, name: str) -> None:
        self.page.screenshot(path=self.pictures / f"{name}.png")


def _read_only(route) -> None:
    """Save nothing: Jupyter does after two minutes, and Notebook 7 makes a checkpoint at first."""
    if route.request.method == "POST":
        made = {"id": "checkpoint", "last_modified": "2026-01-01T00:00:00Z"}
        route.fulfill(status=201, json=made)
    elif route.request.method == "PUT":
        route.abort()
    else:
        route.continue_()


@contextmanager
def opened(chromium, address: str, notebook: Path, pictures: Path) -> Iterator[Keyboard]:
    """Open a notebook in a new tab, with a kernel that is ready."""
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    page.route("**/api/contents/**", _read_only)
    page.set_default_timeout(120_000)
    page.goto(address)
    page.locator(IDLE).first.wait_for()
    page.locator(".jp-Spinner").wait_for(state="hidden")
    keyboard = Keyboard(page, [cell.id for cell in cells(notebook)], pictures)
    try:
        page.locator(".jp-Notebook .jp-Cell").first.click(timeout=20_000)
        yield keyboard
    finally:
        keyboard.picture("last")
        page.close()
