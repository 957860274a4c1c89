"""scripts/present --lab: JupyterLab with the same promises as the slides."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.presenting import Presenting, ask, connections

LABS = re.compile(r"The labs: (\S+)")


@pytest.fixture(scope="module")
def labs_url(lab: Presenting) -> str:
    """Read the labs' address from the line after the deck's."""
    assert lab.process.stdout is not None
    if "The labs" not in lab.everything:
        lab.said.append(lab.process.stdout.readline())
    found = LABS.search(lab.everything)
    assert found, lab.everything
    return found[1]


def page_config(url: str) -> dict[str, object]:
    """Read the configuration in JupyterLab's page."""
    found = re.search(
        r'<script id="jupyter-config-data"[^>]*>(.*?)</script>', ask(url)[1], re.DOTALL
    )
    assert found
    return json.loads(found[1])


def test_the_slides_and_the_labs_have_an_address_each_and_both_answer(lab, labs_url):
    assert urlsplit(lab.url_said).path == "/rise/notebooks/aws-lambda.ipynb"
    assert urlsplit(labs_url).path == "/lab/tree/notebooks/1-under-the-hood.ipynb"
    assert ask(lab.url_said)[0] == 200 and ask(labs_url)[0] == 200


def test_without_the_token_it_shows_nothing(lab):
    for path in (
        "/rise/notebooks/aws-lambda.ipynb",
        "/lab",
        "/lab/api/settings",
        "/files/README.md",
        "/lambdadeck/recordings/notebooks/aws-lambda.ipynb",
    ):
        status, body = ask(f"http://{urlsplit(lab.url_said).netloc}{path}")
        assert status in (302, 403) and "Lambda" not in body, path


def test_it_listens_on_this_machine_alone(lab):
    addresses = {c.laddr.ip for c in connections(lab.processes()) if c.status == "LISTEN"}
    assert addresses == {"127.0.0.1"}


def test_it_fetches_no_news_no_updates_and_no_catalogue_of_extensions(labs_url):
    config = page_config(labs_url)
    assert config["news"] == {"disabled": True}
    assert config["extensionManager"]["can_install"] is False
    off = config["disabledExtensions"]
    assert (
        "@jupyterlab/apputils-extension:announcements" in off
        and "@jupyterlab/extensionmanager-extension" in off
    )
    token = parse_qs(urlsplit(labs_url).query)["token"][0]
    assert ask(f"http://{urlsplit(labs_url).netloc}/lab/api/update?token={token}") == (
        200,
        '{"notification": null}',
    )


def test_only_the_projects_extensions_are_loaded(lab, labs_url):
    known = {
        "lambdadeck-stage",
        "jupyterlab-rise",
        "jupyterlab_pygments",
        "@jupyter-widgets/jupyterlab-manager",
    }
    for url in (labs_url, lab.url_said):
        assert {
            extension["name"] for extension in page_config(url)["federated_extensions"]
        } == known


def test_prices_are_no_formulas(labs_url):
    off = page_config(labs_url)["disabledExtensions"]
    assert "@jupyterlab/mathjax-extension" in off and "@jupyterlab/mathjax3-extension" in off


def test_jupyterlab_opens_without_asking_another_host_and_without_an_error(labs_url, stage):
    complaints, failures = [], []
    stage.page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    stage.page.on(
        "response", lambda answer: failures.append(answer.url) if answer.status >= 400 else None
    )
    stage.page.goto(
        f"{labs_url}&reset"
    )  # as on the first day: JupyterLab would open again what another test left open
    stage.page.locator(".jp-DirListing-item", has_text="aws-lambda.ipynb").wait_for()
    stage.page.locator(".jp-NotebookPanel h1", has_text="Lab 1").wait_for()
    assert (stage.foreign, complaints, failures) == ([], [], [])


def test_classic_slides_come_without_jupyterlab(deck):
    token = parse_qs(urlsplit(deck.url_said).query)["token"][0]
    for path in ("lab", "rise/notebooks/aws-lambda.ipynb"):
        assert ask(f"http://{urlsplit(deck.url_said).netloc}/{path}?token={token}")[0] == 404


def test_a_picture_beside_the_notebook_is_found_without_making_a_page_of_it(deck):
    token = parse_qs(urlsplit(deck.url_said).query)["token"][0]
    netloc = urlsplit(deck.url_said).netloc
    assert (
        ask(f"http://{netloc}/nbclassic/notebooks/assets/images/lambda.svg?token={token}")[0] == 302
    )
    status, body = ask(f"http://{netloc}/files/assets/images/lambda.svg?token={token}")
    assert status == 200 and body.lstrip().startswith(("<svg", "<?xml"))
