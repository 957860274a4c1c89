"""Nothing overflows: a tall slide shrinks while it is readable, then scrolls by keyboard."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.exporting import SIZES, arm, code, converted, cut, markdown, opened

LEAST_PX = 10  # on the glass, for the smallest print


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_no_slide_is_cut_and_no_text_is_too_small_to_read(
    chromium: Browser, page: Path, size: tuple[int, int]
) -> None:
    with opened(chromium, page, "", size) as ready:
        arm(ready.page)
        found, smallest = {}, {}
        for slide in ready.slides():
            found[slide] = cut(ready.page, f"#{slide}")
            smallest[slide] = ready.page.evaluate(
                "id => audit.smallest(document.getElementById(id))", slide
            )
        assert {slide: problems for slide, problems in found.items() if problems} == {}
        assert {
            slide: text
            for slide, text in smallest.items()
            if text["px"] is not None and text["px"] < LEAST_PX
        } == {}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_article_is_never_wider_than_the_screen(
    chromium: Browser, page: Path, size: tuple[int, int]
) -> None:
    with opened(chromium, page, "?view=article", size) as ready:
        arm(ready.page)
        assert cut(ready.page, "body") == []
        assert ready.page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_on_paper_no_slide_is_cut(chromium: Browser, page: Path) -> None:
    with opened(chromium, page, "?print-pdf") as ready:
        arm(ready.page)
        ids = ready.page.locator(".slide").evaluate_all("all => all.map(one => one.id)")
        assert {
            slide: problems for slide in ids if (problems := cut(ready.page, f"#{slide}"))
        } == {}


def test_on_paper_a_slide_that_is_too_long_goes_on_to_the_next_sheet(
    chromium: Browser, tmp_path: Path
) -> None:
    target = tmp_path / "page.html"
    lines = "\n".join(f"line_{number} = {number}" for number in range(80))
    target.write_text(
        converted(markdown("# Long", id="long"), code(lines), markdown("## After", id="after"))
    )
    with opened(chromium, target, "?print-pdf") as ready:
        arm(ready.page)
        assert cut(ready.page, "#long") == []
        assert ready.page.locator("#long").bounding_box()["height"] > 720


def test_the_audit_sees_what_is_cut(chromium: Browser, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    target.write_text(converted(markdown("# Short", id="short")))
    with opened(chromium, target) as ready:
        arm(ready.page)
        assert cut(ready.page, "#short") == []
        ready.page.evaluate("document.querySelector('#short h1').style.marginLeft = '1200px'")
        assert cut(ready.page, "#short") != []


def test_a_slide_that_is_too_tall_scrolls_with_the_deck_s_own_keys_and_then_moves_on(
    chromium: Browser, tmp_path: Path
) -> None:
    target = tmp_path / "page.html"
    lines = "\n".join(f"line_{number} = {number}" for number in range(80))
    target.write_text(
        converted(markdown("# Long", id="long"), code(lines), markdown("## After", id="after"))
    )
    with opened(chromium, target) as ready:
        arm(ready.page)
        assert "scrolls" in (ready.page.locator("#long").get_attribute("class") or "")
        assert cut(ready.page, "#long") == []
        for _ in range(20):
            before = ready.page.evaluate("document.getElementById('long').scrollTop")
            ready.page.keyboard.press("Space")
            if ready.slide == "after":
                break
            assert ready.page.evaluate("document.getElementById('long').scrollTop") > before
        assert ready.slide == "after"


def test_a_little_too_much_shrinks_and_does_not_scroll(chromium: Browser, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    lines = "\n".join(f"line_{number} = {number}" for number in range(22))
    target.write_text(converted(markdown("# Full", id="full"), code(lines)))
    with opened(chromium, target) as ready:
        arm(ready.page)
        assert "scrolls" not in (ready.page.locator("#full").get_attribute("class") or "")
        assert (
            0.7 <= float(ready.page.locator("#full > .fit").evaluate("box => box.style.zoom")) < 1
        )
        assert cut(ready.page, "#full") == []
