"""The deck on stage in Chromium, by keyboard only: one walk a variant, which all tests read.

The walk through JupyterLab ends after a sample of slides, unless scripts/test has --full.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tests.support.slides import STAGE, Output, Stage

SAMPLE = 9  # slides


@dataclass
class Stop:
    """One slide (or fragment of it) as it stood after its cells had run."""

    title: str
    words: int = 0
    past_the_edge_before: list[str] = field(default_factory=list)
    past_the_edge: list[str] = field(default_factory=list)
    too_small: list[str] = field(default_factory=list)
    broken_before: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    shrunken: list[str] = field(default_factory=list)
    missing_images: list[str] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)


@dataclass
class Walk:
    """The whole deck, walked once."""

    stops: list[Stop]
    never_run: list[str]
    foreign: list[str]
    complaints: list[str]
    is_whole: bool

    def each(self, name: str) -> dict[str, object]:
        """Return the stops' non-empty values of a field, by title."""
        return {stop.title: getattr(stop, name) for stop in self.stops if getattr(stop, name)}


def look(stage: Stage) -> Stop:
    """Run the slide's cells with Shift-Enter and note what can be seen."""
    before, broken_before = stage.past_the_edge, stage.broken
    outputs = list(stage.run())
    return Stop(
        title=stage.title,
        words=stage.words,
        past_the_edge_before=before,
        past_the_edge=stage.past_the_edge,
        too_small=stage.too_small,
        broken_before=broken_before,
        broken=stage.broken,
        shrunken=stage.shrunken,
        missing_images=stage.missing_images,
        outputs=outputs,
    )


# --- the stage ---


@pytest.fixture(scope="module")
def first_slide(deck, chromium) -> Iterator[Stage]:
    """Open the deck on its first slide, nothing run; tests undo their changes.

    The notebook comes last: RISE is ready before it, and by itself would find no slides.
    """
    page = chromium.new_page(viewport=STAGE)
    stage = Stage(page)
    held = []
    page.route("**/api/contents/**/aws-lambda.ipynb?*", lambda route: held.append(route))
    with page.expect_request("**/api/contents/**/aws-lambda.ipynb?*"):
        page.goto(deck.url_said)
    page.wait_for_function("window.requirejs?.defined('custom/custom-preload')")
    assert held
    for route in held:
        route.continue_()
    yield stage.ready()
    page.close()


def test_rise_starts_even_when_the_notebook_comes_last(first_slide):
    assert first_slide.title.startswith("AWS Lambda")


def test_the_stage_shows_nothing_of_the_notebook_around_the_slides(first_slide):
    for chrome in ("#header", "#maintoolbar", "#menubar", "#exit_b", "#help_b", ".input_prompt"):
        assert not first_slide.page.locator(chrome).first.is_visible(), chrome


def test_the_slide_number_stands_on_the_stage(first_slide):
    number = first_slide.page.locator(".slide-number")
    assert number.is_visible()
    assert re.fullmatch(r"1\s*/\s*\d+", number.inner_text())


def test_the_speaker_notes_are_hidden_from_the_audience(first_slide):
    assert first_slide.page.locator("aside.notes").count() >= 17
    assert not first_slide.page.locator("aside.notes").first.is_visible()


def test_the_words_grow_and_shrink_with_the_stage(first_slide):
    words = first_slide.page.locator("section.present .text_cell_render p:not(.occasion)").first
    for width, height, px in ((1920, 1080, 57), (1024, 768, 30.4), (1280, 720, 38)):
        first_slide.page.set_viewport_size({"width": width, "height": height})
        size = words.evaluate("e => parseFloat(getComputedStyle(e).fontSize) * e.currentCSSZoom")
        assert size == pytest.approx(px)


def test_words_and_code_are_in_the_fonts_of_the_repository(first_slide):
    loaded = """document.fonts.ready.then(
        fonts => [...fonts].filter(font => font.status === "loaded").map(font => font.family))"""
    names = {name.strip('"') for name in first_slide.page.evaluate(loaded)}
    assert names >= {"Fira Sans", "Fira Code"}


# --- the instruments: each check can fail ---


SPOILERS = {
    "past_the_edge": "<p style='position: absolute; left: 1200px; white-space: nowrap'>"
    "words_that_run_off_the_stage</p>",
    "too_small": "<p style='font-size: 12px'>small print</p>",
    "missing_images": "<img src='no-such-picture.png' alt='none'>",
    "shrunken": "<div class='output_area'>"
    "<img height='500' style='height: 100px' src='data:,' alt='a figure'></div>",
}


