"""Remove one resource with everything that depends on it; a missing one counts as removed."""

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from lambdadeck.teardown.inventory import Resource, Scope, is_gone
from lambdadeck.teardown.listings import LISTINGS

_SIMPLE = {  # the kinds that one call removes, and the parameter that takes the key
    "event source mapping": ("delete_event_source_mapping", "UUID"),
    "API": ("delete_api", "ApiId"),
    "IoT rule": ("delete_topic_rule", "ruleName"),
    "queue": ("delete_queue", "QueueUrl"),
    "table": ("delete_table", "TableName"),
    "log group": ("delete_log_group", "logGroupName"),
}


class NotEmptiedError(RuntimeError):
    """A bucket kept some of its objects; the message names one and says why."""


def remove(scope: Scope, resource: Resource) -> None:
    """Remove it. NotEmptiedError, or botocore's errors (in use, a denied action, throttling)."""
    client = scope.client(LISTINGS[resource.kind].service, resource.region)
    if resource.kind in _SIMPLE:
        call, parameter = _SIMPLE[resource.kind]
        _gone(getattr(client, call), **{parameter: resource.key})
    else:
        _WITH_PARTS[resource.kind](client, resource.key)


def _gone(call: Callable[..., Any], **parameters: Any) -> Any:
    """Call; return {} if AWS says that there is no such resource."""
    try:
        return call(**parameters)
    except ClientError as error:
        if not is_gone(error):
            raise
    return {}


def _function(client: Any, name: str) -> None:
    """Remove its and its aliases' URLs first; versions and permissions go with the function."""
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
        if item["SubscriptionArn"].startswith("arn:"):  # unconfirmed ones go with the topic
            _gone(client.unsubscribe, SubscriptionArn=item["SubscriptionArn"])
    _gone(client.delete_topic, TopicArn=arn)


def _user_pool(client: Any, key: str) -> None:
    """Remove the domain of its sign-in page first: AWS keeps a pool that has one."""
    if domain := _gone(client.describe_user_pool, UserPoolId=key).get("UserPool", {}).get("Domain"):
        _gone(client.delete_user_pool_domain, UserPoolId=key, Domain=domain)
    _gone(client.delete_user_pool, UserPoolId=key)


def _stream(client: Any, name: str) -> None:
    _gone(client.delete_stream, StreamName=name, EnforceConsumerDeletion=True)


def _bucket(client: Any, name: str) -> None:
    """Remove unfinished uploads and all versions of all objects first."""
    for item in _items(client, "list_multipart_uploads", "Uploads", Bucket=name):
        upload = {"Key": item["Key"], "UploadId": item["UploadId"]}
        _gone(client.abort_multipart_upload, Bucket=name, **upload)
    for kind in ("Versions", "DeleteMarkers"):
        found = _items(client, "list_object_versions", kind, Bucket=name)
        versions = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
        for first in range(0, len(versions), 1000):  # at most 1,000 in a call
            _empty(client, name, versions[first : first + 1000])
    _gone(client.delete_bucket, Bucket=name)


def _empty(client: Any, bucket: str, objects: list[dict[str, str]]) -> None:
    answer = _gone(client.delete_objects, Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
    if kept := answer.get("Errors"):
        first = f"{kept[0].get('Key')}: {kept[0].get('Message')}"
        raise NotEmptiedError(f"{len(kept)} objects stay in it, among them {first}")


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
    """Read all pages before their items are removed."""
    pages = client.get_paginator(call).paginate(**parameters)
    return iter(_gone(lambda: [item for page in pages for item in page.get(where, [])]) or [])
