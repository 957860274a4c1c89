"""axe-core finds nothing on slides, article and dialogs; keys alone reach everything.

The dark page and the article show each kind of element once; every slide, with scripts/test --full.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from lambdadeck.notebook.errors import NotebookError
from tests.support.exporting import (
    Opened,
    arm,
    code,
    converted,
    keep_a_sample,
    markdown,
    opened,
    show_all,
    shows,
    violations,
    violations_on_stage,
)

# The dark page differs in its colors alone.
RULES = {"light": (), "dark": ("color-contrast", "link-in-text-block")}
PALE = """theme => { const last = Reveal.getSlides().at(-1).querySelector("h1, h2");
  last.style.color = theme === "dark" ? "#333" : "#ccc"; }"""
CONTRAST_OF_LAST = """() => axe.run(Reveal.getSlides().at(-1), { runOnly: ["color-contrast"] })
  .then(found => found.violations.map(violation => violation.id))"""


@pytest.mark.parametrize("theme", RULES)
def test_axe_finds_nothing_in_the_dialogs_nor_on_any_slide_with_its_numbers_open(
    chromium: Browser, page: Path, theme: str, pytestconfig: pytest.Config
) -> None:
    with opened(chromium, page, f"?theme={theme}") as ready:
        arm(ready.page)
        for dialog in ("menu", "help"):
            ready.page.evaluate("name => deck.actions[name]()", dialog)
            ready.page.locator(f"#{dialog}").wait_for(state="visible")
            assert violations_on_stage(ready.page) == [], dialog
            ready.page.keyboard.press("Escape")
            ready.page.locator(f"#{dialog}").wait_for(state="hidden")
        show_all(ready.page)
        if theme == "dark" and not pytestconfig.getoption("--full"):
            keep_a_sample(ready.page)
        assert violations(ready.page, *RULES[theme]) == []
        ready.page.evaluate(PALE, theme)  # the check sees the last slide, too
        assert ready.page.evaluate(CONTRAST_OF_LAST) == ["color-contrast"]


@pytest.mark.parametrize("theme", RULES)
def test_axe_finds_nothing_in_the_article(
    chromium: Browser, page: Path, theme: str, pytestconfig: pytest.Config
) -> None:
    with opened(chromium, page, f"?view=article&theme={theme}", (390, 844)) as ready:
        arm(ready.page)
        if not pytestconfig.getoption("--full"):
            keep_a_sample(ready.page)
        assert violations(ready.page, *RULES[theme]) == []


def test_axe_finds_nothing_in_the_speaker_view(slides: Opened) -> None:
    with slides.page.expect_popup() as popup:
        slides.page.keyboard.press("s")
    arm(popup.value)
    assert violations(popup.value) == []


def test_every_picture_says_what_it_shows(slides: Opened) -> None:
    pictures = slides.page.locator("#deck img, #deck svg[role=img]")
    words = pictures.evaluate_all(
        """all => all.map(one =>
          one.alt ?? one.ariaLabel ?? one.querySelector("desc").textContent)"""
    )
    assert len(words) > 0 and all(map(str.strip, words))


def test_every_figure_opens_its_numbers_as_a_table(slides: Opened) -> None:
    for slide in slides.slides():
        for summary in slides.page.locator(
            f"#{slide} figure.drawing details.numbers > summary"
        ).all():
            summary.focus()
            slides.page.keyboard.press("Enter")
            table = slides.page.locator(f"#{slide} details[open] table")
            assert table.is_visible() and table.locator("tbody tr").count() > 0
            slides.page.keyboard.press("Escape")
            assert not table.is_visible()
            assert slides.slide == slide


def test_a_picture_without_words_stops_the_export_and_names_the_cell() -> None:
    pixel = (
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"
        "AAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    with pytest.raises(NotebookError, match="Cell 'curve': a picture has no alternative text"):
        converted(markdown("# Deck"), code("plot()", shows(image_png=pixel), id="curve"))
    with pytest.raises(NotebookError, match="Cell 'drawing': a picture has no alternative text"):
        converted(markdown(f"![](data:image/png;base64,{pixel})", id="drawing"))


@pytest.mark.parametrize("query", ["", "?view=article"])
def test_language_landmarks_and_one_heading_of_the_first_level(
    chromium: Browser, page: Path, query: str
) -> None:
    with opened(chromium, page, query) as ready:
        assert ready.page.locator("html").get_attribute("lang") == "en"
        assert ready.page.locator("h1").count() == 1
        assert ready.page.locator("main").count() == 1
        assert ready.page.locator("nav:visible").count() == 1


def test_tab_reaches_every_button_slider_and_menu_of_a_slide(chromium: Browser, page: Path) -> None:
    with opened(chromium, page, "#/your-numbers") as ready:
        wanted = ready.page.locator(
            "#your-numbers :is(input, select, summary, button):visible"
        ).count()
        assert wanted >= 8
        reached = set()
        for _ in range(wanted + 10):
            ready.page.keyboard.press("Tab")
            reached.add(
                ready.page.evaluate(
                    """() => { const e = document.activeElement;
                    return e.closest("#your-numbers") ? e.outerHTML.slice(0, 80) : "" }"""
                )
            )
        assert len(reached - {""}) == wanted
        assert ready.slide == "your-numbers"


def test_the_deck_is_walked_by_one_key_from_start_to_end(slides: Opened) -> None:
    seen = [slides.slide]
    for _ in range(400):
        slides.page.keyboard.press("Space")
        if slides.slide != seen[-1]:
            seen.append(slides.slide)
        if slides.page.evaluate("Reveal.isLastSlide()"):
            break
    assert seen == slides.page.evaluate("Reveal.getSlides().map(slide => slide.id)")
