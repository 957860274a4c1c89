"""The ASGI application: the guard, Invoke, and the control plane for everything else."""

import asyncio
import gc
import re
import resource
import shutil
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

from lambdadeck.engine import function_urls, invoke, streaming
from lambdadeck.engine.api import errors
from lambdadeck.engine.api.errors import ApiError
from lambdadeck.engine.events.async_invoke import Current, EventQueue, Policy
from lambdadeck.engine.events.destinations import Deliver
from lambdadeck.engine.events.pollers import Pollers
from lambdadeck.engine.execution import memory, sandbox
from lambdadeck.engine.execution.errors import REQUEST_LIMIT
from lambdadeck.engine.execution.host import Host, python_runtime
from lambdadeck.engine.execution.launch import Launcher
from lambdadeck.engine.execution.pool import Pool
from lambdadeck.engine.function_urls import FunctionUrl
from lambdadeck.engine.http import bodies, public
from lambdadeck.engine.http.function_urls import is_preflight, missing
from lambdadeck.engine.http.guard import Guard
from lambdadeck.engine.http.invoke_protocol import joined
from lambdadeck.engine.http.message import BrokenOffError, Receive, Request, Response, Scope, Send
from lambdadeck.engine.http.public import Access, Address
from lambdadeck.engine.http.refusals import Admission, refuse
from lambdadeck.engine.http.sigv4 import AccessDeniedError, Claim
from lambdadeck.engine.model import FunctionSpec, Invocation, Outcome, Settings, Target
from lambdadeck.engine.provisioning import Provisioning
from lambdadeck.engine.services.ministack import ControlPlane
from lambdadeck.engine.services.sources import PolledSources, when_sent

SIGNED_LIMIT = 256 * bodies.MIB, 512 * bodies.MIB  # of one body, and of all together
UNSIGNED_LIMIT = 10 * bodies.MIB, 64 * bodies.MIB  # the first is API Gateway's payload quota
INVOKE_LIMIT = 2 * REQUEST_LIMIT, 256 * bodies.MIB
_CORS = b"access-control-"
_URL_PATH = re.compile(r"/_public/[a-z0-9]+/lambda-url/")
FREE_EVERY_S = 2.0
ENVIRONMENT_MB = 8  # of an environment that has just started: a fork has 5, an interpreter 8
OWN_FILES, ENVIRONMENT_FILES = 64, 8  # open files of the engine, and of one environment in use


