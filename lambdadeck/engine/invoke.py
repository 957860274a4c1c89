"""The Invoke operation's own path, past the control plane: synchronous, event and dry run."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from typing import Protocol
from urllib.parse import parse_qs, unquote

from lambdadeck.engine.control.ministack import Response
from lambdadeck.engine.control.packages import PackageError
from lambdadeck.engine.execution import errors, logs
from lambdadeck.engine.execution.pool import TooManyRequestsError
from lambdadeck.engine.http.sigv4 import Request
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


class Finds(Protocol):
    def find(
        self, region: str, name: str, qualifier: str | None
    ) -> tuple[FunctionSpec, str, str] | None: ...


class Runs(Protocol):
    async def invoke(
        self, spec: FunctionSpec, invocation: Invocation, answered: Answered | None
    ) -> Outcome: ...


class Queues(Protocol):
    def queue(
        self, region: str, name: str, qualifier: str | None, invocation: Invocation
    ) -> None: ...


def function_of(request: Request) -> tuple[str, str | None] | None:
    """The function's name and qualifier if this is an Invoke, else None."""
    match = _PATH.fullmatch(request.path) if request.method == "POST" else None
    if match is None:
        return None
    name = FUNCTION.fullmatch(unquote(match[1]))
    if name is None:
        return None
    query = parse_qs(request.query).get("Qualifier", [None])[0] if request.query else None
    return name["name"], name["qualifier"] or query


def deployed(request: Request) -> str | None:
    """The name of the function whose code this request made or changed, else None."""
    if request.method == "POST" and request.path.rstrip("/") == "/2015-03-31/functions":
        return str(json.loads(request.body or b"{}").get("FunctionName", ""))
    match = _CODE.fullmatch(request.path) if request.method == "PUT" else None
    name = FUNCTION.fullmatch(unquote(match[1])) if match else None
    return name["name"] if name else None


def refusal(status: int, code: str, message: str, **more: str) -> Response:
    """An error in the shape that AWS Lambda's API has."""
    body = json.dumps({"Type": "User", "message": message, "Message": message, **more}).encode()
    return Response(status, [_JSON, (b"x-amzn-errortype", code.encode())], body)


async def invoke(
    request: Request,
    name: str,
    qualifier: str | None,
    region: str,
    finds: Finds,
    runs: Runs,
    queues: Queues,
    account: str,
    reply: Reply,
) -> tuple[FunctionSpec | None, Outcome | None]:
    """Run an Invoke and reply to it, once; for the metrics what ran and how it went."""
    kind = request.headers.get("x-amz-invocation-type", "RequestResponse")
    refused = _check_payload(request, kind)
    try:
        found = None if refused else finds.find(region, name, qualifier)
    except (
        PackageError
    ) as bad:  # from S3: what is uploaded directly is refused when the function is made
        reply(refusal(502, "InvalidZipFileException", str(bad)))
        return None, None
    if refused or found is None:
        arn = f"arn:aws:lambda:{region}:{account}:function:{name}" + (
            f":{qualifier}" if qualifier else ""
        )
        reply(refused or refusal(404, "ResourceNotFoundException", f"Function not found: {arn}"))
        return None, None
    spec, version, arn = found
    invocation = Invocation(
        request.body or b"{}",
        invoked_arn=arn,
        client_context=_client_context(request),
        trace_id=request.headers.get("x-amzn-trace-id", ""),
    )
    if kind == "RequestResponse":
        return spec, await _run(request, spec, version, invocation, runs, reply)
    executed = (b"x-amz-executed-version", version.encode())
    if kind == "Event":
        queues.queue(region, name, qualifier, invocation)
        reply(Response(202, [executed, (b"x-amzn-requestid", invocation.request_id.encode())], b""))
    else:
        reply(Response(204, [executed], b""))
    return None, None


async def _run(
    request: Request,
    spec: FunctionSpec,
    version: str,
    invocation: Invocation,
    runs: Runs,
    reply: Reply,
) -> Outcome | None:
    """A synchronous invocation; None when it was throttled. Unless the caller wants the log, its answer waits for none."""
    tail = request.headers.get("x-amz-log-type") == "Tail"
    replied = False

    def answered(payload: bytes, error: str | None) -> None:
        nonlocal replied
        replied = True
        reply(_answer(invocation, version, payload, error))

    try:
        outcome = await runs.invoke(spec, invocation, None if tail else answered)
    except TooManyRequestsError as throttled:
        reply(refusal(429, "TooManyRequestsException", throttled.message, Reason=throttled.reason))
        return None
    if not replied:
        log = outcome.log if tail else None
        reply(_answer(invocation, version, outcome.payload, outcome.function_error, log))
    return outcome


def _check_payload(request: Request, kind: str) -> Response | None:
    limit = LIMITS.get(kind)
    if limit is None:
        return refusal(400, "InvalidParameterValueException", f"Invalid invocation type: {kind}")
    if len(request.body) > limit:
        return refusal(
            413,
            "RequestTooLargeException",
            f"Request must be smaller than {limit} bytes for the InvokeFunction operation",
        )
    try:
        json.loads(request.body or b"{}")
    except ValueError as error:
        return refusal(
            400,
            "InvalidRequestContentException",
            f"Could not parse request body into json: {error}",
        )
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


def _answer(
    invocation: Invocation, version: str, payload: bytes, error: str | None, log: str | None = None
) -> Response:
    headers = [
        _JSON,
        (b"x-amzn-requestid", invocation.request_id.encode()),
        (b"x-amz-executed-version", version.encode()),
    ]
    if error:
        headers.append((b"x-amz-function-error", error.encode()))
    if log is not None:
        headers.append((b"x-amz-log-result", base64.b64encode(logs.tail(log))))
    return Response(200, headers, payload)
