"""The five rules of the look, on every slide of the exported page, light and dark."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.exporting import Opened, arm, opened

SPOILERS = {
    "grid": "one.querySelector('h2').style.marginLeft = '20px'",
    "small": "one.querySelector('.question').style.fontSize = '20px'",
    "sizes": "one.querySelector('.question').style.fontSize = '30px',"
    "one.querySelector('.terminal').style.fontSize = '50px'",
    "accent in the frame": "one.querySelector('h2').style.color = 'var(--ec2)'",
    "the answer takes": "one.querySelector('.outputs').style.flex = '0 0 100px'",
}


def broken(ready: Opened, slide: str) -> list[str]:
    """Return the rules that the slide on stage breaks."""
    return list(ready.page.evaluate("id => audit.broken(document.getElementById(id))", slide))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_slide_of_the_page_breaks_a_rule_of_the_look(
    chromium: Browser, page: Path, theme: str
) -> None:
    with opened(chromium, page, f"?theme={theme}") as ready:
        arm(ready.page)
        found = {slide: broken(ready, slide) for slide in ready.slides()}
    assert {slide: rules for slide, rules in found.items() if rules} == {}


def test_each_rule_can_be_broken(chromium: Browser, page: Path) -> None:
    for rule, spoil in SPOILERS.items():
        with opened(chromium, page, "#/cold-and-warm") as ready:
            arm(ready.page)
            ready.page.evaluate(f"(one => {{ {spoil} }})(document.getElementById('cold-and-warm'))")
            assert any(one.startswith(rule) for one in broken(ready, "cold-and-warm")), rule
