"""Put errors of AWS and the network into one sentence that says what to do.

Every other error keeps its traceback.
"""

import html
import os
import re
import ssl
import sys
import urllib.error
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from boto3.exceptions import Boto3Error
from botocore import exceptions as failed
from botocore.exceptions import BotoCoreError, ClientError
from IPython.display import display

from lambdadeck.aws import StoppedError, guard
from lambdadeck.aws.ledger import RecordError
from lambdadeck.engine import EngineError
from lambdadeck.shared import redaction

# Our own errors: their message is a sentence already.
_OURS = (guard.NotConnectedError, guard.NotOursError, StoppedError, EngineError, RecordError)
_CAUGHT = (BotoCoreError, ClientError, Boto3Error, OSError, *_OURS)

_AGAIN = "and run the cell again"
_CLOCK = (
    "The clock of this computer is wrong, so AWS refuses what it signs: "
    f"set date and time automatically, {_AGAIN}."
)
_EXPIRED = f"Your AWS log-in has expired: log in again with {{login}}, {_AGAIN}."

# Patterns of the codes that AWS answers with.
_KEY_CODES = (
    "InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|InvalidToken|AuthFailure"
    "|SignatureDoesNotMatch|InvalidSignatureException|MissingAuthenticationToken(Exception)?"
    "|IncompleteSignature"
)
_EXPIRED_CODES = "ExpiredToken(Exception)?|RequestExpired|TokenRefreshRequired"
_DENIED_CODES = (
    "AccessDenied(Exception)?|AuthorizationError(Exception)?|Forbidden|NotAuthorized"
    "|UnauthorizedOperation|UnauthorizedException|403"
)
_THROTTLED_CODES = (
    "Throttling|ThrottlingException|ThrottledException|RequestThrottled(Exception)?"
    "|RequestLimitExceeded|TooManyRequestsException|SlowDown|BandwidthLimitExceeded"
    "|ProvisionedThroughputExceededException|PriorRequestNotComplete|EC2ThrottledException"
)
_LIMIT_CODES = (
    "LimitExceeded(Exception)?|ServiceQuotaExceededException|CodeStorageExceededException"
    "|TooManyBuckets|TopicLimitExceeded|ResourceLimitExceeded|QuotaExceededException"
)
_CLOSED_CODES = "OptInRequired|SubscriptionRequiredException|AccountProblem|PendingVerification"

# A pattern of the code, one to search for in message and reason: the sentence. The first that fits.
_ANSWERED = {
    ("RequestTimeTooSkewed|RequestInTheFuture", ""): _CLOCK,
    (".*", "Signature expired|Signature not yet current"): _CLOCK,
    (_EXPIRED_CODES, ""): _EXPIRED,
    (_KEY_CODES, "not of this start"): (
        f"The embedded cloud was restarted and has new keys: run the first cell, {_AGAIN}."
    ),
    (_KEY_CODES, ""): (
        "AWS does not take these credentials ({code}): check them with `aws sts "
        "get-caller-identity`, or name another profile with --profile; a region that is off by "
        "default has to be enabled in the account first."
    ),
    (_DENIED_CODES, "explicit deny"): (
        "A policy of your organization forbids {name} to do {action}: use another account, or ask "
        "its administrator."
    ),
    (_DENIED_CODES, ""): (
        "{name} may not do {action}: ask for a policy that allows it, or name another profile with "
        "--profile."
    ),
    (_THROTTLED_CODES, "\nReason: .*Concurrent"): (
        "All concurrent invocations that this account or function has were in use (a new account "
        f"may have 10 only): invoke fewer at once, or ask for more under Service Quotas, {_AGAIN}."
    ),
    (_THROTTLED_CODES, ""): (
        "AWS asks for fewer calls in a second ({operation} was throttled): wait a minute "
        f"{_AGAIN}."
    ),
    (_LIMIT_CODES, ""): (
        "A limit of the account is reached with {operation} ({message}): scripts/teardown --aws "
        "removes what earlier talks left, and Service Quotas gives more."
    ),
    (_CLOSED_CODES, ""): (
        "The account may not use this service or region yet ({code}): enable it in the AWS console "
        "under Account, or choose another region with --region."
    ),
}
_INTERNAL = (
    "AWS reports an internal error in {operation} ({code}): wait a minute "
    f"{_AGAIN}; https://health.aws.amazon.com says whether it is known."
)

