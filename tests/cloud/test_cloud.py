"""connect(): where plain boto3 goes after it."""

import json
import os
import subprocess
import sys

import psutil
import pytest

from lambdadeck import cloud
from tests.support.aws_account import ACCOUNT, aws_account, recorder

CONNECT = """
import json, os
from lambdadeck import cloud
badge = cloud.connect()
import boto3
print(json.dumps({"badge": repr(badge), "html": badge._repr_html_(),
                  "again": cloud.connect().endpoint,
                  "region": boto3.client("lambda").meta.region_name,
                  "endpoint": boto3.client("s3").meta.endpoint_url,
                  "functions": boto3.client("lambda").list_functions()["Functions"],
                  "account": boto3.client("sts").get_caller_identity()["Account"],
                  "pid": cloud._engine and cloud._engine.pid}))
"""


def ran(code, variables):
    base = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "LAMBDADECK_"))
    }
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**base, **variables},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )


def connected(code=CONNECT, **variables):
    done = ran(code, variables)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_notebook_opened_any_other_way_gets_an_engine_that_ends_with_it():
    seen = connected()
    assert (
        seen["region"] == "eu-west-1"
        and seen["functions"] == []
        and seen["account"] == "000000000000"
    )
    assert seen["endpoint"] == seen["again"] and seen["again"] in seen["badge"]
    assert not psutil.pid_exists(seen["pid"])


def test_a_kernel_of_scripts_present_finds_the_engine_that_is_there(lambdas):
    seen = connected(**lambdas.engine.environment)
    assert seen["endpoint"] == lambdas.engine.endpoint and seen["pid"] is None


def test_the_badge_says_local_and_holds_no_key(lambdas):
    seen = connected(**lambdas.engine.environment)
    assert "LOCAL" in seen["html"] and "eu-west-1" in seen["html"]
    deck = lambdas.engine.settings.deck
    assert deck.access_key not in str(seen) and deck.secret_key not in str(seen)


def test_whatever_credentials_lie_about_calls_stay_on_this_machine(lambdas, tmp_path):
    (tmp_path / "config").write_text(
        "[profile prod]\nregion = us-east-1\nendpoint_url = https://evil.example\n"
        "[default]\nregion = us-west-2\nendpoint_url = https://evil.example\n"
    )
    (tmp_path / "credentials").write_text(
        "[default]\naws_access_key_id = AKIAREAL\naws_secret_access_key = real\n"
    )
    seen = connected(
        **{
            **lambdas.engine.environment,
            "AWS_PROFILE": "prod",
            "AWS_SESSION_TOKEN": "real",
            "AWS_ENDPOINT_URL_LAMBDA": "https://evil.example",
            "HOME": str(tmp_path),
            "HTTP_PROXY": "http://evil.example:1",
            "http_proxy": "http://evil.example:1",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        }
    )
    assert seen["endpoint"] == lambdas.engine.endpoint and seen["region"] == "eu-west-1"
    assert seen["account"] == "000000000000"


def test_variables_of_an_engine_that_is_gone_are_replaced():
    seen = connected(
        LAMBDADECK_START="0" * 32,
        AWS_ENDPOINT_URL="http://127.0.0.1:9",
        AWS_ACCESS_KEY_ID="AKIAOLD",
        AWS_SECRET_ACCESS_KEY="old",
    )
    assert seen["functions"] == [] and seen["pid"]


@pytest.mark.parametrize(
    "endpoint",
    ["", "https://lambda.eu-west-1.amazonaws.com", "http://127.0.0.1:9", "http://evil.example"],
)
def test_only_an_embedded_cloud_answers_as_one(endpoint):
    assert not cloud.answers(endpoint)


def test_a_cloud_that_is_not_there_is_refused_with_a_sentence(monkeypatch):
    monkeypatch.setenv("LAMBDADECK_CLOUD", "azure")
    with pytest.raises(
        ValueError, match="LAMBDADECK_CLOUD is 'azure', and there are only two clouds"
    ):
        cloud.connect()


USED = """
import json
from lambdadeck import cloud, functions
here = cloud.connect()
functions.deploy("greet")
answer = functions.invoke("greet")
import boto3
boto3.client("s3").list_buckets()
print(json.dumps([here.name, here.account, answer.payload]))
"""


