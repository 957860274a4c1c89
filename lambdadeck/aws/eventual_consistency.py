"""Retry what AWS refuses only because it does not know yet of a role or permission just made.

IAM and the services' policies are eventually consistent: that takes seconds. The errors are those
of Terraform's AWS provider (internal/service/lambda, /logs) and zappa/Zappa#1441, read 2026-11-23.
"""

import re
from collections.abc import Mapping, Set
from functools import partial
from typing import Any

from lambdadeck.shared.names import FUNCTION

_FUNCTION = re.compile(r":function:([\w-]+)")
PAUSE_S = 1.0
LIMIT_S = 120.0
_ROLE = (
    "InvalidParameterValueException",
    (
        "cannot be assumed by Lambda",
        "execution role does not have permissions",
        "ensure the role can perform",
    ),
)
_LOGS = ("Could not execute the lambda function", "Could not deliver test message")
# botocore's names of service and operation: the error's code, and words of which it has one.
LAGS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "lambda.CreateFunction": _ROLE,
    "lambda.UpdateFunctionConfiguration": _ROLE,
    "lambda.CreateEventSourceMapping": _ROLE,
    "lambda.PutFunctionEventInvokeConfig": _ROLE,
    "lambda.DeleteEventSourceMapping": ("ResourceInUseException", ("",)),  # it is being enabled
    "cloudwatch-logs.PutSubscriptionFilter": ("InvalidParameterException", _LOGS),
    "s3.PutBucketNotificationConfiguration": (
        "InvalidArgument",
        ("Unable to validate the following destination",),
    ),
    "cognito-identity-provider.SignUp": ("UnexpectedLambdaException", ("AccessDenied",)),
}


def wait(session: Any, pause_s: float = PAUSE_S, limit_s: float = LIMIT_S) -> None:
    """Make clients of this session retry such errors every `pause_s` seconds, for `limit_s`.

    A bucket's notification is retried only if this session has given the function a permission.
    """
    allowed: set[str] = set()

    def allow(params: Mapping[str, Any], **_: Any) -> None:
        if named := FUNCTION.fullmatch(str(params["FunctionName"])):
            allowed.add(named["name"])

    adding = "provide-client-params.lambda.AddPermission"
    session.events.register(adding, allow, unique_id="lambdadeck-propagation-allowed")
    for call in LAGS:
        retry = partial(_retry_in_s, call, pause_s, int(limit_s / pause_s), allowed)
        # First, because botocore's own handler may decide for all.
        name = f"lambdadeck-propagation-{call}"
        session.events.register_first(f"needs-retry.{call}", retry, unique_id=name)


def _retry_in_s(
    call: str,
    pause_s: float,
    limit: int,
    allowed: Set[str],
    response: tuple[Any, Mapping[str, Any]] | None,
    attempts: int,
    request_dict: Mapping[str, Any] | None = None,
    **_: Any,
) -> float | None:
    """Return in how many seconds botocore retries after this answer; None for not at all."""
    lags = response is not None and is_lag(call, response[1].get("Error", {}))
    if lags and call.startswith("s3.") and request_dict is not None:
        stated = _FUNCTION.findall(_text(request_dict.get("body") or b""))
        lags = not allowed.isdisjoint(stated)
    return pause_s if lags and attempts <= limit else None


def _text(body: Any) -> str:
    return body.decode() if isinstance(body, bytes) else str(body)


def is_lag(call: str, error: Mapping[str, Any]) -> bool:
    """Return whether this error (Code, Message) of this call (as in LAGS) goes away by itself."""
    code, words = LAGS.get(call, ("", ()))
    return error.get("Code") == code and any(part in error.get("Message", "") for part in words)
