"""Labs as offline articles with an index page; the quiz works by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from lambdadeck.export import cli, index
from tests.support.exporting import Opened, arm, opened, violations


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export the first lab as --all does; tests/labs runs them all."""
    out = tmp_path_factory.mktemp("all")
    cli.export(cli.ExportOptions(out, (cli.labs()[0],), False, has_index=True))
    return out


@pytest.fixture
def lab(chromium: Browser, pages: Path) -> Iterator[Opened]:
    with opened(chromium, pages / "1-under-the-hood.html") as ready:
        yield ready


@pytest.fixture
def contents(chromium: Browser, pages: Path) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, offline=True)
    page = context.new_page()
    page.goto((pages / "index.html").as_uri())
    yield page
    context.close()


def test_all_means_the_talk_and_every_lab_with_an_index() -> None:
    asked = cli.options(["--all"])
    assert [path.name for path in asked.notebooks] == [
        "aws-lambda.ipynb",
        *(path.name for path in cli.labs()),
    ]
    assert len(cli.labs()) == 6
    assert asked.has_index


def test_all_and_a_notebook_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.options(["--all", "another.ipynb"])
    assert "--all takes no notebook" in capsys.readouterr().err


def test_the_index_names_every_page_with_minutes_and_objectives() -> None:
    entries = [index.page_entry(path) for path in cli.options(["--all"]).notebooks]
    assert entries[0].title == "AWS Lambda, live"
    assert [entry.title.partition(":")[0] for entry in entries[1:]] == [
        f"Lab {number}" for number in range(1, 7)
    ]
    assert all(entry.minutes and entry.objectives for entry in entries[1:])


def test_the_index_leads_to_the_lab_and_the_lab_back(contents: Page) -> None:
    contents.get_by_role("link", name="Lab 1").click()
    contents.wait_for_selector("html[data-ready]", state="attached")
    contents.get_by_role("link", name="All pages").click()
    assert contents.title() == "AWS Lambda, live: all pages"


def test_a_lab_is_an_article_with_a_contents_list(lab: Opened) -> None:
    assert lab.page.evaluate("deck.view()") == "article"
    headings = [heading.inner_text() for heading in lab.page.locator("main :is(h1, h2)").all()]
    assert [link.inner_text() for link in lab.page.locator(".contents a").all()] == headings


def test_a_lab_asks_for_nothing_and_its_console_stays_empty(lab: Opened) -> None:
    assert (lab.asked, lab.said) == ([], [])


def test_a_quiz_works_by_keyboard_and_says_why(lab: Opened) -> None:
    question = lab.page.locator("fieldset").first
    question.locator("input").first.focus()
    lab.page.keyboard.press("ArrowDown")
    lab.page.keyboard.press("ArrowDown")
    question.locator("summary").press("Enter")
    assert [
        told.inner_text() for told in question.locator("details > p").all() if told.is_visible()
    ] == [
        "✓ Right. One event, one environment: the second needs one of its own, and pays for INIT."
    ]


def test_a_solution_is_hidden_until_it_is_asked_for(lab: Opened) -> None:
    solution = lab.page.locator("details", has_text="Show the solution").first
    assert not solution.locator("pre").first.is_visible()
    solution.locator("summary").press("Enter")
    assert "context.memory_limit_in_mb" in solution.locator("pre").first.inner_text()


def test_axe_finds_nothing_in_a_lab_nor_in_the_index(lab: Opened, contents: Page) -> None:
    for page in (lab.page, contents):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            arm(page)
            assert violations(page) == []
