"""A presenter's keys in both variants of RISE: remote, sliders, code size, recordings, notes.

What takes longest runs in one variant: in the other, too, with scripts/test --full.
"""

import base64
import datetime as dt
import io
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image
from playwright.sync_api import Error, Page, Route

from lambdadeck.notebook import RUN
from lambdadeck.shared import paths
from lambdadeck.stage import recordings
from tests.support.notebooks import slides
from tests.support.slides import STAGE, Stage

VARIANTS = ("deck", "lab")
TITLE, FIRST = "AWS Lambda, live", "One cell connects the slides to a cloud"
SECOND, THIRD = "AWS Lambda is a function on call", "Lambda runs your code on request"
PANEL = "Your numbers decide"
CODE = ":is(.code_cell .CodeMirror, .jp-CodeCell .cm-content)"
DECK = nbformat.read(paths.DECK, as_version=4)
ON_STAGE = "section.present section.present"
# What loads a page, starts a kernel, or is the same code in both variants, by how its name begins,
# and its parameters without --full.
IN_ONE = {
    "test_a_remotes_black_button": ("deck-b", "deck-.", "deck-/"),
    "test_a_remotes_start_button": ("deck",),
    "test_home_and_end": ("deck",),
    "test_the_list_of_keys": ("deck",),
    "test_any_slide_is_reached": ("deck",),
    "test_the_console_shows": ("deck",),
    "test_the_console_scrolls": ("deck",),
    "test_a_console_that_is_closed": ("deck",),
    "test_a_recording_of_another_source": ("deck",),
    "test_a_cell_without_a_recording": ("deck",),
    "test_a_slide_asks_until": ("lab",),
    "test_shift_enter_leads_through": ("deck",),
    "test_space_follows_the_route": ("deck",),
    "test_the_console_says_how_far": ("lab",),
    "test_the_first_slide_says": ("deck",),
    "test_after_a_reload_slide": ("lab",),
    "test_after_a_reload_a_panel": ("deck",),
    "test_the_kernel_restarts_by_key": ("deck-k", "lab-00"),
}
TALK = "**/lambdadeck/talk/**"  # where the server keeps the slide
KEPT = "import('/files/assets/jupyter/stage/talk.js').then((talk) => talk.now().started)"
KEEP = """minutes => import('/files/assets/jupyter/stage/talk.js').then(
    (talk) => talk.keep({ started: Date.now() - minutes * 60_000 }))"""


class Presenter:
    """Hands on the keys of a laptop and of a remote."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.page = stage, stage.page

    def press(self, *keys: str) -> "Presenter":
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def sees(self, title: str) -> None:
        """Wait until that slide is on stage and its cell is the one that Shift-Enter runs."""
        self.page.wait_for_function("t => stage.title() === t && stage.isSettled()", arg=title)

    def shows(self, selector: str) -> None:
        self.page.wait_for_selector(f"{ON_STAGE} {selector}")

    def says(self, part: str) -> None:
        """Wait for the stage's own line."""
        self.page.wait_for_function(
            "part => document.getElementById('stage-line')?.textContent.includes(part)", arg=part
        )

    def until(self, expression: str) -> None:
        self.page.wait_for_function(expression)

    def edit(self, source: str) -> None:
        """Type it over the slide's cell, and stay in it."""
        self.press("Enter", "Control+a")
        self.page.keyboard.insert_text(source)

    def run(self, source: str | None = None) -> list[str]:
        """Shift-Enter, on new source if there is any; the errors it brought."""
        if source is not None:
            self.edit(source)
        return [error for output in self.stage.run() for error in output.errors]


@pytest.fixture(autouse=True)
def in_one(request: pytest.FixtureRequest) -> None:
    """Skip what runs in this variant only with --full."""
    name, parameters = request.node.originalname, request.node.callspec.id
    ids = next((ids for start, ids in IN_ONE.items() if name.startswith(start)), (parameters,))
    if parameters not in ids and not request.config.getoption("--full"):
        pytest.skip("runs in both variants with scripts/test --full")


