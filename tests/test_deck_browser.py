"""The deck on stage: a real Chromium, RISE, and nothing but the keyboard. One walk; each test looks at what it brought."""

from dataclasses import dataclass, field

import pytest

from tests.presenting import Presenting
from tests.slides import Output, Stage


@dataclass
class Stop:
    """One slide (or fragment of it) as it stood after its cells had run."""

    title: str
    words: int = 0
    past_the_edge_before: list[str] = field(default_factory=list)
    past_the_edge: list[str] = field(default_factory=list)
    too_small: list[str] = field(default_factory=list)
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

    def each(self, name: str) -> dict[str, object]:
        """What the stops have under a name, by title, where it is not empty."""
        return {stop.title: getattr(stop, name) for stop in self.stops if getattr(stop, name)}


def look(stage: Stage) -> Stop:
    """Run the slide's cells with Shift-Enter and note what can be seen."""
    before = stage.past_the_edge
    outputs = list(stage.run())
    return Stop(
        title=stage.title,
        words=stage.words,
        past_the_edge_before=before,
        past_the_edge=stage.past_the_edge,
        too_small=stage.too_small,
        shrunken=stage.shrunken,
        missing_images=stage.missing_images,
        outputs=outputs,
    )


@pytest.fixture(scope="module")
def walk(deck: Presenting, chromium) -> Walk:
    """Every slide in order, by Space; every cell by Shift-Enter."""
    from tests.slides import STAGE

    page = chromium.new_page(viewport=STAGE)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    stage = Stage(page).open(deck.url_said)
    stops = [look(stage)]
    while stage.forward():
        stops.append(look(stage))
    walked = Walk(stops, stage.never_run, stage.foreign, complaints)
    page.close()
    return walked


def test_space_leads_through_every_slide_of_2017_and_more(walk):
    assert len({stop.title for stop in walk.stops}) >= 17
    assert walk.stops[0].title.startswith("AWS Lambda")


def test_every_cell_runs_by_shift_enter(walk):
    assert walk.never_run == []


def test_no_cell_shows_an_error(walk):
    assert {output.id: output.errors for stop in walk.stops for output in stop.outputs if output.errors} == {}


def test_every_cell_shows_an_output(walk):
    outputs = [output for stop in walk.stops for output in stop.outputs]
    assert outputs
    assert [output.id for output in outputs if not output.text and not output.pictures] == []


def test_a_curve_is_drawn(walk):
    assert sum(output.pictures for stop in walk.stops for output in stop.outputs) >= 2


def test_no_slide_goes_past_the_edge_before_it_runs(walk):
    assert walk.each("past_the_edge_before") == {}


def test_no_slide_goes_past_the_edge_after_it_has_run(walk):
    assert walk.each("past_the_edge") == {}


def test_no_text_is_too_small_to_be_read_from_the_back(walk):
    assert walk.each("too_small") == {}


def test_no_figure_shrinks_until_nobody_can_read_it(walk):
    assert walk.each("shrunken") == {}


def test_no_slide_holds_more_than_forty_words(walk):
    assert {stop.title: stop.words for stop in walk.stops if stop.words > 40} == {}


def test_every_image_is_there(walk):
    assert walk.each("missing_images") == {}


def test_the_deck_asks_no_other_host_for_anything(walk):
    assert walk.foreign == []


def test_no_script_on_the_page_fails(walk):
    # nbclassic's own page looks for the button of the banner that we leave out; nothing else may fail.
    assert [c for c in walk.complaints if c != "Cannot read properties of null (reading 'addEventListener')"] == []


def test_rise_starts_even_when_the_notebook_comes_last(deck, stage):
    held = []
    stage.page.route("**/api/contents/**/aws-lambda.ipynb?*", held.append)
    # RISE's files and settings are all there before the notebook: left to itself it would find no slides and give up.
    with stage.page.expect_response("**/nbextensions/rise-when-loaded.js*"):
        stage.page.goto(deck.url_said)
    stage.page.wait_for_load_state("networkidle")
    assert held
    for route in held:
        route.continue_()
    stage.page.wait_for_function("stage.isReady()")


def test_the_stage_shows_nothing_of_the_notebook_around_the_slides(deck, stage):
    stage.open(deck.url_said)
    for chrome in ("#header", "#maintoolbar", "#menubar", "#exit_b", "#help_b", ".input_prompt"):
        assert not stage.page.locator(chrome).first.is_visible(), chrome


def test_the_slide_number_stands_on_the_stage(deck, stage):
    stage.open(deck.url_said)
    assert stage.page.locator(".slide-number").inner_text().split() == ["1", "/", stage.page.locator(".slide-number").inner_text().split()[-1]]


def test_the_speaker_notes_are_hidden_from_the_audience(deck, stage):
    stage.open(deck.url_said)
    assert stage.page.locator("aside.notes").count() >= 17
    assert not stage.page.locator("aside.notes").first.is_visible()


@pytest.mark.parametrize(("width", "height", "px"), [(1280, 720, 30), (1920, 1080, 45), (1024, 768, 24)])
def test_the_words_grow_and_shrink_with_the_stage(deck, stage, width, height, px):
    stage.page.set_viewport_size({"width": width, "height": height})
    stage.open(deck.url_said)
    size = stage.page.locator("section.present section.present .text_cell_render p").first.evaluate("e => getComputedStyle(e).fontSize")
    assert float(size.removesuffix("px")) == pytest.approx(px)


# --- the instruments themselves: a check that cannot fail would prove nothing ---------------------------------------


SPOILERS = {
    "past_the_edge": "<p style='position:absolute; left:1200px; white-space:nowrap'>words that run off the stage</p>",
    "too_small": "<p style='font-size:12px'>small print</p>",
    "missing_images": "<img src='no-such-picture.png'>",
    "shrunken": "<div class='output_area'><img height='500' style='height:100px' src='../assets/deck/none.png' alt='a figure'></div>",
}


@pytest.mark.parametrize("name", SPOILERS)
def test_the_walk_would_notice(deck, stage, name):
    stage.open(deck.url_said)
    assert getattr(stage, name) == []
    stage.page.evaluate(
        "html => { const cell = Reveal.getCurrentSlide().querySelector('.text_cell_render'); cell.insertAdjacentHTML('beforeend', html); }",
        SPOILERS[name],
    )
    stage.page.wait_for_function(f"stage.{name.split('_')[0]}{''.join(w.title() for w in name.split('_')[1:])}().length > 0")
    assert len(getattr(stage, name)) == 1


def test_the_walk_would_notice_text_that_a_box_cuts_off(deck, stage):
    stage.open(deck.url_said)
    stage.page.evaluate("Reveal.getCurrentSlide().querySelector('.text_cell_render p').style.cssText = 'height: 5px; overflow: hidden'")
    assert stage.past_the_edge


def test_the_walk_counts_words_but_not_titles_tables_and_listings(deck, stage):
    stage.open(deck.url_said)
    before = stage.words
    stage.page.evaluate(
        "html => Reveal.getCurrentSlide().querySelector('.text_cell_render').insertAdjacentHTML('beforeend', html)",
        "<h2>a title</h2><table><tr><td>a table</td></tr></table><pre>a listing</pre><p>two words –</p>",
    )
    assert stage.words == before + 2
