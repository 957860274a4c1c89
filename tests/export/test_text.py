"""Titles and text are data: the page shows them as they are written."""

from pathlib import Path

import nbformat
import pytest
from bleach._vendor import html5lib
from nbformat.v4 import new_notebook, new_output
from playwright.sync_api import Browser

from lambdadeck.export import cli, outputs
from lambdadeck.export.exporter import DeckExporter
from lambdadeck.notebook.errors import NotebookError
from tests.support.cases import each
from tests.support.exporting import code, converted, markdown, opened, shows
from tests.support.lambdas import wait_until


@each(
    ("source", "title"),
    [
        ('# Say "hello" first', 'Say "hello" first'),
        ("# A `<main>` landmark", "A <main> landmark"),
        ("# The `</title>` element", "The </title> element"),
        ("# From $0.20 to $0.40 a month", "From $0.20 to $0.40 a month"),
        ("# Research & development < 100 %", "Research & development < 100 %"),
        ("Setext, *too*\n===", "Setext, too"),
        ("# Costs \\$5 and $6", "Costs $5 and $6"),
    ],
)
def test_a_title_appears_as_written_everywhere(source: str, title: str) -> None:
    page = html5lib.parse(converted(markdown(source)), namespaceHTMLElements=False)
    found = {
        "title": page.findtext(".//title"),
        "heading": "".join(page.find(".//h1").itertext()),
        "menu": page.find(".//section[@data-title]").get("data-title"),
        "contents": page.find(".//nav[@class='contents']").findtext(".//a"),
        "top": page.findtext(".//p[@class='top-title']"),
    }
    assert found == dict.fromkeys(found, title)
    assert len(page.findall(".//main")) == 1


def test_a_link_to_the_page_shows_its_title_words_and_picture() -> None:
    words = "It says 5 < 6 & *more*. " + "And so on. " * 40
    notebook = new_notebook(cells=[markdown("# T"), markdown(words, "-", id="more")])
    exporter = DeckExporter(site="https://a.example/talk/")
    page = html5lib.parse(exporter.from_notebook_node(notebook)[0], namespaceHTMLElements=False)
    found = {m.get("name", m.get("property")): m.get("content") for m in page.iter("meta")}
    assert found["og:title"] == "T"
    assert found["og:image"] == "https://a.example/talk/deck.png"
    assert found["description"].startswith("It says 5 < 6 & more. And so on.")
    assert found["description"].endswith(" …") and len(found["description"]) < 210
    assert page.find(".//link[@rel='icon']").get("href").startswith("data:image/svg+xml;base64,")
    assert "og:image" not in converted(markdown("# T"))


def test_without_notes_no_note_is_in_the_file() -> None:
    cells = [markdown("# T"), markdown("Ask about zebras.", "notes", id="said")]
    pages = [
        DeckExporter(with_notes=kept).from_notebook_node(new_notebook(cells=cells))[0]
        for kept in (True, False)
    ]
    assert ["zebras" in page for page in pages] == [True, False]
    assert cli.options(["--without-notes"]).with_notes is False


def test_a_site_that_is_no_address_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.options(["--site", "talk.example"])
    assert "is not an address such as https://example.org/talk" in capsys.readouterr().err


PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"
    "AAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PLOTLY = "application/vnd.plotly.v1+json"


@each(
    ("output", "words"),
    [
        (new_output("error", ename="E", evalue="no", traceback=["E: no"]), "E: no"),
        (shows(text_plain="IntSlider(value=5)", **{outputs.WIDGET: {}}), "IntSlider(value=5)"),
        (shows(text_html="<iframe src='https://a.example'></iframe>"), "holds another page"),
        (shows(text_html="<b>x</b><script>1</script>", text_plain="fig"), "fig\n(Not shown as"),
        (shows(image_png=PIXEL), 'alt="A picture that'),
        (shows(**{PLOTLY: {}}), f"(Not shown: {PLOTLY}.)"),
        (shows(**{outputs.WIDGET: {}}), "(Not shown: a widget.)"),
        (shows(text_html="<table><tr><td>1</td></tr></table>" * 500), "<td>1</td>"),
        (shows(text_latex="$$\\frac{1}{2}$$"), "<mfrac>"),
        (shows(text_plain="日本語 العربية"), "日本語 العربية"),
    ],
)
def test_another_notebook_is_shown_and_what_cannot_be_is_named(
    output: nbformat.NotebookNode, words: str
) -> None:
    notebook = new_notebook(cells=[code("x <- 1", output)])
    notebook.metadata.language_info = {"name": "R", "pygments_lexer": "r"}
    page = DeckExporter().from_notebook_node(notebook)[0]
    assert words in page and 'class="o">&lt;-' in page


