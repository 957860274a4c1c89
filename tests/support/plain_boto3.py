"""boto3 without arguments, as after cloud.connect(): pointed to one engine, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest

from lambdadeck import cloud
from lambdadeck.engine import Engine


@contextmanager
def pointed_at(engine: Engine, region: str | None = None) -> Iterator[None]:
    """Lead this process' boto3 to the engine, in its region or in another."""
    variables = dict(engine.environment)
    if region:
        variables |= {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        cloud.unset_redirects()
        yield
    boto3.DEFAULT_SESSION = None


def inventory() -> dict[str, list[str]]:
    """All that triggers can leave behind, by service."""
    client = boto3.client
    return {
        "functions": _names(client("lambda").list_functions()["Functions"], "FunctionName"),
        "mappings": _names(
            client("lambda").list_event_source_mappings()["EventSourceMappings"], "UUID"
        ),
        "logs": _names(client("logs").describe_log_groups()["logGroups"], "logGroupName"),
        "buckets": _names(client("s3").list_buckets()["Buckets"], "Name"),
        "tables": client("dynamodb").list_tables()["TableNames"],
        "streams": client("kinesis").list_streams()["StreamNames"],
        "topics": _names(client("sns").list_topics()["Topics"], "TopicArn"),
        "subscriptions": _names(
            client("sns").list_subscriptions()["Subscriptions"], "SubscriptionArn"
        ),
        "queues": client("sqs").list_queues().get("QueueUrls", []),
        "rules": _names(client("events").list_rules()["Rules"], "Name"),
        "topic rules": _names(client("iot").list_topic_rules()["rules"], "ruleName"),
        "pools": _names(client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"], "Id"),
        "apis": _names(client("apigatewayv2").get_apis()["Items"], "ApiId"),
    }


def _names(items: list[dict], key: str) -> list[str]:
    return sorted(item[key] for item in items)