@pytest.fixture(scope="module", params=VARIANTS)
def opened(request: pytest.FixtureRequest, chromium) -> Iterator[Stage]:
    """One page a variant."""
    page = chromium.new_page(viewport=STAGE)
    page.on("dialog", lambda dialog: dialog.accept())  # what was typed may go
    yield Stage(page).open(request.getfixturevalue(request.param).url_said)
    page.close()


@pytest.fixture
def presenter(opened) -> Presenter:
    """On the first slide with a cell, the focus on the slide."""
    here = Presenter(opened)
    for console_of_a_failed_test in opened.page.context.pages[1:]:
        console_of_a_failed_test.close()
    here.press("Escape", "Escape")
    if not opened.page.evaluate("t => stage.title() === t && stage.isSettled()", FIRST):
        here.press("Home").sees(TITLE)
        here.press("PageDown").sees(FIRST)
    return here


# --- a remote's keys ---


def test_a_remote_goes_on_and_back(presenter):
    presenter.press("PageDown").sees(SECOND)
    presenter.press("PageUp").sees(FIRST)


def test_a_remote_goes_on_out_of_a_cell_that_is_being_edited(presenter):
    presenter.press("Enter")
    presenter.page.keyboard.type("# .b")
    presenter.press("PageDown").sees(SECOND)
    presenter.press("PageUp").sees(FIRST)
    assert (
        "# .b" in presenter.page.locator(f"{ON_STAGE} {CODE}").last.inner_text()
    )  # b and . were typed, not obeyed


@pytest.mark.parametrize("key", ["b", ".", "/"])
def test_a_remotes_black_button_blackens_and_any_slide_key_brings_the_slide_back(presenter, key):
    presenter.press(key).until("document.querySelector('.reveal.paused')")
    presenter.press("PageDown").until("!document.querySelector('.reveal.paused')")
    presenter.sees(FIRST)


def test_a_remotes_start_button_does_not_reload_the_page(presenter):
    presenter.page.evaluate("window.still = true")
    presenter.press("F5").until("document.fullscreenElement")
    presenter.page.evaluate("document.exitFullscreen()")
    assert presenter.page.evaluate("window.still")


def test_every_arrow_leads_to_the_next_slide_and_none_past_one(presenter):
    presenter.press("PageDown", "ArrowRight").sees(THIRD)
    presenter.press("ArrowLeft").sees(SECOND)
    presenter.press("ArrowDown").sees(THIRD)
    presenter.press("ArrowUp", "ArrowUp").sees(FIRST)


def test_home_and_end_are_the_very_first_and_the_very_last_slide(presenter):
    presenter.press("End").until("stage.isLast()")
    presenter.press("Home").sees(TITLE)


def test_keys_that_would_change_the_notebook_sleep(presenter):
    cells = "document.querySelectorAll('.cell, .jp-Cell').length"
    before = presenter.page.evaluate(cells)
    presenter.press("x", "d", "d", "a", "m", "j", "v", "Shift+M", "B").sees(FIRST)
    assert presenter.page.evaluate(cells) == before
    assert presenter.stage.run() is not None


# --- cells ---


def test_shift_enter_stays_on_the_slide_and_on_the_cell(presenter):
    assert presenter.run("print('here')") == []
    presenter.sees(FIRST)
    presenter.shows("pre:text('here')")


def test_shift_enter_right_after_a_slide_came_runs_that_slides_cell(presenter):
    presenter.press("PageDown", "PageDown", "PageDown", "PageUp").sees(THIRD)
    presenter.press("PageDown", "Shift+Enter").until("stage.selected()?.count")
    assert presenter.stage.title.startswith("The first call is cold")
    presenter.press("PageUp").sees(THIRD)
    assert presenter.page.evaluate("stage.selected().count") is None


def test_a_cell_that_runs_says_so_and_for_how_long(presenter, tmp_path):
    os.mkfifo(tmp_path / "end")
    presenter.edit(f"_ = open({str(tmp_path / 'end')!r}).read()  # until somebody writes")
    presenter.press("Shift+Enter")
    panel = f"document.querySelector('{ON_STAGE} .running :is(.input_area, .jp-InputArea-editor)')"
    presenter.until(
        f"{panel} && getComputedStyle({panel}, '::after').content.match(/running … [1-9]/)"
    )
    (tmp_path / "end").write_text("now")
    presenter.until("!document.querySelector('.running')")