class Application:
    """Answers every request of one engine; `given` has the port on which it listens."""

    def __init__(self, given: Settings, scratch: Path) -> None:
        self._given, self._scratch = given, scratch
        self._guard = Guard(given.secret_of, given.start_id)
        self._host = f"127.0.0.1:{given.port}"
        self._signed, self._unsigned = bodies.Budget(*SIGNED_LIMIT), bodies.Budget(*UNSIGNED_LIMIT)
        self.invokes = bodies.Budget(*INVOKE_LIMIT)
        endpoint = f"http://127.0.0.1:{given.port}"
        self._deliver = Deliver(endpoint, given.role, given.region)
        to_us = (self._begin, self._submit, self._forget, self._poll)
        self._control = ControlPlane(given, scratch, *to_us)
        self._launcher = Launcher(scratch, endpoint, given.role, self._control.assume)
        log, init_limit_s = self._control.log, given.init_limit_s
        host = Host(scratch, self._launcher, log, init_limit_s=init_limit_s)
        self._pool = Pool(host, concurrency_limit())
        self._events = EventQueue(self._pool, self._deliver)

    async def open(self) -> None:
        """Start the control plane, the sandbox and the pool's reaper."""
        self._loop = asyncio.get_running_loop()
        runtime, marker = python_runtime(self._scratch), self._given.role.marker
        provisioning = Provisioning(self._pool, self._control.found)
        begun = self._loop.run_in_executor(None, sandbox.start, runtime, marker)
        await self._loop.run_in_executor(None, self._control.start, provisioning)
        self._sandbox = await begun
        self._pool.host = replace(self._pool.host, sandbox=self._sandbox)
        when_sent(self._wake)
        self._control.restore()
        gc.collect()
        gc.freeze()  # the collector never looks again at what start-up made
        self._reapers = [asyncio.create_task(work) for work in (self._pool.reap(), self._free())]

    async def _free(self) -> None:
        """Remove the code that no function uses any more; runs forever."""
        while True:
            await asyncio.sleep(FREE_EVERY_S)
            for folder in self._control.unused(self._pool.folders()):
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    def close(self) -> None:
        for reaper in self._reapers:
            reaper.cancel()
        self._events.close()
        self._pollers.close()
        self._pool.close()
        if self._sandbox:
            self._sandbox.close()

    # ---- called by the control plane, on its threads ----

    def _begin(self, spec: FunctionSpec, invocation: Invocation) -> Future[Outcome]:
        return asyncio.run_coroutine_threadsafe(self._pool.invoke(spec, invocation), self._loop)

    def _submit(self, current: Current, policy: Policy, invocation: Invocation) -> None:
        self._loop.call_soon_threadsafe(self._events.submit, current, policy, invocation)

    def _forget(self, arn: str) -> None:
        version = Target.read(arn).function_and_version
        self._control.forget(*version)
        self._loop.call_soon_threadsafe(self._pool.forget, *version)

    def _wake(self) -> None:
        self._loop.call_soon_threadsafe(self._pollers.wake)

    def _poll(self, sources: PolledSources) -> Pollers:
        self._pollers = Pollers(sources, self._invoke_arn, self._control.role, self._send)
        return self._pollers

    async def _invoke_arn(self, arn: str, event: bytes) -> Outcome | None:
        """Run an invocation for an event source mapping; return None if there is no function."""
        spec = self._control.find(Target.read(arn))
        if spec is None:
            return None
        outcome = await self._pool.invoke(spec, Invocation(event, invoked_arn=arn))
        self._control.count(spec, outcome)
        return outcome

    async def _send(self, target: str, body: str, key: str) -> None:
        await asyncio.to_thread(self._deliver, target, body, {}, key)

    # ---- requests ----

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _respond(scope, receive, send, await self._http(scope, receive))
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive) -> Response:
        """Answer any request but Invoke; the guard checks the headers before the body is read."""
        request = _request(scope, scope["method"])
        address, access = await self._address(request)
        url = self._url(address)
        origin = function_urls.origin(request, url)
        try:
            response = await self._admitted(scope, receive, request, address, access, bool(origin))
        except (AccessDeniedError, ApiError) as problem:
            response = _refused(request, problem, address, access)
        if url and origin:
            return function_urls.with_cors(_without_cors(response), request, url)
        return _without_cors(response)

    async def _admitted(
        self,
        scope: Scope,
        receive: Receive,
        request: Request,
        address: Address | None,
        access: Access,
        cross_origin: bool,
    ) -> Response:
        checked = function_urls.without_origin(request) if cross_origin else request
        if cross_origin and is_preflight(request):
            self._guard.check_headers(checked, access=Access.OPEN)
            return Response(200, [], b"")
        claim = self._guard.check_headers(checked, access=access)
        with (self._signed if claim else self._unsigned).body() as body:
            request = request._replace(body=await bodies.read(receive, body))
            if access is not Access.OPEN:
                self._guard.check_body(request, claim)
            return await self._answer(address, scope, request, claim)

    def _url(self, address: Address | None) -> FunctionUrl | None:
        """Return the function URL at an address, None if it is none or does not exist."""
        if address is None or address.kind != "lambda-url":
            return None
        found = self._control.function_url(address.id)
        return FunctionUrl(*found) if found else None

    async def _address(self, request: Request) -> tuple[Address | None, Access]:
        """Return a request's public address and its access; other requests are to be signed."""
        address = self._guard.address(request)
        if address is None:
            return None, Access.SIGNED
        return address, await self._control.access(address, request.method)

    async def _answer(
        self, address: Address | None, scope: Scope, request: Request, claim: Claim | None
    ) -> Response:
        if address:
            return await self._answer_public(address, scope, request)
        if claim is None or claim.service != "lambda":
            return await self._control.handle(scope, request.body)
        if streaming.PATH.fullmatch(request.path):
            return await streaming.invoke(request, claim, self._control, self._pool)
        response = await self._control.answer(request, claim.region, scope)
        if response.status < 300 and (name := invoke.deployed(request, response)):
            self._control.prepare(Target(claim.region, self._given.account, name, None))
        return response

    async def _answer_public(self, address: Address, scope: Scope, request: Request) -> Response:
        if address.kind == "packages":
            package = self._control.packages.find(address.id) or b""
            return Response(200, [(b"content-type", b"application/zip")], package)
        scope = public.scope_of(address, scope, self._host)
        if url := self._url(address):
            cleaned = request._replace(headers=joined(scope["headers"]))
            response = await function_urls.answer(url, address, cleaned, self._control, self._pool)
        else:
            response = await self._control.handle(scope, request.body)
        kept = [header for header in response.headers if public.may_set(header)]
        return response._replace(headers=kept)

    def admit(self, request: Request) -> Admission | None:
        """Check an Invoke's headers; None for a public address, which is not an Invoke at all."""
        if self._guard.address(request):
            return None
        try:
            claim = self._guard.check_headers(request)
        except AccessDeniedError as problem:
            return Admission(None, refuse(request, problem))
        return Admission(claim, None)

    async def direct(self, request: Request, claim: Claim | None, reply: invoke.Reply) -> None:
        """Answer an Invoke that `admit` has admitted, without the control plane."""
        try:
            self._guard.check_body(request, claim)
            target = invoke.function_of(request, claim, self._control)
            await invoke.invoke(request, target, self._control, self._pool, reply)
        except (AccessDeniedError, ApiError) as problem:
            reply(_refused(request, problem))

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = _request(scope, "GET")
        try:
            address, access = await self._address(request)
            claim = self._guard.check_headers(request, access=access)
            if access is not Access.OPEN:
                self._guard.check_body(request, claim)
        except AccessDeniedError:
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        scope = public.scope_of(address, scope, self._host) if address else scope
        await self._control.websocket(scope, receive, send)


