"""The presenter's keys in Firefox: what matters most of test_keys_in_browser.

The walk through all slides, and JupyterLab, run with scripts/test --full.
"""

import json
from collections.abc import Iterator

import pytest

from tests.support import firefox
from tests.support.slides import SCRIPT, TWO_FRAMES

FIRST, SECOND = "One cell connects the slides to a cloud", "AWS Lambda is a function on call"
SLIDE = "document.querySelector('section.present section.present')"
LINE = "document.getElementById('stage-line')?.innerText"
# CodeMirror measures itself 100 ms after the stage has changed, and adds a scroll bar in Firefox.
IN_SIGHT = f"""new Promise((done) => setTimeout(done, 500)).then(() => {{
  const box = {SLIDE}.querySelector(".code_cell .input_area, .jp-CodeCell .jp-InputArea-editor");
  const line = [...box.querySelectorAll(".CodeMirror-code > *, .cm-line")].at(-1);
  const [outer, inner] = [box, line].map((one) => one.getBoundingClientRect());
  return outer.top <= inner.top + 1 && inner.bottom <= outer.bottom + 1;
}})"""


class Presenter:
    """Hands on the keys in Firefox."""

    def __init__(self, tab: firefox.Tab, url: str) -> None:
        self.tab = tab
        tab.call("script.addPreloadScript", functionDeclaration=f"() => {{ {SCRIPT} }}")
        tab.call(
            "browsingContext.setViewport",
            context=tab.windows()[0],
            viewport={"width": 1280, "height": 720},
        )
        tab.open(url)
        self.ready()

    def ready(self) -> None:
        self.tab.until("window.stage?.isReady() && stage.isSettled()")

    def sees(self, title: str) -> None:
        self.tab.until(f"stage.title() === {json.dumps(title)} && stage.isSettled()")

    def says(self, part: str) -> None:
        self.tab.until(f"{LINE}?.includes({json.dumps(part)})")

    def run(self) -> list[str]:
        """Press Shift-Enter on each cell of the slide; return the errors that they brought."""
        found, done = [], set()
        if self.tab.evaluate("stage.bringsNoCode()"):
            return []
        while (cell := self.tab.evaluate("stage.selected()")) and cell["index"] not in done:
            done.add(cell["index"])
            self.tab.press("Shift+Enter")
            if cell["code"]:
                self.tab.until(f"stage.isRun({cell['index']}, {cell['count'] or 'null'})")
                found += self.tab.evaluate(f"stage.output({cell['index']}).errors")
        return found


@pytest.fixture(scope="module", params=["deck", "lab"])
def presenter(request, tmp_path_factory) -> Iterator[Presenter]:
    """Open the deck in Firefox; JupyterLab's only with --full."""
    if not firefox.path():
        pytest.skip("Firefox is not installed: apt-get install firefox-esr")
    if request.param == "lab" and not request.config.getoption("--full"):
        pytest.skip("JupyterLab in Firefox runs with scripts/test --full")
    url = request.getfixturevalue(request.param).url_said
    with firefox.tab(tmp_path_factory.mktemp("firefox") / "profile") as tab:
        yield Presenter(tab, url)


@pytest.fixture(autouse=True)
def on_the_first_cell(presenter) -> None:
    """Begin on the first slide with a cell."""
    presenter.tab.press("Escape", "Escape", "Home", "Space")
    presenter.sees(FIRST)


def test_space_goes_forward_and_back_and_shift_enter_runs_the_cell(presenter):
    assert presenter.run() == []
    presenter.tab.until(f"{SLIDE}.querySelector('.badge')?.innerText.includes('LOCAL')")
    presenter.tab.press("Space")
    presenter.sees(SECOND)
    presenter.tab.press("Shift+Space")
    presenter.sees(FIRST)


def test_z_shows_the_output_alone_and_the_slide_again(presenter):
    presenter.tab.press("Space", "Space", "Space")
    presenter.tab.until("stage.title().startsWith('The first call') && stage.isSettled()")
    assert presenter.run() == []
    titles = f"[...{SLIDE}.querySelectorAll('.stage-finding, h2')]"
    title = f"{titles}.some((one) => one.checkVisibility())"
    presenter.tab.press("z")
    presenter.tab.until(f"!{title}")
    presenter.tab.press("z")
    presenter.tab.until(title)


def test_the_folded_line_stays_in_sight_when_the_stage_becomes_smaller(presenter):
    presenter.run()
    presenter.tab.press("Space", "Space")
    presenter.sees("Lambda runs your code on request")
    assert presenter.run() == []
    presenter.tab.resize(1024, 768)
    in_sight = presenter.tab.evaluate(IN_SIGHT)
    presenter.tab.resize(1280, 720)
    assert in_sight


def test_after_a_restart_and_a_reload_the_slide_is_the_same(presenter):
    presenter.tab.press("Space")
    presenter.sees(SECOND)
    presenter.tab.press("k")
    presenter.says("the first cell has run")
    presenter.tab.reload()
    presenter.ready()
    presenter.sees(SECOND)


def test_the_console_shows_the_slide_and_its_keys_control_it(presenter):
    tab = presenter.tab
    (stage,) = tab.windows()
    tab.press("t")
    console = next(window for window in iter(lambda: tab.windows()[-1], "") if window != stage)
    tab.switch(console)
    tab.until(f"document.getElementById('now')?.innerText.includes({json.dumps(FIRST)})")
    tab.press("PageDown")
    tab.until(f"document.getElementById('now').innerText.includes({json.dumps(SECOND)})")
    tab.call("browsingContext.close", context=console)
    tab.switch(stage)
    presenter.sees(SECOND)


def test_no_slide_breaks_a_rule_or_goes_past_the_edge(presenter, request):
    if not request.config.getoption("--full"):
        pytest.skip("Firefox shows every slide with scripts/test --full")
    tab, wrong = presenter.tab, {}
    while True:
        found = presenter.run()
        tab.evaluate(TWO_FRAMES)
        found += tab.evaluate("[...stage.pastTheEdge(), ...stage.tooSmall(), ...stage.broken()]")
        if found:
            wrong[tab.evaluate("stage.title()")] = found
        if tab.evaluate("stage.isLast()"):
            break
        position = tab.evaluate("stage.position()")
        tab.press("Space")
        tab.until(f"stage.position() !== {position!r} && stage.isSettled()")
    assert wrong == {}


def test_no_script_fails_and_no_other_host_is_asked(presenter):
    presenter.run()
    own = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:")
    assert [url for url in presenter.tab.requests if not url.startswith(own)] == []
    assert presenter.tab.errors == []
