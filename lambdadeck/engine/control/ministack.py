"""ministack: the AWS API except running code, on a thread and an event loop of its own.

The only module that imports ministack. ministack's retries, dead-letter queues, event source
mappings and triggers call `_execute_function_dispatch`; the engine takes its place.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
import json
import os
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from lambdadeck.engine.control.async_invoke import Policy
from lambdadeck.engine.control.event_sources import EventSources
from lambdadeck.engine.control.functions import FunctionSpecs, Record, pick_version, policy
from lambdadeck.engine.control.packages import PackageError
from lambdadeck.engine.control.public_urls import answering
from lambdadeck.engine.execution.pool import TooManyRequestsError
from lambdadeck.engine.http.message import Response
from lambdadeck.engine.model import ACCOUNT, FunctionSpec, Invocation, Outcome

T = TypeVar("T")
Current = Callable[[], FunctionSpec | None]
STATE_DELAY_S = 0.02  # of Pending and InProgress: they pass as in AWS, but nobody waits for them
SEAM = ("func", "config", "event", "request_id", "started")


class MinistackVersionError(RuntimeError):
    """ministack is not the version that this engine was built for."""


def settings(
    port: int, region: str, start_id: str, scratch: Path, account: str = ACCOUNT
) -> dict[str, str]:
    """Return ministack's environment variables: loopback only, nothing kept, no other listener."""
    return {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": f"{start_id}.localhost",
        "MINISTACK_REGION": region,
        "MINISTACK_ACCOUNT_ID": account,
        "AWS_DEFAULT_REGION": region,
        "LAMBDA_ACCOUNT_CONCURRENCY": "0",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "PERSIST_STATE": "0",
        "S3_PERSIST": "0",
        "LOG_LEVEL": "ERROR",
        "DOCKER_HOST": "unix:///nonexistent",
        "TMPDIR": str(scratch),
        "MINISTACK_READY_SCRIPTS": "",
    }


