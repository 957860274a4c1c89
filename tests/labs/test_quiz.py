"""The quiz: in a terminal, in a browser with keyboard and mouse, in the exported page."""

import re

import pytest

from lambdadeck.export import cli
from lambdadeck.labs import catalogue, progress
from lambdadeck.labs.model import Question, QuizOption, questions
from lambdadeck.labs.quiz import Quiz
from lambdadeck.shared import state as state_module
from tests.support.exporting import arm, code, converted, opened, shows, violations

QUESTION = Question(
    "sum",
    "What is 1 + 1?",
    (
        QuizOption("<b>1</b>", "That is the first of them."),
        QuizOption("2", "Both are counted.", right=True),
        QuizOption("11", "That is text."),
    ),
)


def test_questions_are_read_from_paragraphs():
    text = """
sum: What is
  1 + 1?
- <b>1</b>
: That is the
  first of them.
+ 2
: Both are counted.
- 11
: That is text.

more: Why?
+ a
: b: - c
"""
    more = Question("more", "Why?", (QuizOption("a", "b: - c", right=True),))
    assert questions(text) == (QUESTION, more)


def test_without_a_browser_the_question_is_readable_and_gives_nothing_away():
    assert repr(Quiz(1, (QUESTION,))) == "What is 1 + 1?\n  a: <b>1</b>\n  b: 2\n  c: 11"


def test_the_same_question_twice_on_a_page_has_ids_of_its_own():
    quiz = Quiz(1, (QUESTION,))
    ids = [re.findall(r'\bid="([^"]+)"', quiz._repr_html_()) for _ in range(2)]
    assert not set(ids[0]) & set(ids[1])
    assert len(set(ids[0])) == 4


def test_the_quiz_runs_no_script():
    markup = Quiz(1, catalogue.lab(1).questions)._repr_html_()
    assert not re.search(r"<script|\son\w+=|javascript:", markup)


@pytest.fixture(scope="module")
def page(chromium, tmp_path_factory):
    """Open an exported page with two questions."""
    file = tmp_path_factory.mktemp("quiz") / "quiz.html"
    output = shows(text_html=Quiz(1, (QUESTION, QUESTION))._repr_html_())
    file.write_text(converted(code("lesson.quiz(1)", output, slide_type="slide")))
    with opened(chromium, file, "?view=article") as opened_page:
        yield opened_page.page


def said(page):
    """Return the visible reasons."""
    return [
        reason.inner_text()
        for reason in page.locator("fieldset details > p").all()
        if reason.is_visible()
    ]


def test_on_the_keyboard_choose_with_arrows_then_open_the_answer(page):
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    page.locator("fieldset input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    assert said(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert said(page) == ["✓ Right. Both are counted."]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowDown")
    assert said(page) == ["✗ No. That is text."]


def test_with_the_mouse_each_answer_gets_its_own_reason(page):
    page.reload()
    second = page.locator("fieldset").nth(1)
    second.locator("summary").click()
    assert said(page) == ["Choose one of the answers first."]
    for label, reason in (
        ("<b>1</b>", "✗ No. That is the first of them."),
        ("2", "✓ Right. Both are counted."),
        ("11", "✗ No. That is text."),
    ):
        second.get_by_label(label, exact=True).check()
        assert said(page) == [reason]


def test_the_question_names_its_group_for_screen_readers(page):
    assert page.get_by_role("group", name="What is 1 + 1?").count() == 2
    assert page.get_by_role("radio", name="11").count() == 2


@pytest.fixture(scope="module")
def exported(chromium, tmp_path_factory, root):
    """Open lab 1 as scripts/export writes it for a learner who has made progress."""
    folder = tmp_path_factory.mktemp("export")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(state_module.VARIABLE, str(folder / "state"))
        progress.write(1, progress.Progress(guesses={"faster": 4711}, passed=["cold"]))
        notebook = root / "notebooks" / "1-under-the-hood.ipynb"
        file = cli.export(cli.options([str(notebook), "--out", str(folder)]))[0]
        assert progress.read(1) == progress.Progress(guesses={"faster": 4711}, passed=["cold"])
    with opened(chromium, file, "?view=article") as opened_page:
        yield opened_page


def test_an_exported_lab_needs_no_network_and_its_quiz_works(exported):
    first = exported.page.locator("fieldset").first
    first.locator("input").last.check()
    first.locator("summary").click()
    assert said(exported.page) == [
        "✓ Right. One event, one environment: the second needs one of its own, and pays for INIT."
    ]
    assert (exported.asked, exported.said) == ([], [])


def test_an_exported_lab_does_not_hold_the_progress_of_its_author(exported):
    assert "4711" not in exported.page.content()
    assert "0 of 4 checks passed" in exported.page.content()


def test_an_exported_labs_solutions_are_behind_a_click(exported):
    solution = exported.page.locator("details", has_text="Show the solution").first
    assert not solution.locator("pre").is_visible()
    solution.locator("summary").click()
    assert "context.log_stream_name" in solution.locator("pre").inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_exported_lab_has_no_violation_that_axe_finds(exported, theme):
    exported.page.goto(re.sub(r"\?.*", f"?view=article&theme={theme}", exported.page.url))
    exported.page.wait_for_selector("html[data-ready]", state="attached")
    exported.page.locator("fieldset input").first.check()
    exported.page.locator("fieldset summary").first.click()
    arm(exported.page)
    assert violations(exported.page) == []
