"""The exported deck for tests: made once a run, opened from file:// in an offline browser."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import gettempdir, mkdtemp

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import Browser, Page

from lambdadeck.export import cli
from lambdadeck.export.exporter import DeckExporter

SIZES = ((1280, 720), (1024, 768), (390, 844))


@cache
def deck() -> Path:
    """Export the talk once for all tests and workers of this run; return the page."""
    if ready := os.environ.get(
        "LAMBDADECK_TEST_PAGE"
    ):  # a page that was exported a moment ago, to save its twenty seconds
        return Path(ready)
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    folder = (
        Path(gettempdir()) / f"lambdadeck-test-export-{run}"
        if run
        else Path(mkdtemp(prefix="lambdadeck-test-export-"))
    )
    folder.mkdir(mode=0o700, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until the file is closed
        made = folder / "aws-lambda.html"
        return made if made.exists() else cli.export(cli.options(["--out", str(folder)]))[0]


@contextmanager
def opened(
    browser: Browser, page: Path, query: str = "", size: tuple[int, int] = SIZES[0]
) -> Iterator["Opened"]:
    """Open the page from file://, offline, at that size; keep its requests and console messages."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, offline=True)
    try:
        yield Opened(context.new_page(), f"{page.as_uri()}{query}")
    finally:
        context.close()


class Opened:
    """A page that is ready, with its requests and what its console said."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.requests: list[str] = []
        self.said: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.goto(url)
        page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)

    @property
    def asked(self) -> list[str]:
        """Requests beyond the file itself and what lies inside it."""
        return [url for url in self.requests[1:] if not url.startswith("data:")]

    @property
    def count(self) -> int:
        return int(self.page.evaluate("Reveal.getTotalSlides()"))

    @property
    def slide(self) -> str:
        """The id of the slide on stage."""
        return str(self.page.evaluate("Reveal.getCurrentSlide().id"))

    def slides(self) -> Iterator[str]:
        """Put each slide on stage with all its fragments, in order; yields its id."""
        for number in range(self.count):
            yield self.page.evaluate(
                """number => {
                   const slide = Reveal.getSlides()[number], at = Reveal.getIndices(slide);
                   Reveal.slide(at.h, at.v, 99); return slide.id; }""",
                number,
            )


def markdown(
    source: str,
    slide_type: str = "slide",
    id: str = "words",  # noqa: A002 (nbformat's name)
) -> nbformat.NotebookNode:
    return new_markdown_cell(source, id=id, metadata={"slideshow": {"slide_type": slide_type}})


def code(
    source: str,
    *outputs: nbformat.NotebookNode,
    slide_type: str = "-",
    id: str = "code",  # noqa: A002 (nbformat's name)
) -> nbformat.NotebookNode:
    return new_code_cell(
        source, id=id, outputs=list(outputs), metadata={"slideshow": {"slide_type": slide_type}}
    )


def shows(metadata: dict | None = None, **data: object) -> nbformat.NotebookNode:
    """Return an output; text_html="…" means the type text/html."""
    return new_output(
        "display_data",
        {name.replace("_", "/", 1): value for name, value in data.items()},
        metadata=metadata or {},
    )


def converted(*cells: nbformat.NotebookNode, folder: Path = Path(), **metadata: object) -> str:
    """Return a notebook of these cells as a page, without running it."""
    return DeckExporter().from_notebook_node(
        new_notebook(cells=list(cells), metadata=metadata), {"metadata": {"path": str(folder)}}
    )[0]


VENDOR = Path(__file__).parents[1] / "vendor"
AXE = """() => axe.run(document, { resultTypes: ["violations"] }).then(found =>
  found.violations.flatMap(violation => violation.nodes.map(node => {
    const summary = node.failureSummary.split("\\n").slice(1).join(" ");
    return `${violation.id}: ${node.target.join(" ")}: ${summary}`;
  })))"""
# The other slides are display: none. axe finds nothing there, but takes 40 times as long.
WITHOUT_THE_OTHERS = """axe => {
  const others = [...document.querySelectorAll(".slide:not(.present)")];
  const away = others.map(slide => [slide, [...slide.childNodes]]);
  away.forEach(([slide]) => slide.replaceChildren());
  return axe().finally(() => away.forEach(([slide, nodes]) => slide.append(...nodes))); }"""


def arm(page: Page) -> None:
    """Give the page axe-core and our own audit, past its content security policy."""
    for script in (VENDOR / "axe-core" / "axe.min.js", Path(__file__).parent / "exporting.js"):
        page.evaluate(script.read_text() + "; null")


def violations(page: Page) -> list[str]:
    """Return what axe-core finds in the page, with every rule on."""
    return list(page.evaluate(AXE))


def violations_on_stage(page: Page) -> list[str]:
    """Return what axe-core finds on the current slide and around it."""
    return list(page.evaluate(f"({WITHOUT_THE_OTHERS})({AXE})"))


def cut(page: Page, root: str) -> list[str]:
    """Return the parts of the element that are cut off and that no key scrolls into view."""
    return list(page.evaluate("root => audit.cut(document.querySelector(root))", root))