# --- a slide turns from a question into an answer ---


def turned(presenter: Presenter) -> tuple[str, str, list[str]]:
    """Return the slide's state, the title that is seen, and the lines of code that are seen."""
    state, heading, lines = presenter.page.evaluate(TURNED, ON_STAGE)
    return state, heading, lines


TURNED = """(selector) => {
  const slide = document.querySelector(selector);
  const box = slide.querySelector(".code_cell .input_area, .jp-CodeCell .jp-InputArea-editor");
  const headings = [...slide.querySelectorAll("h2:not([aria-hidden=true]), [role=heading]")];
  const lines = [...box.querySelectorAll(".CodeMirror-code > *, .cm-line")].filter((line) => {
    const { left, top, height } = line.getBoundingClientRect();
    return box.contains(document.elementFromPoint(left + 30, top + height / 2));
  });
  return [slide.dataset.shows, headings.map((h) => h.textContent.replace("¶", "")).join(),
    lines.map((line) => line.textContent)];
}"""


ASKING = [
    "cold = 12",
    "from lambdadeck.shared.table import Table",
    "Table(['calls'], [['20']], number=f'{cold} of 20 cold')",
]


def written(root: Path, name: str, cells: list[nbformat.NotebookNode]) -> Path:
    """Write a notebook beside the deck; the test removes it."""
    path = root / "notebooks" / f"{name}-{os.getpid()}.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata=DECK.metadata), path)
    return path


def asking(root: Path) -> Path:
    """Write a notebook with one slide, which asks a question."""
    asked = {"slideshow": {"slide_type": "slide", "question": "How many are cold?"}}
    made = [
        new_markdown_cell("## A burst is served", metadata=asked),
        new_code_cell("\n".join(ASKING), metadata={"slideshow": {"slide_type": "-"}}),
    ]
    return written(root, "asking", made)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_slide_asks_until_its_cell_has_run_then_answers_and_folds_its_code(
    variant, request, root, stage
):
    path = asking(root)
    try:
        stage.open(request.getfixturevalue(variant).url_said.replace("aws-lambda.ipynb", path.name))
        presenter = Presenter(stage)
        assert turned(presenter) == ("question", "How many are cold?", ASKING)
        assert presenter.run() == []
        presenter.shows(".stage-finding:text('cold')")
        answer = ("answer", "A burst is served: 12 of 20 cold", ASKING[-1:])
        assert turned(presenter) == answer
        presenter.press("Enter").until("document.querySelector('.edit_mode, .jp-mod-editMode')")
        assert turned(presenter)[2] == ASKING
        presenter.press("Escape").until("!document.querySelector('.edit_mode, .jp-mod-editMode')")
        assert turned(presenter) == answer
        high = "document.querySelector('.present .present table').getBoundingClientRect().height"
        slide, title = presenter.page.evaluate(high), ".present .present .stage-finding"
        presenter.press("z").until(f"{high} > 1.3 * {slide}")
        assert not presenter.page.locator(title).is_visible()
        presenter.press("z").until(f"{high} === {slide}")
        assert presenter.page.locator(title).is_visible()
        presenter.edit("wrong = 1\n1 / 0")
        presenter.press("Shift+Enter")
        presenter.shows(".stage-finding:text('failed')")
        failed = "The cell failed; g looks for its last good output"
        presenter.press("Escape")
        assert turned(presenter) == ("error", failed, ["1 / 0"])
    finally:
        path.unlink()


def test_an_output_longer_than_the_slide_keeps_the_slide_and_follows_what_is_printed(presenter):
    assert presenter.run("for i in range(90): print('line', i)") == []
    presenter.sees(FIRST)
    box = f"document.querySelector('{ON_STAGE} .tall')"
    presenter.until(
        f"{box}?.scrollTop > 0 && {box}.scrollTop + {box}.clientHeight >= {box}.scrollHeight - 2"
    )
    title = presenter.page.locator(f"{ON_STAGE} h2").bounding_box()
    assert title and title["y"] >= 0  # title and code stay
    presenter.press("ArrowUp").until(
        f"{box}.scrollTop + {box}.clientHeight < {box}.scrollHeight - 100"
    )
    presenter.sees(FIRST)


