"""Verify AWS Signature Version 4 in its header form and its query (presigned) form.

Source of the algorithm: "Signature Version 4 signing process", AWS General Reference.
"""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl, quote

from lambdadeck.engine.http.message import Request

ALGORITHM = "AWS4-HMAC-SHA256"
SKEW = timedelta(minutes=15)
LONGEST_S = 604_800  # seven days, the longest that a presigned address may be valid
_UNSIGNED = ("UNSIGNED-PAYLOAD", "STREAMING-")
_PARTS = ("Credential", "SignedHeaders", "Signature")
_PART = re.compile(rf"({'|'.join(_PARTS)})=([^,\s]+)")


class AccessDeniedError(Exception):
    """A request is refused: AWS's error code, a sentence, and the HTTP status."""

    def __init__(self, code: str, message: str, status: int = 403) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


class Claim(NamedTuple):
    """Key, scope and signature that a request states."""

    access_key: str
    date: str
    region: str
    service: str
    signed_headers: str
    signature: str
    timestamp: str
    expires_s: int | None = None  # of a presigned address


def claim(request: Request) -> Claim:
    """Read the claim; raise AccessDeniedError if it is missing or unreadable."""
    authorization = request.headers.get("authorization", "")
    if authorization.startswith(ALGORITHM):
        parts = dict(_PART.findall(authorization))
        return _claim(parts, request.headers.get("x-amz-date", ""), None)
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    if query.get("X-Amz-Algorithm") == ALGORITHM:
        parts = {name: query.get(f"X-Amz-{name}", "") for name in _PARTS}
        return _claim(parts, query.get("X-Amz-Date", ""), _expires(query.get("X-Amz-Expires", "")))
    raise AccessDeniedError(
        "MissingAuthenticationToken",
        "Request is missing Authentication Token: sign it with the keys of "
        "this start, as boto3 does after cloud.connect().",
    )


def _expires(stated: str) -> int:
    if re.fullmatch("[0-9]{1,6}", stated) and 1 <= int(stated) <= LONGEST_S:
        return int(stated)
    message = f"X-Amz-Expires must be a number of seconds from 1 to {LONGEST_S}."
    raise AccessDeniedError("AuthorizationQueryParametersError", message)


def _claim(parts: dict[str, str], timestamp: str, expires_s: int | None) -> Claim:
    scope = parts.get("Credential", "").split("/")
    if len(scope) != 5 or not all(parts.get(name) for name in ("SignedHeaders", "Signature")):
        message = "The signature has to name Credential, SignedHeaders and Signature."
        raise AccessDeniedError("IncompleteSignature", message)
    key, date, region, service, _ = scope
    signed, signature = parts["SignedHeaders"], parts["Signature"]
    return Claim(key, date, region, service, signed, signature, timestamp, expires_s)


def verify(request: Request, made: Claim, secret_key: str) -> None:
    """Raise AccessDeniedError unless the request is signed with `secret_key`."""
    if "host" not in made.signed_headers.split(";"):
        message = "The signature has to cover the Host header."
        raise AccessDeniedError("SignatureDoesNotMatch", message)
    payload = "UNSIGNED-PAYLOAD" if made.expires_s is not None else _payload_hash(request)
    scope = f"{made.date}/{made.region}/{made.service}/aws4_request"
    digest = hashlib.sha256(_canonical(request, made, payload).encode()).hexdigest()
    key = _signing_key(secret_key, made.date, made.region, made.service)
    text = f"{ALGORITHM}\n{made.timestamp}\n{scope}\n{digest}"
    expected = hmac.digest(key, text.encode(), "sha256").hex()  # three times faster than hmac.new
    if not hmac.compare_digest(expected.encode(), made.signature.encode()):
        raise AccessDeniedError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you "
            "provided. Check your AWS Secret Access Key and signing method.",
        )


def check_time(made: Claim, now: datetime) -> None:
    """Raise AccessDeniedError unless the claim is valid now; needs no body."""
    age = now - _time(made.timestamp)
    late = timedelta(seconds=made.expires_s) if made.expires_s is not None else SKEW
    if not made.timestamp.startswith(made.date) or not -SKEW <= age <= late:
        message = f"The signature of {made.timestamp} is not valid now ({now:%Y%m%dT%H%M%SZ})."
        raise AccessDeniedError("RequestExpired", message)


@lru_cache(maxsize=64)
def _time(timestamp: str) -> datetime:
    try:
        return datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        message = f"X-Amz-Date is {timestamp!r}, not like 20261123T170000Z."
        raise AccessDeniedError("IncompleteSignature", message) from error


def _payload_hash(request: Request) -> str:
    stated = request.headers.get("x-amz-content-sha256")
    if stated and stated.startswith(_UNSIGNED):
        return stated
    actual = hashlib.sha256(request.body).hexdigest()
    if stated and stated != actual:
        message = "The body is not the one that was signed."
        raise AccessDeniedError("XAmzContentSHA256Mismatch", message)
    return actual


def _canonical(request: Request, made: Claim, payload: str) -> str:
    names = made.signed_headers.split(";")
    headers = "".join(
        f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names
    )
    path = request.path if made.service == "s3" else _canonical_path(request.path)
    query = _canonical_query(request.query)
    return "\n".join((request.method, path, query, headers, made.signed_headers, payload))


@lru_cache(maxsize=256)
def _canonical_path(path: str) -> str:
    return quote(re.sub("/+", "/", path), safe="/-_.~")


def _canonical_query(query: str) -> str:
    if not query:
        return ""
    pairs = [
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name != "X-Amz-Signature"
    ]
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


@lru_cache(maxsize=64)
def _signing_key(secret_key: str, date: str, region: str, service: str) -> bytes:
    key = b"AWS4" + secret_key.encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
