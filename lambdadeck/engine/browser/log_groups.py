"""CloudWatch Logs of a page: what invocations leave, and the operations that read and delete it."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lambdadeck.engine.http.message import Request, Response
from lambdadeck.engine.model import FunctionSpec

MOST_LINES = 1000  # of one stream
Fields = dict[str, Any]
_JSON = (b"content-type", b"application/x-amz-json-1.1")


@dataclass
class LogGroups:
    """The groups by name, each with its streams and their events."""

    groups: dict[str, dict[str, list[Fields]]] = field(default_factory=dict)

    def add(self, spec: FunctionSpec, stream: str, lines: list[str]) -> None:
        """Keep the lines of an invocation."""
        events = self.groups.setdefault(spec.log_group, {}).setdefault(stream, [])
        now = int(time.time() * 1000)
        events += [{"timestamp": now, "ingestionTime": now, "message": line} for line in lines]
        del events[:-MOST_LINES]

    def answer(self, request: Request) -> Response:
        """Answer one request to CloudWatch Logs."""
        operation = request.headers["x-amz-target"].rpartition(".")[2]
        perform = _OPERATIONS.get(operation)
        if perform is None:
            return _refused("UnknownOperationException", f"A page does not answer {operation}.")
        given = json.loads(request.body)
        group = given.get("logGroupName")
        if group is not None and operation != "CreateLogGroup" and group not in self.groups:
            message = "The specified log group does not exist."
            return _refused("ResourceNotFoundException", message)
        return Response(200, [_JSON], json.dumps(perform(self.groups, given)).encode())


def _refused(code: str, message: str) -> Response:
    body = json.dumps({"__type": code, "message": message}).encode()
    return Response(400, [_JSON, (b"x-amzn-errortype", code.encode())], body)


Groups = dict[str, dict[str, list[Fields]]]


def _create(groups: Groups, given: Fields) -> Fields:
    groups.setdefault(given["logGroupName"], {})
    return {}


def _delete(groups: Groups, given: Fields) -> Fields:
    del groups[given["logGroupName"]]
    return {}


def _describe(groups: Groups, given: Fields) -> Fields:
    prefix = given.get("logGroupNamePrefix", "")
    return {
        "logGroups": [{"logGroupName": one} for one in sorted(groups) if one.startswith(prefix)]
    }


def _streams(groups: Groups, given: Fields) -> Fields:
    prefix = given.get("logStreamNamePrefix", "")
    found = [one for one in groups[given["logGroupName"]] if one.startswith(prefix)]
    return {"logStreams": [{"logStreamName": one} for one in sorted(found)]}


def _events(groups: Groups, given: Fields) -> Fields:
    return {"events": groups[given["logGroupName"]].get(given["logStreamName"], [])}


def _filtered(groups: Groups, given: Fields) -> Fields:
    words = given.get("filterPattern", "").strip('"')
    found = [
        {**event, "logStreamName": stream}
        for stream, events in groups[given["logGroupName"]].items()
        for event in events
        if words in event["message"]
    ]
    return {"events": found}


_OPERATIONS: dict[str, Callable[[Groups, Fields], Fields]] = {
    "CreateLogGroup": _create,
    "DeleteLogGroup": _delete,
    "DescribeLogGroups": _describe,
    "DescribeLogStreams": _streams,
    "FilterLogEvents": _filtered,
    "GetLogEvents": _events,
}
