"""Services that invoke functions, as a function's policy sees them."""

from typing import Any, NamedTuple

from lambdadeck.engine.api import access
from lambdadeck.engine.api.store import Record
from lambdadeck.engine.model import Target


class ServiceCaller(NamedTuple):
    """A service, the resource that it calls for, and its account; UNKNOWN is not checked."""

    service: str
    source_arn: str = access.UNKNOWN
    account: str = access.UNKNOWN


def of_event(event: Any) -> ServiceCaller | None:
    """Return who sends an event of S3 or SNS, None for another event."""
    records = event.get("Records") if isinstance(event, dict) else None
    first = records[0] if records else {}
    if "Sns" in first:
        return ServiceCaller("sns.amazonaws.com", first["Sns"]["TopicArn"])
    if "s3" in first:
        return bucket(first["s3"]["bucket"]["name"])
    return None


def bucket(name: str) -> ServiceCaller:
    """Return S3 as the caller for a bucket."""
    return ServiceCaller("s3.amazonaws.com", f"arn:aws:s3:::{name}")


def may_invoke(record: Record | None, target: Target, caller: ServiceCaller) -> bool:
    """Return whether the policy of a function, or of an alias of the version, allows a caller."""
    if record is None:
        return False
    context = {"AWS:SourceArn": caller.source_arn, "AWS:SourceAccount": caller.account}
    aliases = [
        alias["AliasArn"]
        for alias in record["aliases"].values()
        if alias["FunctionVersion"] == target.qualifier
    ]
    return any(
        access.allows(record, arn, access.INVOKE, caller.service, context)
        for arn in (target.arn, *aliases)
    )
