"""Responses that a function writes piece by piece: InvokeWithResponseStream, and a URL's stream."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace

from lambdadeck.engine import invoke as buffered
from lambdadeck.engine.api import requests
from lambdadeck.engine.execution import logs
from lambdadeck.engine.execution.pool import Pool, TooManyRequestsError
from lambdadeck.engine.http import event_stream
from lambdadeck.engine.http.message import BrokenOffError, Request, Response
from lambdadeck.engine.http.sigv4 import Claim
from lambdadeck.engine.invoke import Functions
from lambdadeck.engine.model import FunctionSpec, Invocation, Outcome

PATH = re.compile(r"/2021-11-15/functions/[^/]+/response-streaming-invocations/?")
_BYTES = "application/octet-stream"
_BROKEN = {"Sandbox.Timedout", "Runtime.ExitError", "Runtime.TruncatedResponse"}


class Stream:
    """The pieces of one invocation, and its outcome.

    The invocation goes on if the caller hangs up, as in AWS.
    """

    def __init__(
        self, spec: FunctionSpec, invocation: Invocation, functions: Functions, pool: Pool
    ) -> None:
        self.media = ""
        self.outcome: Outcome | None = None
        self._came: asyncio.Queue[bytes | Outcome | Exception] = asyncio.Queue()
        running = self._run(spec, replace(invocation, piece=self._take), functions, pool)
        self._task = asyncio.get_running_loop().create_task(running)

    async def _run(
        self, spec: FunctionSpec, invocation: Invocation, functions: Functions, pool: Pool
    ) -> None:
        try:
            outcome = await pool.invoke(spec, invocation)
        except Exception as problem:  # noqa: BLE001  # for the caller, who waits for it
            self._came.put_nowait(problem)
        else:
            functions.count(spec, outcome)
            self._came.put_nowait(outcome)

    def _take(self, media: str, piece: bytes) -> None:
        self.media = media
        self._came.put_nowait(piece)

    async def next(self) -> bytes | None:
        """Return the next piece, None after the last one; raise TooManyRequestsError."""
        came = await self._came.get()
        if isinstance(came, Exception):
            raise came
        if isinstance(came, Outcome):
            self.outcome = came
            return None
        return came

    async def rest(self, first: bytes) -> AsyncIterator[bytes]:
        """Yield `first` and all pieces after it; raise BrokenOffError if they end too early.

        An error that the runtime reports in its trailers ends a response as success does.
        """
        piece: bytes | None = first
        while piece is not None:
            if piece:
                yield piece
            piece = await self.next()
        if self.outcome and self.outcome.function_error and _error(self.outcome)[0] in _BROKEN:
            raise BrokenOffError


def _error(outcome: Outcome) -> tuple[str, str]:
    """Return type and details of a function's error; "" and "" if there is none."""
    if not outcome.function_error:
        return "", ""
    details = outcome.payload.decode(errors="replace")
    try:
        return str(json.loads(details)["errorType"]), details
    except (ValueError, KeyError, TypeError):
        return outcome.function_error, details


async def invoke(request: Request, claim: Claim, functions: Functions, pool: Pool) -> Response:
    """Answer InvokeWithResponseStream; raise ApiError if AWS would refuse it."""
    requests.read(request)  # refuses what the model does not allow
    target = buffered.function_of(request, claim, functions)
    spec, invocation = await buffered.prepared(request, target, functions)
    headers = [(b"content-type", event_stream.MEDIA), *buffered.headers(spec, invocation)]
    if buffered.kind_of(request) == "DryRun":
        return Response(204, headers, b"")
    stream = Stream(spec, invocation, functions, pool)
    try:
        first = await stream.next()
    except TooManyRequestsError as error:
        functions.count(spec, None)
        return buffered.throttled(error)
    wants_log = request.headers.get("x-amz-log-type") == "Tail"
    return Response(200, headers, b"", _events(stream, first, wants_log))


async def _events(stream: Stream, piece: bytes | None, wants_log: bool) -> AsyncIterator[bytes]:
    streamed = piece is not None
    while piece is not None:
        yield event_stream.event("PayloadChunk", _BYTES, piece)
        piece = await stream.next()
    outcome = stream.outcome
    assert outcome
    if not streamed and outcome.payload:
        yield event_stream.event("PayloadChunk", _BYTES, outcome.payload)
    yield event_stream.event("InvokeComplete", "application/json", _complete(outcome, wants_log))


def _complete(outcome: Outcome, wants_log: bool) -> bytes:
    code, details = _error(outcome)
    told = {"ErrorCode": code, "ErrorDetails": details} if code else {}
    if wants_log:
        told["LogResult"] = base64.b64encode(logs.tail(outcome.log)).decode()
    return json.dumps(told).encode()
