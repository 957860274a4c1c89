"""Function URLs: the event of a request, and the response of an answer.

Sources: Lambda developer guide, "Invoking Lambda function URLs"; answers recorded by LocalStack's
AWS-validated tests (Apache License 2.0).
"""

import base64
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from lambdadeck.engine.http.message import Request, Response, joined_by_commas
from lambdadeck.engine.model import Invocation, Outcome

TEXT = (
    *("application/json", "application/xml", "application/javascript"),
    "application/x-www-form-urlencoded",
)
TROUBLESHOOTING = "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
_OWN = {"content-length", "connection", "transfer-encoding", "x-amzn-requestid"}
PRELUDE = "application/vnd.awslambda.http-integration-response"  # metadata come first
PRELUDE_END = b"\0" * 8  # between the metadata and the body of a streamed response
_JSON = (b"content-type", b"application/json")
_STREAM = "application/octet-stream"


class UrlCall(NamedTuple):
    """A request to a function URL."""

    url_id: str
    region: str
    account: str  # "anonymous" without authentication
    path: str  # decoded, below the URL
    request: Request


class MalformedAnswerError(ValueError):
    """A function's answer is no response."""


def event(call: UrlCall, request_id: str, trace: str) -> dict[str, Any]:
    """Return the event of a request, in payload format 2.0."""
    request, domain = call.request, f"{call.url_id}.lambda-url.{call.region}.on.aws"
    headers = {**request.headers, **_edge_headers(request, domain, trace)}
    cookies = [one.strip() for one in headers.get("cookie", "").split(";") if one.strip()]
    body, encoded = _body(request)
    now = time.time()
    made: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": call.path,
        "rawQueryString": request.query,
        "cookies": cookies,
        "headers": headers,
        "queryStringParameters": joined_by_commas(parse_qsl(request.query, keep_blank_values=True)),
        "requestContext": {
            "accountId": call.account,
            "apiId": call.url_id,
            "domainName": domain,
            "domainPrefix": call.url_id,
            "http": {
                "method": request.method,
                "path": call.path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.source,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": request_id,
            "routeKey": "$default",
            "stage": "$default",
            "time": written_time(now),
            "timeEpoch": int(now * 1000),
        },
        "body": body,
        "isBase64Encoded": encoded,
    }
    absent = {"cookies": cookies, "queryStringParameters": request.query, "body": request.body}
    return {key: value for key, value in made.items() if absent.get(key, True)}


def _edge_headers(request: Request, domain: str, trace: str) -> dict[str, str]:
    return {
        "host": domain,
        "x-amzn-tls-cipher-suite": "TLS_AES_128_GCM_SHA256",
        "x-amzn-tls-version": "TLSv1.3",
        "x-amzn-trace-id": trace,
        "x-forwarded-for": request.source,
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    }


def _body(request: Request) -> tuple[str, bool]:
    """Return the body and whether it is base64: only text is passed as it is."""
    if request.media_type.startswith("text/") or request.media_type in TEXT:
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(request.body).decode(), True


def written_time(now: float) -> str:
    """Return a time (seconds since 1970) as events state it beside the number."""
    return time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now))


def trace_id() -> str:
    return f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}"


# ---- answers ----


def response(outcome: Outcome, invocation: Invocation, stream: bool = False) -> Response:
    """Return the response of an invocation: 502 if it failed or its answer is malformed."""
    if outcome.function_error:
        return failed(invocation)
    try:
        if stream:
            media = PRELUDE if PRELUDE_END in outcome.payload else _STREAM
            return streamed(outcome.payload, media, invocation)
        made = _buffered(outcome.payload)
    except ValueError:
        return failed(invocation)
    return made._replace(headers=[*made.headers, _id(invocation)])


def failed(invocation: Invocation) -> Response:
    """Return the response if the function failed or its answer is malformed."""
    headers = [(b"content-type", b"text/plain"), _id(invocation)]
    return Response(502, headers, b"Internal Server Error")


def _id(invocation: Invocation) -> tuple[bytes, bytes]:
    return b"x-amzn-requestid", invocation.request_id.encode()


