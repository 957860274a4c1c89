"""The one role that every function of the talk runs as on AWS: it may write its log, read the talk's queues and streams,
and send to the talk's destinations; in this account and region, and nothing else.

What Lambda asks of a role: the Lambda developer guide, "Execution role", "Kinesis", "DynamoDB", "SQS", "Destinations".
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

import boto3

from lambdadeck import aws
from lambdadeck.aws.account import Caller
from lambdadeck.aws.ledger import MADE_BY

NAME = "lambda-live"
GIVEN = "LAMBDADECK_ROLE"  # the ARN of a role to use in its place, where you may not make any
LOCAL = (
    f"arn:aws:iam::000000000000:role/{NAME}"  # the embedded cloud keeps it and asks nothing of it
)
OURS = "lambda-live-*"  # what triggers and labs call queues, streams, tables and topics, and their functions
FUNCTIONS = (
    "bricklane-archive-firehose-prod",
    "counter",
    "glance",
    "glance-2017",
    "greet",
    "hello-*",
    "killer",
    "sleeper",
    "ticker",
    "upload",
    OURS,
)
_READ = {  # the service: what Lambda does for an event source mapping, with what
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
    "sqs": ("SendMessage", OURS),
    "sns": ("Publish", OURS),
    "lambda": ("InvokeFunction", f"function:{OURS}"),
}


def ensure(function: str | None = None) -> str:
    """The role's ARN; on AWS it is made if it is not there, and given what a function of this name needs and it has not.

    LOCAL makes no call. $LAMBDADECK_ROLE, an ARN, is used as it is. aws.Stopped when AWS was not connected to, or when a
    role of that name is somebody else's; botocore's errors.
    """
    if not aws.asked():
        return LOCAL
    caller = aws.confirmed()
    if os.environ.get(GIVEN):
        return arn(caller)
    client = boto3.client("iam")
    _make(client, caller)  # looked at each time: a teardown may have come in between
    if function and not any(fnmatchcase(function, name) for name in FUNCTIONS):
        _allow_log(client, caller, function)
    return arn(caller)


def arn(caller: Caller) -> str:
    """The ARN of the role in the caller's account, or of the one given in its place."""
    return os.environ.get(GIVEN) or f"arn:{caller.partition}:iam::{caller.account}:role/{NAME}"


def trust() -> dict[str, Any]:
    """Who may assume the role: Lambda."""
    lambda_itself = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return {"Version": "2012-10-17", "Statement": [lambda_itself]}


def statements(caller: Caller) -> list[dict[str, Any]]:
    """What the role may do in the caller's account and region."""
    reads = [
        _allowed(caller, service, actions, named) for service, (actions, named) in _READ.items()
    ]
    sends = [
        _allowed(caller, service, (action,), named) for service, (action, named) in _SEND.items()
    ]
    return [logs(caller, FUNCTIONS), *reads, *sends]


def logs(caller: Caller, functions: Iterable[str]) -> dict[str, Any]:
    """The statement that lets functions of these names write their log."""
    groups = [_resource(caller, "logs", f"log-group:/aws/lambda/{name}:*") for name in functions]
    return {
        "Effect": "Allow",
        "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": groups,
    }


def _allowed(caller: Caller, service: str, actions: Iterable[str], named: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": [f"{service}:{action}" for action in actions],
        "Resource": [_resource(caller, service, named)],
    }


def _resource(caller: Caller, service: str, named: str) -> str:
    return f"arn:{caller.partition}:{service}:{caller.region}:{caller.account}:{named}"


def _make(client: Any, caller: Caller) -> None:
    """Make the role unless it is there, and its policy for this region unless it is as it should be."""
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
    _allow(client, f"{NAME}-{caller.region}", statements(caller))


def _check_ours(role: dict[str, Any], caller: Caller) -> None:
    if {"Key": MADE_BY[0], "Value": MADE_BY[1]} not in role.get("Tags", []):
        raise aws.Stopped(
            f"Account {caller.short} already has a role {NAME} that the talk did not make: it is left alone. "
            f"Name a role for the functions in {GIVEN}, by its ARN."
        )


def _allow_log(client: Any, caller: Caller, function: str) -> None:
    """One policy for all names that are not known beforehand: a role's policies together may have 10,240 characters."""
    policy = f"more-logs-{caller.region}"
    known = [one for statement in _stated(client, policy) for one in statement["Resource"]]
    more = logs(caller, [function])
    _allow(client, policy, [{**more, "Resource": sorted({*known, *more["Resource"]})}])


def _stated(client: Any, policy: str) -> list[dict[str, Any]]:
    try:
        return client.get_role_policy(RoleName=NAME, PolicyName=policy)["PolicyDocument"][
            "Statement"
        ]
    except client.exceptions.NoSuchEntityException:
        return []


def _allow(client: Any, policy: str, stated: list[dict[str, Any]]) -> None:
    document = {"Version": "2012-10-17", "Statement": stated}
    if _stated(client, policy) != stated:
        client.put_role_policy(
            RoleName=NAME, PolicyName=policy, PolicyDocument=json.dumps(document)
        )