_NO_TRUST = (
    "The connection to {host} is not trusted, as behind a company's proxy or on a hotel's network "
    "before its log-in page: use another network, or name the proxy's certificates in "
    f"AWS_CA_BUNDLE, {_AGAIN}."
)
_NO_NETWORK = (
    "{host} cannot be reached: check the network and the region's name, "
    f"{_AGAIN}; or go on offline with scripts/present."
)
_SLOW = f"{{host}} was reached, but did not answer in time: check the network, {_AGAIN}."
_NO_CLOUD = (
    "The embedded cloud on this machine does not answer: run the first cell, which starts "
    f"it, {_AGAIN}."
)
# The first that fits: an error stands before those that it is derived from.
_BEFORE_AN_ANSWER: dict[tuple[type[BaseException], ...], str] = {
    (failed.NoCredentialsError, failed.NoAuthTokenError): (
        "There are no AWS credentials here: make some with `aws configure` or `aws configure sso`, "
        "and name their profile with --profile."
    ),
    (failed.PartialCredentialsError,): (
        "The AWS credentials of {provider} are incomplete, {cred_var} is missing: add it, or name "
        "another profile with --profile."
    ),
    (failed.SSOError, failed.LoginError, failed.RefreshWithMFAUnsupportedError): _EXPIRED,
    (failed.TokenRetrievalError, failed.CredentialRetrievalError): (
        f"{{provider}} gave no AWS credentials ({{error_msg}}): log in there again, {_AGAIN}."
    ),
    (failed.ProfileNotFound,): (
        "Your AWS configuration has no profile {profile!r}: list the profiles with `aws configure "
        "list-profiles`, and name one with --profile."
    ),
    (failed.NoRegionError,): (
        "No AWS region is chosen: name one with --region, for example --region eu-west-1."
    ),
    (failed.InvalidRegionError, failed.UnknownRegionError): (
        "{region_name!r} is not an AWS region: name one with --region, for example --region "
        "eu-west-1."
    ),
    (failed.ConfigParseError, failed.ConfigNotFound): (
        "The AWS configuration file {path} cannot be read: fix it, or name another in "
        "AWS_CONFIG_FILE."
    ),
    (failed.SSLError,): _NO_TRUST,
    (failed.ProxyConnectionError,): (
        "The proxy that HTTPS_PROXY names does not answer: unset it or use a network that has it, "
        f"{_AGAIN}."
    ),
    (failed.ReadTimeoutError,): _SLOW,
    (failed.ConnectionError,): _NO_NETWORK,
    (failed.HTTPClientError,): _SLOW,
    (urllib.error.URLError,): _NO_NETWORK,
}
_DEFAULTS = {
    "cred_var": "a part",
    "provider": "The provider of the profile",
    "profile": "",
    "region_name": "That",
    "path": "",
}


def sentence(error: BaseException) -> str | None:
    """Return what is wrong and what to do, without secrets; None for other errors."""
    if isinstance(error, _OURS):
        words: str | None = str(error)
    else:
        words = _answered(error) if isinstance(error, ClientError) else _unanswered(error)
    return None if words is None else redaction.text(" ".join(words.split()))


def is_denied(error: BaseException) -> bool:
    """Return whether AWS denies this to the credentials, so that a retry cannot help."""
    code = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else ""
    return bool(re.fullmatch(f"{_DENIED_CODES}|{_CLOSED_CODES}", str(code)))


