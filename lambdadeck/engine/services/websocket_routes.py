"""Run functions behind WebSocket routes, for which ministack would start workers of its own."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lambdadeck.engine.http import websocket_events
from lambdadeck.engine.model import FunctionSpec, Invocation, Target
from lambdadeck.engine.services.callers import ServiceCaller

Record = dict[str, Any]
Find = Callable[[Target], FunctionSpec | None]
Run = Callable[[FunctionSpec, Invocation], Record]  # returns the result in ministack's format
MayInvoke = Callable[[str, ServiceCaller], bool]  # takes a function's ARN


@dataclass(frozen=True)
class RouteFunction:
    """Has the method of ministack's worker, and runs the function in an execution environment."""

    target: Target
    find: Find
    run: Run
    may_invoke: MayInvoke
    connected: dict[str, int]  # when, by connection

    def invoke(self, made: Record, _message_id: str) -> Record:
        """Return the function's response, or the error that API Gateway sends to the client."""
        event = websocket_events.event(made, self._connected_at(made))
        allowed = self.may_invoke(self.target.arn, _caller(self.target, event["requestContext"]))
        spec = self.find(self.target) if allowed else None
        invocation = Invocation(json.dumps(event).encode(), invoked_arn=self.target.arn)
        result = self.run(spec, invocation) if spec else {"error": True}
        body = result.get("body")
        if result.get("error") or not isinstance(body, dict):
            ids = {key: event["requestContext"][key] for key in ("connectionId", "requestId")}
            message = json.dumps({"message": "Internal server error", **ids})
            return {"status": "error", "error": message}
        return {"status": "ok", "result": body}

    def _connected_at(self, made: Record) -> int:
        context = made["requestContext"]
        name, now = context["connectionId"], int(context["connectedAt"])
        if context["eventType"] == "DISCONNECT":
            return self.connected.pop(name, now)
        return self.connected.setdefault(name, now)


def _caller(target: Target, context: Record) -> ServiceCaller:
    """Return API Gateway as the caller for a route; APIs and functions are of one account."""
    gateway = f"arn:aws:execute-api:{target.region}:{target.account}:{context['apiId']}"
    source = f"{gateway}/{context['stage']}/{context['routeKey']}"
    return ServiceCaller("apigateway.amazonaws.com", source, target.account)


def workers(find: Find, run: Run, may_invoke: MayInvoke) -> Callable[..., RouteFunction]:
    """Return what replaces ministack's `get_or_create_worker`."""
    connected: dict[str, int] = {}

    def worker(
        name: str, config: Record, _package: bytes, qualifier: str = "$LATEST"
    ) -> RouteFunction:
        region, account = config["FunctionArn"].split(":")[3:5]
        version = None if qualifier == "$LATEST" else qualifier
        target = Target(region, account, name, version)
        return RouteFunction(target, find, run, may_invoke, connected)

    return worker
