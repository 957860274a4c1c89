"""The page on a phone: sliders move by touch, figures can be read, rows are high enough to tap."""

import base64
import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from lambdadeck.export import outputs
from tests.support.exporting import code, converted, markdown, shows

LEAST_PX = 9
SMALLEST_TYPE = 24 / 1152  # of a figure's width
ROWS = """() => [...document.querySelectorAll(
    "#deck :is(button, summary, input, select, label), .bar button")]
  .filter(one => one.checkVisibility({ visibilityProperty: true }) && !one.matches(".copy"))
  .map(one => [one.outerHTML.slice(0, 60), one.getBoundingClientRect().height])"""


def written(target: Path) -> Path:
    """Write a page with a slide before, a panel, a figure, and a slide after."""
    drawn = io.BytesIO()
    Image.new("RGB", (1152, 484), "white").save(drawn, "PNG")
    figure = shows(image_png=base64.b64encode(drawn.getvalue()).decode())
    figure.data[outputs.FIGURE] = {
        "title": "It rises",
        "alt": "A line.",
        "table": {"headers": ["ms"], "rows": [[1]]},
    }
    numbers = shows()
    numbers.data[outputs.NUMBERS] = {}
    slides = markdown("# Before", id="before"), markdown("## Yours", id="yours")
    panel, curve = code("panel()", numbers), code("curve()", figure, id="drawn")
    after = markdown("## Figure", id="curve"), curve, markdown("## After", id="after")
    target.write_text(converted(*slides, panel, *after))
    return target


def drag(page: Page, selector: str, start: float, end: float) -> None:
    """Drag one finger across the element, between two shares of its width."""
    box = page.locator(selector).bounding_box()
    touch, y = page.context.new_cdp_session(page), box["y"] + box["height"] / 2
    steps = [box["x"] + box["width"] * (start + (end - start) * k / 10) for k in range(11)]
    for number, x in enumerate(steps):
        kind = "touchMove" if number else "touchStart"
        send = {"type": kind, "touchPoints": [{"x": x, "y": y}]}
        touch.send("Input.dispatchTouchEvent", send)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_phone_drags_sliders_reads_figures_and_taps_rows(
    chromium: Browser, tmp_path: Path
) -> None:
    size = {"width": 390, "height": 844}
    context = chromium.new_context(viewport=size, has_touch=True, is_mobile=True, offline=True)
    page = context.new_page()
    page.goto(written(tmp_path / "page.html").as_uri() + "#/curve")
    page.wait_for_selector("html[data-ready]", state="attached")
    assert page.locator("#curve img").bounding_box()["width"] * SMALLEST_TYPE >= LEAST_PX
    page.locator("#curve img").tap()
    assert page.locator("#large img").bounding_box()["width"] == 1152
    page.get_by_role("button", name="Close").tap()
    page.locator("#large").wait_for(state="hidden")
    page.evaluate("deck.stage.show('yours')")
    before = page.locator("#numbers-requests").input_value()
    drag(page, "#numbers-requests", 0.9, 0.2)
    assert page.evaluate("Reveal.getCurrentSlide().id") == "yours"
    assert page.locator("#numbers-requests").input_value() != before
    rows = page.evaluate(ROWS)
    assert len(rows) > 15 and [row for row in rows if row[1] < 24] == []
    drag(page, "#yours h2", 0.9, 0.2)  # elsewhere a swipe turns the slide
    assert page.evaluate("Reveal.getCurrentSlide().id") == "curve"
    context.close()
