"""The ASGI application: the guard, Invoke, and the control plane for everything else."""

import asyncio
import gc
import html
import json
import os
from dataclasses import replace
from pathlib import Path

from lambdadeck.engine import invoke
from lambdadeck.engine.control.async_invoke import Current, EventQueue, Policy
from lambdadeck.engine.control.destinations import Deliver
from lambdadeck.engine.control.ministack import ControlPlane
from lambdadeck.engine.control.validation import ValidationError, Validator, read_blocks
from lambdadeck.engine.execution import sandbox
from lambdadeck.engine.execution.host import Host
from lambdadeck.engine.execution.launch import Launcher
from lambdadeck.engine.execution.pool import Pool
from lambdadeck.engine.http.guard import Guard
from lambdadeck.engine.http.invoke_protocol import joined
from lambdadeck.engine.http.message import Receive, Request, Response, Scope, Send
from lambdadeck.engine.http.sigv4 import AccessDeniedError
from lambdadeck.engine.model import FunctionSpec, Invocation, Outcome, Settings, Target

BODY_LIMIT = 256 * 1024 * 1024
ENVIRONMENT_MB = 40  # memory of one small execution environment


class Application:
    """Answers every request of one engine; `given` has the port on which it listens."""

    def __init__(self, given: Settings, scratch: Path) -> None:
        self._given = given
        keys = {c.access_key: c.secret_key for c in (given.deck, given.role)}
        self._guard = Guard(keys, given.start_id)
        self._control = ControlPlane(given, scratch, self._run, self._submit, self._forget)
        self._validator = Validator(read_blocks())
        endpoint = f"http://127.0.0.1:{given.port}"
        self._launcher = Launcher(scratch, endpoint, given.role)
        log, init_limit_s = self._control.log, given.init_limit_s
        host = Host(scratch, self._launcher, log, init_limit_s=init_limit_s)
        self._pool = Pool(host, concurrency_limit())
        self._events = EventQueue(self._pool, Deliver(endpoint, given.role))

    async def open(self) -> None:
        """Start the control plane, the sandbox and the pool's reaper."""
        self._loop = asyncio.get_running_loop()
        environment = dict(os.environ)  # before ministack's settings come
        begun = self._loop.run_in_executor(None, sandbox.start, environment)
        prepared = self._loop.run_in_executor(None, self._launcher.prepare)
        await self._loop.run_in_executor(None, self._control.start)
        await prepared
        self._sandbox = await begun
        self._pool.host = replace(self._pool.host, sandbox=self._sandbox)
        gc.collect()
        gc.freeze()  # the collector never looks again at what start-up made
        self._reaper = asyncio.create_task(self._pool.reap())

    def close(self) -> None:
        self._reaper.cancel()
        self._events.close()
        self._pool.close()
        if self._sandbox:
            self._sandbox.close()

    # ---- called by the control plane, on its threads ----

    def _run(self, spec: FunctionSpec, invocation: Invocation) -> Outcome:
        running = self._pool.invoke(spec, invocation)
        return asyncio.run_coroutine_threadsafe(running, self._loop).result()

    def _submit(self, current: Current, policy: Policy, invocation: Invocation) -> None:
        self._loop.call_soon_threadsafe(self._events.submit, current, policy, invocation)

    def _forget(self, arn: str) -> None:
        self._loop.call_soon_threadsafe(self._pool.forget, arn)

    # ---- requests ----

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _respond(send, await self._http(scope, receive))
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive) -> Response:
        """Answer any request but Invoke; the guard checks the headers before the body is read."""
        request = _request(scope, scope["method"])
        try:
            self._guard.check_origin(request.headers)
            request = request._replace(body=await _body(receive))
            claim = self._guard.check(request)
            self._validator.check(request.method, request.path, request.body)
            response = await self._control.handle(self._public(scope), request.body)
        except (AccessDeniedError, ValidationError) as problem:
            return refuse(request, problem)
        if claim and (name := invoke.deployed(request)):
            target = Target(claim.region, self._given.account, name, None)
            self._loop.run_in_executor(None, self._control.prepare, target)
        return response

    async def direct(self, request: Request, reply: invoke.Reply) -> None:
        """Answer an Invoke without the control plane."""
        try:
            claim = self._guard.check(request)
            target = invoke.function_of(request, claim, self._given.account)
            await invoke.invoke(request, target, self._control, self._pool, reply)
        except (AccessDeniedError, ValidationError) as problem:
            reply(refuse(request, problem))

    def _public(self, scope: Scope) -> Scope:
        """Map /_public/START_ID/… to the control plane's own path."""
        prefix = f"/_public/{self._given.start_id}/"
        if not scope["path"].startswith(prefix):
            return scope
        path, raw = scope["path"][len(prefix) :], scope["raw_path"][len(prefix) :]
        return {**scope, "path": "/_aws/" + path, "raw_path": b"/_aws/" + raw}

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._guard.check(_request(scope, "GET"))
        except AccessDeniedError:
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        await self._control.websocket(self._public(scope), receive, send)


def concurrency_limit() -> int:
    """Return how many environments fit into half of the memory, from 16 to AWS's default 1,000."""
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (1024 * 1024)
    return max(16, min(1000, memory_mb // 2 // ENVIRONMENT_MB))


def refuse(request: Request, problem: AccessDeniedError | ValidationError) -> Response:
    """Return an error in the shape of the called service: JSON, or XML if the SDK expects it."""
    code, message = problem.code, problem.message
    if isinstance(problem, ValidationError):
        return invoke.error(problem.status, code, message)
    reads = request.method in ("GET", "PUT", "HEAD", "DELETE")
    is_s3 = reads and not request.path.startswith("/20")
    if is_s3 or "x-www-form-urlencoded" in request.headers.get("content-type", ""):
        text = html.escape(message, quote=False)
        body = f"<Error><Code>{code}</Code><Message>{text}</Message></Error>"
        body = body if is_s3 else f"<ErrorResponse>{body}</ErrorResponse>"
        return Response(403, [(b"content-type", b"text/xml")], body.encode())
    body = json.dumps({"__type": code, "message": message, "Message": message})
    headers = [(b"content-type", b"application/json"), (b"x-amzn-errortype", code.encode())]
    return Response(403, headers, body.encode())


def _request(scope: Scope, method: str) -> Request:
    path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
    return Request(method, path, query, joined(scope["headers"]), b"")


async def _body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > BODY_LIMIT:
            raise AccessDeniedError(
                "RequestEntityTooLarge", f"The body is over {BODY_LIMIT} bytes."
            )
        more = message.get("more_body", False)
    return b"".join(chunks)


async def _respond(send: Send, response: Response) -> None:
    headers = [
        (name, value)
        for name, value in response.headers
        if not name.lower().startswith((b"access-control-", b"content-length"))
    ]
    headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