def is_final(error: BaseException) -> bool:
    """Return whether AWS will not do this later either: denied, or its keys are not valid."""
    if not isinstance(error, ClientError):
        return isinstance(error, BotoCoreError) and not may_pass(error)
    code = str(error.response.get("Error", {}).get("Code"))
    return is_denied(error) or bool(re.fullmatch(f"{_KEY_CODES}|{_EXPIRED_CODES}", code))


def may_pass(error: BaseException) -> bool:
    """Return whether a retry may help: AWS was busy, failed, or was not reached."""
    if not isinstance(error, ClientError):
        return isinstance(error, failed.HTTPClientError)
    busy = re.fullmatch(_THROTTLED_CODES, str(error.response.get("Error", {}).get("Code")))
    return bool(busy) or _status(error) >= 500


def install(ip: Any) -> None:
    """Show such an error of a cell as its sentence; %tb shows the traceback."""
    ip.set_custom_exc(_CAUGHT, _show)


def _show(
    ip: Any,
    etype: type[BaseException],
    value: BaseException,
    tb: TracebackType | None,
    tb_offset: int | None = None,
) -> None:
    """Handle an error as IPython's custom handler; the error message marks the cell as failed."""
    words = sentence(value)
    if words is None:
        ip.showtraceback((etype, value, tb), tb_offset=tb_offset)
        return
    sys.last_type, sys.last_value, sys.last_traceback = etype, value, tb
    # An alert: a screen reader says it immediately.
    look = "border-left: 8px solid var(--bad, #9b1a14); padding: 0.3em 0.8em; font-weight: bold"
    alert = f'<div role="alert" style="{look}">{html.escape(words)}</div>'
    display({"text/plain": words, "text/html": alert}, raw=True)
    ip._showtraceback(etype, words, [f"{etype.__name__}: %tb shows where."])


def _answered(error: ClientError) -> str | None:
    stated = error.response.get("Error", {})
    code, message = str(stated.get("Code", "")), str(stated.get("Message", ""))
    who = re.search(r"User: (?:arn:\S+?:(?:user|assumed-role|federated-user|role)/)?(\S+)", message)
    what = re.search(r"perform: ([\w-]+:[\w*]+)", message)
    facts = {
        "code": code,
        "operation": error.operation_name,
        "message": message.rstrip(".") or "AWS does not say which",
        "name": who[1] if who else "these credentials",
        "action": what[1] if what else error.operation_name,
        "login": _login(),
    }
    text = f"{message}\nReason: {error.response.get('Reason', '')}"
    for (codes, pattern), words in _ANSWERED.items():
        if re.fullmatch(codes, code) and re.search(pattern, text):
            return words.format_map(facts)
    return _INTERNAL.format_map(facts) if _status(error) >= 500 else None


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _unanswered(error: BaseException) -> str | None:
    if isinstance(error, urllib.error.HTTPError):
        return None  # the server of an address that a cell opened did answer
    kwargs = getattr(error, "kwargs", {})
    address = kwargs.get("endpoint_url") or getattr(error, "url", None) or ""
    host = urlsplit(str(address)).hostname or "AWS"
    said = str(kwargs.get("error_msg", "")).strip().rstrip(".") or "no reason given"
    facts = {**_DEFAULTS, **kwargs, "host": host, "error_msg": said, "login": _login()}
    words = next(
        (words for kinds, words in _BEFORE_AN_ANSWER.items() if isinstance(error, kinds)), None
    )
    if isinstance(getattr(error, "reason", None), ssl.SSLError):
        words = _NO_TRUST
    elif words is _NO_NETWORK and guard.is_local(host):
        words = _NO_CLOUD
    return None if words is None else words.format_map(facts)


def _login() -> str:
    profile = os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE")
    if profile:
        return f"`aws sso login --profile {profile}`"
    return "`aws sso login`, `aws login` or fresh keys"