def concurrency_limit() -> int:
    """Return how many environments fit into half of the memory and into the open files allowed.

    At least 16 by memory, at most AWS's default of 1,000.
    """
    by_files = (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - OWN_FILES) // ENVIRONMENT_FILES
    return min(1000, max(16, memory.total_mb() // 2 // ENVIRONMENT_MB), max(1, by_files))


def _refused(
    request: Request,
    problem: AccessDeniedError | ApiError,
    address: Address | None = None,
    access: Access = Access.SIGNED,
) -> Response:
    unknown = address is None or access is Access.MISSING  # of another start, or deleted
    if unknown and _URL_PATH.match(request.path):
        return missing()
    if isinstance(problem, ApiError):
        return errors.response(problem)
    return refuse(request, problem)


def _request(scope: Scope, method: str) -> Request:
    path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
    return Request(method, path, query, joined(scope["headers"]), b"")


def _without_cors(response: Response) -> Response:
    """Return a response that no page of another origin may read."""
    headers = [pair for pair in response.headers if not pair[0].lower().startswith(_CORS)]
    return response._replace(headers=headers)


async def _respond(scope: Scope, receive: Receive, send: Send, response: Response) -> None:
    own = (b"content-length", b"date")  # written here, and by uvicorn
    headers = [pair for pair in response.headers if pair[0].lower() not in own]
    if response.pieces is None:
        headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if response.pieces is not None:
        try:
            async for piece in response.pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        except BrokenOffError:
            scope["hang_up"]()
            while (await receive())["type"] != "http.disconnect":
                pass
            return
    await send({"type": "http.response.body", "body": response.body})
