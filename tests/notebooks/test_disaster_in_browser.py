"""A talk in which everything goes wrong, by keyboard alone: each slide ends as if nothing had."""

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page

from tests.support.presenting import Presenting
from tests.support.slides import STAGE, Stage

SAMPLE = 7  # slides without --full: each disaster once
DIALOG = ".modal.in, .jp-Dialog"


@pytest.fixture(scope="module", params=["deck", "lab"])
def talk(request, root, tmp_path_factory) -> Iterator[Presenting]:
    """Start a deck that may be broken; JupyterLab's only with --full."""
    is_lab = request.param == "lab"
    if is_lab and not request.config.getoption("--full"):
        pytest.skip("JupyterLab's talk runs with --full")
    state = {"LAMBDADECK_STATE": str(tmp_path_factory.mktemp("state"))}
    arguments = ["--no-browser", *(["--lab"] if is_lab else [])]
    with Presenting(root, *arguments, environment=state) as presenting:
        presenting.url()
        yield presenting


class Speaker:
    """Hands on the keys; what happens to the machine, happens in `disasters`."""

    def __init__(self, talk: Presenting, stage: Stage) -> None:
        self.talk, self.stage, self.page = talk, stage, stage.page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def sees(self, title: str) -> None:
        self.page.wait_for_function("t => stage.title() === t && stage.isSettled()", arg=title)

    def jump(self, number: int, title: str) -> None:
        self.press("w", *str(number), "Enter")
        self.sees(title)

    def run(self) -> list[str]:
        """Run the cells of the slide; return errors, and what is past the edge."""
        found = [error for output in self.stage.run() for error in output.errors]
        return found + self.stage.past_the_edge

    def restart(self) -> None:
        """Press k, after Enter on a dialog that says that the kernel died."""
        if self.page.locator(DIALOG).count():
            self.press("Enter")
            self.page.locator(DIALOG).wait_for(state="detached")
        self.press("k")
        self.page.wait_for_function(
            "document.getElementById('stage-line')?.innerText.includes('first cell has run')"
        )

    # --- disasters: each returns what is wrong afterward ---

    def reload(self) -> list[str]:
        title = self.stage.title
        self.page.reload()
        self.stage.ready()
        self.sees(title)
        return []

    def dead_kernel(self) -> list[str]:
        for process in self.talk.named("ipykernel_launcher"):
            process.kill()
        self.page.wait_for_selector(DIALOG)
        self.restart()
        return self.run()

    def dead_engine(self) -> list[str]:
        for process in self.talk.named("lambdadeck.engine.server"):
            process.kill()
        if not self.run():
            return []
        self.restart()  # the first try says so
        return self.run()

    def closed_console(self) -> list[str]:
        for _ in range(2):
            console = self.console()
            console.wait_for_function(
                "t => document.getElementById('now')?.innerText.includes(t)", arg=self.stage.title
            )
            console.close()
        return []

    def console(self) -> Page:
        """Press t until the console opens: a window that is about to close still has its name."""
        for _ in range(5):
            with suppress(Error), self.page.context.expect_page(timeout=6000) as opened:
                self.press("t")
            if len(self.page.context.pages) > 1:
                return opened.value
        raise AssertionError("The console does not open.")

    def wrong_order(self) -> list[str]:
        title, at = self.stage.title, self.page.evaluate(INDEX)
        self.press("End")
        self.page.wait_for_function("stage.isLast()")
        self.press("ArrowLeft")
        self.page.wait_for_function("!stage.isLast() && stage.isSettled()")
        wrong = self.run()
        self.jump(at + 1, title)
        return wrong + self.run()

    def twice(self) -> list[str]:
        return self.run() + self.run()


INDEX = """[...document.querySelectorAll('.reveal .slides > section > section')].indexOf(
    document.querySelector('.slides section.present section.present'))"""
DISASTERS: tuple[Callable[[Speaker], list[str]], ...] = (
    Speaker.twice,
    Speaker.reload,
    Speaker.closed_console,
    Speaker.dead_kernel,
    Speaker.wrong_order,
    Speaker.dead_engine,
)


def test_a_talk_survives_every_disaster(talk, chromium, request):
    page = chromium.new_page(viewport=STAGE)
    speaker = Speaker(talk, Stage(page).open(talk.url_said))
    wrong: dict[str, list[str]] = {}
    number = 0
    while speaker.stage.forward():
        title = speaker.stage.title
        found = speaker.run()
        if number:  # not before the first cell has run
            found += DISASTERS[number % len(DISASTERS)](speaker)
        if found or speaker.stage.title != title:
            name = DISASTERS[number % len(DISASTERS)].__name__
            wrong[f"{title}, {name}"] = [*found, speaker.stage.title]
        number += 1
        if number == SAMPLE and not request.config.getoption("--full"):
            break
    page.close()
    assert wrong == {}
