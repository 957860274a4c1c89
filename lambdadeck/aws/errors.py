"""What goes wrong between here and AWS, each in one sentence that says what to do; all else keeps its traceback."""

from __future__ import annotations

import html
import os
import re
import ssl
import sys
import urllib.error
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from boto3.exceptions import Boto3Error
from botocore import exceptions as failed
from botocore.exceptions import BotoCoreError, ClientError
from IPython.display import display

from lambdadeck.aws import guard
from lambdadeck.aws.account import Stopped
from lambdadeck.aws.ledger import RecordError
from lambdadeck.engine import EngineError
from lambdadeck.shared import redaction

_OURS = (
    guard.NotConnectedError,
    guard.NotOursError,
    Stopped,
    EngineError,
    RecordError,
)  # their message is a sentence already
_CAUGHT = (BotoCoreError, ClientError, Boto3Error, OSError, *_OURS)
_AGAIN = "and run the cell again"
_EXPIRED = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
)
_WRONG_KEYS = frozenset(
    {
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "InvalidAccessKeyId",
        "InvalidToken",
        "AuthFailure",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "IncompleteSignature",
    }
)
_DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "Forbidden",
        "NotAuthorized",
        "UnauthorizedOperation",
        "UnauthorizedException",
        "403",
    }
)
_THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestLimitExceeded",
        "RequestThrottledException",
        "TooManyRequestsException",
        "SlowDown",
        "BandwidthLimitExceeded",
        "ProvisionedThroughputExceededException",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
    }
)
_LIMITS = frozenset(
    {
        "LimitExceededException",
        "LimitExceeded",
        "ServiceQuotaExceededException",
        "CodeStorageExceededException",
        "TooManyBuckets",
        "TopicLimitExceeded",
        "ResourceLimitExceeded",
        "QuotaExceededException",
    }
)
_CLOCK = frozenset({"RequestTimeTooSkewed", "RequestInTheFuture"})
_CLOSED = frozenset(
    {"OptInRequired", "SubscriptionRequiredException", "AccountProblem", "PendingVerification"}
)


def sentence(error: BaseException) -> str | None:
    """What is wrong and what to do, in one sentence without secrets; None for an error that is not AWS's or the network's."""
    words = _sentence(error)
    return None if words is None else redaction.text(" ".join(words.split()))


def is_denied(error: BaseException) -> bool:
    """Whether it is AWS's word that these credentials may not do that, which trying again does not change."""
    return (
        isinstance(error, ClientError)
        and error.response.get("Error", {}).get("Code") in _DENIED | _CLOSED
    )


def install(ip: Any) -> None:
    """Show such an error of a cell as its sentence; the cell has failed all the same, and %tb shows the traceback."""
    ip.set_custom_exc(_CAUGHT, _show)


def _show(
    ip: Any, etype: type[BaseException], value: BaseException, tb: Any, tb_offset: int | None = None
) -> None:
    """IPython's handler. The error message that follows the sentence is what marks the cell's output as a failure."""
    words = sentence(value)
    if words is None:
        ip.showtraceback((etype, value, tb), tb_offset=tb_offset)
        return
    sys.last_type, sys.last_value, sys.last_traceback = etype, value, tb
    display(Alert(words))
    ip._showtraceback(etype, words, [f"{etype.__name__}: %tb shows where."])


@dataclass(frozen=True)
class Alert:
    """A sentence that a screen reader says at once."""

    words: str

    def __repr__(self) -> str:
        return self.words

    def _repr_html_(self) -> str:
        look = "border-left: 8px solid var(--bad, #8f1810); padding: 0.3em 0.8em; font-weight: bold"
        return f'<div role="alert" style="{look}">{html.escape(self.words)}</div>'


def _sentence(error: BaseException) -> str | None:
    if isinstance(error, _OURS):
        return str(error)
    if isinstance(error, ClientError):
        return _answered(error)
    for kind, words in _BEFORE_AN_ANSWER:
        if isinstance(error, kind):
            return words(error)
    return None


def _answered(error: ClientError) -> str | None:
    """An error that AWS answered with: by its code, then by its status."""
    stated = error.response.get("Error", {})
    code, message = str(stated.get("Code", "")), str(stated.get("Message", ""))
    if code in _CLOCK or "Signature expired" in message or "Signature not yet current" in message:
        return f"The clock of this computer is wrong, so AWS refuses what it signs: set date and time automatically, {_AGAIN}."
    for codes, words in _ANSWERS:
        if code in codes:
            return words(error, message)
    if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
        return (
            f"AWS has trouble of its own with {error.operation_name} ({code}): wait a minute {_AGAIN}; "
            "https://health.aws.amazon.com says whether it is known."
        )
    return None


def _expired(error: Any, message: str = "") -> str:
    return f"Your AWS log-in has expired: log in again with {_login()}, {_AGAIN}."


def _wrong_keys(error: ClientError, message: str) -> str:
    if "not of this start" in message:
        return f"The embedded cloud was started anew and has new keys: run the first slide's cell, {_AGAIN}."
    return (
        f"AWS does not take these credentials ({error.response['Error']['Code']}): check them with `aws sts get-caller-identity`, "
        "or name another profile with --profile; a region that is off by default has to be enabled in the account first."
    )


def _denied(error: ClientError, message: str) -> str:
    who = re.search(r"User: (?:arn:\S+?:(?:user|assumed-role|federated-user|role)/)?(\S+)", message)
    what = re.search(r"perform: ([\w-]+:[\w*]+)", message)
    action = what[1] if what else f"{error.operation_name}"
    name = who[1] if who else "these credentials"
    if "explicit deny" in message:
        return f"A policy of your organisation forbids {name} to do {action}: use another account, or ask its administrator."
    return f"{name} may not do {action}: ask for a policy that allows it, or name another profile with --profile."


