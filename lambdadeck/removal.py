"""How one resource is removed, with what hangs on it; what is gone already is removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from lambdadeck.leftovers import Place, Thing, is_gone
from lambdadeck.listings import LISTINGS

_SIMPLE = {  # the kinds that one call removes, and the parameter that takes the key
    "event source mapping": ("delete_event_source_mapping", "UUID"),
    "API": ("delete_api", "ApiId"),
    "IoT rule": ("delete_topic_rule", "ruleName"),
    "queue": ("delete_queue", "QueueUrl"),
    "table": ("delete_table", "TableName"),
    "log group": ("delete_log_group", "logGroupName"),
}


class NotEmptied(RuntimeError):
    """A bucket kept some of its objects; the message names one and says why."""


def remove(place: Place, thing: Thing) -> None:
    """Remove it. Errors are botocore's (something that still uses it, a denied action, throttling), or NotEmptied."""
    client = place.client(LISTINGS[thing.kind].service, thing.region)
    try:
        if thing.kind in _SIMPLE:
            call, parameter = _SIMPLE[thing.kind]
            getattr(client, call)(**{parameter: thing.key})
        else:
            _WITH_PARTS[thing.kind](client, thing.key)
    except ClientError as error:
        if not is_gone(error):
            raise


def _function(client: Any, name: str) -> None:
    """Its public address first; versions, aliases and permissions go with the function."""
    for item in _items(client, "list_function_url_configs", "FunctionUrlConfigs", FunctionName=name):
        qualifier = item["FunctionArn"].split(":")[7:]
        client.delete_function_url_config(FunctionName=name, **({"Qualifier": qualifier[0]} if qualifier else {}))
    client.delete_function(FunctionName=name)


def _rule(client: Any, name: str) -> None:
    if ids := [item["Id"] for item in _items(client, "list_targets_by_rule", "Targets", Rule=name)]:
        client.remove_targets(Rule=name, Ids=ids)
    client.delete_rule(Name=name)


def _topic(client: Any, arn: str) -> None:
    for item in _items(client, "list_subscriptions_by_topic", "Subscriptions", TopicArn=arn):
        if item["SubscriptionArn"].startswith("arn:"):  # else it waits for a confirmation, and goes with the topic
            client.unsubscribe(SubscriptionArn=item["SubscriptionArn"])
    client.delete_topic(TopicArn=arn)


def _user_pool(client: Any, key: str) -> None:
    """Its sign-in page's domain first: AWS keeps a pool that has one."""
    if domain := client.describe_user_pool(UserPoolId=key)["UserPool"].get("Domain"):
        client.delete_user_pool_domain(UserPoolId=key, Domain=domain)
    client.delete_user_pool(UserPoolId=key)


def _stream(client: Any, name: str) -> None:
    client.delete_stream(StreamName=name, EnforceConsumerDeletion=True)


def _bucket(client: Any, name: str) -> None:
    """All versions of all objects and what was never finished uploading first."""
    for page in client.get_paginator("list_multipart_uploads").paginate(Bucket=name):
        for item in page.get("Uploads", []):
            client.abort_multipart_upload(Bucket=name, Key=item["Key"], UploadId=item["UploadId"])
    for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
        versions = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        _empty(client, name, [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in versions])
    client.delete_bucket(Bucket=name)


def _empty(client: Any, bucket: str, objects: list[dict[str, str]]) -> None:
    if not objects:
        return
    kept = client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True}).get("Errors", [])
    if kept:
        raise NotEmptied(f"{len(kept)} objects stay in it, among them {kept[0].get('Key')}: {kept[0].get('Message')}")


def _role(client: Any, name: str) -> None:
    for item in _items(client, "list_attached_role_policies", "AttachedPolicies", RoleName=name):
        client.detach_role_policy(RoleName=name, PolicyArn=item["PolicyArn"])
    for policy in _items(client, "list_role_policies", "PolicyNames", RoleName=name):
        client.delete_role_policy(RoleName=name, PolicyName=policy)
    client.delete_role(RoleName=name)


_WITH_PARTS: dict[str, Callable[[Any, str], None]] = {
    "function": _function, "rule": _rule, "topic": _topic, "user pool": _user_pool, "stream": _stream, "bucket": _bucket,
    "role": _role,
}  # fmt: skip


def _items(client: Any, call: str, where: str, **parameters: Any) -> Iterator[Any]:
    """Read all pages before anything is removed under them."""
    pages = client.get_paginator(call).paginate(**parameters)
    return iter([item for page in pages for item in page.get(where, [])])