@each(
    ("source", "words"),
    [
        ("# Plan\n\n![the plan](gone.png)", "(Not shown: the plan. The picture gone.png cannot"),
        (
            '<img width="9" src="https://a.example/x.png">',
            "(Not shown: a picture. The picture http",
        ),
        (f"![]({'data:image/png;base64,' + PIXEL})", 'alt="A picture that the notebook does not'),
        (f"<img src='data:image/png;base64,{PIXEL}'>", 'alt="A picture that the notebook does not'),
        ("A formula: $x^$ and on.", "(Shown as it was written: The formula"),
    ],
)
def test_another_notebooks_words_are_shown_whatever_they_refer_to(source: str, words: str) -> None:
    page = DeckExporter().from_notebook_node(new_notebook(cells=[markdown(source)]))[0]
    assert words in page


def test_a_picture_that_is_none_is_refused_in_a_sentence() -> None:
    broken = shows({"image/png": {"alt": "A line."}}, image_png="iVBORw0KGgo=")
    with pytest.raises(NotebookError, match="not a PNG that can be read: run its cell again"):
        converted(code("plot()", broken))


@each(
    ("source", "is_formula"),
    [
        ("It costs $5 a month, or $60 a year.", False),
        ("$0.20 or US$0.40", False),
        ("Half is $\\frac{1}{2}$, and $x^2$ grows.", True),
        ("Escaped: $5 \\$ 6$", True),
        ("$$\nx = 2\n$$", True),
    ],
)
def test_prices_are_no_formulas(source: str, is_formula: bool) -> None:
    page = converted(markdown(source))
    assert ("<math" in page) == is_formula
    assert is_formula or source in page


def panel() -> nbformat.NotebookNode:
    shown = shows()
    shown.data[outputs.NUMBERS] = {"requests": 2e6}
    return shown


def test_two_panels_work_on_one_page_and_a_stray_percent_sign_opens_slide_1(
    chromium: Browser, tmp_path: Path
) -> None:
    target = tmp_path / "panels.html"
    one, two = markdown("# One", id="one"), markdown("## Two", id="two")
    page = converted(one, code("panel()", panel()), two, code("panel()", panel(), id="again"))
    target.write_text(page)
    with opened(chromium, target, "?requests=1e6#/two%") as ready:
        assert (ready.slide, ready.said) == ("one", [])
        ids = ready.page.locator("[id]").evaluate_all("all => all.map(one => one.id)")
        assert len(ids) == len(set(ids))
        ready.page.goto(f"{target.as_uri()}?requests=1000000#/two?utm_source=mail")
        ready.page.wait_for_selector("html[data-ready]", state="attached")
        wait_until(lambda: ready.slide == "two")
        said = ready.page.locator(".verdict").all_inner_texts()
        address = f"{target.as_uri()}?requests=1000000#/two"
        assert ready.page.url == address
        ready.page.locator("#two input[type=range]").first.press("End")
        assert ready.page.locator("#two input[type=text]").first.input_value() == "10 billion"
        assert ready.page.locator("#one input[type=text]").first.input_value() == "1 million"
        now = ready.page.locator(".verdict").all_inner_texts()
        assert now[0] == said[0] and now[1] != said[1]
        assert (ready.page.url, ready.said) == (address, [])
    unscripted = chromium.new_context(java_script_enabled=False).new_page()
    unscripted.goto(target.as_uri())
    parts = unscripted.locator(".your-numbers > *").all()
    assert {part.evaluate("one => one.localName") for part in parts if part.is_visible()} == {
        "noscript"
    }
    unscripted.context.close()