def test_the_code_grows_and_shrinks_by_keys_also_while_typing(presenter):
    last = f"[...document.querySelectorAll('{ON_STAGE} {CODE}')].at(-1)"
    size = f"parseFloat(getComputedStyle({last}).fontSize)"
    assert presenter.page.evaluate(size) == pytest.approx(24)
    presenter.press("+", "+").says("Code 130 %")
    assert presenter.page.evaluate(size) == pytest.approx(24 * 1.3)
    presenter.press("-", "Enter", "Control+-", "Control+-").says("Code 90 %")
    presenter.press("Control+0").says("Code 100 %")
    assert presenter.page.evaluate(size) == pytest.approx(24)


def steps(root: Path) -> Path:
    """Write a notebook with two cells on a slide, and a third in a fragment."""
    made = [
        new_markdown_cell("## Step by step", metadata={"slideshow": {"slide_type": "slide"}}),
        *(
            new_code_cell(source, metadata={"slideshow": {"slide_type": kind}})
            for source, kind in (("1", "-"), ("2", "-"), ("3", "fragment"))
        ),
    ]
    return written(root, "steps", made)


@pytest.mark.parametrize("variant", VARIANTS)
def test_shift_enter_leads_through_the_cells_of_a_slide_and_a_fragment_brings_its_own(
    variant, request, root, stage
):
    path = steps(root)
    try:
        stage.open(request.getfixturevalue(variant).url_said.replace("aws-lambda.ipynb", path.name))
        assert [output.text.split()[-1] for output in stage.run()] == ["1", "2"]
        assert stage.forward()
        assert [output.text.split()[-1] for output in stage.run()] == ["3"]
        assert not stage.forward()
    finally:
        path.unlink()


# --- widgets ---


SLIDER = """import ipywidgets
s = ipywidgets.IntSlider(3)
ipywidgets.VBox([s, ipywidgets.Text()])"""


def test_after_a_slider_shift_enter_runs_the_cell_and_a_remote_goes_on(presenter):
    assert presenter.run(SLIDER) == []
    presenter.shows(".noUi-handle")
    presenter.page.locator(f"{ON_STAGE} .noUi-handle").focus()
    presenter.press("ArrowRight", "ArrowRight").until(
        f"document.querySelector('{ON_STAGE} .widget-readout')?.innerText === '5'"
    )
    presenter.sees(FIRST)
    presenter.press("Shift+Enter").until(
        f"document.querySelector('{ON_STAGE} .widget-readout')?.innerText === '3'"
    )
    presenter.page.locator(f"{ON_STAGE} .noUi-handle").focus()
    presenter.press("PageDown").sees(SECOND)


def test_what_is_typed_into_a_field_is_the_fields_until_escape(presenter):
    assert presenter.run(SLIDER) == []
    presenter.page.locator(f"{ON_STAGE} input[type=text]").click()
    presenter.page.keyboard.type("b.g+ w")
    assert presenter.page.locator(f"{ON_STAGE} input[type=text]").input_value() == "b.g+ w"
    presenter.sees(FIRST)
    presenter.press("Escape", "ArrowRight").sees(SECOND)


# --- recorded outputs ---


WHEN = dt.datetime(2026, 11, 20, 17, 40, tzinfo=dt.UTC)


def record(
    state: Path, text: str = "", source: str | None = None, figure: bytes | None = None
) -> None:
    """Keep a recording of the first cell: a text, or a figure."""
    shown = new_output("stream", text=text)
    if figure:
        shown = new_output(
            "display_data",
            {"image/png": base64.b64encode(figure).decode()},
            metadata={"image/png": {"alt": "a figure"}},
        )
    setup = next(cell for cell in DECK.cells if cell["id"] == "setup")
    times = {"iopub.status.busy": WHEN.isoformat(), "shell.execute_reply": WHEN.isoformat()}
    cell = new_code_cell(
        source or setup.source, id="setup", outputs=[shown], metadata={"execution": times}
    )
    ran = new_notebook(cells=[cell], metadata={RUN: {"where": "LOCAL · Linux"}})
    recordings.save(ran, paths.DECK, state=state)


