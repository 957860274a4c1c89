"""Do lab 1 in JupyterLab (scripts/present --lab) with the keyboard alone."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from urllib.parse import urlsplit

import pytest

from lambdadeck.labs import catalogue
from lambdadeck.shared import state as state_module
from tests.support import keyboard
from tests.support.keyboard import Keyboard
from tests.support.notebooks import FOLDER
from tests.support.presenting import Presenting

NOTEBOOK = FOLDER / "1-under-the-hood.ipynb"
_, MACHINE = catalogue.check("1.machine")
WHOAMI = """%%writefile whoami.py
def handler(event, context):
    return {{'memory_mb': {}, 'environment': context.log_stream_name}}"""


@pytest.fixture(scope="module")
def jupyter(root, tmp_path_factory) -> Iterator[Presenting]:
    environment = {state_module.VARIABLE: str(tmp_path_factory.mktemp("state"))}
    with Presenting(root, "--lab", "--no-browser", environment=environment) as presenting:
        presenting.url()
        yield presenting


def opened(chromium, jupyter: Presenting, pictures) -> AbstractContextManager[Keyboard]:
    """Open lab 1 in a new tab, with a kernel that is ready."""
    parts = urlsplit(jupyter.url_said)
    address = f"http://{parts.netloc}/lab/tree/notebooks/{NOTEBOOK.name}?{parts.query}"
    return keyboard.opened(chromium, address, NOTEBOOK, pictures)


@pytest.fixture(scope="module")
def learner(chromium, jupyter, tmp_path_factory) -> Iterator[Keyboard]:
    with opened(chromium, jupyter, tmp_path_factory.mktemp("pictures")) as learner:
        learner.run("setup")
        learner.run("start")
        yield learner


def test_a_prediction_is_made_with_the_keyboard_and_stands_beside_the_result(learner):
    learner.run("predict-memory")
    learner.go("predict-memory")
    learner.tab_to(".jupyter-button")
    learner.press("Tab", "Space")
    learner.cell("predict-memory").get_by_text(
        "Your guess: b, the memory of the machine"
    ).wait_for()
    learner.picture("predict")
    assert "Linux" in learner.run("glance")
    assert "You were right." in learner.run("reveal-memory")


def test_a_number_is_predicted_by_writing_it_in_place_of_the_dots(learner):
    learner.write("predict-faster", 'lesson.predict("1.faster", 12)')
    assert "Your guess: 12 times." in learner.run("predict-faster")


def test_a_check_says_blank_then_a_hint_then_a_nearer_one_then_right(learner):
    def checked(source: str | None) -> str:
        if source:
            learner.write("whoami", source)
        learner.run("whoami")
        learner.run("deploy-whoami")
        return learner.run("check-machine")

    assert MACHINE.blank in checked(None)
    assert MACHINE.misconceptions["limit"] in checked(WHOAMI.format("128"))
    learner.picture("hint")
    wrong = WHOAMI.format("int(context.memory_limit_in_mb)").replace(
        "log_stream_name", "aws_request_id"
    )
    assert MACHINE.nearer in checked(wrong)
    assert "✓ Right." in checked(WHOAMI.format("int(context.memory_limit_in_mb)"))
    learner.picture("right")


def test_the_solution_opens_on_the_keyboard(learner):
    learner.go("check-machine-solution")
    solution = learner.cell("check-machine-solution")
    assert not solution.locator("pre").is_visible()
    learner.tab_to("summary")
    learner.press("Space")
    solution.locator("pre").wait_for()
    assert "context.log_stream_name" in solution.locator("pre").inner_text()


def test_the_quiz_is_answered_on_the_keyboard(learner):
    learner.run("ask")
    learner.go("ask")
    learner.tab_to(".jupyter-button")
    learner.press("Tab", "Space")
    learner.cell("ask").get_by_text("An environment handles one event at a time.").wait_for()
    learner.picture("quiz")


def test_progress_is_there_when_the_learner_comes_back(learner, chromium, jupyter):
    """Open another tab with another kernel for the same learner; last in this file."""
    assert "1 of 4 checks passed, 2 of 4 predictions made" in learner.run("progress")
    learner.picture("progress")
    with opened(chromium, jupyter, learner.pictures) as again:
        again.press("Escape", "0", "0")
        with again.page.expect_response(re.compile(r"/api/kernels/[^/]+/restart")):
            again.page.locator(".jp-Dialog .jp-mod-accept").press("Enter")
        again.page.get_by_text("(ipykernel) | Idle").wait_for()
        again.run("setup")
        shown = again.run("start")
        again.picture("back")
    assert "1 of 4 checks passed, 2 of 4 predictions made" in shown
    assert "✓ done: make a function report its memory limit" in shown


def test_a_restored_exercise_stands_in_a_new_cell_below(learner):
    """Insert a cell, which moves the others; after all else in this file."""
    learner.write("check-durable", 'lesson.restore("1.durable")')
    assert "copy the others from here" in learner.run("check-durable")
    below = learner.ids.index("check-durable") + 1
    cell = learner.page.locator(f'.jp-Notebook [data-windowed-list-index="{below}"]')
    cell.get_by_text("your turn: a handler that counts").wait_for()
