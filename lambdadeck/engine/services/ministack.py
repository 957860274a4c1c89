"""ministack: the AWS API except running code, on a thread and an event loop of its own.

ministack's retries, dead-letter queues, event source
mappings and triggers call `_execute_function_dispatch`; the engine takes its place.
"""

import asyncio
import json
import logging
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from lambdadeck.engine.api import code, dispatch, errors
from lambdadeck.engine.api.errors import BusyError, PendingError
from lambdadeck.engine.api.package_urls import PackageUrls
from lambdadeck.engine.api.saved import Saved
from lambdadeck.engine.api.specs import FunctionSpecs, chosen, policy
from lambdadeck.engine.api.store import Effects, ProvisionedEnvironments, Record, State, Store
from lambdadeck.engine.events.async_invoke import Current, Policy
from lambdadeck.engine.events.pollers import Pollers
from lambdadeck.engine.execution.pool import TooManyRequestsError
from lambdadeck.engine.http.message import Receive, Request, Response, Scope, Send
from lambdadeck.engine.http.public import Access, Address
from lambdadeck.engine.model import Credentials, FunctionSpec, Invocation, Outcome, Settings, Target
from lambdadeck.engine.services import callers, event_shapes, gateways, public_urls, tables
from lambdadeck.engine.services.app_thread import AppThread
from lambdadeck.engine.services.callers import ServiceCaller, may_invoke, of_event
from lambdadeck.engine.services.cloudwatch import CloudWatch
from lambdadeck.engine.services.event_sources import EventSources
from lambdadeck.engine.services.gateways import Begin, Gateways
from lambdadeck.engine.services.installed import check_seam, load
from lambdadeck.engine.services.sessions import Sessions
from lambdadeck.engine.services.sources import PolledSources, sources
from lambdadeck.engine.services.start_variables import variables
from lambdadeck.engine.services.websocket_routes import workers

T = TypeVar("T")
PATIENCE_S = 0.1  # a longer transition is for lessons on waiters: who does not wait is refused
LARGE = 1 << 20  # bytes of a request that may hold a large package


