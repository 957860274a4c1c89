"""Services that invoke functions, as a function's policy sees them."""

from typing import Any, NamedTuple

from lambdadeck.engine.api import access
from lambdadeck.engine.api.store import Record
from lambdadeck.engine.model import Target

DENIED = " invocation failed due to error AccessDeniedException."  # of a trigger of Cognito


class ServiceCaller(NamedTuple):
    """A service, the resource that it calls for, and its account; UNKNOWN is not checked."""

    service: str
    source_arn: str = access.UNKNOWN
    account: str = access.UNKNOWN


def of_event(event: Any) -> ServiceCaller | None:
    """Return who sends an event of S3, None for another event."""
    try:
        return bucket(event["Records"][0]["s3"]["bucket"]["name"])
    except (KeyError, IndexError, TypeError):
        return None


def pool(event: Any, account: str) -> ServiceCaller | None:
    """Return Cognito as the caller for a user pool whose event it is, None for another event."""
    if not isinstance(event, dict) or not {"triggerSource", "userPoolId"} <= set(event):
        return None
    arn = f"arn:aws:cognito-idp:{event['region']}:{account}:userpool/{event['userPoolId']}"
    return ServiceCaller("cognito-idp.amazonaws.com", arn, account)


def refusal(event: Record) -> str:
    """Return Cognito's words for a function that its policy keeps from Cognito."""
    return _trigger(event) + DENIED


def failure(event: Record, result: Record) -> Any:
    """Return a function's answer to Cognito, or Cognito's words for its error."""
    body = result.get("body")
    if not result.get("error") or not isinstance(body, dict):
        return body
    return f"{_trigger(event)} failed with error {body.get('errorMessage', '')}."


def _trigger(event: Record) -> str:
    return str(event["triggerSource"]).partition("_")[0]


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
