"""API Gateway: the events of REST APIs (proxy) and of HTTP APIs, payload formats 1.0 and 2.0.

Sources: API Gateway developer guide, "Lambda proxy integrations in API Gateway" and "Create AWS
Lambda proxy integrations for HTTP APIs"; events recorded from AWS by the tests of LocalStack and
of aws-lambda-dotnet (both Apache License 2.0).
"""

import base64
import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote
from uuid import uuid4

from lambdadeck.engine.http.function_urls import written_time
from lambdadeck.engine.http.message import Request, joined_by_commas, media_type

Headers = list[tuple[str, str]]
_TEXT = ("application/json", "application/xml", "application/javascript")
_NOT_PASSED = {"connection", "transfer-encoding", "keep-alive", "expect"}
_TITLED = {"authorization", "user-agent", "host"}  # REST APIs capitalize these themselves
_NOBODY = (
    *("accessKey", "accountId", "caller", "cognitoAuthenticationProvider"),
    *("cognitoAuthenticationType", "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId"),
    *("user", "userArn"),
)


class Api(NamedTuple):
    """A stage of an API, and the route that a request has taken."""

    id: str
    region: str
    account: str
    stage: str
    resource: str  # the path of a REST API's resource or of a route, "$default" for that route
    route: str = ""  # the route's key
    resource_id: str | None = None
    deployment_id: str = ""
    variables: Mapping[str, str] | None = None
    authorizer: Mapping[str, Any] | None = None
    identity: Mapping[str, Any] | None = None  # of a caller who signed
    binary: tuple[str, ...] = ()  # media types that a REST API treats as binary

    @property
    def domain(self) -> str:
        return f"{self.id}.execute-api.{self.region}.amazonaws.com"


class GatewayCall(NamedTuple):
    """A request to an API; `path` is encoded, below the stage; `headers` as they were sent."""

    request: Request
    path: str
    headers: Headers
    request_id: str
    trace: str
    now: float

    @property
    def agent(self) -> str:
        return self.request.headers.get("user-agent", "")


def call_id() -> str:
    """Return an id as HTTP APIs make them."""
    return base64.b64encode(secrets.token_bytes(11)).decode()


def rest(api: Api, call: GatewayCall) -> dict[str, Any]:
    """Return the event of a REST API's proxy integration."""
    own = {"Host": api.domain, "X-Amzn-Trace-Id": call.trace, **_forwarded(call, title=True)}
    headers = [
        (name.title() if name.lower() in _TITLED else name, value)
        for name, value in _passed(call, own)
        if name.lower() != "content-length"
    ]
    context = {
        "resourceId": api.resource_id,
        "deploymentId": api.deployment_id,
        "extendedRequestId": call_id(),
        "requestId": str(uuid4()),
        "path": f"/{api.stage}{call.path}",
        **({"authorizer": api.authorizer} if api.authorizer is not None else {}),
    }
    media = call.request.headers.get("content-type", "")
    body = _body(call.request, matches(media, api.binary))
    path, parameters = call.path, path_parameters(api.resource, call.path)
    return {
        "resource": api.resource,
        "path": path,
        "httpMethod": call.request.method,
        **_repeated(headers, call.request.query),
        "pathParameters": parameters or None,
        "stageVariables": dict(api.variables or {}) or None,
        "requestContext": {**_context_1(api, call), **context},
        **body,
    }


def http_1(api: Api, call: GatewayCall) -> dict[str, Any]:
    """Return the event of an HTTP API in payload format 1.0."""
    headers = [(name.lower(), value) for name, value in _passed(call, _http_headers(api, call))]
    stage = "" if api.stage == "$default" else f"/{api.stage}"
    context = {
        "authorizer": api.authorizer or {"claims": None, "scopes": None},
        "extendedRequestId": call.request_id,
        "requestId": call.request_id,
        "resourceId": None,
        "path": stage + call.path,
    }
    return {
        "version": "1.0",
        "resource": api.resource,
        "path": stage + call.path,
        "httpMethod": call.request.method,
        **_repeated(headers, call.request.query),
        "requestContext": {**_context_1(api, call), **context},
        "pathParameters": _decoded_parameters(api, call) or None,
        "stageVariables": dict(api.variables or {}) or None,
        **_body(call.request, not _is_text(call.request)),
    }


