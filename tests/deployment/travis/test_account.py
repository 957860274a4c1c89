"""On AWS a .travis.yml acts in the confirmed account and region, whatever it says; LOCAL takes it as it is."""

import pytest

from lambdadeck import aws
from lambdadeck.aws import role
from lambdadeck.deployment import travis
from lambdadeck.deployment.travis import account, options, parser

ACCOUNT = "210987654321"
FILE = (
    "deploy:\n  provider: lambda\n  access_key_id: $AWS_ACCESS_KEY_ID\n  secret_access_key: ${AWS_SECRET_ACCESS_KEY}\n"
    "  function_name: f\n  handler_name: go\n  region: eu-west-1\n  role: {role}\n"
)
OTHERS = "arn:aws:iam::123456789012:role/theirs"


@pytest.fixture
def on_aws(monkeypatch):
    monkeypatch.setenv("LAMBDADECK_CLOUD", "aws")
    monkeypatch.setattr(
        "lambdadeck.aws.account._confirmed",
        aws.Caller(ACCOUNT, "us-east-2", "aws", "https://lambda.us-east-2.amazonaws.com"),
    )


def adapted(arn=OTHERS):
    (block,) = parser.read(FILE.replace("{role}", arn))
    facts = (
        {"TRAVIS_BUILD_NUMBER": "1", **account.not_needed(block)}
        if aws.asked()
        else {
            "TRAVIS_BUILD_NUMBER": "1",
            "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret-of-the-file",
        }
    )
    return account.adapted(options.settings(block, facts))


def test_local_takes_the_file_as_it_is():
    found = adapted()
    assert (
        found.settings["role"].value == OTHERS
        and found.settings["region"].value == "eu-west-1"
        and found.notes == ()
    )


def test_a_role_of_another_account_is_replaced_by_ours_with_its_line(on_aws):
    found = adapted()
    assert found.settings["role"].value == f"arn:aws:iam::{ACCOUNT}:role/lambda-live"
    assert found.settings["role"].shown == "lambda-live of …4321"
    assert (
        "line 8: role theirs of another account (123456789012) is replaced by lambda-live of …4321"
        in found.notes
    )


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{ACCOUNT}:role/mine",
        f"arn:aws:iam::{ACCOUNT}:role/service-role/mine",
        "no-arn",
    ],
)
def test_a_role_of_the_callers_own_and_what_is_no_role_stay(on_aws, arn):
    found = adapted(arn)
    assert found.settings["role"].value == arn and not any("role" in note for note in found.notes)


def test_another_account_shows_four_digits(on_aws):
    (note,) = [
        note for note in adapted("arn:aws:iam::555566667777:role/deep/down").notes if "role" in note
    ]
    assert "role down of another account (…7777)" in note and "555566667777" not in note


def test_the_region_is_the_one_that_was_confirmed(on_aws):
    found = adapted()
    assert found.settings["region"].value == "us-east-2"
    assert "line 7: region eu-west-1 is replaced by us-east-2, which you confirmed" in found.notes


def test_the_keys_of_the_file_are_not_used_and_need_not_be_set(on_aws):
    found = adapted()
    assert found.settings["access_key_id"].shown == "your own log-in, not $AWS_ACCESS_KEY_ID"
    assert (
        found.settings["secret_access_key"].shown == "your own log-in, not ${AWS_SECRET_ACCESS_KEY}"
    )


def test_keys_written_into_the_file_are_not_shown_either(on_aws):
    text = FILE.replace("{role}", OTHERS).replace("$AWS_ACCESS_KEY_ID", "AKIAWRITTENINTHEFILE")
    (block,) = parser.read(text)
    found = account.adapted(
        options.settings(block, {"TRAVIS_BUILD_NUMBER": "1", **account.not_needed(block)})
    )
    assert "AKIAWRITTENINTHEFILE" not in str(found)


def test_a_given_role_replaces_too(on_aws, monkeypatch):
    monkeypatch.setenv(role.GIVEN, f"arn:aws:iam::{ACCOUNT}:role/given")
    assert adapted().settings["role"].value == f"arn:aws:iam::{ACCOUNT}:role/given"


def test_nothing_is_planned_before_an_account_is_confirmed(on_aws, monkeypatch):
    monkeypatch.setattr("lambdadeck.aws.account._confirmed", None)
    with pytest.raises(aws.Stopped, match="not yet connected to"):
        travis.read(travis.OF_2017).plan(environment={})
