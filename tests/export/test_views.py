"""The page in the hand: deep links, menu and search, keys, themes, speaker view, copying, paper."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from lambdadeck.export import pdf
from lambdadeck.notebook.errors import NotebookError
from tests.support import exporting
from tests.support.exporting import Opened, code, converted, markdown, opened
from tests.support.lambdas import wait_until


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a small deck with everything that a view shows or hides."""
    target = tmp_path_factory.mktemp("views") / "small.html"
    target.write_text(
        converted(
            markdown("# First", id="first"),
            markdown("**Say** hello.", "notes", id="first-notes"),
            markdown("## Second", id="second"),
            markdown("step one", "fragment", id="one"),
            markdown("step two", "fragment", id="two"),
            markdown("Only for readers.", "skip", id="aside"),
            markdown("Ask about zebras.", "notes", id="second-notes"),
            markdown("## Below", "subslide", id="below"),
            code("print('copy me')", id="copied"),
            markdown("## Last, with a quokka", id="last"),
        )
    )
    return target


def test_an_address_leads_to_its_slide_and_the_slide_is_in_the_address(
    chromium: Browser, page: Path
) -> None:
    with opened(chromium, page, "#/below") as ready:
        assert ready.slide == "below"
        ready.page.keyboard.press("Space")
        ready.page.wait_for_url("**#/last")


def test_slides_fragments_and_back_keep_the_notebooks_order(slides: Opened) -> None:
    def seen() -> tuple[str, int]:
        return slides.slide, slides.page.locator(f"#{slides.slide} .fragment.visible").count()

    steps = [seen()]
    for _ in range(5):
        slides.page.keyboard.press("Space")
        steps.append(seen())
    assert steps == [
        ("first", 0),
        ("second", 0),
        ("second", 1),
        ("second", 2),
        ("below", 0),
        ("last", 0),
    ]
    slides.page.keyboard.press("Shift+Space")
    assert slides.slide == "below"


def test_skipped_cells_are_gone_from_slides_and_there_in_the_article(
    chromium: Browser, page: Path, slides: Opened
) -> None:
    list(slides.slides())
    assert not slides.page.get_by_text("Only for readers.").is_visible()
    with opened(chromium, page, "?view=article") as article:
        assert article.page.get_by_text("Only for readers.").is_visible()
        assert article.page.get_by_text("step two").is_visible()
        assert not article.page.get_by_text("zebras").is_visible()


def test_the_article_opens_at_the_slide_and_leads_back_to_it(slides: Opened) -> None:
    slides.page.evaluate("deck.stage.show('below')")
    slides.page.keyboard.press("a")
    slides.page.wait_for_selector("html[data-view=article][data-ready]", state="attached")
    assert slides.page.url.endswith("?view=article#below")
    slides.page.get_by_role("link", name="Slides").click()
    slides.page.wait_for_selector("html[data-view=slides][data-ready]", state="attached")
    assert slides.slide == "below"


def test_the_menu_finds_a_slide_by_its_text_and_goes_there(slides: Opened) -> None:
    slides.page.keyboard.press("m")
    slides.page.keyboard.type("quokka")
    assert slides.page.locator("#menu-found").inner_text() == "1 of 4 slides"
    slides.page.keyboard.press("Enter")
    wait_until(lambda: slides.slide == "last")  # the address is first
    assert not slides.page.locator("#menu").is_visible()


def test_the_search_does_not_give_the_notes_away(slides: Opened) -> None:
    slides.page.keyboard.press("/")
    slides.page.keyboard.type("zebras")
    assert slides.page.locator("#menu-found").inner_text() == "0 of 4 slides"


def test_keys_in_a_dialog_do_not_move_the_slide(slides: Opened) -> None:
    slides.page.keyboard.press("?")
    assert slides.page.locator("#help").is_visible()
    for key in ("ArrowRight", "ArrowDown", "End"):
        slides.page.keyboard.press(key)
    slides.page.keyboard.press("Escape")
    assert not slides.page.locator("#help").is_visible()
    assert slides.slide == "first" and not slides.page.evaluate("Reveal.isOverview()")


def test_one_dialog_after_the_other_opens_by_its_key(slides: Opened) -> None:
    for key, dialog in (("m", "menu"), ("?", "help"), ("/", "menu")):
        slides.page.keyboard.press(key)
        slides.page.locator(f"#{dialog}").wait_for(state="visible")
        slides.page.keyboard.press("Escape")
        slides.page.locator(f"#{dialog}").wait_for(state="hidden")
        # The focus leaves it with the next frame.
        slides.page.locator("dialog:focus-within").wait_for(state="detached")
    assert not slides.page.evaluate("Reveal.isOverview()")


def test_light_and_dark_follow_the_system_until_one_is_chosen(
    chromium: Browser, page: Path
) -> None:
    with opened(chromium, page) as ready:
        ready.page.emulate_media(color_scheme="dark")
        theme = ready.page.locator("html")
        ready.page.wait_for_selector("html[data-theme=dark]", state="attached")
        ready.page.keyboard.press("d")
        assert theme.get_attribute("data-theme") == "light" and "theme=light" in ready.page.url
        ready.page.reload()
        assert theme.get_attribute("data-theme") == "light"


def test_the_overview_shows_all_and_leads_back(slides: Opened) -> None:
    slides.page.keyboard.press("o")
    assert slides.page.evaluate("Reveal.isOverview()")
    slides.page.keyboard.press("o")
    assert not slides.page.evaluate("Reveal.isOverview()")