def http_2(api: Api, call: GatewayCall) -> dict[str, Any]:
    """Return the event of an HTTP API in payload format 2.0: what is absent is left out."""
    path = ("" if api.stage == "$default" else f"/{api.stage}") + unquote(call.path)
    headers = _passed(call, _http_headers(api, call))
    cookies = [
        one.strip()
        for name, value in headers
        for one in value.split(";")
        if name.lower() == "cookie" and one.strip()
    ]
    rest = [(name.lower(), value) for name, value in headers if name.lower() != "cookie"]
    optional = {
        "cookies": cookies,
        "queryStringParameters": joined_by_commas(query_of(call.request.query)),
        "pathParameters": _decoded_parameters(api, call),
        "stageVariables": dict(api.variables or {}),
    }
    body = _body(call.request, not _is_text(call.request))
    return {
        "version": "2.0",
        "routeKey": api.route,
        "rawPath": path,
        "rawQueryString": call.request.query,
        "headers": joined_by_commas(rest),
        "requestContext": _context_2(api, call, path),
        **{name: value for name, value in optional.items() if value},
        **({"body": body["body"]} if body["body"] is not None else {}),
        "isBase64Encoded": body["isBase64Encoded"],
    }


def _context_1(api: Api, call: GatewayCall) -> dict[str, Any]:
    identity = {**dict.fromkeys(_NOBODY), **(api.identity or {})}
    return {
        "accountId": api.account,
        "apiId": api.id,
        "domainName": api.domain,
        "domainPrefix": api.id,
        "httpMethod": call.request.method,
        "identity": {**identity, "sourceIp": call.request.source, "userAgent": call.agent or None},
        "protocol": "HTTP/1.1",
        "requestTime": written_time(call.now),
        "requestTimeEpoch": int(call.now * 1000),
        "resourcePath": api.resource,
        "stage": api.stage,
    }


def _context_2(api: Api, call: GatewayCall, path: str) -> dict[str, Any]:
    return {
        "accountId": api.account,
        "apiId": api.id,
        **({"authorizer": api.authorizer} if api.authorizer is not None else {}),
        "domainName": api.domain,
        "domainPrefix": api.id,
        "http": {
            "method": call.request.method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": call.request.source,
            "userAgent": call.agent,
        },
        "requestId": call.request_id,
        "routeKey": api.route,
        "stage": api.stage,
        "time": written_time(call.now),
        "timeEpoch": int(call.now * 1000),
    }


# ---- headers, query, path and body ----


def _forwarded(call: GatewayCall, title: bool = False) -> dict[str, str]:
    values = {"for": call.request.source, "port": "443", "proto": "https"}
    named = {f"x-forwarded-{name}": value for name, value in values.items()}
    return {name.title() if title else name: value for name, value in named.items()}


def _http_headers(api: Api, call: GatewayCall) -> dict[str, str]:
    size = {"content-length": str(len(call.request.body))}
    return {"host": api.domain, "x-amzn-trace-id": call.trace, **size, **_forwarded(call)}


def _passed(call: GatewayCall, own: Mapping[str, str]) -> Headers:
    """Return the headers that are passed on, with those that API Gateway writes itself."""
    replaced = {name.lower() for name in own} | _NOT_PASSED
    kept = [(name, value) for name, value in call.headers if name.lower() not in replaced]
    return [*kept, *own.items()]


def query_of(query: str) -> Headers:
    return parse_qsl(query, keep_blank_values=True)


def _grouped(pairs: Headers) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for name, value in pairs:
        named.setdefault(name, []).append(value)
    return named


def _repeated(headers: Headers, query: str) -> dict[str, Any]:
    """Return headers and query twice: the last value of each name, and all of them."""
    asked = query_of(query)
    return {
        "headers": dict(headers),
        "multiValueHeaders": _grouped(headers),
        "queryStringParameters": dict(asked) or None,
        "multiValueQueryStringParameters": _grouped(asked) or None,
    }


def path_parameters(template: str, path: str) -> dict[str, str]:
    """Return the parameters of a resource's path, such as {id} or {proxy+}, as they stand in it."""
    parts, found = path.strip("/").split("/"), {}
    for index, part in enumerate(template.strip("/").split("/")):
        if part.startswith("{") and part.endswith("}"):
            greedy = part.endswith("+}")
            found[part.strip("{+}")] = "/".join(
                parts[index:] if greedy else parts[index : index + 1]
            )
    return found


def _decoded_parameters(api: Api, call: GatewayCall) -> dict[str, str]:
    return {
        name: unquote(value) for name, value in path_parameters(api.resource, call.path).items()
    }


def matches(media: str, patterns: tuple[str, ...]) -> bool:
    """Return whether a media type is one of an API's binary media types."""
    kind = media_type(media)
    family = f"{kind.partition('/')[0]}/*"
    return bool(kind) and any(one.lower() in (kind, family, "*/*") for one in patterns)


def _is_text(request: Request) -> bool:
    return request.media_type.startswith("text/") or request.media_type in _TEXT


def _body(request: Request, binary: bool) -> dict[str, Any]:
    if not request.body:
        return {"body": None, "isBase64Encoded": False}
    if binary:
        return {"body": base64.b64encode(request.body).decode(), "isBase64Encoded": True}
    return {"body": request.body.decode(errors="replace"), "isBase64Encoded": False}