def reload(presenter: Presenter) -> None:
    """Open the deck again, whatever was typed."""
    url = presenter.page.url.split("#")[0]
    presenter.page.goto("about:blank")
    presenter.stage.open(url)


def test_a_failed_cells_last_good_output_is_shown_under_its_label(presenter, state):
    reload(presenter)
    record(state, "as it was on Friday")
    presenter.press("g").shows(".recorded")
    box = presenter.page.locator(f"{ON_STAGE} .recorded")
    assert box.inner_text().startswith("RECORDED 20 November 2026")
    assert (
        "LOCAL · Linux · not live" in box.inner_text() and "as it was on Friday" in box.inner_text()
    )
    assert presenter.stage.past_the_edge == [] and presenter.stage.too_small == []
    presenter.press("g").until("!document.querySelector('.recorded')")


def test_a_recorded_figure_stays_on_its_slide_under_its_label(presenter, state):
    file = io.BytesIO()
    Image.new("RGB", (1160, 900), "teal").save(file, "PNG")
    record(state, figure=file.getvalue())
    presenter.press("g").shows(".recorded img")
    presenter.until(f"document.querySelector('{ON_STAGE} .recorded img').complete")
    assert presenter.stage.past_the_edge == []
    assert presenter.page.locator(f"{ON_STAGE} .recorded-label").is_visible()
    presenter.press("g").until("!document.querySelector('.recorded')")


def test_a_live_run_takes_the_recording_away(presenter, state):
    record(state, "old")
    presenter.press("g").shows(".recorded")
    presenter.press("Shift+Enter").until("!document.querySelector('.recorded')")
    presenter.shows(".badge")


def test_a_recording_of_another_source_is_not_shown_and_says_why(presenter, state):
    record(state, "of another cell", source="1 + 1")
    presenter.press("g").says("the cell has changed since: not shown")
    assert presenter.page.locator(".recorded").count() == 0


def test_a_cell_without_a_recording_says_how_to_make_one(presenter, state):
    recordings.file_of(paths.DECK, state=state).unlink(missing_ok=True)
    presenter.press("g").says("scripts/check records")


# --- help, overview, notes ---


def test_the_list_of_keys_comes_and_goes_and_holds_up_no_slide(presenter):
    presenter.press("?").until("document.getElementById('stage-help')")
    assert "RECORDED" in presenter.page.locator("#stage-help").inner_text()
    presenter.press("Escape").until("!document.getElementById('stage-help')")
    presenter.press("?", "PageDown").sees(SECOND)
    assert presenter.page.locator("#stage-help").count() == 0


def test_any_slide_is_reached_by_its_number(presenter):
    presenter.press("w", "4", "Enter").sees(THIRD)
    presenter.press("w", "ArrowUp", "Enter").sees(SECOND)
    presenter.press("w", "PageDown", "Escape").sees(SECOND)


# --- the route and the presenter's console ---


def console(presenter: Presenter) -> Page:
    """Open the presenter's console; press t again if the one before was just closing."""
    opened = presenter.page.context.expect_page
    with suppress(Error), opened(timeout=10_000) as page:
        presenter.press("t")
    if not presenter.page.context.pages[1:]:
        with opened() as page:
            presenter.press("t")
    return shows(page.value, "now", presenter.stage.title)


def shows(page: Page, part: str, words: str) -> Page:
    """Wait for words in a part of the console."""
    page.wait_for_function(
        "([id, words]) => document.getElementById(id)?.innerText.includes(words)", arg=[part, words]
    )
    return page


def number(presenter: Presenter) -> str:
    return presenter.page.inner_text(".slide-number")


def progress(presenter: Presenter) -> float:
    """Return which part of the stage's width the line below the slides takes."""
    line = presenter.page.locator(".reveal > .progress span").bounding_box()
    assert line
    return line["width"] / STAGE["width"]