def _throttled(error: ClientError, message: str) -> str:
    if "Concurrent" in str(error.response.get("Reason", "")):
        return (
            f"All concurrent invocations that this account or function has were in use (a new account may have 10 only): "
            f"invoke fewer at once, or ask for more under Service Quotas, {_AGAIN}."
        )
    return f"AWS asks for fewer calls in a second ({error.operation_name} was throttled): wait a minute {_AGAIN}."


def _limit(error: ClientError, message: str) -> str:
    return (
        f"A limit of the account is reached with {error.operation_name} ({message.rstrip('.') or 'AWS does not say which'}): "
        "scripts/teardown --aws removes what earlier talks left, and Service Quotas gives more."
    )


def _closed(error: ClientError, message: str) -> str:
    return (
        f"The account may not use this service or region yet ({error.response['Error']['Code']}): enable it in the AWS console "
        "under Account, or choose another region with --region."
    )


_ANSWERS: tuple[tuple[frozenset[str], Callable[[ClientError, str], str]], ...] = (
    (_EXPIRED, _expired),
    (_WRONG_KEYS, _wrong_keys),
    (_DENIED, _denied),
    (_THROTTLED, _throttled),
    (_LIMITS, _limit),
    (_CLOSED, _closed),
)


def _login() -> str:
    profile = os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE")
    return (
        f"`aws sso login --profile {profile}`"
        if profile
        else "`aws sso login`, `aws login` or fresh keys"
    )


def _no_credentials(error: Any) -> str:
    return (
        "There are no AWS credentials here: make some with `aws configure` or `aws configure sso`, and name their profile "
        "with --profile."
    )


def _half_credentials(error: Any) -> str:
    missing = error.kwargs.get("cred_var", "a part")
    return (
        f"The AWS credentials of {error.kwargs.get('provider', 'this profile')} are incomplete, {missing} is missing: add it, "
        "or name another profile with --profile."
    )


def _no_retrieval(error: Any) -> str:
    said = str(error.kwargs.get("error_msg", "")).strip().rstrip(".")
    return (
        f"The AWS credentials could not be had from {error.kwargs.get('provider', 'where the profile says')} "
        f"({said or 'it says no reason'}): log in there again, {_AGAIN}."
    )


def _no_profile(error: Any) -> str:
    return (
        f"Your AWS configuration has no profile {error.kwargs.get('profile', '')!r}: `aws configure list-profiles` shows "
        "those that there are; name one with --profile."
    )


def _no_region(error: Any) -> str:
    return "No AWS region is chosen: name one with --region, for example --region eu-west-1."


def _odd_region(error: Any) -> str:
    return f"{error.kwargs.get('region_name', 'That')!r} is no AWS region: name one with --region, for example --region eu-west-1."


def _bad_configuration(error: Any) -> str:
    return f"The AWS configuration file {error.kwargs.get('path', '')} cannot be read: mend it, or name another in AWS_CONFIG_FILE."


def _no_trust(error: Any) -> str:
    return (
        f"The connection to {_host(error)} is not trusted, as behind a company's proxy or on a hotel's network before its "
        f"log-in page: use another network, or name the proxy's certificates in AWS_CA_BUNDLE, {_AGAIN}."
    )


def _no_proxy(error: Any) -> str:
    return f"The proxy that HTTPS_PROXY names does not answer: unset it or use a network that has it, {_AGAIN}."


def _no_network(error: Any) -> str:
    host = _host(error)
    if host in ("127.0.0.1", "localhost") or host.endswith(".localhost"):
        return f"The embedded cloud on this machine does not answer: run the first slide's cell, which starts it, {_AGAIN}."
    return f"{host} cannot be reached: check the network and the region's name, {_AGAIN}; or go on offline with scripts/present."


def _slow_network(error: Any) -> str:
    return f"{_host(error)} was reached, but its answer did not come in time: check the network, {_AGAIN}."


def _host(error: Any) -> str:
    address = getattr(error, "kwargs", {}).get("endpoint_url") or getattr(error, "url", None) or ""
    return urlsplit(str(address)).hostname or "AWS"


def _opening(error: urllib.error.URLError) -> str | None:
    """An address that a cell opened itself, as a browser would."""
    if isinstance(error, urllib.error.HTTPError):
        return None  # it answered: what it says is for the cell's reader
    return _no_trust(error) if isinstance(error.reason, ssl.SSLError) else _no_network(error)


# The first that fits: special ones before those that they are made of.
_BEFORE_AN_ANSWER: tuple[tuple[type[BaseException], Callable[[Any], str | None]], ...] = (
    (failed.NoCredentialsError, _no_credentials),
    (failed.NoAuthTokenError, _no_credentials),
    (failed.PartialCredentialsError, _half_credentials),
    (failed.SSOError, _expired),
    (failed.LoginError, _expired),
    (failed.RefreshWithMFAUnsupportedError, _expired),
    (failed.TokenRetrievalError, _no_retrieval),
    (failed.CredentialRetrievalError, _no_retrieval),
    (failed.ProfileNotFound, _no_profile),
    (failed.NoRegionError, _no_region),
    (failed.InvalidRegionError, _odd_region),
    (failed.UnknownRegionError, _odd_region),
    (failed.ConfigParseError, _bad_configuration),
    (failed.ConfigNotFound, _bad_configuration),
    (failed.SSLError, _no_trust),
    (failed.ProxyConnectionError, _no_proxy),
    (failed.ReadTimeoutError, _slow_network),
    (failed.ConnectionError, _no_network),
    (failed.HTTPClientError, _slow_network),
    (urllib.error.URLError, _opening),
)
