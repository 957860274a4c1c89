"""The Invoke operation: synchronous, event and dry run, without the control plane."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from typing import NamedTuple, Protocol
from urllib.parse import parse_qs, unquote

from lambdadeck.engine.control.packages import PackageError
from lambdadeck.engine.execution import errors, logs
from lambdadeck.engine.execution.pool import TooManyRequestsError
from lambdadeck.engine.http.message import Request, Response
from lambdadeck.engine.model import Answered, FunctionSpec, Invocation, Outcome
from lambdadeck.shared.names import FUNCTION

_PATH = re.compile(r"/2015-03-31/functions/([^/]+)/invocations/?")
_CODE = re.compile(r"/2015-03-31/functions/([^/]+)/code/?")
LIMITS = {
    "RequestResponse": errors.REQUEST_LIMIT,
    "Event": errors.ASYNC_REQUEST_LIMIT,
    "DryRun": errors.REQUEST_LIMIT,
}
_JSON = (b"content-type", b"application/json")
Reply = Callable[[Response], None]


class Target(NamedTuple):
    """The function that an Invoke names."""

    name: str
    qualifier: str | None
    region: str
    account: str

    @property
    def arn(self) -> str:
        suffix = f":{self.qualifier}" if self.qualifier else ""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}{suffix}"


class Functions(Protocol):
    """Knows the functions, and accepts event invocations of them."""

    def find(
        self, region: str, name: str, qualifier: str | None
    ) -> tuple[FunctionSpec, str, str] | None: ...

    def queue(
        self, region: str, name: str, qualifier: str | None, invocation: Invocation
    ) -> None: ...


class Invoker(Protocol):
    """Runs one invocation to its end."""

    async def invoke(
        self, spec: FunctionSpec, invocation: Invocation, answered: Answered | None
    ) -> Outcome: ...


def function_of(request: Request) -> tuple[str, str | None] | None:
    """Return the function's name and qualifier if this is an Invoke, else None."""
    match = _PATH.fullmatch(request.path) if request.method == "POST" else None
    name = FUNCTION.fullmatch(unquote(match[1])) if match else None
    if name is None:
        return None
    query = parse_qs(request.query).get("Qualifier", [None])[0] if request.query else None
    return name["name"], name["qualifier"] or query


def deployed(request: Request) -> str | None:
    """Return the name of the function whose code this request made or changed, else None."""
    if request.method == "POST" and request.path.rstrip("/") == "/2015-03-31/functions":
        return str(json.loads(request.body or b"{}").get("FunctionName", ""))
    match = _CODE.fullmatch(request.path) if request.method == "PUT" else None
    name = FUNCTION.fullmatch(unquote(match[1])) if match else None
    return name["name"] if name else None


def error(status: int, code: str, message: str, **more: str) -> Response:
    """Return an error in the shape of AWS Lambda's API."""
    body = json.dumps({"Type": "User", "message": message, "Message": message, **more}).encode()
    return Response(status, [_JSON, (b"x-amzn-errortype", code.encode())], body)


async def invoke(
    request: Request, target: Target, functions: Functions, invoker: Invoker, reply: Reply
) -> tuple[FunctionSpec | None, Outcome | None]:
    """Run an Invoke and reply once; return what ran and its outcome, for the metrics."""
    kind = request.headers.get("x-amz-invocation-type", "RequestResponse")
    refused = _check_payload(request, kind)
    name, qualifier, region, _ = target
    try:
        found = None if refused else functions.find(region, name, qualifier)
    except PackageError as bad:  # a package in S3; others are checked when the function is created
        reply(error(502, "InvalidZipFileException", str(bad)))
        return None, None
    if refused or found is None:
        message = f"Function not found: {target.arn}"
        reply(refused or error(404, "ResourceNotFoundException", message))
        return None, None
    spec, version, arn = found
    invocation = Invocation(
        request.body or b"{}",
        invoked_arn=arn,
        client_context=_client_context(request),
        trace_id=request.headers.get("x-amzn-trace-id", ""),
    )
    if kind == "RequestResponse":
        return spec, await _run(request, spec, version, invocation, invoker, reply)
    executed = (b"x-amz-executed-version", version.encode())
    if kind == "Event":
        functions.queue(region, name, qualifier, invocation)
        reply(Response(202, [executed, (b"x-amzn-requestid", invocation.request_id.encode())], b""))
    else:
        reply(Response(204, [executed], b""))
    return None, None


async def _run(
    request: Request,
    spec: FunctionSpec,
    version: str,
    invocation: Invocation,
    invoker: Invoker,
    reply: Reply,
) -> Outcome | None:
    """Run a synchronous invocation; return None if it was throttled.

    It replies before the log is written, unless the caller wants the log.
    """
    tail = request.headers.get("x-amz-log-type") == "Tail"
    replied = False

    def answered(payload: bytes, function_error: str | None) -> None:
        nonlocal replied
        replied = True
        reply(_answer(invocation, version, payload, function_error))

    try:
        outcome = await invoker.invoke(spec, invocation, None if tail else answered)
    except TooManyRequestsError as throttled:
        reply(error(429, "TooManyRequestsException", throttled.message, Reason=throttled.reason))
        return None
    if not replied:
        log = outcome.log if tail else None
        reply(_answer(invocation, version, outcome.payload, outcome.function_error, log))
    return outcome


def _check_payload(request: Request, kind: str) -> Response | None:
    limit = LIMITS.get(kind)
    if limit is None:
        return error(400, "InvalidParameterValueException", f"Invalid invocation type: {kind}")
    if len(request.body) > limit:
        message = f"Request must be smaller than {limit} bytes for the InvokeFunction operation"
        return error(413, "RequestTooLargeException", message)
    try:
        json.loads(request.body or b"{}")
    except ValueError as problem:
        message = f"Could not parse request body into json: {problem}"
        return error(400, "InvalidRequestContentException", message)
    return None


def _client_context(request: Request) -> str:
    """Return the client context as one line of JSON, or "" if it is invalid, as in AWS."""
    stated = request.headers.get("x-amz-client-context")
    if not stated:
        return ""
    try:
        return json.dumps(json.loads(base64.b64decode(stated, validate=True)))
    except (ValueError, binascii.Error):
        return ""


def _answer(
    invocation: Invocation,
    version: str,
    payload: bytes,
    function_error: str | None,
    log: str | None = None,
) -> Response:
    request_id = invocation.request_id.encode()
    headers = [
        _JSON,
        (b"x-amzn-requestid", request_id),
        (b"x-amz-executed-version", version.encode()),
    ]
    if function_error:
        headers.append((b"x-amz-function-error", function_error.encode()))
    if log is not None:
        headers.append((b"x-amz-log-result", base64.b64encode(logs.tail(log))))
    return Response(200, headers, payload)
