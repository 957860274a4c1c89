"""The embedded cloud's process: `python -m lambdadeck.engine.server`.

It reads one line of JSON from its standard input (Settings), prints one line of JSON when it listens, and ends when its
standard input closes, however its starter ended. A watchdog sees to what a SIGKILL would leave behind.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import socket
import sys
import tempfile
import threading
import traceback
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvicorn

from lambdadeck.engine import invoke, watchdog
from lambdadeck.engine.control.async_invoke import EventQueue, Policy
from lambdadeck.engine.control.destinations import Deliver
from lambdadeck.engine.control.ministack import ControlPlane, Current, Response, settings
from lambdadeck.engine.control.validation import ValidationError, Validator, read_blocks
from lambdadeck.engine.execution import sandbox
from lambdadeck.engine.execution.host import Host
from lambdadeck.engine.execution.launch import Launcher
from lambdadeck.engine.execution.pool import Pool
from lambdadeck.engine.http.guard import Guard
from lambdadeck.engine.http.invoke_protocol import InvokeProtocol, joined
from lambdadeck.engine.http.sigv4 import AccessDeniedError, Request
from lambdadeck.engine.model import FunctionSpec, Invocation, Outcome, Settings

BODY_LIMIT = 256 * 1024 * 1024
ENVIRONMENT_MB = 40  # what one small environment holds; bounds how many the machine bears
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


class Application:
    """The ASGI application: guard, Invoke, and the control plane for all else."""

    def __init__(self, given: Settings, port: int, scratch: Path) -> None:
        self._given, self._scratch = given, scratch
        self._guard = Guard(
            {c.access_key: c.secret_key for c in (given.deck, given.role)}, given.start_id
        )
        self._control = ControlPlane(scratch, self._run, self._submit, self._forget, given.account)
        self._validator = Validator(read_blocks())
        endpoint = f"http://127.0.0.1:{port}"
        self._launcher = Launcher(scratch, endpoint, given.role)
        host = Host(
            scratch,
            self._launcher,
            self._control.log,
            runtime_dir=scratch / "python-runtime",
            keep=(sys.prefix, sys.base_prefix),
            init_limit_s=given.init_limit_s,
        )
        self._pool = Pool(host, concurrency_limit())
        self._events = EventQueue(self._pool, Deliver(endpoint, given.role))
        self._variables = settings(port, given.region, given.start_id, scratch, given.account)

    async def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        begun = self._loop.run_in_executor(
            None, sandbox.start, dict(os.environ)
        )  # a copy: ministack's settings come meanwhile
        prepared = self._loop.run_in_executor(None, self._launcher.prepare)
        await self._loop.run_in_executor(None, self._control.start, self._variables)
        await prepared
        self._sandbox = await begun
        self._pool.host = replace(self._pool.host, sandbox=self._sandbox)
        gc.collect()
        gc.freeze()  # what start-up made stays: the collector need not look at it again during a talk
        self._reaper = asyncio.create_task(self._pool.reap())

    def close(self) -> None:
        self._reaper.cancel()
        self._events.close()
        self._pool.close()
        if self._sandbox:
            self._sandbox.close()

    def _run(self, spec: FunctionSpec, invocation: Invocation) -> Outcome:
        return asyncio.run_coroutine_threadsafe(
            self._pool.invoke(spec, invocation), self._loop
        ).result()

    def _submit(self, current: Current, policy: Policy, invocation: Invocation) -> None:
        self._loop.call_soon_threadsafe(self._events.submit, current, policy, invocation)

    def _forget(self, arn: str) -> None:
        self._loop.call_soon_threadsafe(self._pool.forget, arn)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)

    async def _http(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Every request but Invoke: the guard sees the head first, and the body before anybody else does."""
        request = Request(
            scope["method"],
            scope["raw_path"].decode("latin-1"),
            scope["query_string"].decode("latin-1"),
            joined(scope["headers"]),
            b"",
        )
        try:
            self._guard.check_origin(request.headers)
            request = request._replace(body=await _body(receive))
            claim = self._guard.check(request)
            self._validator.check(request.method, request.path, request.body)
            answer = await self._control.handle(self._public(scope), request.body)
            if deployed := invoke.deployed(request):
                self._loop.run_in_executor(
                    None, self._control.prepare, claim.region if claim else "", deployed
                )
        except AccessDeniedError as refused:
            answer = refuse(request, refused)
        except ValidationError as bad:
            answer = invoke.refusal(bad.status, bad.code, bad.message)
        await _respond(send, answer)

    async def direct(self, request: Request, reply: invoke.Reply) -> None:
        """The Invoke operation: guard, function, execution environment, and nothing else."""
        try:
            claim = self._guard.check(request)
        except AccessDeniedError as refused:
            reply(refuse(request, refused))
            return
        function = invoke.function_of(request)
        if function is None or claim is None:
            reply(
                invoke.refusal(
                    400, "ValidationException", "The path names no function: a name, or its ARN."
                )
            )
            return
        spec, outcome = await invoke.invoke(
            request,
            *function,
            claim.region,
            self._control,
            self._pool,
            self._control,
            self._given.account,
            reply,
        )
        if spec:
            self._count(spec, outcome)

    def _count(self, spec: FunctionSpec, outcome: Outcome | None) -> None:
        failed = bool(outcome and outcome.function_error)
        self._control.count(
            spec, outcome.duration_ms if outcome else 0.0, failed, throttled=outcome is None
        )

    def _public(self, scope: dict[str, Any]) -> dict[str, Any]:
        """Map /_public/START_ID/… to the path under which the control plane knows it."""
        prefix = f"/_public/{self._given.start_id}/"
        if not scope["path"].startswith(prefix):
            return scope
        return {
            **scope,
            "path": "/_aws/" + scope["path"][len(prefix) :],
            "raw_path": b"/_aws/" + scope["raw_path"][len(prefix) :],
        }

    async def _websocket(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
        try:
            self._guard.check(Request("GET", path, query, joined(scope["headers"]), b""))
        except AccessDeniedError:
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        await self._control.websocket(self._public(scope), receive, send)


def concurrency_limit() -> int:
    """How many environments this machine bears: half its memory in small ones, at most AWS's default of 1,000."""
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (1024 * 1024)
    return max(16, min(1000, memory_mb // 2 // ENVIRONMENT_MB))


def refuse(request: Request, refused: AccessDeniedError) -> Response:
    """A refusal in the shape that the called service uses: JSON, or XML where the SDK expects that."""
    path_is_s3 = request.method in ("GET", "PUT", "HEAD", "DELETE") and not request.path.startswith(
        "/20"
    )
    if path_is_s3 or "x-www-form-urlencoded" in request.headers.get("content-type", ""):
        error = (
            f"<Error><Code>{refused.code}</Code><Message>{_xml(refused.message)}</Message></Error>"
        )
        body = error if path_is_s3 else f"<ErrorResponse>{error}</ErrorResponse>"
        return Response(403, [(b"content-type", b"text/xml")], body.encode())
    body = json.dumps(
        {"__type": refused.code, "message": refused.message, "Message": refused.message}
    )
    return Response(
        403,
        [(b"content-type", b"application/json"), (b"x-amzn-errortype", refused.code.encode())],
        body.encode(),
    )


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


async def _body(receive: Receive) -> bytes:
    message = await receive()
    if not message.get("more_body"):
        return message.get("body", b"")
    chunks, size = [message.get("body", b"")], 0
    while message.get("more_body"):
        message = await receive()
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > BODY_LIMIT:
            raise AccessDeniedError(
                "RequestEntityTooLarge", f"The body is over {BODY_LIMIT} bytes."
            )
    return b"".join(chunks)


async def _respond(send: Send, response: Response) -> None:
    headers = [
        (name, value)
        for name, value in response.headers
        if not name.lower().startswith(b"access-control-") and name.lower() != b"content-length"
    ]
    headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


async def serve(
    given: Settings, scratch: Path, announce: Callable[[int], None], ended: threading.Event
) -> None:
    """Listen until `ended` is set."""
    sock = _listen(given.port)
    port = sock.getsockname()[1]
    application = Application(given, port, scratch)
    await application.open()
    config = uvicorn.Config(
        application,
        http=InvokeProtocol,
        proxy_headers=False,
        ws="wsproto",
        lifespan="off",
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=True,
        timeout_keep_alive=300,
        log_config=None,
    )
    server = _Server(config)
    asyncio.get_running_loop().run_in_executor(None, _wait_then, ended, server)
    asyncio.get_running_loop().call_soon(announce, port)
    try:
        await server.serve(sockets=[sock])
    finally:
        application.close()


def _listen(port: int) -> socket.socket:
    # asyncio sets TCP_NODELAY only on sockets that name their protocol: without it each answer waits 40 ms for an ACK
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    sock.listen(512)
    return sock


class _Server(uvicorn.Server):
    """Leaves signals to main(): SIGINT belongs to the starter, and SIGTERM ends the whole process."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]  # same use
        return nullcontext()


def _wait_then(ended: threading.Event, server: uvicorn.Server) -> None:
    ended.wait()
    server.should_exit = server.force_exit = True


def main() -> None:
    """Read Settings, serve, end with the starter."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the starter's: it closes our stdin
    given = Settings.read(sys.stdin.readline())
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]  # the host's account is none of our business
    scratch = Path(tempfile.mkdtemp(prefix="lambdadeck-"))
    guard_dog = watchdog.start(given.role.access_key, scratch)
    ended = threading.Event()

    def until_stdin_closes() -> None:
        sys.stdin.buffer.read()
        ended.set()

    threading.Thread(target=until_stdin_closes, daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    code = 1
    try:
        asyncio.run(serve(given, scratch, _announce, ended))
        code = 0
    except Exception:
        traceback.print_exc()
    finally:
        assert guard_dog.stdin
        guard_dog.stdin.close()
        guard_dog.wait()
        sys.stderr.flush()
        os._exit(code)  # the control plane's daemon threads hold nothing worth waiting for


def _announce(port: int) -> None:
    print(json.dumps({"port": port}), flush=True)


if __name__ == "__main__":
    main()
