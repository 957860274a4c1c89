"""The Invoke operation: synchronous, event and dry run, without the control plane."""

import base64
import json
import re
from collections.abc import Callable
from typing import Protocol
from urllib.parse import parse_qs, unquote

from lambdadeck.engine.api import errors as api_errors
from lambdadeck.engine.api import names, payload, requests
from lambdadeck.engine.api.errors import ApiError, not_found
from lambdadeck.engine.api.packages import PackageError
from lambdadeck.engine.api.store import ApiCall, Store
from lambdadeck.engine.execution import errors, logs
from lambdadeck.engine.execution.pool import Pool, TooManyRequestsError
from lambdadeck.engine.http.message import Request, Response
from lambdadeck.engine.http.sigv4 import Claim
from lambdadeck.engine.model import FunctionSpec, Invocation, Outcome, Target
from lambdadeck.shared.names import FUNCTION

LIMITS = {
    "RequestResponse": errors.REQUEST_LIMIT,
    "Event": errors.ASYNC_REQUEST_LIMIT,
    "DryRun": errors.REQUEST_LIMIT,
}
_FUNCTIONS = "/2015-03-31/functions"
_PATH = re.compile(r"/[\d-]+/functions/([^/]+)/(?:response-streaming-)?invocations/?")
_QUALIFIER = re.compile(r"[A-Za-z0-9_-]+|\$LATEST")
_SHORT = 128
_JSON = (b"content-type", b"application/json")
Reply = Callable[[Response], None]


class Functions(Protocol):
    """What Invoke needs of a control plane."""

    def store(self, region: str) -> Store: ...

    def is_pending(self, target: Target) -> bool: ...

    async def created(self, target: Target) -> None: ...

    async def found(self, target: Target) -> FunctionSpec | None: ...

    def count(self, spec: FunctionSpec, outcome: Outcome | None) -> None: ...

    def queue(self, target: Target, invocation: Invocation) -> None: ...


def function_of(request: Request, claim: Claim | None, functions: Functions) -> Target:
    """Return the function that an Invoke names; raise ApiError if its path names none."""
    path = _PATH.fullmatch(request.path)
    stated = unquote(path[1]) if path else ""
    query = parse_qs(request.query).get("Qualifier", [None])[0] if request.query else None
    if claim is None or not _is_plain(stated, query):
        requests.read(request)  # refuses it in AWS's words
    if claim is None:
        raise not_found("Function not found: the request is not signed.")
    store = functions.store(claim.region)
    call = ApiCall("Invoke", {}, store, f"arn:aws:iam::{store.account}:root")
    named = names.parse(call, stated, query)
    return Target(store.region, store.account, named.name, named.qualifier)


def _is_plain(stated: str, qualifier: str | None) -> bool:
    """Return whether name and qualifier need no closer look."""
    found = FUNCTION.fullmatch(stated) if len(stated) <= _SHORT else None
    return found is not None and all(
        one is None or (len(one) <= _SHORT and _QUALIFIER.fullmatch(one))
        for one in (found["qualifier"], qualifier)
    )


def deployed(request: Request, response: Response) -> str | None:
    """Return the name of the function whose code this request made or changed, else None."""
    made = request.method == "POST" and request.path.rstrip("/") == _FUNCTIONS
    changed = request.method == "PUT" and request.path.rstrip("/").endswith("/code")
    return str(json.loads(response.body)["FunctionName"]) if made or changed else None


async def invoke(
    request: Request, target: Target, functions: Functions, pool: Pool, reply: Reply
) -> None:
    """Run an Invoke, reply once and count it; raise ApiError if AWS would refuse it."""
    kind = kind_of(request)
    spec, invocation = await prepared(request, target, functions)
    if kind == "RequestResponse":
        functions.count(spec, await _run(request, spec, invocation, pool, reply))
    elif kind == "Event":
        functions.queue(target, invocation)
        reply(Response(202, headers(spec, invocation), b""))
    else:
        reply(Response(204, headers(spec, invocation), b""))


def kind_of(request: Request) -> str:
    """Return the invocation type that a request states."""
    return request.headers.get("x-amz-invocation-type", "RequestResponse")


async def prepared(
    request: Request, target: Target, functions: Functions
) -> tuple[FunctionSpec, Invocation]:
    """Return the function and the invocation of a request; raise ApiError if AWS refuses it."""
    _check_payload(request, kind_of(request))
    if functions.is_pending(target):
        await functions.created(target)
    invocation = Invocation(
        request.body or b"{}",
        invoked_arn=target.arn,
        client_context=_client_context(request),
        trace_id=request.headers.get("x-amzn-trace-id", ""),
    )
    return await _find(target, functions), invocation


async def _find(target: Target, functions: Functions) -> FunctionSpec:
    try:
        spec = await functions.found(target)
    except PackageError as bad:  # a package in S3; others are checked when the function is created
        raise ApiError(str(bad), "InvalidZipFileException") from None
    if spec is None:
        arn = target._replace(qualifier=target.qualifier or "$LATEST").arn
        raise not_found(f"Function not found: {arn}")
    return spec


async def _run(
    request: Request, spec: FunctionSpec, invocation: Invocation, pool: Pool, reply: Reply
) -> Outcome | None:
    """Run a synchronous invocation; return None if it was throttled.

    It replies before the log is written, unless the caller wants the log.
    """
    wants_log = request.headers.get("x-amz-log-type") == "Tail"
    replied = False

    def answer(payload: bytes, function_error: str | None, log: str | None = None) -> None:
        nonlocal replied
        replied = True
        told = [_JSON, *headers(spec, invocation)]
        if function_error:
            told.append((b"x-amz-function-error", function_error.encode()))
        if log is not None:
            told.append((b"x-amz-log-result", base64.b64encode(logs.tail(log))))
        reply(Response(200, told, payload))

    try:
        outcome = await pool.invoke(spec, invocation, None if wants_log else answer)
    except TooManyRequestsError as error:
        reply(throttled(error))
        return None
    if not replied:
        answer(outcome.payload, outcome.function_error, outcome.log if wants_log else None)
    return outcome


def throttled(error: TooManyRequestsError) -> Response:
    """Return the refusal of an invocation for which there is no environment."""
    code = "TooManyRequestsException"
    return api_errors.response(ApiError(error.message, code, Reason=error.reason))


def headers(spec: FunctionSpec, invocation: Invocation) -> list[tuple[bytes, bytes]]:
    """Return the headers that name the request and the version that runs."""
    return [
        (b"x-amzn-requestid", invocation.request_id.encode()),
        (b"x-amz-executed-version", spec.version.encode()),
    ]


def _check_payload(request: Request, kind: str) -> None:
    limit = LIMITS.get(kind)
    if limit is None:
        requests.read(request)  # refuses it in AWS's words
        raise ApiError(f"Invalid invocation type: {kind}")
    if request.headers.get("x-amz-log-type", "None") not in ("None", "Tail"):
        requests.read(request)
    if len(request.body) > limit:
        message = f"Request must be smaller than {limit} bytes for the InvokeFunction operation"
        raise ApiError(message, "RequestTooLargeException")
    payload.check(request.body)


def _client_context(request: Request) -> str:
    """Return the client context as one line of JSON, or "" if it is invalid, as in AWS."""
    stated = request.headers.get("x-amz-client-context")
    if not stated:
        return ""
    try:
        return json.dumps(json.loads(base64.b64decode(stated, validate=True)))
    except ValueError:
        return ""
