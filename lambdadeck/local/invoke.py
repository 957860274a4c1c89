"""The Invoke operation's own path, past the control plane: synchronous, event and dry run."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Protocol
from urllib.parse import parse_qs, unquote

from lambdadeck.local import faults, logs
from lambdadeck.local.control_plane import Response
from lambdadeck.local.packages import BadPackage
from lambdadeck.local.pool import Throttled
from lambdadeck.local.signature import Request
from lambdadeck.local.spec import FunctionSpec, Invocation, Outcome

_PATH = re.compile(r"/2015-03-31/functions/([^/]+)/invocations/?")
_CODE = re.compile(r"/2015-03-31/functions/([^/]+)/code/?")
_NAME = re.compile(r"(?:(?:arn:[a-z-]+:lambda:[a-z0-9-]+:)?(?P<account>\d{12}):)?(?:function:)?"
                   r"(?P<name>[A-Za-z0-9_-]+)(?::(?P<qualifier>[A-Za-z0-9$_-]+))?")
LIMITS = {"RequestResponse": faults.REQUEST_LIMIT, "Event": faults.ASYNC_REQUEST_LIMIT, "DryRun": faults.REQUEST_LIMIT}
_JSON = (b"content-type", b"application/json")


class Finds(Protocol):
    def find(self, region: str, name: str, qualifier: str | None) -> tuple[FunctionSpec, str, str] | None: ...


class Runs(Protocol):
    async def invoke(self, spec: FunctionSpec, invocation: Invocation) -> Outcome: ...


class Queues(Protocol):
    def queue(self, region: str, name: str, qualifier: str | None, invocation: Invocation) -> None: ...


def function_of(request: Request) -> tuple[str, str | None] | None:
    """The function's name and qualifier if this is an Invoke, else None."""
    match = _PATH.fullmatch(request.path) if request.method == "POST" else None
    if match is None:
        return None
    name = _NAME.fullmatch(unquote(match[1]))
    if name is None:
        return None
    query = parse_qs(request.query).get("Qualifier", [None])[0] if request.query else None
    return name["name"], name["qualifier"] or query


def deployed(request: Request) -> str | None:
    """The name of the function whose code this request made or changed, else None."""
    if request.method == "POST" and request.path.rstrip("/") == "/2015-03-31/functions":
        return str(json.loads(request.body or b"{}").get("FunctionName", ""))
    match = _CODE.fullmatch(request.path) if request.method == "PUT" else None
    name = _NAME.fullmatch(unquote(match[1])) if match else None
    return name["name"] if name else None


def refusal(status: int, code: str, message: str, **more: str) -> Response:
    """An error in the shape that AWS Lambda's API has."""
    body = json.dumps({"Type": "User", "message": message, "Message": message, **more}).encode()
    return Response(status, [_JSON, (b"x-amzn-errortype", code.encode())], body)


async def invoke(request: Request, name: str, qualifier: str | None, region: str, finds: Finds, runs: Runs,
                 queues: Queues, account: str) -> tuple[Response, FunctionSpec | None, Outcome | None]:
    """Run an Invoke; the answer, and for the metrics what ran and how it went."""
    kind = request.headers.get("x-amz-invocation-type", "RequestResponse")
    refused = _check_payload(request, kind)
    try:
        found = None if refused else finds.find(region, name, qualifier)
    except BadPackage as bad:  # from S3: what is uploaded directly is refused when the function is made
        return refusal(502, "InvalidZipFileException", str(bad)), None, None
    if refused or found is None:
        arn = f"arn:aws:lambda:{region}:{account}:function:{name}" + (f":{qualifier}" if qualifier else "")
        return refused or refusal(404, "ResourceNotFoundException", f"Function not found: {arn}"), None, None
    spec, version, arn = found
    executed = (b"x-amz-executed-version", version.encode())
    if kind == "DryRun":
        return Response(204, [executed], b""), None, None
    invocation = Invocation(request.body or b"{}", invoked_arn=arn, client_context=_client_context(request),
                            trace_id=request.headers.get("x-amzn-trace-id", ""))
    if kind == "Event":
        queues.queue(region, name, qualifier, invocation)
        return Response(202, [executed, (b"x-amzn-requestid", invocation.request_id.encode())], b""), None, None
    try:
        outcome = await runs.invoke(spec, invocation)
    except Throttled as throttled:
        answer = refusal(429, "TooManyRequestsException", throttled.message, Reason=throttled.reason)
        return answer, spec, None
    return _answer(request, invocation, version, outcome), spec, outcome


def _check_payload(request: Request, kind: str) -> Response | None:
    limit = LIMITS.get(kind)
    if limit is None:
        return refusal(400, "InvalidParameterValueException", f"Invalid invocation type: {kind}")
    if len(request.body) > limit:
        return refusal(413, "RequestTooLargeException",
                       f"Request must be smaller than {limit} bytes for the InvokeFunction operation")
    try:
        json.loads(request.body or b"{}")
    except ValueError as error:
        return refusal(400, "InvalidRequestContentException", f"Could not parse request body into json: {error}")
    return None


def _client_context(request: Request) -> str:
    """The client context as one line of JSON; what is none is left out, as in AWS."""
    stated = request.headers.get("x-amz-client-context")
    if not stated:
        return ""
    try:
        return json.dumps(json.loads(base64.b64decode(stated, validate=True)))
    except (ValueError, binascii.Error):
        return ""


def _answer(request: Request, invocation: Invocation, version: str, outcome: Outcome) -> Response:
    headers = [_JSON, (b"x-amzn-requestid", invocation.request_id.encode()),
               (b"x-amz-executed-version", version.encode())]
    if outcome.function_error:
        headers.append((b"x-amz-function-error", outcome.function_error.encode()))
    if request.headers.get("x-amz-log-type") == "Tail":
        headers.append((b"x-amz-log-result", base64.b64encode(logs.tail(outcome.log))))
    return Response(200, headers, outcome.payload)
