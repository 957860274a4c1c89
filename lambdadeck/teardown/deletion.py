"""Remove one resource with everything that depends on it; a missing one counts as removed."""

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from lambdadeck.teardown.inventory import FAILURES, Scope, is_gone
from lambdadeck.teardown.listings import LISTINGS, Resource

_CALLS = {  # the call that removes a kind, and the parameter that takes the key
    "event source mapping": ("delete_event_source_mapping", "UUID"),
    "API": ("delete_api", "ApiId"),
    "rule": ("delete_rule", "Name"),
    "IoT rule": ("delete_topic_rule", "ruleName"),
    "user pool": ("delete_user_pool", "UserPoolId"),
    "topic": ("delete_topic", "TopicArn"),
    "function": ("delete_function", "FunctionName"),
    "queue": ("delete_queue", "QueueUrl"),
    "table": ("delete_table", "TableName"),
    "stream": ("delete_stream", "StreamName"),
    "bucket": ("delete_bucket", "Bucket"),
    "log group": ("delete_log_group", "logGroupName"),
    "role": ("delete_role", "RoleName"),
}


class NotEmptiedError(RuntimeError):
    """A bucket kept some of its objects; the message names one and says why."""


def remove(scope: Scope, resource: Resource) -> None:
    """Remove its parts, then the resource itself, which is tried even if a part stays.

    NotEmptiedError, or botocore's errors (in use, a denied action, throttling): the first.
    """
    client = scope.client(LISTINGS[resource.kind].service, resource.region)
    stays: Exception | None = None
    for part in _PARTS.get(resource.kind, ()):
        try:
            part(client, resource.key)
        except (*FAILURES, NotEmptiedError) as error:
            stays = stays or error
    call, parameter = _CALLS[resource.kind]
    with_consumers = {"EnforceConsumerDeletion": True} if resource.kind == "stream" else {}
    try:
        _gone(getattr(client, call), **{parameter: resource.key}, **with_consumers)
    except FAILURES as error:
        raise stays or error from error


def _gone(call: Callable[..., Any], **parameters: Any) -> Any:
    """Call; return {} if AWS says that there is no such resource."""
    try:
        return call(**parameters)
    except ClientError as error:
        if not is_gone(error):
            raise
    return {}


def _urls(client: Any, name: str) -> None:
    """Remove the URLs of a function and its aliases; versions and permissions go with it."""
    if any(_items(client, "list_function_url_configs", "FunctionUrlConfigs", FunctionName=name)):
        _gone(client.delete_function_url_config, FunctionName=name)
        for alias in _items(client, "list_aliases", "Aliases", FunctionName=name):
            _gone(client.delete_function_url_config, FunctionName=name, Qualifier=alias["Name"])


def _targets(client: Any, name: str) -> None:
    if ids := [item["Id"] for item in _items(client, "list_targets_by_rule", "Targets", Rule=name)]:
        _gone(client.remove_targets, Rule=name, Ids=ids)


def _subscriptions(client: Any, arn: str) -> None:
    for item in _items(client, "list_subscriptions_by_topic", "Subscriptions", TopicArn=arn):
        if item["SubscriptionArn"].startswith("arn:"):  # unconfirmed ones go with the topic
            _gone(client.unsubscribe, SubscriptionArn=item["SubscriptionArn"])


def _domain(client: Any, key: str) -> None:
    """Remove the domain of its sign-in page: AWS keeps a pool that has one."""
    if domain := _gone(client.describe_user_pool, UserPoolId=key).get("UserPool", {}).get("Domain"):
        _gone(client.delete_user_pool_domain, UserPoolId=key, Domain=domain)


def _uploads(client: Any, name: str) -> None:
    for item in _items(client, "list_multipart_uploads", "Uploads", Bucket=name):
        upload = {"Key": item["Key"], "UploadId": item["UploadId"]}
        _gone(client.abort_multipart_upload, Bucket=name, **upload)


def _versions(client: Any, name: str) -> None:
    """Remove all versions of all objects."""
    for kind in ("Versions", "DeleteMarkers"):
        found = _items(client, "list_object_versions", kind, Bucket=name)
        versions = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
        for first in range(0, len(versions), 1000):  # at most 1,000 in a call
            _empty(client, name, versions[first : first + 1000])


def _empty(client: Any, bucket: str, objects: list[dict[str, str]]) -> None:
    answer = _gone(client.delete_objects, Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
    if kept := answer.get("Errors"):
        first = f"{kept[0].get('Key')}: {kept[0].get('Message')}"
        raise NotEmptiedError(f"{len(kept)} objects stay in it, among them {first}")


def _attached(client: Any, name: str) -> None:
    for item in _items(client, "list_attached_role_policies", "AttachedPolicies", RoleName=name):
        _gone(client.detach_role_policy, RoleName=name, PolicyArn=item["PolicyArn"])


def _inline(client: Any, name: str) -> None:
    for policy in _items(client, "list_role_policies", "PolicyNames", RoleName=name):
        _gone(client.delete_role_policy, RoleName=name, PolicyName=policy)


_PARTS: dict[str, tuple[Callable[[Any, str], None], ...]] = {
    "function": (_urls,),
    "rule": (_targets,),
    "topic": (_subscriptions,),
    "user pool": (_domain,),
    "bucket": (_uploads, _versions),
    "role": (_attached, _inline),
}


def _items(client: Any, call: str, where: str, **parameters: Any) -> Iterator[Any]:
    """Read all pages before their items are removed."""
    pages = client.get_paginator(call).paginate(**parameters)
    return iter(_gone(lambda: [item for page in pages for item in page.get(where, [])]) or [])