class ControlPlane:
    """ministack behind `handle`. Its threads call `begin`, which runs a function elsewhere."""

    def __init__(
        self,
        given: Settings,
        scratch: Path,
        begin: Begin,
        submit: Callable[[Current, Policy, Invocation], None],
        forget: Callable[[str], None],
        poll: Callable[[PolledSources], Pollers],
    ) -> None:
        self._given, self._scratch = given, scratch
        self._begin, self._submit, self._forget, self._poll = begin, submit, forget, poll
        self._app, self._told, self._state = AppThread(), list[str](), State()
        self.packages = PackageUrls(given.port, given.start_id)

    def start(self, provisioning: ProvisionedEnvironments) -> None:
        """Import ministack with its variables and run its start-up; return when it is ready."""
        os.environ.update(variables(self._given, self._scratch))
        app = load("app").app
        self._lambda = load("services.lambda_svc")
        self._scope = load("core.responses")
        self._cloudwatch = CloudWatch(load)
        self._sessions = Sessions(load("services.sts"))
        check_seam(self._lambda)
        self._lambda._execute_function_dispatch = self._dispatch
        routes = workers(self.find, self._result, self._may_invoke)
        load("core.lambda_runtime").get_or_create_worker = routes
        self._lambda.invoke_async_with_retry = self.accept
        self._lambda._pool_kill_function = self._changed
        self._lambda._LAMBDA_STATE_TRANSITION_DELAY = self._given.transition_s
        self._specs = FunctionSpecs(self._scratch / "code", self._lambda._resolve_layer_zip)
        apis = Gateways(self._begin, self.find, self._may_invoke, self.count)
        self._event_sources = EventSources(self._lambda, self.accept, self._may_invoke, apis)
        tables.lend(self._state, self._lambda)
        self._effects = self._own_effects(provisioning)
        self._app.start(app)

    def _own_effects(self, provisioning: ProvisionedEnvironments) -> Effects:
        def later(work: Callable[[], None]) -> None:
            told = self._told

            def end() -> None:
                work()
                self._save(told)

            asyncio.get_running_loop().call_later(self._given.transition_s, end)

        self._pollers = self._poll(sources(self._app.run))
        s3_object = tables.reader(self._lambda, self._scope, load("services.s3"))
        own = s3_object, later, self._forget, self.packages.publish
        return Effects(self._pollers, provisioning, *own)

    async def handle(self, scope: Scope, body: bytes) -> Response:
        """Answer one request whose body has been read; call it from any event loop."""
        return await self._app.run(self._answer(scope, body))

    async def _answer(self, scope: Scope, body: bytes) -> Response:
        self._event_sources.adopt()
        gateways.answering(scope, body)
        response = await self._app.answer(scope, body)
        return response._replace(body=self._public(scope, response.body))

    def _public(self, scope: Scope, body: bytes) -> bytes:
        return public_urls.answering(scope["path"], body, self._given.port, self._given.start_id)

    def restore(self) -> None:
        """Read back what an engine that died has saved; call it on the event loop."""
        self._saved: Saved | None = None
        if self._given.state:
            own = self._state, self._effects, self._pollers.restore
            self._saved = Saved(Path(self._given.state), *own)
            self._saved.restore()

    def _save(self, told: list[str]) -> None:
        if self._saved:
            self._saved.save("".join(told))

    def store(self, region: str) -> Store:
        """Return Lambda's own state in a region."""
        return Store(self._state, self._effects, self._given.account, region)

    async def answer(self, request: Request, region: str, scope: Scope) -> Response:
        """Answer a request to Lambda's API."""
        caller = f"arn:aws:iam::{self._given.account}:root"
        told = [request.path]  # and the answer: they name what is changed

        def attempt() -> Response:
            self._told = told
            return dispatch.answer(request, self.store(region), caller)

        if len(request.body) > LARGE:
            await asyncio.to_thread(code.inspect, request.body)
        try:
            own = await self._when_created(attempt)
        except BusyError as error:
            own = errors.response(error)
        if own.status < 300 and request.method != "GET":
            told.append(own.body.decode())
            self._save(told)
        return own._replace(body=self._public(scope, own.body))

    async def websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a WebSocket API."""
        await self._app.websocket(scope, receive, send)

    async def access(self, address: Address, method: str) -> Access:
        """Return who may open a public address now."""
        if address.kind == "packages":
            return Access.OPEN if self.packages.find(address.id) is not None else Access.MISSING

        async def look() -> Access:
            return public_urls.access(address, method, self._lambda)

        return await self._app.run(look())

    # ---- functions ----

    def _record(self, target: Target) -> Record | None:
        return self._state.functions.get((target.account, target.region, target.name))

    def find(self, target: Target) -> FunctionSpec | None:
        """Return the version to run; None if there is no such function or version."""
        found = self._chosen(target)
        return self._specs.get(*found) if found else None

    async def found(self, target: Target) -> FunctionSpec | None:
        """Find it while the event loop goes on: unpacking a large package takes seconds."""
        found = self._chosen(target)
        if found is None:
            return None
        building = self._specs.begin(*found[:2])
        if not building.done():
            await asyncio.wait([asyncio.wrap_future(building)])
        return self._specs.get(*found)

    def _chosen(self, target: Target) -> tuple[Record, Record, Record] | None:
        record = self._record(target)
        found = chosen(record, target.qualifier)
        return (found, found["config"], record) if record and found else None

    def function_url(self, url_id: str) -> tuple[Target, Record, Record] | None:
        """Return function, configuration and record of a URL, None if it does not exist."""
        found = self._lambda.resolve_function_url(url_id)
        target = Target(found[1], found[0], found[2], found[3]) if found else None
        record = self._record(target) if target else None
        return (target, found[4], record) if target and record else None

    def role(self, arn: str) -> str:
        """Return the role of a function, "" if it does not exist."""
        record = self._record(Target.read(arn))
        return str(record["config"]["Role"]) if record else ""

    async def _when_created(self, attempt: Callable[[], T]) -> T:
        """Attempt it once more after a Pending that is short; raise PendingError if it is long."""
        try:
            return attempt()
        except BusyError:
            if self._given.transition_s > PATIENCE_S:
                raise
        await asyncio.sleep(self._given.transition_s)
        return attempt()

    def is_pending(self, target: Target) -> bool:
        record = self._record(target)
        return record is not None and record["config"].get("State") == "Pending"

    async def created(self, target: Target) -> None:
        """Wait until a function is not Pending; raise PendingError if that takes long."""

        def check() -> None:
            if self.is_pending(target):
                raise PendingError

        await self._when_created(check)

    def prepare(self, target: Target) -> None:
        """Unpack a new deployment, as AWS does while it is Pending; Invoke reports its errors."""
        if found := self._chosen(target):
            self._specs.begin(*found[:2])

    def forget(self, arn: str, version: str | None) -> None:
        """Drop what was unpacked for a deleted function or version."""
        self._specs.forget(arn, version)

    def unused(self, used: set[Path]) -> list[Path]:
        """Return folders of code that no function uses any more; `used` are the environments'."""
        return self._specs.unused(used)

    def assume(self, spec: FunctionSpec, own: Credentials) -> None:
        """Make STS know a function's session of its role, from any thread."""
        self._app.soon(partial(self._sessions.add, spec, own))

    def queue(self, target: Target, invocation: Invocation) -> None:
        """Accept an event invocation of a function that `find` has found."""
        record = self._record(target)
        assert record is not None
        settings = policy(record, target.qualifier)
        self._submit(partial(self.find, target), settings, invocation)

    def accept(self, func: Record, event: Any, caller: ServiceCaller | None = None) -> None:
        """Accept an event from a service, in place of ministack's `invoke_async_with_retry`."""
        arn = (func.get("config") or func)["FunctionArn"]
        if not caller and (caller := of_event(event)):
            event = event_shapes.s3(event)
        if caller and not self._may_invoke(arn, caller):
            logging.warning("%s may not invoke %s for %s", caller.service, arn, caller.source_arn)
        elif self._chosen(target := Target.read(arn)):
            self.queue(target, Invocation(json.dumps(event).encode(), invoked_arn=arn))

    def _may_invoke(self, arn: str, caller: ServiceCaller) -> bool:
        return may_invoke(self._record(Target.read(arn)), Target.read(arn), caller)

    def _changed(self, account: str, name: str) -> None:
        public_urls.forget_deleted(name, self._lambda)
        self._forget(f"arn:aws:lambda:{self._scope.get_region()}:{account}:function:{name}")

    def _dispatch(
        self, func: Record, config: Record, event: Any, request_id: str, started: float
    ) -> dict[str, Any]:
        """Run what ministack wants to run; return the result in ministack's format."""
        arn = config.get("FunctionArn", "")
        invocation = Invocation(json.dumps(event).encode(), request_id, arn)
        pool = callers.pool(event, self._given.account)
        if pool and not self._may_invoke(arn, pool):
            return {"error": True, "body": callers.refusal(event)}
        result = self._result(self._specs.get(func, config, func), invocation)
        return {**result, "body": callers.failure(event, result)} if pool else result

    def _result(self, spec: FunctionSpec, invocation: Invocation) -> dict[str, Any]:
        try:
            outcome = self._begin(spec, invocation).result()
        except TooManyRequestsError as throttled:
            response: dict[str, Any] = self._lambda._throttle_response(
                reason_code=throttled.reason, msg=throttled.message
            )
            return response
        result: dict[str, Any] = {"log": outcome.log, "error": bool(outcome.function_error)}
        if outcome.function_error:
            result["function_error"] = outcome.function_error
        try:
            result["body"] = json.loads(outcome.payload or b"null")
        except ValueError:
            result.update(body=outcome.payload.decode("utf-8", errors="replace"), raw_payload=True)
        return result

    def log(self, spec: FunctionSpec, stream: str, lines: list[str]) -> None:
        self._cloudwatch.log(spec, stream, lines)

    def count(self, spec: FunctionSpec, outcome: Outcome | None) -> None:
        self._cloudwatch.count(spec, outcome)
