"""On AWS a .travis.yml acts in the confirmed account and region; LOCAL takes it as it is."""

import pytest

from lambdadeck import aws
from lambdadeck.aws import role
from lambdadeck.deployment import travis
from lambdadeck.deployment.travis import options, parser

ACCOUNT = "210987654321"
FILE = (
    "deploy:\n  provider: lambda\n  access_key_id: $AWS_ACCESS_KEY_ID\n"
    "  secret_access_key: ${AWS_SECRET_ACCESS_KEY}\n"
    "  function_name: f\n  handler_name: go\n  region: eu-west-1\n  role: {role}\n"
)
OTHERS = "arn:aws:iam::123456789012:role/theirs"


@pytest.fixture
def on_aws(monkeypatch):
    monkeypatch.setenv("LAMBDADECK_CLOUD", "aws")
    monkeypatch.setattr(
        "lambdadeck.aws._confirmed",
        aws.Caller(ACCOUNT, "us-east-2", "aws", "https://lambda.us-east-2.amazonaws.com"),
    )


def adapted(arn=OTHERS, file=FILE):
    facts = {"TRAVIS_BUILD_NUMBER": "1"}
    if not aws.asked():
        facts |= {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "of-the-file"}
    return options.adapted(options.settings(parser.read(file.replace("{role}", arn)), facts))


def test_local_takes_the_file_as_it_is():
    made, notes = adapted()
    assert made["role"].value == OTHERS and made["region"].value == "eu-west-1" and notes == []


def test_a_role_of_another_account_is_replaced_by_ours_with_its_line(on_aws):
    made, notes = adapted()
    assert made["role"].value == f"arn:aws:iam::{ACCOUNT}:role/lambda-live"
    assert made["role"].shown == "lambda-live of …4321"
    words = "role theirs of another account (123456789012) is replaced by lambda-live of …4321"
    assert f"line 8: {words}" in notes


def test_a_role_of_the_callers_own_and_what_is_no_role_stay(on_aws):
    own = f"arn:aws:iam::{ACCOUNT}:role/"
    for arn in (f"{own}mine", f"{own}service-role/mine", "no-arn"):
        made, notes = adapted(arn)
        assert (made["role"].value, [note for note in notes if "role" in note]) == (arn, [])


def test_another_account_shows_four_digits(on_aws):
    _, notes = adapted("arn:aws:iam::555566667777:role/deep/down")
    (note,) = [note for note in notes if "role" in note]
    assert "role down of another account (…7777)" in note and "555566667777" not in note


def test_the_region_is_the_one_that_was_confirmed(on_aws):
    made, notes = adapted()
    assert made["region"].value == "us-east-2"
    assert "line 7: region eu-west-1 is replaced by us-east-2, which you confirmed" in notes


def test_the_keys_of_the_file_are_not_used_and_need_not_be_set(on_aws):
    made, _ = adapted()
    assert made["access_key_id"].shown == "your own log-in, not $AWS_ACCESS_KEY_ID"
    assert made["secret_access_key"].shown == "your own log-in, not ${AWS_SECRET_ACCESS_KEY}"
    assert made["access_key_id"].value is made["secret_access_key"].value is None


def test_keys_written_into_the_file_are_not_shown_either(on_aws):
    found = adapted(file=FILE.replace("$AWS_ACCESS_KEY_ID", "AKIAWRITTENINTHEFILE"))
    assert "AKIAWRITTENINTHEFILE" not in str(found)


def test_a_given_role_replaces_too(on_aws, monkeypatch):
    monkeypatch.setenv(role.GIVEN, f"arn:aws:iam::{ACCOUNT}:role/given")
    assert adapted()[0]["role"].value == f"arn:aws:iam::{ACCOUNT}:role/given"


def test_nothing_is_planned_before_an_account_is_confirmed(on_aws, monkeypatch):
    monkeypatch.setattr("lambdadeck.aws._confirmed", None)
    with pytest.raises(aws.StoppedError, match="not yet connected to"):
        travis.read(travis.OF_2017).plan(environment={})
