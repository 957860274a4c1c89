"""Admit callers who hold the keys of this start, and no web page.

A request runs real code, so the guard refuses browser requests of other origins, foreign Host
headers (DNS rebinding), and unsigned calls. Two kinds of unsigned calls pass: operations that AWS's
own model declares unsigned, and function URLs and API stages. Their addresses hold a random id of
this start: a host name below START_ID.localhost, or a path below /_public/START_ID/.
"""

import gzip
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs

from lambdadeck.engine.http.message import Request
from lambdadeck.engine.http.sigv4 import AccessDeniedError, Claim, claim, verify

UNSIGNED_SERVICES = ("cognito-idp", "cognito-identity", "sts")
_HOST = re.compile(r"(?:127\.0\.0\.1|(?:[a-z0-9-]+\.)*localhost)(?::\d+)?", re.IGNORECASE)
_PLAIN_HOST = re.compile(r"(?:127\.0\.0\.1|localhost)(?::\d+)?")


class Guard:
    """Admits a request or raises AccessDeniedError; `secrets` maps access keys to secret keys."""

    def __init__(self, secrets: Mapping[str, str], start_id: str) -> None:
        self._secrets = secrets
        self._public_host = re.compile(
            rf"[a-z0-9]+\.(?:execute-api|lambda-url\.[a-z0-9-]+)\.{start_id}\.localhost(?::\d+)?"
        )
        self._public_path = re.compile(
            rf"/_public/{start_id}/(?:execute-api|lambda-url)/[a-z0-9]+(?:/|$)"
        )

    def check_origin(self, headers: Mapping[str, str]) -> None:
        """Refuse a foreign Host and requests of web pages; needs no body."""
        host = headers.get("host", "")
        if not _HOST.fullmatch(host):
            served = "only 127.0.0.1, localhost and names under localhost are served."
            raise AccessDeniedError("AccessDenied", f"The Host header is {host[:80]!r}: {served}")
        if "origin" in headers:
            message = "Requests of web pages (with an Origin header) are not served."
            raise AccessDeniedError("AccessDenied", message)
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            message = "Requests that another site makes a browser send are not served."
            raise AccessDeniedError("AccessDenied", message)

    def check(self, request: Request, now: datetime | None = None) -> Claim | None:
        """Return the request's claim, or None if it needs no signature; raise AccessDeniedError."""
        self.check_origin(request.headers)
        if self._is_public(request):
            return None
        made = claim(request)
        secret = self._secrets.get(made.access_key)
        if secret is None:
            raise AccessDeniedError(
                "UnrecognizedClientException",
                "The security token included in the request is invalid: its "
                "access key is not of this start.",
            )
        verify(request, made, secret, now or datetime.now(UTC))
        return made

    def _is_public(self, request: Request) -> bool:
        host = request.headers.get("host", "").lower()
        if self._public_host.fullmatch(host) or self._public_path.match(request.path):
            return True
        if (request.method, request.path, request.query) != ("POST", "/", ""):
            return False
        is_unsigned = _PLAIN_HOST.fullmatch(host) and "authorization" not in request.headers
        return bool(is_unsigned) and _operation(request) in unsigned_operations()


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
