"""How one resource is removed, with what hangs on it; what is gone already is removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from lambdadeck.teardown.inventory import Place, Thing, is_gone
from lambdadeck.teardown.listings import LISTINGS

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
    if thing.kind in _SIMPLE:
        call, parameter = _SIMPLE[thing.kind]
        _gone(getattr(client, call), **{parameter: thing.key})
    else:
        _WITH_PARTS[thing.kind](client, thing.key)


def _gone(call: Callable[..., Any], **parameters: Any) -> Any:
    """Call; AWS's word that there is no such thing is as good as a removal. A part that is gone leaves the whole to do."""
    try:
        return call(**parameters)
    except ClientError as error:
        if not is_gone(error):
            raise
    return {}


def _function(client: Any, name: str) -> None:
    """Its public addresses first, its own and its aliases'; versions, aliases and permissions go with the function."""
    if any(_items(client, "list_function_url_configs", "FunctionUrlConfigs", FunctionName=name)):
        _gone(client.delete_function_url_config, FunctionName=name)
        for alias in _items(client, "list_aliases", "Aliases", FunctionName=name):
            _gone(client.delete_function_url_config, FunctionName=name, Qualifier=alias["Name"])
    _gone(client.delete_function, FunctionName=name)


def _rule(client: Any, name: str) -> None:
    if ids := [item["Id"] for item in _items(client, "list_targets_by_rule", "Targets", Rule=name)]:
        _gone(client.remove_targets, Rule=name, Ids=ids)
    _gone(client.delete_rule, Name=name)


def _topic(client: Any, arn: str) -> None:
    for item in _items(client, "list_subscriptions_by_topic", "Subscriptions", TopicArn=arn):
        if item["SubscriptionArn"].startswith(
            "arn:"
        ):  # else it waits for a confirmation, and goes with the topic
            _gone(client.unsubscribe, SubscriptionArn=item["SubscriptionArn"])
    _gone(client.delete_topic, TopicArn=arn)


def _user_pool(client: Any, key: str) -> None:
    """Its sign-in page's domain first: AWS keeps a pool that has one."""
    if domain := _gone(client.describe_user_pool, UserPoolId=key).get("UserPool", {}).get("Domain"):
        _gone(client.delete_user_pool_domain, UserPoolId=key, Domain=domain)
    _gone(client.delete_user_pool, UserPoolId=key)


def _stream(client: Any, name: str) -> None:
    _gone(client.delete_stream, StreamName=name, EnforceConsumerDeletion=True)


def _bucket(client: Any, name: str) -> None:
    """All versions of all objects and what was never finished uploading first."""
    for item in _items(client, "list_multipart_uploads", "Uploads", Bucket=name):
        _gone(
            client.abort_multipart_upload, Bucket=name, Key=item["Key"], UploadId=item["UploadId"]
        )
    for kind in ("Versions", "DeleteMarkers"):
        found = _items(client, "list_object_versions", kind, Bucket=name)
        versions = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
        for first in range(0, len(versions), 1000):  # at most so many a call
            _empty(client, name, versions[first : first + 1000])
    _gone(client.delete_bucket, Bucket=name)


def _empty(client: Any, bucket: str, objects: list[dict[str, str]]) -> None:
    kept = _gone(
        client.delete_objects, Bucket=bucket, Delete={"Objects": objects, "Quiet": True}
    ).get("Errors", [])
    if kept:
        raise NotEmptied(
            f"{len(kept)} objects stay in it, among them {kept[0].get('Key')}: {kept[0].get('Message')}"
        )


def _role(client: Any, name: str) -> None:
    for item in _items(client, "list_attached_role_policies", "AttachedPolicies", RoleName=name):
        _gone(client.detach_role_policy, RoleName=name, PolicyArn=item["PolicyArn"])
    for policy in _items(client, "list_role_policies", "PolicyNames", RoleName=name):
        _gone(client.delete_role_policy, RoleName=name, PolicyName=policy)
    _gone(client.delete_role, RoleName=name)


_WITH_PARTS: dict[str, Callable[[Any, str], None]] = {
    "function": _function,
    "rule": _rule,
    "topic": _topic,
    "user pool": _user_pool,
    "stream": _stream,
    "bucket": _bucket,
    "role": _role,
}


def _items(client: Any, call: str, where: str, **parameters: Any) -> Iterator[Any]:
    """Read all pages before anything is removed under them."""
    pages = client.get_paginator(call).paginate(**parameters)
    return iter(_gone(lambda: [item for page in pages for item in page.get(where, [])]) or [])
