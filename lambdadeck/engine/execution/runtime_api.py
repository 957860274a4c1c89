"""The Lambda Runtime API (2018-06-01): a runtime asks for its next event and posts its response.

Each execution environment has its own socket. Only processes of that environment may connect,
because a port is no secret: no web page and no other function may take an event or answer it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import httptools

from lambdadeck.engine.execution.errors import (
    RESPONSE_LIMIT,
    STREAM_LIMIT,
    response_too_large,
    truncated,
)
from lambdadeck.engine.model import Invocation, Piece

if TYPE_CHECKING:
    from lambdadeck.engine.execution.environment import Environment

HEAD_LIMIT = 1 << 20  # bytes before a request's body, and of its trailers
LOOK_S = 0.002  # until we look again whether the start has told its process id
HUNG_UP_S = 0.1  # until a stream that broke off is an error: an exit says more
STREAM = b"application/octet-stream"
PREFIX = "/2018-06-01/runtime/"
_FUNCTION = b"lambda-runtime-function-"
_ANSWER = re.compile(PREFIX + "invocation/([^/]+)/(response|error)")
_REASONS = {
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    413: "Request Entity Too Large",
    431: "Request Header Fields Too Large",
}
_ACCEPTED = (
    b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n"
    b'{"status":"OK"}\n'
)


class RuntimeApi:
    """The Runtime API of one environment; `address` is what goes into AWS_LAMBDA_RUNTIME_API."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.address = ""
        self.connections: set[_Connection] = set()
        self.closed = False
        self._server: asyncio.Server | None = None
        self._waiting: _Connection | None = None
        self._held: bytes | None = None
        self._invocation: Invocation | None = None

    async def listen(self) -> None:
        """Open the socket on a free port of 127.0.0.1."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def close(self) -> None:
        """Close the socket and every connection, also those that are being accepted."""
        self.closed = True
        if self._server:
            self._server.close()
        for connection in list(self.connections):
            connection.close()

    def deliver(self, invocation: Invocation, deadline_ms: int, arn: str) -> None:
        """Hand over an event, or hold it until the runtime asks."""
        self._invocation = invocation
        answer = _event_answer(invocation, deadline_ms, arn)
        if self._waiting:
            waiting, self._waiting = self._waiting, None
            waiting.send(answer)
        else:
            self._held = answer

    @property
    def holding(self) -> bool:
        """True while the runtime has not asked for a delivered event."""
        return self._held is not None

    def asked(self, connection: _Connection) -> None:
        """Send the next event, or remember who waits for it."""
        if self._held:
            held, self._held = self._held, None
            connection.send(held)
        else:
            self._waiting = connection
        self.environment.asked_next()

    def piece(self, request_id: str) -> Piece | None:
        """Return what takes the pieces of a stream; None if its caller waits for the whole."""
        invocation = self._invocation
        return invocation.piece if invocation and invocation.request_id == request_id else None

    def gone(self, connection: _Connection) -> None:
        self.connections.discard(connection)
        if self._waiting is connection:
            self._waiting = None


class _Connection(asyncio.Protocol):
    """One HTTP/1.1 connection of a runtime."""

    _streaming = ""  # the request that is being answered piece by piece

    def __init__(self, api: RuntimeApi) -> None:
        self.api = api
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._host_ok, self._head, self._admitted, self._early = False, 0, False, b""
        self.api.connections.add(self)
        self._parser = httptools.HttpRequestParser(self)
        self.close() if self.api.closed else self._admit()

    def _admit(self) -> None:
        """Refuse a foreign process; parse nothing until it is known which process is ours."""
        if self._transport is None:
            return
        peer, ours = (self._transport.get_extra_info(name) for name in ("peername", "sockname"))
        owns = self.api.environment.owns(peer, ours)
        if owns is None:
            asyncio.get_running_loop().call_later(LOOK_S, self._admit)
        elif owns:
            self._admitted, early, self._early = True, self._early, b""
            self._transport.resume_reading()
            if early:
                self.data_received(early)
        else:
            self.refuse(403, "This Runtime API belongs to another execution environment.")

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self.api.gone(self)
        if self._streaming:
            failed = self.api.environment.failed
            loop = asyncio.get_running_loop()
            loop.call_later(HUNG_UP_S, failed, self._streaming, truncated())

    def data_received(self, data: bytes) -> None:
        if self._transport is None:
            return
        if not self._admitted:  # Python 3.11.2 reads on if connection_made pauses
            self._transport.pause_reading()
            self._early += data
            return
        self._head += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self.refuse(400, f"Not HTTP: {error}.")
        if self._head > HEAD_LIMIT:
            self.refuse(431, f"The head of a request has at most {HEAD_LIMIT} bytes.")

    # httptools calls these six
    def on_message_begin(self) -> None:
        self._url, self._size, self._host_ok, self._browser = b"", 0, False, False
        self._body: list[bytes] = []
        self._headers: dict[bytes, bytes] = {}  # and trailers
        self._piece: Piece | None = None

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        self._headers[name] = value
        if name == b"host":
            self._host_ok = value.decode("latin-1") == self.api.address
        elif name == b"origin" or name.startswith(b"sec-fetch-"):
            self._browser = True
        elif name == b"expect":
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_headers_complete(self) -> None:
        self._head = 0
        answer = _ANSWER.fullmatch(self._url.decode("latin-1"))
        streams = self._headers.get(_FUNCTION + b"response-mode", b"").lower() == b"streaming"
        if streams and answer and answer[2] == "response" and self._host_ok and not self._browser:
            self._streaming = answer[1]
            self._piece = self.api.piece(answer[1])

    def on_body(self, body: bytes) -> None:
        self._head = 0
        self._size += len(body)
        if self._size > self._limit:
            return
        if self._piece:
            self._piece(self._headers.get(b"content-type", STREAM).decode("latin-1"), body)
        else:
            self._body.append(body)

    @property
    def _limit(self) -> int:
        return STREAM_LIMIT if self._piece else RESPONSE_LIMIT

    def on_message_complete(self) -> None:
        self._streaming = ""
        if self._browser or not self._host_ok:
            self.refuse(403, "Only the runtime of this environment may ask here.")
        else:
            self._route(self._parser.get_method(), self._url.decode("latin-1"))

    def _route(self, method: bytes, url: str) -> None:
        environment = self.api.environment
        answer = _ANSWER.fullmatch(url) if method == b"POST" else None
        if (method, url) == (b"GET", PREFIX + "invocation/next"):
            self.api.asked(self)
        elif (method, url) == (b"POST", PREFIX + "init/error"):
            environment.init_failed(b"".join(self._body))
            self.send(_ACCEPTED)
        elif answer is None:
            message = f"There is no {method.decode()} {url} in the Runtime API, below {PREFIX}."
            self.refuse(404, message)
        elif answer[2] == "error":
            self._accept(environment.failed, answer[1])
        elif self._size > self._limit:
            environment.failed(answer[1], response_too_large(self._limit))
            self.refuse(413, f"Exceeded maximum allowed payload size ({self._limit} bytes).")
        elif fault := self._fault():
            self._body = [fault]
            self._accept(environment.failed, answer[1])
        else:
            self._accept(environment.responded, answer[1])

    def _fault(self) -> bytes:
        """Return the error that the trailers of a stream report, b"" if there is none."""
        kind = self._headers.get(_FUNCTION + b"error-type", b"").decode("latin-1")
        try:
            stated = base64.b64decode(self._headers.get(_FUNCTION + b"error-body", b""))
        except ValueError:
            stated = b""
        return (stated or json.dumps({"errorType": kind}).encode()) if kind else b""

    def _accept(self, take: Callable[[str, bytes], bool], request_id: str) -> None:
        if take(request_id, b"".join(self._body)):
            loop = asyncio.get_running_loop()
            loop.call_soon(self.send, _ACCEPTED)  # the caller's answer goes first
        else:
            self.refuse(400, f"Invalid request ID {request_id}: it is not the one being answered.")

    def send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def refuse(self, status: int, message: str) -> None:
        """Answer with an error in the Runtime API's shape and hang up."""
        reason = _REASONS[status]
        body = json.dumps({"errorMessage": message, "errorType": reason.replace(" ", "")}).encode()
        head = (
            f"HTTP/1.1 {status} {reason}\r\nContent-Type: application/json\r\nConnection: close\r\n"
        )
        self.send(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        self.close()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None


def trace(given: str, now: float) -> str:
    """Return the X-Ray tracing header of an invocation, completed as by Lambda."""
    fields = dict(part.split("=", 1) for part in given.split(";") if "=" in part)
    new = {
        "Root": f"1-{int(now):08x}-{secrets.token_hex(12)}",
        "Parent": secrets.token_hex(8),
        "Sampled": "0",
        "Lineage": f"1:{secrets.token_hex(4)}:0",
    }
    return ";".join(f"{name}={value}" for name, value in {**new, **fields}.items())


def _event_answer(invocation: Invocation, deadline_ms: int, arn: str) -> bytes:
    lines = [
        "HTTP/1.1 200 OK",
        "Content-Type: application/json",
        f"Lambda-Runtime-Aws-Request-Id: {invocation.request_id}",
        f"Lambda-Runtime-Deadline-Ms: {deadline_ms}",
        f"Lambda-Runtime-Invoked-Function-Arn: {arn}",
        f"Content-Length: {len(invocation.event)}",
    ]
    lines.append(f"Lambda-Runtime-Trace-Id: {trace(invocation.trace_id, time.time())}")
    if invocation.client_context:
        lines.append(f"Lambda-Runtime-Client-Context: {invocation.client_context}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + invocation.event