def test_space_follows_the_route_and_an_arrow_leaves_it_unseen(presenter):
    short = [slide.title for slide in slides(paths.DECK) if slide.route == "15"]
    presenter.press("r").says("15 minutes")
    assert number(presenter) == f"2 / {len(short)}"
    for title in short[2:]:
        presenter.press("PageDown").sees(title)
    assert number(presenter) == f"{len(short)} / {len(short)}"
    assert progress(presenter) == 1
    presenter.press("PageDown", "Home").sees(TITLE)
    for title in short[1:3]:
        presenter.press("Space").sees(title)
    presenter.press("ArrowLeft").sees(SECOND)
    assert number(presenter) == f"2 / {len(short)}"
    presenter.press("Shift+Space").sees(FIRST)
    presenter.press("r").says("35 minutes")
    presenter.press("r").says("all slides")
    assert number(presenter) == f"2 / {len(slides(paths.DECK))}"
    assert progress(presenter) == pytest.approx(2 / len(slides(paths.DECK)), abs=0.001)


def test_the_console_shows_what_to_say_and_its_keys_control_the_slides(presenter):
    page = console(presenter)
    assert page.locator("#notes p").first.inner_text().startswith("If the cell fails:")
    assert "Press Shift-Enter" in page.inner_text("#notes")
    shows(page, "next", SECOND)
    page.keyboard.press("PageDown")
    presenter.sees(SECOND)
    shows(page, "now", f"{SECOND} (0.5 min)")
    page.keyboard.press("r")
    shows(page, "line", "15 minutes")
    assert "15 minutes" not in presenter.page.locator("body").inner_text()
    shows(page, "now", "off the route")
    for key in "rrw4":
        page.keyboard.press(key)
    assert THIRD in page.inner_text("li[aria-selected=true]")
    page.keyboard.press("Enter")
    presenter.sees(THIRD)
    assert presenter.page.locator("#stage-overview").count() == 0
    page.close()
    presenter.press("ArrowLeft").sees(SECOND)


def test_the_console_scrolls_and_grows_by_key_and_survives_its_own_reload(presenter):
    page = console(presenter)
    page.set_viewport_size({"width": 600, "height": 400})
    size = "() => parseFloat(getComputedStyle(document.body).fontSize)"
    before = page.evaluate(size)
    for key in ("+", "+", "ArrowDown"):
        page.keyboard.press(key)
    assert page.evaluate("document.getElementById('notes').scrollTop") > 0
    assert page.evaluate(size) == before + 4
    page.reload()
    shows(page, "now", FIRST)
    assert page.evaluate(size) == before + 4
    page.keyboard.press("-")
    page.keyboard.press("-")
    page.close()


def test_a_console_that_is_closed_opens_again_and_of_two_the_newer_stays(presenter):
    page = console(presenter)
    others = presenter.page.context.pages
    with page.expect_event("domcontentloaded"):
        presenter.press("t")
    shows(page, "now", FIRST)
    assert presenter.page.context.pages == others
    page.close()
    newer = console(presenter)
    with presenter.page.context.expect_page() as opened:  # as from another tab with the slides
        presenter.page.evaluate("window.open('/lambdadeck/console', 'another')")
    newer.wait_for_event("close")
    page = shows(opened.value, "now", FIRST)
    page.keyboard.press("PageDown")
    presenter.sees(SECOND)
    shows(page, "now", SECOND)
    page.close()


def test_the_console_says_how_far_the_talk_is_ahead_or_behind(presenter):
    page = console(presenter)
    page.keyboard.press("c")
    shows(page, "pace", "on time")
    for key in ("w", "1", "8", "Enter"):
        page.keyboard.press(key)
    before = [slide.talk["minutes"] for slide in slides(paths.DECK)[:17]]
    shows(page, "pace", f"{round(sum(before) - 0.2)} min ahead")
    presenter.page.evaluate(KEEP, sum(before) + 7)
    page.keyboard.press("Home")
    shows(page, "pace", f"{round(sum(before) + 6.6)} min behind")
    page.keyboard.press("c")
    page.close()


