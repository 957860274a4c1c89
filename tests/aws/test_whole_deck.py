"""The whole deck on AWS, played by an engine of another account, with a user's own profile."""

import os
import re
import subprocess
import sys

import boto3
import pytest

from tests.support.aws_account import ACCOUNT, aws_account
from tests.support.kernel import Kernel
from tests.support.notebooks import ANSWERS, DECK, FOLDER, slides, words
from tests.support.plain_boto3 import inventory, pointed_at

CELLS = [cell for slide in slides(DECK) for cell in slide.code]
ON_AWS = ANSWERS | {"side-by-side": r"differs"}  # not with itself


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    with aws_account(tmp_path_factory.mktemp("home")) as account:
        yield account


@pytest.fixture(scope="module")
def shown(account, tmp_path_factory):
    """Run the cells from top to bottom and return their outputs; a cell that fails ends it."""
    given = account.profile() | {
        "AWS_PROFILE": "talk",
        "LAMBDADECK_CLOUD": "aws",
        "LAMBDADECK_ACCOUNT": ACCOUNT,
    }
    with Kernel(FOLDER, tmp_path_factory.mktemp("ipython"), given) as kernel:
        yield {cell.id: kernel.run(cell.source, timeout_s=120) for cell in CELLS} | {
            "made": kernel.run(MADE)
        }


MADE = """
client = boto3.client("lambda")
made = client.list_functions()["Functions"]
print({one["Role"] for one in made} == {f"arn:aws:iam::{here.account}:role/lambda-live"},
      {client.get_function(FunctionName=one["FunctionName"])["Tags"]["made-by"] for one in made},
      len(made) > 5)
"""


def test_every_cell_runs_and_shows_something(shown):
    assert [cell.id for cell in CELLS if not shown[cell.id]] == []


def test_each_cell_shows_what_its_slide_asks_to_predict(shown):
    lacking = {
        name: said
        for name, answer in ON_AWS.items()
        if not re.search(answer, said := words(shown[name]), re.DOTALL)
    }
    assert lacking == {}


def test_the_badge_says_aws_with_the_region_and_four_digits_of_the_account(shown):
    (badge,) = [output for output in shown["setup"] if "text/html" in output.get("data", {})]
    page = badge["data"]["text/html"]
    assert (
        "<strong>AWS</strong>" in page
        and "…4321" in page
        and "eu-west-1" in page
        and "body::after" in page
    )
    assert "LOCAL" not in str(badge)


def test_no_output_holds_the_account_or_a_key(shown, account):
    everything = "".join(str(shown[cell.id]) for cell in CELLS)
    deck, role = account.engine.settings.deck, account.engine.settings.role
    for secret in (
        ACCOUNT,
        deck.access_key,
        deck.secret_key,
        role.marker,
        role.secret_key,
        role.token,
    ):
        assert secret not in everything


def test_all_triggers_fire(shown):
    assert "FAILED" not in str(shown["fire-all"]) and str(shown["fire-all"]).count("FIRED") >= 13


def test_the_role_of_2017_is_replaced_and_shown_so(shown):
    plan = str(shown["plan-of-2017"])
    assert (
        "role bricklane-archive-firehose-prod-role of another account (123456789012) is replaced "
        "by lambda-live of …4321" in plan
    )
    assert "your own log-in, not $AWS_ACCESS_KEY_ID" in plan
    assert "InvalidParameterValueException" in str(shown["deploy-today"])


def test_every_function_runs_as_the_one_role_and_is_tagged(shown):
    assert shown["made"][0]["text"] == "True {'lambda-live'} True\n"


def test_afterwards_teardown_leaves_nothing_that_any_list_call_finds(shown, account, root):
    given = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "LAMBDADECK_"))
    }
    command = [sys.executable, root / "scripts" / "teardown", "--aws", "--profile", "talk"]
    done = subprocess.run(
        command,
        env=given | account.profile() | {"LAMBDADECK_ACCOUNT": ACCOUNT},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing is left" in done.stdout and ACCOUNT not in done.stdout + done.stderr
    with pointed_at(account.engine):
        assert {kind: found for kind, found in inventory().items() if found} == {}
        assert boto3.client("iam").list_roles()["Roles"] == []
