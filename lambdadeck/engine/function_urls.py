"""Answer requests to function URLs."""

import json
from typing import Any, NamedTuple
from uuid import uuid4

from lambdadeck.engine.api import access
from lambdadeck.engine.api.store import Record
from lambdadeck.engine.execution.errors import REQUEST_LIMIT
from lambdadeck.engine.execution.pool import Pool, TooManyRequestsError
from lambdadeck.engine.http import function_urls
from lambdadeck.engine.http.function_urls import UrlCall
from lambdadeck.engine.http.message import Request, Response
from lambdadeck.engine.http.public import Address
from lambdadeck.engine.model import Invocation, Target
from lambdadeck.engine.services.ministack import ControlPlane
from lambdadeck.engine.streaming import Stream

_JSON = (b"content-type", b"application/json")


class FunctionUrl(NamedTuple):
    """A function URL: the function that it invokes, and its configuration."""

    target: Target
    config: Record
    function: Record

    @property
    def cors(self) -> dict[str, Any]:
        return dict(self.config.get("Cors") or {})

    def lets_anyone_in(self) -> bool:
        """Return whether the function's policy lets anyone use the URL."""
        context = {"lambda:FunctionUrlAuthType": self.config["AuthType"]}
        return access.allows(self.function, self.target.arn, access.INVOKE_URL, "*", context)


def origin(request: Request, url: FunctionUrl | None) -> str:
    """Return the request's origin if the URL's CORS configuration names it, else ""."""
    stated = request.headers.get("origin", "")
    return stated if url and stated and function_urls.is_allowed(stated, url.cors) else ""


def without_origin(request: Request) -> Request:
    """Return a request of an allowed origin as the guard admits it."""
    headers = {
        name: value
        for name, value in request.headers.items()
        if name != "origin" and not name.startswith("sec-fetch-")
    }
    return request._replace(headers=headers)


def with_cors(response: Response, request: Request, url: FunctionUrl) -> Response:
    """Return the response with the headers that let the request's origin read it."""
    preflight = function_urls.is_preflight(request)
    added = function_urls.cors_headers(request.headers["origin"], url.cors, preflight)
    return response._replace(headers=[*response.headers, *added])


async def answer(
    url: FunctionUrl, address: Address, request: Request, functions: ControlPlane, pool: Pool
) -> Response:
    """Invoke the function of a URL with a request, and return its response."""
    anonymous = url.config["AuthType"] == "NONE"
    if anonymous and not url.lets_anyone_in():
        return function_urls.forbidden()
    if len(request.body) > REQUEST_LIMIT:
        return Response(413, [_JSON], b'{"Message":"Request must be smaller than 6291456 bytes"}')
    spec = functions.find(url.target)
    if spec is None:
        return function_urls.missing()
    account = "anonymous" if anonymous else url.target.account
    call = UrlCall(address.id, url.target.region, account, address.path or "/", request)
    request_id, trace = str(uuid4()), function_urls.trace_id()
    event = json.dumps(function_urls.event(call, request_id, trace)).encode()
    invocation = Invocation(event, request_id, url.target.arn, trace_id=trace)
    streams = url.config.get("InvokeMode") == "RESPONSE_STREAM"
    try:
        if streams:
            return await _streamed(Stream(spec, invocation, functions, pool), invocation)
        outcome = await pool.invoke(spec, invocation)
    except TooManyRequestsError as throttled:
        functions.count(spec, None)
        return _throttled(throttled)
    functions.count(spec, outcome)
    return function_urls.response(outcome, invocation)


def _throttled(error: TooManyRequestsError) -> Response:
    """Return the refusal of a request for which there is no environment.

    Recorded: body, cuculus-dev/cuculus#98 (2023-12-19); status, jill64/sveltekit-adapter-aws#175.
    """
    told = {"Reason": error.reason, "Type": "User", "message": error.message}
    headers = [_JSON, (b"x-amzn-errortype", b"TooManyRequestsException")]
    return Response(429, headers, json.dumps(told, separators=(",", ":")).encode())


async def _streamed(stream: Stream, invocation: Invocation) -> Response:
    """Return a response as soon as the function has begun to write it."""
    begun = await stream.next()
    if begun is None:
        assert stream.outcome
        return function_urls.response(stream.outcome, invocation, stream=True)
    while stream.media == function_urls.PRELUDE and function_urls.PRELUDE_END not in begun:
        more = await stream.next()
        if more is None:
            return function_urls.failed(invocation)
        begun += more
    try:
        made = function_urls.streamed(begun, stream.media, invocation)
    except ValueError:
        return function_urls.failed(invocation)
    return made._replace(body=b"", pieces=stream.rest(made.body))
