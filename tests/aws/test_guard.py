"""What boto3 lets through: nothing before connect(), and on AWS no other people's functions."""

import itertools
import os
import subprocess
import sys

import boto3
import pytest

from lambdadeck import functions
from lambdadeck.aws import guard, ledger
from tests.support.aws_account import ACCOUNT, aws_account, recorder
from tests.support.lambdas import zipped

CODE = zipped({"app.py": "def handler(event, context):\n    return 'theirs'\n"})
THEIRS = "greet"


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    with aws_account(tmp_path_factory.mktemp("home")) as account:
        yield account


def session(account):
    deck = account.engine.settings.deck
    return boto3.Session(
        aws_access_key_id=deck.access_key,
        aws_secret_access_key=deck.secret_key,
        region_name="eu-west-1",
    )


@pytest.fixture(scope="module")
def theirs(account):
    """Make a function of the account's own, with a name that the deck uses too."""
    client = session(account).client("lambda", endpoint_url=account.engine.endpoint)
    client.create_function(
        FunctionName=THEIRS,
        Runtime="python3.13",
        Handler="app.handler",
        Code={"ZipFile": CODE},
        Role=f"arn:aws:iam::{ACCOUNT}:role/theirs",
    )
    functions.wait(client, "function_active_v2", FunctionName=THEIRS)
    return client


@pytest.fixture
def guarded(account, theirs, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", account.engine.endpoint)
    made = session(account)
    guard.guard(made)
    return made.client("lambda")


def state(client):
    found = client.get_function(FunctionName=THEIRS)
    return found["Configuration"]["RevisionId"], found["Configuration"]["CodeSha256"]


def test_deploying_over_a_function_of_somebody_elses_is_refused_and_changes_nothing(
    guarded, theirs
):
    before = state(theirs)
    with pytest.raises(
        guard.NotOursError,
        match=r"already has a function greet that the talk did not make .* it is left alone",
    ):
        functions.deploy("greet", client=guarded)
    assert state(theirs) == before


NAMES = [
    THEIRS,
    f"{THEIRS}:$LATEST",
    f"{ACCOUNT}:function:{THEIRS}",
    f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{THEIRS}",
]
CHANGES = [
    ("delete_function", {}),
    ("invoke", {}),
    ("update_function_configuration", {"Timeout": 9}),
    ("update_function_code", {"ZipFile": CODE}),
    ("publish_version", {}),
    ("put_function_concurrency", {"ReservedConcurrentExecutions": 0}),
    ("add_permission", {"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "*"}),
    ("create_alias", {"Name": "live", "FunctionVersion": "$LATEST"}),
    ("create_function_url_config", {"AuthType": "NONE"}),
]


def test_no_call_changes_removes_or_invokes_it_by_whatever_name(guarded, theirs):
    before = state(theirs)
    for name, (operation, more) in itertools.product(NAMES, CHANGES):
        with pytest.raises(guard.NotOursError, match="was not called"):
            getattr(guarded, operation)(FunctionName=name, **more)
        assert state(theirs) == before, (name, operation)


def test_reading_it_is_nobodys_harm(guarded):
    assert guarded.get_function_configuration(FunctionName=THEIRS)["FunctionName"] == THEIRS


def test_removing_what_is_not_there_is_still_no_error(guarded):
    functions.remove("never-made", client=guarded)


def test_what_carries_the_tag_is_ours_and_is_looked_up_once(account, monkeypatch):
    with recorder(account.engine.endpoint) as seen:
        monkeypatch.setenv("AWS_ENDPOINT_URL", seen.address)
        made = session(account)
        guard.guard(made)
        client = made.client("lambda")
        client.create_function(
            FunctionName="ours",
            Runtime="python3.13",
            Handler="app.handler",
            Code={"ZipFile": CODE},
            Role=f"arn:aws:iam::{ACCOUNT}:role/lambda-live",
            Tags=dict([ledger.MADE_BY]),
        )
        for _ in range(3):
            assert functions.invoke("ours", client=client).payload == "theirs"
        functions.remove("ours", client=client)
        assert seen.calls.count("GET /2015-03-31/functions/ours") == 1


# --- before connect() -----------------------------------------------------------------------------


def cell(code, **variables):
    base = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "LAMBDADECK_"))
    }
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=base | variables,
        capture_output=True,
        text=True,
        timeout=60,
    )


PLANTED = {
    "AWS_ACCESS_KEY_ID": "AKIAPLANTED000000000",
    "AWS_SECRET_ACCESS_KEY": "planted",
    "AWS_DEFAULT_REGION": "eu-west-1",
}


def test_importing_the_functions_makes_no_session_of_boto3():
    ran = cell("import boto3; from lambdadeck import functions; assert not boto3.DEFAULT_SESSION")
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize(
    "code",
    [
        "from lambdadeck import functions; functions.deploy('greet')",
        "import boto3; from lambdadeck import functions; boto3.client('lambda').list_functions()",
        "from lambdadeck.deployment import travis; travis.read(travis.OF_2017).deploy()",
        "from lambdadeck import triggers; triggers.sns()",
    ],
)
@pytest.mark.parametrize(
    "asked", [{}, {"LAMBDADECK_CLOUD": "aws", "LAMBDADECK_ACCOUNT": ACCOUNT}], ids=["LOCAL", "AWS"]
)
def test_a_cell_run_before_the_first_one_calls_nobody_whatever_credentials_lie_about(code, asked):
    ran = cell(code, **PLANTED, **asked)
    assert ran.returncode == 1
    said = [line for line in ran.stderr.splitlines() if "run the first cell" in line]
    assert said and said[0].startswith(
        (
            "lambdadeck.aws.guard.NotConnectedError: No cloud is connected yet",
            "lambdadeck.aws.StoppedError: AWS was asked for, but not yet connected to",
        )
    )