def forbidden() -> Response:
    """Return the answer to a caller whom the function's policy does not allow."""
    message = (
        "Forbidden. For troubleshooting Function URL authorization issues, see: " + TROUBLESHOOTING
    )
    headers = [_JSON, (b"x-amzn-errortype", b"AccessDeniedException")]
    return Response(403, headers, json.dumps({"Message": message}).encode())


def missing() -> Response:
    """Return the answer at an address without a function URL."""
    headers = [_JSON, (b"x-amzn-errortype", b"AccessDeniedException")]
    return Response(403, headers, b'{"Message":null}')


def _buffered(payload: bytes) -> Response:
    answer = json.loads(payload or b"null")
    if not isinstance(answer, dict) or "statusCode" not in answer:
        return Response(200, [_JSON], _text(answer).encode())
    return _response(answer, _decoded(answer))


def _text(value: Any) -> str:
    """Return a string as it is, and any other value as JSON without spaces."""
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _decoded(answer: Mapping[str, Any]) -> bytes:
    body = answer.get("body")
    if body is None:
        return b""
    text = _text(body).encode()
    return base64.b64decode(text, validate=True) if answer.get("isBase64Encoded") else text


def _response(answer: Mapping[str, Any], body: bytes, media: str = "application/json") -> Response:
    headers = {b"content-type": media.encode("latin-1")}
    headers |= {
        name.lower().encode("latin-1"): _header(value)
        for name, value in (answer.get("headers") or {}).items()
        if name.lower() not in _OWN and not name.lower().startswith("access-control-")
    }
    cookies = [(b"set-cookie", _header(one)) for one in answer.get("cookies") or ()]
    return Response(status(answer["statusCode"]), [*headers.items(), *cookies], body)


def status(stated: Any) -> int:
    """Return the HTTP status that an answer states; raise MalformedAnswerError if it is none."""
    if isinstance(stated, bool) or not str(stated).isdigit() or not 100 <= int(stated) <= 599:
        raise MalformedAnswerError("The statusCode is no HTTP status.")
    return int(stated)


def _header(value: Any) -> bytes:
    text = _text(value)
    if any(one in text for one in "\r\n\0"):
        raise MalformedAnswerError("A header holds a line break.")
    return text.encode()


def streamed(begun: bytes, media: str, invocation: Invocation) -> Response:
    """Return a response whose body is only begun; raise ValueError if its metadata are malformed.

    They come first if the media type says so: JSON, and eight NULs.
    """
    stated = {}
    if media == PRELUDE:
        prelude, _, begun = begun.partition(PRELUDE_END)
        stated, media = json.loads(prelude), _STREAM
        if not isinstance(stated, dict):
            raise MalformedAnswerError("The metadata are no object.")
    made = _response({"statusCode": 200, **stated}, begun, media)
    return made._replace(headers=[*made.headers, _id(invocation)])


# ---- other origins ----


def is_allowed(origin: str, cors: Mapping[str, Any]) -> bool:
    """Return whether a URL's CORS configuration names an origin; * is any origin on loopback."""
    allowed = cors.get("AllowOrigins") or ()
    return origin in allowed or ("*" in allowed and _is_loopback(origin))


def _is_loopback(origin: str) -> bool:
    scheme, _, host = unquote(origin).partition("://")
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return scheme in ("http", "https") and name in ("localhost", "127.0.0.1", "[::1]")


def is_preflight(request: Request) -> bool:
    """Return whether a browser asks if it may send a request."""
    return request.method == "OPTIONS" and "access-control-request-method" in request.headers


def cors_headers(
    origin: str, cors: Mapping[str, Any], preflight: bool
) -> list[tuple[bytes, bytes]]:
    """Return the headers that let an allowed origin send a request, or read its response."""
    made = {"allow-origin": origin}
    if cors.get("AllowCredentials"):
        made["allow-credentials"] = "true"
    if preflight:
        made["allow-methods"] = ",".join(cors.get("AllowMethods") or ())
        made["allow-headers"] = ",".join(cors.get("AllowHeaders") or ())
        made["max-age"] = str(cors.get("MaxAge") or "")
    else:
        made["expose-headers"] = ",".join(cors.get("ExposeHeaders") or ())
    headers = [(f"access-control-{key}".encode(), value.encode()) for key, value in made.items()]
    return [*(pair for pair in headers if pair[1]), (b"vary", b"Origin")]
