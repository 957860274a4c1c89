"""What AWS refuses only because it has not yet heard of what was just made: tried again for a bounded time.

IAM and the services' policies are eventually consistent: a new role or permission takes seconds to be known. The errors that
this looks like: Terraform's AWS provider (internal/service/lambda, /logs) and zappa/Zappa#1441, read 2026-11-23.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PAUSE_S = 1.0
LIMIT_S = 120.0
_ROLE = (
    "cannot be assumed by Lambda",
    "execution role does not have permissions",
    "ensure the role can perform",
)
_LOGS = ("Could not execute the lambda function", "Could not deliver test message")
# What botocore calls service and operation: the code of the error, and words of which one is in its message.
LAGS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "lambda.CreateFunction": ("InvalidParameterValueException", _ROLE),
    "lambda.UpdateFunctionConfiguration": ("InvalidParameterValueException", _ROLE),
    "lambda.CreateEventSourceMapping": ("InvalidParameterValueException", _ROLE),
    "lambda.PutFunctionEventInvokeConfig": ("InvalidParameterValueException", _ROLE),
    "lambda.DeleteEventSourceMapping": (
        "ResourceInUseException",
        ("",),
    ),  # it is still being enabled
    "cloudwatch-logs.PutSubscriptionFilter": ("InvalidParameterException", _LOGS),
    "s3.PutBucketNotificationConfiguration": (
        "InvalidArgument",
        ("Unable to validate the following destination",),
    ),
    "cognito-identity-provider.SignUp": ("UnexpectedLambdaException", ("AccessDenied",)),
}


def wait(session: Any, pause_s: float = PAUSE_S, limit_s: float = LIMIT_S) -> None:
    """From now on clients of this session ask again where AWS has not yet heard, every `pause_s` seconds.

    After `limit_s` seconds AWS's error comes through as ever.
    """
    for call in LAGS:
        # First, because botocore's own handler may say no for all.
        session.events.register_first(
            f"needs-retry.{call}",
            _Again(call, pause_s, int(limit_s / pause_s)),
            unique_id=f"lambdadeck-propagation-{call}",
        )


@dataclass(frozen=True)
class _Again:
    """botocore asks after each answer whether to send the request again: in how many seconds, or None."""

    call: str
    pause_s: float
    limit: int

    def __call__(
        self, response: tuple[Any, Mapping[str, Any]] | None, attempts: int, **_: Any
    ) -> float | None:
        lags = response is not None and is_lag(self.call, response[1].get("Error", {}))
        return self.pause_s if lags and attempts <= self.limit else None


def is_lag(call: str, error: Mapping[str, Any]) -> bool:
    """Whether this error (Code, Message) of this call (as in LAGS) goes away by itself."""
    code, words = LAGS.get(call, ("", ()))
    return error.get("Code") == code and any(part in error.get("Message", "") for part in words)