def test_the_speaker_sees_notes_the_next_slide_and_a_timer_and_can_drive(slides: Opened) -> None:
    with slides.page.expect_popup() as popup:
        slides.page.keyboard.press("s")
    speaker = popup.value
    assert speaker.locator("#notes").inner_text() == "Say hello."
    assert "Second" in speaker.locator("#preview").inner_text()
    assert re.fullmatch(r"0:00:\d\d", speaker.locator("#time").inner_text())
    speaker.keyboard.press("Space")
    assert slides.slide == "second"
    assert "zebras" in speaker.locator("#notes").inner_text()
    assert "2 more on this slide" in speaker.locator("#where").inner_text()
    slides.page.keyboard.press("End")
    assert "The end" in speaker.locator("#preview").inner_text()
    assert speaker.locator("#notes").inner_text() == "No notes for this slide."
    assert slides.said == []


def test_code_is_copied_by_one_click(chromium: Browser, page: Path) -> None:
    with opened(chromium, page, "#/below") as ready:
        ready.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        ready.page.locator("#below .source").hover()
        ready.page.get_by_role("button", name="Copy the code of copied").click()
        ready.page.get_by_text("Copied").wait_for()
        assert ready.page.evaluate("navigator.clipboard.readText()").strip() == "print('copy me')"


def test_on_paper_every_slide_is_a_sheet_with_all_its_steps(chromium: Browser, page: Path) -> None:
    with opened(chromium, page, "?print-pdf") as ready:
        assert ready.page.locator(".slide:visible").count() == 4
        assert ready.page.get_by_text("step two").is_visible()
        assert not ready.page.get_by_text("zebras").is_visible()
        assert {
            (box["width"], box["height"])
            for one in ready.page.locator(".slide").all()
            if (box := one.bounding_box())
        } == {(1280, 720)}


PLACE = """() => [Reveal.getCurrentSlide().id, deck.view(), document.documentElement.dataset.view,
  document.documentElement.dataset.theme, Reveal.getCurrentSlide().getBoundingClientRect().width]"""
PAPER = "() => getComputedStyle(document.documentElement).backgroundColor"
LIGHT = "rgb(253, 252, 250)"  # the light theme's paper, in tokens.css


def pages(pdf_file: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf_file))


def test_the_slides_print_light_a_page_each_and_come_back_as_they_were(
    chromium: Browser, page: Path
) -> None:
    with opened(chromium, page, "?theme=dark#/second", (390, 844)) as ready:
        ready.page.keyboard.press("Space")
        before = ready.page.evaluate(PLACE)
        for paper in ({"prefer_css_page_size": True}, {"format": "A4"}):
            assert pages(ready.page.pdf(**paper)) == 4
        assert ready.page.evaluate(PLACE) == before
        assert ready.page.locator("#second .fragment.visible").count() == 1
        ready.page.emulate_media(media="print")
        assert ready.page.evaluate(PAPER) == LIGHT
        assert ready.said == []


def test_a_notebook_without_slides_prints_as_an_article(chromium: Browser, tmp_path: Path) -> None:
    target = tmp_path / "lab.html"
    tables = "|call|start|\n|-|-|\n|1|warm|", f"|key|\n|-|\n|{'x' * 100}|"
    cells = markdown("# Lab"), *(markdown(f"## Part\n\n{table}", id=table[1:4]) for table in tables)
    for cell in cells:
        del cell.metadata["slideshow"]
    target.write_text(converted(*cells))
    with opened(chromium, target, "?print-pdf&theme=dark") as ready:
        assert ready.page.locator("html").get_attribute("data-view") == "article"
        assert pages(ready.page.pdf(format="A4")) == 1
        breaks = "all => all.map(table => table.classList.contains('breaks'))"
        assert ready.page.locator("#deck table").evaluate_all(breaks) == [False, True]
        ready.page.emulate_media(media="print")
        assert ready.page.evaluate(PAPER) == LIGHT
        assert not ready.page.get_by_role("button", name="Print").is_visible()


def test_without_scripts_the_page_is_the_whole_article_without_a_dead_button(
    chromium: Browser, page: Path
) -> None:
    context = chromium.new_context(java_script_enabled=False, color_scheme="dark")
    unscripted = context.new_page()
    unscripted.goto(page.as_uri())
    titles = unscripted.locator("main :is(h1, h2)")
    assert all(title.is_visible() for title in titles.all()) and titles.count() == 4
    assert unscripted.get_by_text("step two").is_visible()
    assert unscripted.get_by_role("button").count() == 0
    assert unscripted.get_by_role("link", name="Slides").count() == 0
    assert unscripted.get_by_role("link", name="Last, with a quokka").is_visible()
    context.close()


def test_the_pdf_is_tagged_has_an_outline_and_a_page_for_every_slide(
    chromium: Browser, page: Path, tmp_path: Path
) -> None:
    target = tmp_path / "small.html"
    target.write_bytes(page.read_bytes())
    content = pdf.printed(target, pdf.chromium()).read_bytes()
    assert content.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in content and b"/Marked true" in content and b"/Outlines" in content
    assert pages(content) == 4
    assert set(re.findall(rb"/MediaBox\s*\[([^]]*)\]", content)) == {
        b"0 0 816 458.88"
    }  # points of 1088 x 612 pixels


def test_without_a_browser_the_pdf_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(pdf.sys, "platform", "linux")
    with pytest.raises(NotebookError, match="A PDF needs Chromium or Chrome"):
        pdf.chromium()


def test_the_talk_prints_a_page_for_every_slide(chromium: Browser) -> None:
    with opened(chromium, exporting.deck(), "?print-pdf") as ready:
        slides = ready.page.locator(".slide:visible").count()
        long = ready.page.locator(".slide.long").evaluate_all("all => all.map(one => one.id)")
        paper = ready.page.pdf(prefer_css_page_size=True, print_background=True)
        assert (long, pages(paper)) == ([], slides)
