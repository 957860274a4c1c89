"""The one role: made once, only on AWS, with what the talk's functions need and nothing else."""

import json
from fnmatch import fnmatchcase

import boto3
import pytest

from lambdadeck import aws, functions
from lambdadeck.aws import role
from tests.support.aws_account import ACCOUNT, aws_account, recorder
from tests.support.notebooks import DECK, cells

CALLER = aws.Caller(ACCOUNT, "eu-west-1", "aws", "https://lambda.eu-west-1.amazonaws.com")


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    with aws_account(tmp_path_factory.mktemp("home")) as account:
        yield account


@pytest.fixture
def seen(account, monkeypatch):
    """Connect this process to that account, behind a recorder, with no role yet."""
    with recorder(account.engine.endpoint) as seen:
        for name, value in account.variables(seen.address).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
        monkeypatch.setattr("lambdadeck.aws._confirmed", CALLER)
        yield seen
        _remove()
    boto3.DEFAULT_SESSION = None


def _remove():
    client = boto3.client("iam")
    try:
        for name in client.list_role_policies(RoleName=role.NAME)["PolicyNames"]:
            client.delete_role_policy(RoleName=role.NAME, PolicyName=name)
        client.delete_role(RoleName=role.NAME)
    except client.exceptions.NoSuchEntityException:
        return


def policies():
    client = boto3.client("iam")
    names = client.list_role_policies(RoleName=role.NAME)["PolicyNames"]
    return {
        name: client.get_role_policy(RoleName=role.NAME, PolicyName=name)["PolicyDocument"][
            "Statement"
        ]
        for name in names
    }


def test_local_makes_no_call_and_no_role(seen, monkeypatch):
    monkeypatch.delenv("LAMBDADECK_CLOUD")
    assert role.ensure("greet") == "arn:aws:iam::000000000000:role/lambda-live"
    assert seen.calls == []


def test_the_first_time_makes_it_and_the_next_reuses_it(seen):
    assert role.ensure("greet") == f"arn:aws:iam::{ACCOUNT}:role/lambda-live"
    assert seen.calls.count("CreateRole") == seen.calls.count("PutRolePolicy") == 1
    del seen.calls[:]
    assert role.ensure("greet") == f"arn:aws:iam::{ACCOUNT}:role/lambda-live"
    assert seen.calls == ["GetRole", "GetRolePolicy"]


def test_lambda_alone_may_assume_it_and_it_carries_the_tag(seen):
    role.ensure()
    made = boto3.client("iam").get_role(RoleName=role.NAME)["Role"]
    (statement,) = made["AssumeRolePolicyDocument"]["Statement"]
    assert (
        statement["Principal"] == {"Service": "lambda.amazonaws.com"}
        and statement["Action"] == "sts:AssumeRole"
    )
    assert {"Key": "made-by", "Value": "lambda-live"} in made["Tags"]


def test_a_teardown_in_between_is_noticed(seen):
    role.ensure()
    _remove()
    role.ensure()
    assert policies()


def test_a_policy_that_somebody_changed_is_put_right(seen):
    role.ensure()
    boto3.client("iam").put_role_policy(
        RoleName=role.NAME,
        PolicyName="lambda-live-eu-west-1",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
            }
        ),
    )
    role.ensure()
    assert policies()["lambda-live-eu-west-1"] == role.statements(CALLER)


def test_each_region_has_a_policy_of_its_own(seen, monkeypatch):
    role.ensure()
    monkeypatch.setattr("lambdadeck.aws._confirmed", aws.Caller(ACCOUNT, "us-east-1", "aws", ""))
    role.ensure()
    found = policies()
    assert set(found) == {"lambda-live-eu-west-1", "lambda-live-us-east-1"}
    assert all(
        ":us-east-1:" in one
        for statement in found["lambda-live-us-east-1"]
        for one in statement["Resource"]
    )


def test_functions_of_names_of_their_own_may_write_their_logs_and_no_others(seen):
    for name in ("my-experiment", "another", "my-experiment"):
        role.ensure(name)
    (statement,) = policies()["more-logs-eu-west-1"]
    groups = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws/lambda/"
    assert statement["Resource"] == [f"{groups}another:*", f"{groups}my-experiment:*"]


def test_a_role_of_that_name_that_is_somebody_elses_is_left_alone(seen):
    boto3.client("iam").create_role(
        RoleName=role.NAME, AssumeRolePolicyDocument=json.dumps(role.trust())
    )
    with pytest.raises(
        aws.StoppedError,
        match=r"already has a role lambda-live that the talk did not make.*LAMBDADECK_ROLE",
    ):
        role.ensure()
    assert policies() == {}


def test_a_role_that_is_given_is_used_as_it_is(seen, monkeypatch):
    monkeypatch.setenv("LAMBDADECK_ROLE", f"arn:aws:iam::{ACCOUNT}:role/given")
    assert role.ensure("greet") == f"arn:aws:iam::{ACCOUNT}:role/given"
    assert seen.calls == []


def test_without_a_confirmed_account_there_is_no_role(seen, monkeypatch):
    monkeypatch.setattr("lambdadeck.aws._confirmed", None)
    with pytest.raises(aws.StoppedError, match="not yet connected to: run the first cell"):
        role.ensure()
    assert seen.calls == []


# --- the policy -----------------------------------------------------------------------------------

ACTIONS = {
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:SendMessage",
    "sns:Publish",
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    "lambda:InvokeFunction",
}


def test_it_allows_these_actions_and_no_others():
    assert {
        action for statement in role.statements(CALLER) for action in statement["Action"]
    } == ACTIONS


def test_every_resource_is_of_this_account_and_region_and_bears_a_name_of_the_talks():
    for statement in role.statements(CALLER):
        assert statement["Effect"] == "Allow"
        for resource in statement["Resource"]:
            _, partition, _, region, account, name = resource.split(":", 5)
            assert (partition, region, account) == ("aws", "eu-west-1", ACCOUNT)
            assert "lambda-live-" in name or (
                name.startswith("log-group:/aws/lambda/")
                and not name.startswith("log-group:/aws/lambda/*")
            )


def test_china_and_the_others_have_their_own_partition():
    beijing = aws.Caller(ACCOUNT, "cn-north-1", "aws-cn", "")
    assert role.arn(beijing).startswith("arn:aws-cn:iam::")
    assert all(
        one.startswith("arn:aws-cn:")
        for statement in role.statements(beijing)
        for one in statement["Resource"]
    )


def test_it_fits_into_what_iam_takes():
    assert (
        len(json.dumps(role.statements(CALLER))) < 10_240 - 2_000
    )  # characters of all inline policies of a role; room for more


def deployed_names():
    """Every name that the deck deploys, and every demo function."""
    import re

    source = "\n".join(cell.source for cell in cells(DECK))
    named = set(re.findall(r"(?:deploy|two_versions)\(\"([\w-]+)\"", source))
    return (
        named
        | {f"hello-{one.name}" for one in (functions.FUNCTIONS / "hello").iterdir()}
        | {"bricklane-archive-firehose-prod", "lambda-live-0123456789ab"}
    )


def test_every_function_of_the_deck_may_write_its_log_from_the_start():
    unknown = [
        name
        for name in sorted(deployed_names())
        if not any(fnmatchcase(name, known) for known in role.FUNCTIONS)
    ]
    assert unknown == []
