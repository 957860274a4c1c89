"""API Gateway: the events of WebSocket APIs.

Source: events recorded from AWS by the tests of powertools-lambda-python (MIT-0), 2024-11-11.
"""

from collections.abc import Mapping
from typing import Any

from lambdadeck.engine.http.function_urls import trace_id, written_time
from lambdadeck.engine.http.gateway_events import call_id

_NOT_PASSED = {"connection", "upgrade", "host"}
_NO_STATUS = 1005  # RFC 6455: the client's close frame has none
_REASONS = {_NO_STATUS: "Client-side close frame status not set"}


def event(made: Mapping[str, Any], connected_at: int) -> dict[str, Any]:
    """Return ministack's event of a route as API Gateway sends it.

    The domain stays one of this machine: functions post back to it, and nothing may reach AWS.
    """
    given, call = made["requestContext"], call_id()
    domain = given["domainName"]
    context = {
        **given,
        "extendedRequestId": call,
        "requestId": call,
        "requestTime": written_time(given["requestTimeEpoch"] / 1000),
        "messageDirection": "IN",
        "connectedAt": connected_at,
        "identity": {name: value for name, value in given["identity"].items() if value},
    }
    kind = given["eventType"]
    if kind == "MESSAGE":
        context["messageId"] = call_id()
        body = {"body": made["body"]}
    elif kind == "CONNECT":
        body = _connect(made, domain)
    else:
        code, reason = given["disconnectStatusCode"], given["disconnectReason"]
        context["disconnectReason"] = reason or _REASONS.get(code, "")
        empty = dict.fromkeys(("x-api-key", "X-Forwarded-For", "x-restapi"), "")
        body = _twice({"Host": domain, **empty})
    return {**body, "requestContext": context, "isBase64Encoded": False}


def _connect(made: Mapping[str, Any], domain: str) -> dict[str, Any]:
    """Return what the first request of a connection has: headers as browsers spell them, query."""
    sent = {
        name.title().replace("Websocket", "WebSocket"): value
        for name, value in made["headers"].items()
        if name not in _NOT_PASSED
    }
    own = {
        "Host": domain,
        "X-Amzn-Trace-Id": trace_id(),
        "X-Forwarded-For": made["requestContext"]["identity"]["sourceIp"],
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
    }
    query = {name: made[name] for name in made if name.lower().endswith("parameters")}
    return _twice(sent | own) | {name: value for name, value in query.items() if value}


def _twice(headers: dict[str, str]) -> dict[str, Any]:
    several = {name: [value] for name, value in headers.items()}
    return {"headers": headers, "multiValueHeaders": several}
