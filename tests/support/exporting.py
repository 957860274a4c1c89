"""The exported deck for tests: made once a run, opened offline from file://."""

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
AUDIT = "\n".join(
    Path(__file__).with_name(name).read_text() for name in ("look.js", "exporting.js")
)
# Puts a slide on stage with all its fragments.
TO_SLIDE = """number => { const slide = Reveal.getSlides()[number];
  const at = Reveal.getIndices(slide);
  Reveal.slide(at.h, at.v, 99); return slide.id; }"""


@cache
def deck() -> Path:
    """Export the talk once for all tests and workers of this run."""
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
    """Open the page offline at that size; keeps its requests and console lines."""
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
            yield self.page.evaluate(TO_SLIDE, number)


def markdown(
    source: str,
    slide_type: str = "slide",
    id: str = "words",  # noqa: A002  (the cell's own field)
) -> nbformat.NotebookNode:
    return new_markdown_cell(source, id=id, metadata={"slideshow": {"slide_type": slide_type}})


def code(
    source: str,
    *outputs: nbformat.NotebookNode,
    slide_type: str = "-",
    id: str = "code",  # noqa: A002  (the cell's own field)
) -> nbformat.NotebookNode:
    return new_code_cell(
        source, id=id, outputs=list(outputs), metadata={"slideshow": {"slide_type": slide_type}}
    )


def shows(metadata: dict | None = None, **data: object) -> nbformat.NotebookNode:
    """Make an output; text_html="…" stands for the type text/html."""
    return new_output(
        "display_data",
        {name.replace("_", "/", 1): value for name, value in data.items()},
        metadata=metadata or {},
    )


def converted(*cells: nbformat.NotebookNode, folder: Path = Path(), **metadata: object) -> str:
    """Export a notebook of these cells without running it."""
    return DeckExporter(strict=True).from_notebook_node(
        new_notebook(cells=list(cells), metadata=metadata), {"metadata": {"path": str(folder)}}
    )[0]


AXE_CORE = Path(__file__).parents[1] / "vendor" / "axe-core" / "axe.min.js"
AXE = """(rules) => axe.run(document, { resultTypes: ["violations"], ...rules }).then(found =>
  found.violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
    `${id}: ${target.join(" ")}: ${failureSummary.split("\\n").slice(1).join(" ")}`)))"""
# Slides off stage are display: none; axe finds nothing there, but takes 40 times as long.
WITHOUT_THE_OTHERS = """axe => {
  const off = [...document.querySelectorAll(".slide:not(.present)")];
  const away = off.map(slide => [slide, [...slide.childNodes]]);
  away.forEach(([slide]) => slide.replaceChildren());
  return axe().finally(() => away.forEach(([slide, nodes]) => slide.append(...nodes))); }"""


def arm(page: Page) -> None:
    """Load axe-core and our audit into the page, past its policy."""
    for script in (AXE_CORE.read_text(), AUDIT):
        page.evaluate(f"{script}; null")


def violations(page: Page, *rules: str) -> list[str]:
    """Return axe-core's violations of these rules (of all, if none is named) in the whole page."""
    return list(page.evaluate(AXE, {"runOnly": list(rules)} if rules else {}))


def violations_on_stage(page: Page) -> list[str]:
    """Return axe-core's violations on and around the slide on stage."""
    return list(page.evaluate(f"({WITHOUT_THE_OTHERS})({AXE})"))


ALL_SHOWN = """
html, body, .stage, #deck, .reveal .slides {
  height: auto !important; overflow: visible !important; position: static !important; }
.reveal .slides section {
  display: block !important; visibility: visible !important; opacity: 1 !important;
  position: relative !important; inset: auto !important; transform: none !important;
  height: auto !important; }
.reveal .slides .stack { overflow: visible !important; }
.reveal .slides .slide { min-height: 680px; }
.fragment { opacity: 1 !important; visibility: visible !important; }
#deck .numbers[open] :is(.sheet, summary) { position: static !important; }
.bar { position: static !important; }
.backgrounds, .pause-overlay { display: none !important; }"""
SHOW_ALL = """css => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets.push(sheet);
  for (const slide of Reveal.getSlides()) for (const part of [slide, slide.parentElement]) {
    part.removeAttribute("aria-hidden");
    part.hidden = part.inert = false;
  }
  document.querySelectorAll("#deck details.numbers").forEach(details => { details.open = true; });
}"""


def show_all(page: Page) -> None:
    """Put every slide below the one before it, with all fragments and all numbers open."""
    page.evaluate(SHOW_ALL, ALL_SHOWN)


# Empties each slide whose kinds of elements are all on earlier slides, except the last slide.
SAMPLE = """() => {
  const seen = new Set(), slides = [...document.querySelectorAll("#deck section.slide")];
  for (const slide of slides.slice(0, -1)) {
    const kinds = [...slide.querySelectorAll("*")].map(
      (one) => `${one.localName} ${one.getAttribute("class")}`);
    if (kinds.every((kind) => seen.has(kind))) slide.replaceChildren();
    kinds.forEach((kind) => seen.add(kind));
  }
}"""


def keep_a_sample(page: Page) -> None:
    """Keep the slides that bring an element with another name or class; empty the others."""
    page.evaluate(SAMPLE)


def cut(page: Page, root: str) -> list[str]:
    """Return what is cut off, even after scrolling with keys."""
    return list(page.evaluate("root => audit.cut(document.querySelector(root))", root))
