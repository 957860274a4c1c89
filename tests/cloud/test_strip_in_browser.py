"""The strip that says AWS, in a browser: on every slide, even after a reload; LOCAL has none."""

from urllib.parse import urlsplit

import pytest

from tests.support.aws_account import ACCOUNT, aws_account
from tests.support.presenting import Presenting, ask

STRIP = """() => {
  const look = getComputedStyle(document.body, "::after");
  const isShown = look.display !== "none" && look.visibility === "visible";
  return [look.content, look.position, parseFloat(look.height), isShown];
}"""
TITLE = ".slides section.present section.present :is(h1, h2)"
TITLE_TOP = f"() => document.querySelector('{TITLE}').getBoundingClientRect().top"
WORDS = '"AWS · real account …4321 · eu-west-1 · calls cost money"'


@pytest.fixture(scope="module")
def on_aws(root, tmp_path_factory):
    """Start the deck as scripts/present --aws does without a terminal."""
    with aws_account(tmp_path_factory.mktemp("home")) as account:
        given = account.profile() | {"AWS_PROFILE": "talk", "LAMBDADECK_ACCOUNT": ACCOUNT}
        with Presenting(root, "--no-browser", "--aws", environment=given) as presenting:
            presenting.url()
            yield presenting


def strip(stage):
    stage.page.wait_for_function(
        "() => getComputedStyle(document.body, '::after').content.includes('AWS')"
    )
    return stage.page.evaluate(STRIP)


def test_the_strip_is_there_before_any_cell_has_run_on_each_slide_after_a_reload_and_off_the_slides(
    on_aws, stage
):
    stage.open(on_aws.url_said)
    for _ in range(3):
        words, position, height, seen = strip(stage)
        assert (words, position, seen) == (WORDS, "fixed", True)
        assert height <= stage.page.evaluate(TITLE_TOP)  # it covers no title
        stage.forward()
    stage.page.reload()
    assert strip(stage)[0] == WORDS  # no cell has run
    stage._until("isReady()")
    stage.page.keyboard.press("Alt+r")
    stage.page.wait_for_function("() => !document.body.classList.contains('rise-enabled')")
    assert strip(stage)[0] == WORDS


def style_sheet(url):
    parts = urlsplit(url)
    return ask(f"http://{parts.netloc}/lambdadeck/cloud.css?{parts.query}")


def test_local_has_none(deck, on_aws):
    assert style_sheet(deck.url_said) == (200, "")
    status, css = style_sheet(on_aws.url_said)
    assert status == 200 and css.startswith("body::after") and ACCOUNT not in css


def test_nobody_without_the_token_is_told_the_account(on_aws):
    assert style_sheet(on_aws.url_said.replace("token=", "token=x"))[0] in (302, 403)
