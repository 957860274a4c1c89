"""The drawings: one pen, one palette (the tokens'), light and dark, readable from the back row."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageColor

from lambdadeck.shared import style
from tests.support.notebooks import DECK, cells

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "images"
DRAWINGS = sorted(FOLDER.glob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"
WIDTHS = {
    368: "one of three",
    510: "beside words",
    1160: "across the slide",
}  # px on a stage of 1280 x 720: a unit of a drawing is a pixel there

every_drawing = pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.stem)


def properties(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6})", css))


@every_drawing
def test_its_colours_are_those_of_the_tokens_light_and_dark(path):
    light, dark = (
        properties(block) for block in re.findall(r":root \{(--[^}]+)\}", path.read_text())
    )
    tokens = style.tokens()
    assert light.keys() == dark.keys() >= {"paper", "ink"}
    assert light == {name: tokens[name] for name in light}
    assert dark == {name: tokens[f"dark-{name}"] for name in dark}


@every_drawing
def test_no_other_colour_is_in_it(path):
    drawn = re.sub(r":root \{--[^}]+\}", "", path.read_text())
    values = re.findall(r'(?:fill|stroke)(?:=|:)\s*"?([^";}]+)', drawn)
    assert [
        value for value in values if not re.fullmatch(r"var\(--\w+\)|none|url\(#\w+\)", value)
    ] == []


@every_drawing
def test_it_needs_no_other_file(path):
    assert not re.search(
        r'href="(?!#)|url\((?!#|data:font)|@import|<script|<image|<foreignObject', path.read_text()
    )


@every_drawing
def test_it_says_in_words_what_it_shows(path):
    root = ElementTree.parse(path).getroot()
    assert root.get("role") == "img"
    for name, key in (("title", "aria-labelledby"), ("desc", "aria-describedby")):
        element = root.find(f"{SVG}{name}")
        assert element is not None and element.get("id") == root.get(key) and len(element.text) > 20


@every_drawing
def test_it_is_as_wide_as_its_place_on_the_stage(path):
    assert int(ElementTree.parse(path).getroot().get("viewBox").split()[2]) in WIDTHS


@every_drawing
def test_its_words_can_be_read_from_the_back(path):
    text = path.read_text()
    sizes = [int(size) for size in re.findall(r"font(?:-size)?:(\d+)px", text)]
    assert (
        min(sizes, default=26) >= 26
    )  # 24 px in the export, where the column is a little narrower
    assert "font-size=" not in text and "scale" not in "".join(re.findall(r"<text[^>]*>", text))


@every_drawing
def test_its_letters_are_in_it(path, page):
    page.goto(path.as_uri())
    loaded = """document.fonts.ready.then(fonts => [...fonts].map(font => font.status))"""
    has_words = ElementTree.parse(path).getroot().find(f".//{SVG}text") is not None
    assert ("loaded" in page.evaluate(loaded)) is has_words


@every_drawing
def test_it_is_small(path):
    drawn = re.sub("@font-face[^\n]*", "", path.read_text())
    assert len(drawn) < 6_000 and path.stat().st_size < 16_000


@every_drawing
def test_the_deck_shows_it(path):
    assert any(
        f"../assets/images/{path.name})" in cell.source
        for cell in cells(DECK)
        if cell.kind == "markdown"
    )


# --- as a browser draws them ---

MARGIN = """() => { const view = document.documentElement.viewBox.baseVal;
  const texts = [...document.querySelectorAll("text")]
    .map(one => ({ says: one.textContent, box: one.getBBox() }));
  const out = texts.filter(({ box }) => box.x < 0 || box.y < 0
    || box.x + box.width > view.width || box.y + box.height > view.height);
  const touch = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width
    && a.y + 6 < b.y + b.height && b.y + 6 < a.y + a.height;
  const pairs = texts.flatMap((one, i) => texts.slice(i + 1)
    .filter(other => touch(one.box, other.box)).map(other => `${one.says} / ${other.says}`));
  return [...out.map(one => one.says), ...pairs]; }"""


@pytest.fixture(scope="module")
def page(chromium) -> Iterator["Page"]:  # noqa: F821
    opened = chromium.new_page(viewport={"width": 1280, "height": 720}, color_scheme="light")
    yield opened
    opened.close()


@every_drawing
def test_no_word_leaves_the_drawing_or_runs_into_another(path, page):
    page.goto(path.as_uri())
    assert page.evaluate(MARGIN) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_drawing_follows_the_page_and_not_the_machine(scheme, page, tmp_path):
    """Lines must not be light on the white stage, nor dark on the dark export, on any laptop."""
    document = tmp_path / "page.html"
    document.write_text(
        f'<html style="color-scheme: {scheme}"><img src="{DRAWINGS[0].as_uri()}" width="510">'
    )
    page.emulate_media(color_scheme="dark" if scheme == "light" else "light")
    page.goto(document.as_uri())
    page.screenshot(path=tmp_path / "page.png")
    wanted = style.tokens()["paper" if scheme == "light" else "dark-paper"]
    with Image.open(tmp_path / "page.png") as picture:
        assert picture.convert("RGB").getpixel((250, 20)) == ImageColor.getrgb(wanted)
