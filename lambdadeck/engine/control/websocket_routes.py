"""Run functions behind WebSocket routes, for which ministack would start workers of its own."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lambdadeck.engine.model import FunctionSpec, Invocation, Target

Record = dict[str, Any]
Find = Callable[[Target], FunctionSpec | None]
Run = Callable[[FunctionSpec, Invocation], Record]  # returns the result in ministack's format


@dataclass(frozen=True)
class RouteFunction:
    """Has the method of ministack's worker, and runs the function in an execution environment."""

    target: Target
    find: Find
    run: Run

    def invoke(self, event: Record, _message_id: str) -> Record:
        """Return the function's response, or the error that API Gateway sends to the client."""
        spec = self.find(self.target)
        invocation = Invocation(json.dumps(event).encode(), invoked_arn=self.target.arn)
        result = self.run(spec, invocation) if spec else {"error": True}
        body = result.get("body")
        if result.get("error") or not isinstance(body, dict):
            ids = {key: event["requestContext"][key] for key in ("connectionId", "requestId")}
            message = json.dumps({"message": "Internal server error", **ids})
            return {"status": "error", "error": message}
        return {"status": "ok", "result": body}


def workers(find: Find, run: Run) -> Callable[..., RouteFunction]:
    """Return what replaces ministack's `get_or_create_worker`."""

    def worker(
        name: str, config: Record, _package: bytes, qualifier: str = "$LATEST"
    ) -> RouteFunction:
        region, account = config["FunctionArn"].split(":")[3:5]
        return RouteFunction(Target(region, account, name, qualifier), find, run)

    return worker