@pytest.mark.parametrize(
    "asked",
    [{}, {"LAMBDADECK_CLOUD": "local"}, {"LAMBDADECK_ACCOUNT": ACCOUNT}],
    ids=["unset", "local", "an account"],
)
def test_local_never_calls_what_planted_credentials_a_profile_and_an_endpoint_lead_to(
    tmp_path, asked
):
    with recorder() as somewhere:
        (tmp_path / ".aws").mkdir()
        (tmp_path / ".aws" / "config").write_text(
            f"[default]\nregion = us-east-1\nendpoint_url = {somewhere.address}\n"
            f"[profile prod]\nendpoint_url = {somewhere.address}\nregion = us-east-1\n"
        )
        (tmp_path / ".aws" / "credentials").write_text(
            "".join(
                f"[{name}]\naws_access_key_id = AKIAPLANTED000000000\n"
                "aws_secret_access_key = planted\n"
                for name in ("default", "prod")
            )
        )
        seen = connected(
            USED,
            HOME=str(tmp_path),
            AWS_PROFILE="prod",
            AWS_ACCESS_KEY_ID="AKIAPLANTED000000000",
            AWS_SECRET_ACCESS_KEY="planted",
            AWS_SESSION_TOKEN="planted",
            AWS_ENDPOINT_URL=somewhere.address,
            AWS_ENDPOINT_URL_LAMBDA=somewhere.address,
            AWS_ENDPOINT_URL_S3=somewhere.address,
            AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{somewhere.address}/keys",
            **asked,
        )
        assert seen == ["LOCAL", "000000000000", {"greeting": "Hello, world!"}]
        assert somewhere.calls == []


# --- AWS ------------------------------------------------------------------------------------------

CONNECT_AWS = """
import json
from lambdadeck import cloud
badge = cloud.connect()
import boto3
from lambdadeck import functions
arn = functions.deploy("greet")
print(json.dumps({"badge": repr(badge), "html": badge._repr_html_(), "name": badge.name,
                  "region": badge.region, "account": badge.account,
                  "engine": cloud._engine is not None, "arn": arn,
                  "answer": functions.invoke("greet").payload, "again": cloud.connect() == badge,
                  "tags": boto3.client("lambda").get_function(FunctionName="greet")["Tags"]}))
"""


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    with aws_account(tmp_path_factory.mktemp("home")) as account:
        yield account


@pytest.fixture
def passing(account):
    with recorder(account.engine.endpoint) as passing:
        yield passing


@pytest.mark.parametrize("by", ["variables", "profile"])
def test_aws_is_reached_by_the_users_own_chain_once_the_account_is_named(account, passing, by):
    profile = account.profile(endpoint=passing.address) | {
        "AWS_PROFILE": "talk",
        "LAMBDADECK_CLOUD": "aws",
    }
    given = account.variables(passing.address) if by == "variables" else profile
    seen = connected(CONNECT_AWS, **given, LAMBDADECK_ACCOUNT=ACCOUNT)
    assert (seen["name"], seen["region"], seen["account"], seen["engine"]) == (
        "AWS",
        "eu-west-1",
        ACCOUNT,
        False,
    )
    assert seen["arn"] == f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:greet" and seen[
        "answer"
    ] == {"greeting": "Hello, world!"}
    assert seen["tags"]["made-by"] == "lambda-live" and seen["again"]
    assert (
        ACCOUNT not in seen["badge"] + seen["html"]
        and "…4321" in seen["badge"]
        and "…4321" in seen["html"]
    )
    assert passing.calls[0] == "GetCallerIdentity"


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({}, "set LAMBDADECK_ACCOUNT to the twelve digits"),
        (
            {"LAMBDADECK_ACCOUNT": "111122223333"},
            "LAMBDADECK_ACCOUNT is …3333, and the credentials found are of AWS account …4321",
        ),
    ],
    ids=["none", "another"],
)
def test_without_a_terminal_an_account_that_is_not_named_or_is_another_stops_it(
    account, passing, named, words
):
    done = ran(CONNECT_AWS, account.variables(passing.address) | named)
    assert done.returncode == 1 and words in done.stderr.splitlines()[-1]
    assert passing.calls == ["GetCallerIdentity"]


def test_after_a_refusal_no_later_call_goes_out(account, passing):
    code = (
        "from lambdadeck import cloud, functions\nimport boto3\n"
        "try:\n    cloud.connect()\nexcept RuntimeError: pass\n"
        "boto3.client('lambda', endpoint_url='https://lambda.eu-west-1.amazonaws.com').list_functions()"
    )
    done = ran(code, account.variables(passing.address))
    assert "NotConnectedError: No cloud is connected yet" in done.stderr.splitlines()[-1]


def test_a_process_that_uses_the_embedded_cloud_does_not_turn_to_aws(lambdas):
    done = ran(
        CONNECT_AWS,
        lambdas.engine.environment
        | {"LAMBDADECK_CLOUD": "aws", "LAMBDADECK_ACCOUNT": "000000000000"},
    )
    assert (
        "This process uses the embedded cloud already: restart the kernel"
        in done.stderr.splitlines()[-1]
    )


@pytest.mark.parametrize(("region", "sent"), [("us-east-1", {"Bucket": "b"}), ("eu-west-1", None)])
def test_s3_gets_no_name_for_its_first_region(region, sent):
    params = {"Bucket": "b", "CreateBucketConfiguration": {"LocationConstraint": region}}
    cloud._omit_us_east_1(params)
    assert params == sent or (
        sent is None and params["CreateBucketConfiguration"] == {"LocationConstraint": region}
    )
