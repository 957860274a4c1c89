"""Make the one execution role of the talk's functions on AWS.

It may write logs, read the talk's queues and streams and send to its destinations, in this account
and region. Source: Lambda developer guide, "Execution role", "Kinesis", "DynamoDB", "SQS",
"Destinations".
"""

import json
import os
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

import boto3

from lambdadeck import aws
from lambdadeck.aws.ledger import MADE_BY

NAME = "lambda-live"
GIVEN = "LAMBDADECK_ROLE"  # the ARN of a role to use instead, if you may not make one
LOCAL = f"arn:aws:iam::000000000000:role/{NAME}"  # the embedded cloud does not check it
OURS = "lambda-live-*"  # resources of triggers and labs
FUNCTIONS = (
    "bricklane-archive-firehose-prod",
    "counter",
    "glance",
    "glance-2017",
    "greet",
    "hello-*",
    "killer",
    "picky",
    "sleeper",
    "ticker",
    "upload",
    OURS,
)
_READ = {  # the service: what Lambda does for an event source mapping, and the resource
    "sqs": (("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"), OURS),
    "kinesis": (
        ("DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards"),
        f"stream/{OURS}",
    ),
    "dynamodb": (
        ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"),
        f"table/{OURS}/stream/*",
    ),
}
_SEND = {
    "sqs": (("SendMessage",), OURS),
    "sns": (("Publish",), OURS),
    "lambda": (("InvokeFunction",), f"function:{OURS}"),
}


def ensure(function: str | None = None) -> str:
    """Return the role's ARN; on AWS make the role, and allow the function its log, if necessary.

    LOCAL makes no call. $LAMBDADECK_ROLE, an ARN, is used as it is. StoppedError if AWS is not
    connected, or if the talk did not make the role of that name; botocore's errors.
    """
    if not aws.asked():
        return LOCAL
    caller = aws.confirmed()
    if os.environ.get(GIVEN):
        return arn(caller)
    client = boto3.client("iam")
    _make(client, caller)  # each time: a teardown may have removed it
    if function and not any(fnmatchcase(function, name) for name in FUNCTIONS):
        _allow_log(client, caller, function)
    return arn(caller)


def arn(caller: aws.Caller) -> str:
    """Return the ARN of the role in the caller's account, or of the one in $LAMBDADECK_ROLE."""
    return os.environ.get(GIVEN) or f"arn:{caller.partition}:iam::{caller.account}:role/{NAME}"


def trust() -> dict[str, Any]:
    """Return the policy that lets Lambda assume the role."""
    lambda_itself = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return {"Version": "2012-10-17", "Statement": [lambda_itself]}


def statements(caller: aws.Caller) -> list[dict[str, Any]]:
    """Return what the role may do in the caller's account and region."""
    allowed = [
        _allow(
            [f"{service}:{action}" for action in actions], [_resource(caller, service, resource)]
        )
        for service, (actions, resource) in [*_READ.items(), *_SEND.items()]
    ]
    return [logs(caller, FUNCTIONS), *allowed]


def logs(caller: aws.Caller, functions: Iterable[str]) -> dict[str, Any]:
    """Return the statement that lets functions of these names write their log."""
    groups = [_resource(caller, "logs", f"log-group:/aws/lambda/{name}:*") for name in functions]
    return _allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], groups)


def _allow(actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def _resource(caller: aws.Caller, service: str, named: str) -> str:
    return f"arn:{caller.partition}:{service}:{caller.region}:{caller.account}:{named}"


def _make(client: Any, caller: aws.Caller) -> None:
    try:
        _check_ours(client.get_role(RoleName=NAME)["Role"], caller)
    except client.exceptions.NoSuchEntityException:
        client.create_role(
            RoleName=NAME,
            AssumeRolePolicyDocument=json.dumps(trust()),
            Description="What the functions of AWS Lambda, live may do",
            Tags=[{"Key": MADE_BY[0], "Value": MADE_BY[1]}],
        )
        client.get_waiter("role_exists").wait(RoleName=NAME)
    _put(client, f"{NAME}-{caller.region}", statements(caller))


def _check_ours(role: dict[str, Any], caller: aws.Caller) -> None:
    if {"Key": MADE_BY[0], "Value": MADE_BY[1]} not in role.get("Tags", []):
        raise aws.StoppedError(
            f"Account {caller.short} already has a role {NAME} that the talk did not make: it is "
            f"left alone. Name a role for the functions in {GIVEN}, by its ARN."
        )


def _allow_log(client: Any, caller: aws.Caller, function: str) -> None:
    # One policy for all other names: a role's policies together may have 10,240 characters.
    policy = f"more-logs-{caller.region}"
    known = [one for statement in _stated(client, policy) for one in statement["Resource"]]
    more = logs(caller, [function])
    _put(client, policy, [{**more, "Resource": sorted({*known, *more["Resource"]})}])


def _stated(client: Any, policy: str) -> list[dict[str, Any]]:
    try:
        answer = client.get_role_policy(RoleName=NAME, PolicyName=policy)
    except client.exceptions.NoSuchEntityException:
        return []
    return list(answer["PolicyDocument"]["Statement"])


def _put(client: Any, policy: str, stated: list[dict[str, Any]]) -> None:
    if _stated(client, policy) != stated:
        document = json.dumps({"Version": "2012-10-17", "Statement": stated})
        client.put_role_policy(RoleName=NAME, PolicyName=policy, PolicyDocument=document)