class ControlPlane:
    """ministack behind `handle`. Its threads call `run`, which blocks until the outcome."""

    def __init__(
        self,
        scratch: Path,
        run: Callable[[FunctionSpec, Invocation], Outcome],
        submit: Callable[[Current, Policy, Invocation], None],
        forget: Callable[[str], None],
        account: str = ACCOUNT,
    ) -> None:
        self._run, self._submit, self._forget, self._account = run, submit, forget, account
        self._packages = scratch / "code"
        self._loop = asyncio.new_event_loop()
        self._to_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    def start(self, variables: dict[str, str]) -> None:
        """Import ministack with these settings and run its start-up; return when it is ready."""
        os.environ.update(variables)
        self._port = int(variables["GATEWAY_PORT"])
        self._start_id = variables["MINISTACK_HOST"].removesuffix(".localhost")
        self._app = _module("app").app
        self._lambda = _module("services.lambda_svc")
        self._logs = _module("services.cloudwatch_logs")
        self._scope = _module("core.responses")
        check_seam(self._lambda)
        self._lambda._execute_function_dispatch = self._dispatch
        self._lambda.invoke_async_with_retry = self.accept
        self._lambda._pool_kill_function = self._changed
        self._lambda._LAMBDA_STATE_TRANSITION_DELAY = STATE_DELAY_S
        self._specs = FunctionSpecs(self._packages, self._lambda._resolve_layer_zip)
        self._event_sources = EventSources(self._lambda, self.accept)
        ready = threading.Event()
        serve = partial(self._serve, ready)
        threading.Thread(target=serve, name="control-plane", daemon=True).start()
        ready.wait()

    def _serve(self, ready: threading.Event) -> None:
        async def lifespan() -> None:
            async def send(message: Any) -> None:
                if message["type"] == "lifespan.startup.complete":
                    ready.set()

            await self._to_app.put({"type": "lifespan.startup"})
            await self._app({"type": "lifespan"}, self._to_app.get, send)

        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(lifespan())

    async def handle(self, scope: dict[str, Any], body: bytes) -> Response:
        """Answer one request whose body has been read; call it from any event loop."""
        return await _on(self._loop, self._answer(scope, body))

    async def _answer(self, scope: dict[str, Any], body: bytes) -> Response:
        start: dict[str, Any] = {"status": 500, "headers": []}
        chunks: list[bytes] = []
        messages = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return messages.pop() if messages else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                chunks.append(message.get("body", b""))

        self._event_sources.adopt()
        await self._app(scope, receive, send)
        body = answering(scope["path"], b"".join(chunks), self._port, self._start_id)
        return Response(start["status"], list(start["headers"]), body)

    async def websocket(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        """Serve a WebSocket API: messages cross between the two event loops."""
        front = asyncio.get_running_loop()

        async def crossing_receive() -> Any:
            return await _on(front, _awaited(receive()))

        async def crossing_send(message: Any) -> None:
            await _on(front, _awaited(send(message)))

        await _on(self._loop, self._app(scope, crossing_receive, crossing_send))

    # ---- functions ----

    def find(
        self, region: str, name: str, qualifier: str | None
    ) -> tuple[FunctionSpec, str, str] | None:
        """Return the invoked function, the version to run and the invoked ARN; None if missing."""
        record = self._lambda._functions.get_scoped(self._account, region, name)
        if record is None:
            return None
        version = pick_version(record, qualifier)
        chosen = record if version == "$LATEST" else record["versions"].get(version)
        if chosen is None:
            return None
        arn = record["config"]["FunctionArn"] + (f":{qualifier}" if qualifier else "")
        return self._specs.get(chosen, chosen["config"], record), version, arn

    def prepare(self, region: str, name: str) -> None:
        """Unpack a new deployment, as AWS does while it is Pending; Invoke reports its errors."""
        with contextlib.suppress(PackageError):
            self.find(region, name, None)

    def queue(self, region: str, name: str, qualifier: str | None, invocation: Invocation) -> None:
        """Accept an event invocation of a function that `find` has found."""
        record = self._lambda._functions.get_scoped(self._account, region, name)

        def current() -> FunctionSpec | None:
            found = self.find(region, name, qualifier)
            return found[0] if found else None

        self._submit(current, policy(record, qualifier), invocation)

    def accept(self, func: Record, event: Any) -> None:
        """Accept an event from a service, in place of ministack's `invoke_async_with_retry`."""
        arn = (func.get("config") or func)["FunctionArn"]
        parts = arn.split(":")
        function = parts[3], parts[6], parts[7] if len(parts) > 7 else None
        if self.find(*function):
            self.queue(*function, Invocation(json.dumps(event).encode(), invoked_arn=arn))

    def _changed(self, account: str, name: str) -> None:
        self._forget(f"arn:aws:lambda:{self._scope.get_region()}:{account}:function:{name}")

    def _dispatch(
        self, func: Record, config: Record, event: Any, request_id: str, started: float
    ) -> dict[str, Any]:
        """Run what ministack wants to run; return the result in ministack's format."""
        arn = config.get("FunctionArn", "")
        invocation = Invocation(json.dumps(event).encode(), request_id, arn)
        try:
            outcome = self._run(self._specs.get(func, config, func), invocation)
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

    # ---- CloudWatch ----

    def log(self, spec: FunctionSpec, stream: str, lines: list[str]) -> None:
        """Write an invocation's lines to its stream in CloudWatch Logs."""
        self._scope.set_request_region(spec.region)
        now = int(time.time() * 1000)
        groups = self._logs._log_groups
        group = groups.get(spec.log_group)
        if group is None:
            group = groups[spec.log_group] = {
                "arn": self._logs._make_group_arn(spec.log_group),
                "creationTime": now,
                "tags": {},
                "retentionInDays": None,
                "subscriptionFilters": {},
                "streams": {},
            }
        if stream not in group["streams"]:
            group["streams"][stream] = {
                "events": [],
                "uploadSequenceToken": "1",
                "creationTime": now,
                "firstEventTimestamp": None,
                "lastEventTimestamp": None,
                "lastIngestionTime": None,
            }
        events = [{"timestamp": now, "message": line, "ingestionTime": now} for line in lines]
        self._logs._append_log_events(group["streams"][stream], events)
        if group.get("subscriptionFilters"):
            self._logs._fanout_to_subscription_filters(spec.log_group, stream, events)

    def count(
        self, spec: FunctionSpec, duration_ms: float, error: bool, throttled: bool = False
    ) -> None:
        """Count an invocation in CloudWatch's AWS/Lambda metrics."""
        self._scope.set_request_region(spec.region)
        self._lambda._emit_lambda_metrics(
            spec.name, duration_ms=duration_ms, error=error, throttle=throttled
        )


def _module(name: str) -> Any:
    return importlib.import_module(f"ministack.{name}")


async def _on(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))


async def _awaited(work: Awaitable[Any]) -> Any:
    return await work


def check_seam(module: Any) -> None:
    """Raise MinistackVersionError unless `module` has the function that the engine replaces."""
    seam = getattr(module, "_execute_function_dispatch", None)
    if seam is None or tuple(inspect.signature(seam).parameters) != SEAM:
        raise MinistackVersionError(
            "ministack runs functions another way than this engine knows: install the version that "
            "requirements.txt pins."
        )
