"""Admit callers who hold the keys of this start, and no web page.

A request runs real code, so the guard refuses browser requests of other origins, foreign Host
headers (DNS rebinding), and unsigned calls. Two kinds of unsigned calls pass: operations that AWS's
own model declares unsigned, and public addresses that `engine.http.public` reads and the control
plane knows. Everything that needs no body is checked before the body is read.
"""

import gzip
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs

from lambdadeck.engine.http import public
from lambdadeck.engine.http.message import Request
from lambdadeck.engine.http.public import Access
from lambdadeck.engine.http.sigv4 import AccessDeniedError, Claim, check_time, claim, verify

UNSIGNED_SERVICES = ("cognito-idp", "cognito-identity", "sts")
_HOST = re.compile(r"(?:127\.0\.0\.1|(?:[a-z0-9-]+\.)*localhost)(?::\d+)?", re.IGNORECASE)
_PLAIN_HOST = re.compile(r"(?:127\.0\.0\.1|localhost)(?::\d+)?")


class Guard:
    """Admits a request or raises AccessDeniedError.

    `secret_of` returns an access key's secret key, None if the key is not of this start.
    """

    def __init__(self, secret_of: Callable[[str], str | None], start_id: str) -> None:
        self._secret_of = secret_of
        self.address = public.reader(start_id)

    def check_headers(
        self, request: Request, now: datetime | None = None, access: Access = Access.SIGNED
    ) -> Claim | None:
        """Check all that needs no body; return the claim, None if the request needs no signature.

        `access` is that of the request's public address; other requests are to be signed.
        """
        _check_origin(request, access)
        if access is Access.MISSING:
            message = "This address leads to no function URL or API stage of this start."
            raise AccessDeniedError("AccessDenied", message)
        if access is Access.OPEN or self._may_be_unsigned(request):
            return None
        made = claim(request)
        if self._secret_of(made.access_key) is None:
            raise AccessDeniedError(
                "UnrecognizedClientException",
                "The security token included in the request is invalid: its "
                "access key is not of this start.",
            )
        check_time(made, now or datetime.now(UTC))
        return made

    def check_body(self, request: Request, made: Claim | None) -> None:
        """Check the signature, or that an unsigned operation is one; `made` is of `check_headers`.

        Call it with the whole body, and not for an open public address.
        """
        if made:
            verify(request, made, self._secret_of(made.access_key) or "")
        elif _operation(request) not in unsigned_operations():
            claim(request)  # raises: it has none

    def _may_be_unsigned(self, request: Request) -> bool:
        """Return whether an unsigned request may name an unsigned operation, maybe in its body."""
        if (request.method, request.path, request.query) != ("POST", "/", ""):
            return False
        host = request.headers.get("host", "").lower()
        if "authorization" in request.headers or not _PLAIN_HOST.fullmatch(host):
            return False
        target = request.headers.get("x-amz-target")
        return target is None or target in unsigned_operations()


def _check_origin(request: Request, access: Access) -> None:
    """Refuse a foreign Host and requests of web pages, except a click on an open address."""
    headers = request.headers
    host = headers.get("host", "")
    if not _HOST.fullmatch(host):
        served = "only 127.0.0.1, localhost and names under localhost are served."
        raise AccessDeniedError("AccessDenied", f"The Host header is {host[:80]!r}: {served}")
    if "origin" in headers:
        message = "Requests of web pages (with an Origin header) are not served."
        raise AccessDeniedError("AccessDenied", message)
    if access is Access.OPEN and public.is_click(request):
        return
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        message = "Requests that another site makes a browser send are not served."
        raise AccessDeniedError("AccessDenied", message)


def _operation(request: Request) -> str:
    target = request.headers.get("x-amz-target")
    return target or parse_qs(request.body[:4096].decode("latin-1")).get("Action", [""])[0]


@cache
def unsigned_operations() -> frozenset[str]:
    """Return the unsigned operations of botocore's models: X-Amz-Target values and action names."""
    return frozenset(
        name for service in UNSIGNED_SERVICES for name in _unsigned_of(_model(service))
    )


def _unsigned_of(model: dict[str, Any]) -> list[str]:
    prefix = model["metadata"].get("targetPrefix")
    names = [
        name
        for name, operation in model["operations"].items()
        if operation.get("authtype") == "none" or operation.get("auth") == ["smithy.api#noAuth"]
    ]
    return [f"{prefix}.{name}" if prefix else name for name in names]


def _model(service: str) -> dict[str, Any]:
    versions = [f for f in files("botocore").joinpath("data", service).iterdir() if f.is_dir()]
    newest = max(versions, key=lambda f: f.name)
    packed = newest.joinpath("service-2.json.gz").read_bytes()
    model: dict[str, Any] = json.loads(gzip.decompress(packed))
    return model