@contextmanager
def spoilt(stage: Stage, html: str) -> Iterator[None]:
    """Put something on the slide, for a while."""
    put = """html => new Promise(done => {
        const cell = Reveal.getCurrentSlide().querySelector('.text_cell_render');
        cell.insertAdjacentHTML('beforeend', `<div id="spoiler">${html}</div>`);
        const picture = cell.querySelector('#spoiler img');
        picture && !picture.complete ? picture.addEventListener('error', done) : done();
    })"""
    before = len(stage.complaints)
    stage.page.evaluate(put, html)
    yield
    stage.page.evaluate("document.getElementById('spoiler').remove()")
    del stage.complaints[before:]  # a picture that is missing on purpose


def test_the_walk_would_notice(first_slide):
    for name, spoiler in SPOILERS.items():
        assert getattr(first_slide, name) == []
        with spoilt(first_slide, spoiler):
            assert len(getattr(first_slide, name)) == 1, name


def test_the_walk_would_notice_text_that_a_box_cuts_off(first_slide):
    with spoilt(first_slide, "<p style='height: 5px; overflow: hidden'>half of this is cut</p>"):
        assert first_slide.past_the_edge


def test_the_walk_counts_words_but_not_titles_tables_and_listings(first_slide):
    before = first_slide.words
    with spoilt(
        first_slide,
        "<h2>a title</h2><table><tr><td>a table</td></tr></table>"
        "<pre>a listing</pre><p>two words –</p>",
    ):
        assert first_slide.words == before + 2


# --- the walk ---


@pytest.fixture(scope="module", params=["deck", "lab"])
def walk(request: pytest.FixtureRequest, chromium) -> Walk:
    """Walk all slides by Space and run all cells by Shift-Enter, in both variants of RISE."""
    if request.param == "deck":
        stage = request.getfixturevalue("first_slide")
    else:
        page = chromium.new_page(viewport=STAGE)
        stage = Stage(page).open(request.getfixturevalue("lab").url_said)
    stops = [look(stage)]
    is_whole = request.param == "deck" or request.config.getoption("--full")
    while (is_whole or len(stops) < SAMPLE) and stage.forward():
        stops.append(look(stage))
    never_run = stage.never_run if is_whole else []
    walked = Walk(stops, never_run, stage.foreign, stage.complaints, is_whole)
    stage.page.close()
    return walked


@pytest.fixture
def whole(walk: Walk) -> Walk:
    """Return the walk if it goes through all slides."""
    if not walk.is_whole:
        pytest.skip("JupyterLab shows every slide under scripts/test --full")
    return walk


def test_space_leads_through_every_slide_of_2017_and_more(whole):
    assert len({stop.title for stop in whole.stops}) >= 17
    assert whole.stops[0].title.startswith("AWS Lambda")


def test_every_cell_runs_by_shift_enter(whole):
    assert whole.never_run == []


def test_no_cell_shows_an_error(walk):
    assert {
        output.id: output.errors for stop in walk.stops for output in stop.outputs if output.errors
    } == {}


def test_every_cell_shows_an_output(walk):
    outputs = [output for stop in walk.stops for output in stop.outputs]
    assert outputs
    assert [output.id for output in outputs if not output.text and not output.pictures] == []


def test_a_curve_is_drawn(whole):
    assert sum(output.pictures for stop in whole.stops for output in stop.outputs) >= 2


def test_no_slide_goes_past_the_edge_before_it_runs(walk):
    assert walk.each("past_the_edge_before") == {}


def test_no_slide_goes_past_the_edge_after_it_has_run(walk):
    assert walk.each("past_the_edge") == {}


def test_no_text_is_too_small_to_be_read_from_the_back(walk):
    assert walk.each("too_small") == {}


def test_no_slide_breaks_a_rule_of_the_look_before_or_after_it_has_run(walk):
    assert walk.each("broken_before") == {} and walk.each("broken") == {}


def test_no_figure_shrinks_until_nobody_can_read_it(walk):
    assert walk.each("shrunken") == {}


def test_no_slide_holds_more_than_forty_words(walk):
    assert {stop.title: stop.words for stop in walk.stops if stop.words > 40} == {}


def test_every_image_is_there(walk):
    assert walk.each("missing_images") == {}


def test_the_deck_asks_no_other_host_for_anything(walk):
    assert walk.foreign == []


def test_no_script_on_the_page_fails(walk):
    assert walk.complaints == []