def says_today(presenter: Presenter) -> None:
    today = dt.date.today()
    said = presenter.page.locator(f"{ON_STAGE} .occasion").inner_text()
    assert f"{today:%B} {today.day}, {today.year}" in said


def test_the_first_slide_says_when_the_talk_is(presenter):
    """After a reload, too; a key pressed before the server answers goes on from the kept slide."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "GET":
            held.append(route)
        else:
            route.continue_()

    presenter.press("Home").sees(TITLE)
    says_today(presenter)
    presenter.press("PageDown").sees(FIRST)
    presenter.page.add_init_script("AbortSignal.timeout = () => new AbortController().signal")
    presenter.page.route(TALK, hold)
    with presenter.page.expect_request(lambda asked: "/talk/" in asked.url):
        presenter.page.reload()
    presenter.until("window.stage?.isReady()")
    presenter.press("PageDown")
    held[0].continue_()
    presenter.page.unroute(TALK)
    presenter.sees(SECOND)
    presenter.press("Home").sees(TITLE)
    says_today(presenter)
    presenter.press("PageDown").sees(FIRST)


# --- nothing is lost ---


def test_after_a_reload_slide_outputs_and_clock_are_those_of_before(presenter):
    presenter.press("PageDown", "PageDown").sees(THIRD)
    (output,) = presenter.stage.run()
    page = console(presenter)
    started = presenter.page.evaluate(KEPT)
    assert started
    presenter.page.reload()
    presenter.stage.ready()
    presenter.sees(THIRD)
    presenter.shows(".recorded")
    shown = presenter.page.locator(f"{ON_STAGE} .recorded").inner_text()
    assert shown.startswith("EARLIER") and output.text.split()[-1] in shown
    assert presenter.page.evaluate(KEPT) == started
    presenter.press("PageDown")
    shows(page, "now", "cold")
    page.close()
    presenter.press("PageUp").sees(THIRD)
    presenter.run()
    assert presenter.page.locator(f"{ON_STAGE} .recorded").count() == 0


def test_after_a_reload_a_panel_is_the_one_of_before_until_its_kernel_ends(presenter):
    assert presenter.run() == []
    number = [slide.title for slide in slides(paths.DECK)].index(PANEL) + 1
    presenter.press("w", *str(number), "Enter").sees(PANEL)
    assert presenter.run() == []
    field = f"document.querySelector('{ON_STAGE} .lambdadeck-number input')?.value"
    at_first = presenter.page.evaluate(field)
    presenter.page.locator(f"{ON_STAGE} .noUi-handle").first.focus()
    presenter.press("ArrowRight").until(f"{field} !== '{at_first}'")
    moved = presenter.page.evaluate(field)
    presenter.page.reload()
    presenter.stage.ready().page.wait_for_function(f"{field} === '{moved}'")
    assert presenter.page.locator(f"{ON_STAGE} .recorded").count() == 0
    presenter.press("k").says("the first cell has run")
    presenter.page.reload()
    presenter.stage.ready()
    presenter.shows(".recorded :text('ended with their kernel')")


@pytest.mark.parametrize("keys", ["k", "00"])
def test_the_kernel_restarts_by_key_runs_the_first_cell_and_the_slide_stays(presenter, keys):
    presenter.press("PageDown", "PageDown").sees(THIRD)
    assert presenter.run("before = 1") == []
    presenter.press(*keys).says("the first cell has run")
    presenter.sees(THIRD)
    # Not run(): the new kernel counts from 1, and the cell's number may be the same again.
    presenter.edit(f"print('{keys}', 'before' in globals())")
    presenter.press("Shift+Enter").shows(f"pre:text('{keys} False')")


def test_leaving_the_slides_leads_to_the_notebook_and_back(presenter):
    presenter.press("PageDown").sees(SECOND)
    presenter.press("Alt+r")
    presenter.page.wait_for_function("!document.body.classList.contains('rise-enabled')")
    presenter.page.wait_for_selector(".jp-NotebookPanel .jp-Cell, #notebook-container .cell")
    if presenter.page.locator(
        "#notebook-container"
    ).count():  # the classic page: back, to the slide
        presenter.press("Alt+r").sees(SECOND)
