"""The whole deck on real AWS, as far as an engine of another account can play it: every cell, with a user's own profile."""

import pytest

from tests.aws_account import ACCOUNT, aws_account
from tests.kernel import Kernel
from tests.notebooks import DECK, FOLDER, slides

CELLS = [cell for slide in slides(DECK) for cell in slide.code]


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    with aws_account(tmp_path_factory.mktemp("home")) as account:
        yield account


@pytest.fixture(scope="module")
def shown(account, tmp_path_factory):
    """What each cell showed, run from top to bottom; a cell that fails ends it."""
    given = account.profile() | {"AWS_PROFILE": "talk", "LAMBDADECK_CLOUD": "aws", "LAMBDADECK_ACCOUNT": ACCOUNT}
    with Kernel(FOLDER, tmp_path_factory.mktemp("ipython"), given) as kernel:
        yield {cell.id: kernel.run(cell.source, timeout_s=120) for cell in CELLS} | {"kernel": kernel}


def words(outputs):
    return str(outputs)


def test_every_cell_runs_and_shows_something(shown):
    assert [cell.id for cell in CELLS if not shown[cell.id]] == []


def test_the_badge_says_aws_with_the_region_and_four_digits_of_the_account(shown):
    (badge,) = [output for output in shown["setup"] if "text/html" in output.get("data", {})]
    page = badge["data"]["text/html"]
    assert "<strong>AWS</strong>" in page and "…4321" in page and "eu-west-1" in page and "body::after" in page
    assert "LOCAL" not in words(badge)


def test_no_output_holds_the_account_or_a_key(shown, account):
    everything = "".join(words(shown[cell.id]) for cell in CELLS)
    deck, role = account.engine.settings.deck, account.engine.settings.role
    for secret in (ACCOUNT, deck.access_key, deck.secret_key, role.access_key, role.secret_key, role.token):
        assert secret not in everything


def test_all_triggers_fire(shown):
    assert "FAILED" not in words(shown["fire-all"]) and words(shown["fire-all"]).count("FIRED") >= 13


def test_the_role_of_2017_is_replaced_and_shown_so(shown):
    plan = words(shown["travis-plan"] if "travis-plan" in shown else shown["plan-of-2017"])
    assert "role bricklane-archive-firehose-prod-role of another account (123456789012) is replaced by lambda-live of …4321" in plan
    assert "your own log-in, not $AWS_ACCESS_KEY_ID" in plan
    assert "create_function" in words(shown["deploy-today"])


def test_every_function_runs_as_the_one_role_and_is_tagged(shown):
    kernel = shown["kernel"]
    (said,) = kernel.run("client = boto3.client('lambda')\n"
                         "made = client.list_functions()['Functions']\n"
                         "print({one['Role'] for one in made} == {'arn:aws:iam::' + here.account + ':role/lambda-live'},\n"
                         "      {client.get_function(FunctionName=one['FunctionName'])['Tags']['made-by'] for one in made},\n"
                         "      len(made) > 5)")
    assert said["text"] == "True {'lambda-live'} True\n"
