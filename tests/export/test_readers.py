"""The exported talk in the engines of Firefox and of Safari; they run with scripts/test --full."""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.export.test_phone import ROWS
from tests.support import firefox, webkit
from tests.support.exporting import AUDIT, SIZES, TO_SLIDE

WALKED = f"[({TO_SLIDE})(%d), audit.cut(Reveal.getCurrentSlide())]"
READY = "document.querySelector('html[data-view={}][data-ready]') !== null"
CURRENT = "Reveal.getCurrentSlide().id"
Reader = firefox.Tab | webkit.Tab


@pytest.fixture(scope="module", params=["firefox", "webkit"])
def reader(request, tmp_path_factory) -> Iterator[Reader]:
    if not request.config.getoption("--full"):
        pytest.skip("Firefox and WebKit read the page with scripts/test --full")
    folder = tmp_path_factory.mktemp("reader")
    if request.param == "firefox":
        if not firefox.path():
            pytest.skip("Firefox is not installed: apt-get install firefox-esr")
        with firefox.tab(folder / "profile", more=firefox.TOUCHED) as tab:
            yield tab
    else:
        if not webkit.browser():
            pytest.skip(f"WebKit is not installed: apt-get install {webkit.PACKAGES}")
        with webkit.tab(folder) as tab:
            yield tab


def opened(reader: Reader, page: Path, query: str, size: tuple[int, int]) -> Reader:
    reader.resize(*size)
    reader.open(f"{page.as_uri()}{query}")
    reader.until("document.documentElement.hasAttribute('data-ready')")
    reader.evaluate(f"(() => {{ {AUDIT} }})()")
    return reader


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_slide_comes_in_order_and_none_is_cut(reader, page, size):
    shown = opened(reader, page, "", size)
    ids = shown.evaluate("Reveal.getSlides().map((slide) => slide.id)")
    walked = [shown.evaluate(WALKED % number) for number in range(len(ids))]
    assert [slide for slide, _ in walked] == ids and len(ids) > 40
    assert [(slide, problems) for slide, problems in walked if problems] == []


def test_keys_lead_on_to_the_article_and_back_to_the_same_slide(reader, page):
    shown = opened(reader, page, "#/what", SIZES[0])
    assert shown.evaluate(CURRENT) == "what"
    shown.press("Space")
    shown.until(f"{CURRENT} !== 'what'")
    after = shown.evaluate(CURRENT)
    shown.press("a")
    shown.until(READY.format("article"))
    shown.evaluate("document.querySelector('[data-go=slides]').click()")
    shown.until(READY.format("slides"))
    assert shown.evaluate(CURRENT) == after


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_article_is_as_wide_as_a_phone_in_either_theme(reader, page, theme):
    shown = opened(reader, page, f"?view=article&theme={theme}", SIZES[2])
    assert shown.evaluate("audit.cut(document.body)") == []
    assert shown.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    background = shown.evaluate("getComputedStyle(document.body).backgroundColor")
    red = int(background.partition("(")[2].partition(",")[0])
    assert (red > 200) == (theme == "light")


@pytest.mark.parametrize("query", ["", "?theme=dark#/curve"])
def test_the_slides_print_a_page_each_in_firefox_and_come_back(reader, page, query):
    if not isinstance(reader, firefox.Tab):
        pytest.skip("WebKit's driver does not print")
    shown = opened(reader, page, query, SIZES[0])
    before = shown.evaluate("[location.href, document.documentElement.dataset.view]")
    slides = shown.evaluate("Reveal.getSlides().length")
    assert sheets(shown.printed()) == [(792, 612)] * slides  # on a sheet of letter, across
    assert shown.evaluate("[location.href, document.documentElement.dataset.view]") == before


def sheets(pdf: bytes) -> list[tuple[int, int]]:
    """Return the sizes of a PDF's pages, which Firefox packs."""
    packed = re.findall(rb"/ObjStm.*?stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    objects = b"".join(zlib.decompressobj().decompress(part) for part in packed)
    found = re.findall(
        rb"/Type\s*/Page\b.*?/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", objects, re.DOTALL
    )
    return [(round(float(width)), round(float(height))) for width, height in found]


def test_nothing_is_asked_for_and_no_script_fails_in_firefox(reader, page):
    if not isinstance(reader, firefox.Tab):
        pytest.skip("WebDriver does not tell requests")
    shown = opened(reader, page, "", SIZES[0])
    asked = [url for url in shown.requests if not url.startswith(("data:", "file:"))]
    assert (asked, shown.errors) == ([], [])


def test_the_accessibility_tree_names_titles_figures_tables_and_controls(reader, page):
    shown = opened(reader, page, "#/your-numbers", SIZES[0])
    title = "document.querySelector('#{} h2').textContent"
    panel = (
        ("#your-numbers h2", "heading", shown.evaluate(title.format("your-numbers"))),
        ("#your-numbers #numbers-requests", "slider", "requests a month"),
        (".bar button", "button", "Menu"),
    )
    assert [one for one in panel if not shown.reads(*one)] == []
    shown.evaluate("deck.stage.show('curve')")
    shown.evaluate("document.querySelector('#curve details').open = true")
    finding = shown.evaluate("document.querySelector('#curve svg title').textContent")
    figure = (
        ("#curve h2", "heading", shown.evaluate(title.format("curve"))),
        ("#curve svg", "image", finding),
        ("#curve table", "table", finding),
    )
    assert [one for one in figure if not shown.reads(*one)] == []
    shown.evaluate("document.querySelector('#curve details').open = false")
    assert not shown.reads("#curve svg", "image", "another name")


BOX = "(({{ x, y, width, height }}) => [x, y, width, height])({}.getBoundingClientRect())"


def test_a_finger_moves_sliders_turns_slides_and_opens_figures_in_firefox(reader, page):
    if not isinstance(reader, firefox.Tab):
        pytest.skip("WebKit's driver makes a mouse of every finger")
    shown = opened(reader, page, "#/your-numbers", SIZES[2])
    requests = "document.querySelector('#numbers-requests')"
    before = shown.evaluate(f"{requests}.value")
    swipe(shown, requests)
    assert shown.evaluate(CURRENT) == "your-numbers"
    assert shown.evaluate(f"{requests}.value") != before
    assert [row for row in shown.evaluate(f"({ROWS})()") if row[1] < 24] == []
    swipe(shown, "document.querySelector('#your-numbers h2')")
    assert shown.evaluate(CURRENT) != "your-numbers"
    shown.evaluate("deck.stage.show('curve')")
    x, y, _, height = shown.evaluate(BOX.format("document.querySelector('#curve .picture')"))
    middle = f"document.elementFromPoint({x + 100}, {y + height / 2})"
    shown.until(f"document.querySelector('#curve .picture').contains({middle})")
    shown.touch((x + 100, y + height / 2))
    shown.until("document.querySelector('#large').open")
    shown.press("Escape")


def swipe(shown: firefox.Tab, element: str) -> None:
    x, y, width, height = shown.evaluate(BOX.format(element))
    shown.touch(*((x + width * (0.9 - 0.07 * k), y + height / 2) for k in range(11)))
