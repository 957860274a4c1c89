"""API Gateway: the response that a function's answer becomes.

Sources: Lambda developer guide, "Handling Lambda errors with an API Gateway API"; API Gateway
developer guide, "Create AWS Lambda proxy integrations for HTTP APIs"; answers recorded from AWS by
the tests of LocalStack and of aws-lambda-dotnet (both Apache License 2.0).
"""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from lambdadeck.engine.http.function_urls import MalformedAnswerError, status
from lambdadeck.engine.model import Outcome

_PLAIN = "text/plain; charset=utf-8"
_KNOWN = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OWN = {"content-length", "connection", "transfer-encoding"}


class Answer(NamedTuple):
    """A response; the headers of one name may have several values."""

    status: int
    headers: dict[str, list[str]]
    body: bytes


def failure(rest: bool, code: int = 0) -> Answer:
    """Return the response if the function failed or its answer is malformed.

    A throttled function of a REST API: 500 as on re:Post, "Inconsistencies in response codes ..."
    (QUL-z6rJbmR4meafB7MzYXxw, read 2026-11-27).
    """
    if rest:
        headers = _json() | {"x-amzn-ErrorType": ["InternalServerErrorException"]}
        return Answer(code or 502, headers, b'{"message": "Internal server error"}')
    return Answer(code or 500, _json(), b'{"message":"Internal Server Error"}')


def late(rest: bool) -> Answer:
    """Return the response if the function takes longer than the integration waits."""
    if rest:
        return Answer(504, _json(), b'{"message": "Endpoint request timed out"}')
    return unavailable()


def unavailable() -> Answer:
    """Return the response of an HTTP API whose function is throttled or late.

    Late: recorded in anomalyco/sst#341 (2021-04-23). No source shows a throttled one.
    """
    return Answer(503, _json(), b'{"message":"Service Unavailable"}')


def _json() -> dict[str, list[str]]:
    return {"Content-Type": ["application/json"]}


def rest(outcome: Outcome, decode: bool) -> Answer:
    """Return a REST API's response; `decode` says that the caller accepts a binary media type."""
    if outcome.function_error:
        return failure(rest=True)
    try:
        answer = _object(outcome.payload)
        if not set(answer) <= _KNOWN:
            raise MalformedAnswerError("REST APIs accept no other member.")
        return _response(answer, "application/json", decode)
    except ValueError:
        return failure(rest=True)


def http_1(outcome: Outcome) -> Answer:
    """Return an HTTP API's response to an answer in payload format 1.0."""
    if outcome.function_error:
        return failure(rest=False)
    try:
        answer = _object(outcome.payload)
        if "statusCode" not in answer:
            raise MalformedAnswerError("Payload format 1.0 needs a statusCode.")
        return _response(answer, _PLAIN)
    except ValueError:
        return failure(rest=False)


def http_2(outcome: Outcome) -> Answer:
    """Return an HTTP API's response to an answer in payload format 2.0.

    An answer without statusCode is the body.
    """
    if outcome.function_error:
        return failure(rest=False)
    try:
        answer = json.loads(outcome.payload)
    except ValueError:
        answer = outcome.payload.decode(errors="replace")
    if not isinstance(answer, dict) or "statusCode" not in answer:
        body = answer.encode() if isinstance(answer, str) else outcome.payload
        return Answer(200, _json(), body)
    try:
        made = _response(answer | {"multiValueHeaders": None}, _PLAIN)
        cookies = [_scalar(one) for one in answer.get("cookies") or ()]
    except (ValueError, TypeError):
        return failure(rest=False)
    if cookies:
        sent = made.headers.pop("set-cookie", [])
        made.headers["Set-Cookie"] = [*cookies, *sent]
    return made


def _object(payload: bytes) -> dict[str, Any]:
    answer = json.loads(payload or b"null")
    if not isinstance(answer, dict):
        raise MalformedAnswerError("The answer is no object.")
    return answer


def _response(answer: Mapping[str, Any], media: str, decode: bool = True) -> Answer:
    body = answer.get("body")
    text = "" if body is None else _scalar(body, lines=True)
    encoded = answer.get("isBase64Encoded") and decode
    content = base64.b64decode(text, validate=True) if encoded else text.encode()
    return Answer(status(answer.get("statusCode", 200)), _headers(answer, media), content)


def _headers(answer: Mapping[str, Any], media: str) -> dict[str, list[str]]:
    """Return the headers by name; those of `multiValueHeaders` win, one with null is left out."""
    named: dict[str, list[str]] = {"content-type": [media]}
    for member in ("headers", "multiValueHeaders"):
        stated = answer.get(member) or {}
        if not isinstance(stated, dict):
            raise MalformedAnswerError(f"{member} is no object.")
        for name, value in stated.items():
            if not _NAME.fullmatch(name):
                raise MalformedAnswerError("A header's name is not allowed.")
            several = value if isinstance(value, list) and member != "headers" else [value]
            named[name.lower()] = [_scalar(one) for one in several if one is not None]
    return {name: values for name, values in named.items() if values and name not in _OWN}


def _scalar(value: Any, lines: bool = False) -> str:
    """Return a string, number or boolean as text; a header has no line break."""
    if isinstance(value, (dict, list)) or value is None:
        raise MalformedAnswerError("A value is no text.")
    text = value if isinstance(value, str) else json.dumps(value)
    if not lines and any(one in text for one in "\r\n\0"):
        raise MalformedAnswerError("A header holds a line break.")
    return text
