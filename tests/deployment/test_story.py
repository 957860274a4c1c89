"""The slides of the deployment as one story on a real engine, from the plan to the roll-back."""

import json
import os
import subprocess
import sys

import pytest

from lambdadeck import cloud, functions
from lambdadeck.deployment import canary, firehose, travis
from lambdadeck.reference import runtimes
from tests.support.notebooks import DECK, slides
from tests.support.speaking import needs

NAME = "bricklane-archive-firehose-prod"
RECORDS = ['{"sale": 12.5}', '{"type": "heartbeat"}', "no JSON"]
SECTION = next(place for place, slide in enumerate(slides(DECK)) if "In practice" in slide.title)


@pytest.fixture
def today(lambdas):
    """Deploy the file of 2017 with today's runtime on the shared engine."""
    deck = lambdas.engine.settings.deck
    keys = {"AWS_ACCESS_KEY_ID": deck.access_key, "AWS_SECRET_ACCESS_KEY": deck.secret_key}
    pipeline = travis.read(travis.OF_2017).replace("nodejs4.3", travis.newest("nodejs4.3"))
    deployment = pipeline.deploy(environment=keys, client=lambdas.client)
    assert deployment.error is None
    return deployment


def test_the_fix_is_a_runtime_that_aws_supports_and_the_deployment_says_that_dpl_does_not(today):
    assert runtimes.table()[travis.newest("nodejs4.3")].deprecated is not None
    assert "dpl itself stops at nodejs20.x" in str(today)


def test_the_function_of_2017_transforms_records_as_firehose_wants_them(lambdas, today):
    needs("nodejs")
    event = firehose.event(RECORDS)
    answer = functions.invoke(NAME, event, client=lambdas.client)
    assert [(one["recordId"], one["result"]) for one in answer.payload["records"]] == [
        ("1", "Ok"),
        ("2", "Dropped"),
        ("3", "ProcessingFailed"),
    ]
    first, *_ = firehose.table(RECORDS, answer).rows
    assert json.loads(first[2]) == {"sale": 12.5, "archived": "2017-11-06T20:26:40.000Z"}
    assert [one["data"] for one in answer.payload["records"][1:]] == [
        one["data"] for one in event["records"][1:]
    ]


def test_a_tenth_goes_first_and_comes_back_immediately(lambdas):
    old, new = canary.two_versions("greet", client=lambdas.client)
    before = canary.call("greet", 20, client=lambdas.client)
    state = {"FunctionName": "greet", "Name": "live", "FunctionVersion": old}
    lambdas.client.update_alias(**state, RoutingConfig=canary.routing(new, 0.1))
    during = canary.call("greet", 300, client=lambdas.client)
    lambdas.client.update_alias(**state, RoutingConfig=canary.routing(new, 0))
    after = canary.call("greet", 20, client=lambdas.client)
    assert {one.version for one in (*before, *after)} == {old}
    shifted = sum(one.version == new for one in during)
    assert 5 <= shifted <= 70  # expected 30; one run in ten million falls outside by chance


def test_without_node_the_slide_still_works_and_names_it(tmp_path):
    for name in os.listdir("/usr/bin"):
        if name not in ("node", "nodejs"):
            (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    cells = [
        cell.source
        for slide in slides(DECK)[SECTION:]
        for cell in slide.code
        if cell.id == "archive-records"
    ]
    code = (
        "\n".join(["from lambdadeck import cloud, functions", "cloud.connect()", *cells]).replace(
            "firehose.table(", "print(firehose.table("
        )
        + ")"
    )
    given = {
        "PATH": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "HOME": str(tmp_path),
    }
    ran = subprocess.run(
        [sys.executable, "-c", code], env=given, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    assert "none was transformed" in ran.stdout and "Node.js functions need Node.js" in ran.stdout


def test_the_listing_on_the_slide_is_the_file_that_is_deployed():
    (slide,) = [slide for slide in slides(DECK) if slide.title.startswith("The deployment")]
    assert travis.OF_2017.read_text().strip() in slide.markdown
    assert (
        cloud.ACCOUNT not in travis.OF_2017.read_text()
    )  # the documentation's account, not a made-up one
