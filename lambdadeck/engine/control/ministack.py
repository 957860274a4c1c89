"""Everything of the AWS API that is not running code: ministack, on a thread and an event loop of its own.

The ONLY module that imports ministack. `_execute_function_dispatch` is the one seam: behind it stand ministack's retries,
dead-letter queues, event source mappings and triggers; what it would run, our execution environments run.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import importlib
import inspect
import json
import os
import random
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

from lambdadeck.engine.control.async_invoke import MAX_AGE_S, Policy
from lambdadeck.engine.control.event_sources import EventSources
from lambdadeck.engine.control.packages import PackageError, merge, unpack
from lambdadeck.engine.control.public_urls import answering
from lambdadeck.engine.execution.pool import TooManyRequestsError
from lambdadeck.engine.model import ACCOUNT, FunctionSpec, Invocation, Outcome

Current = Callable[[], FunctionSpec | None]
STATE_DELAY_S = 0.02  # Pending and InProgress pass, as in AWS, but no audience has to wait for what nothing is done in
SEAM = ("func", "config", "event", "request_id", "started")
_CONFIG_FIELDS = (
    "CodeSha256",
    "Handler",
    "Runtime",
    "MemorySize",
    "Timeout",
    "Environment",
    "Layers",
    "EphemeralStorage",
    "LoggingConfig",
)


class MinistackVersionError(RuntimeError):
    """ministack is not the version that this engine was built for."""


class Response(NamedTuple):
    """An HTTP answer; header names and values as bytes, as ASGI has them."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def settings(
    port: int, region: str, start_id: str, scratch: Path, account: str = ACCOUNT
) -> dict[str, str]:
    """The environment variables that ministack is configured by: loopback only, nothing kept, no other listener."""
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
    """ministack behind `handle`; `run` is called from its threads with a function and an invocation, and blocks."""

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
        self._specs: dict[tuple[str, str, str], FunctionSpec] = {}
        self._loop = asyncio.new_event_loop()
        self._to_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    def start(self, variables: dict[str, str]) -> None:
        """Import ministack with these settings and run its start-up; returns when it is ready."""
        os.environ.update(variables)
        self._port, self._start_id = (
            int(variables["GATEWAY_PORT"]),
            variables["MINISTACK_HOST"].removesuffix(".localhost"),
        )
        self._app = importlib.import_module("ministack.app").app
        self._lambda = importlib.import_module("ministack.services.lambda_svc")
        self._logs = importlib.import_module("ministack.services.cloudwatch_logs")
        self._scope = importlib.import_module("ministack.core.responses")
        check_seam(self._lambda)
        self._lambda._execute_function_dispatch = self._dispatch
        self._lambda.invoke_async_with_retry = self.accept
        self._lambda._pool_kill_function = self._changed
        self._lambda._LAMBDA_STATE_TRANSITION_DELAY = STATE_DELAY_S
        self._event_sources = EventSources(self._lambda, self.accept)
        ready = threading.Event()
        threading.Thread(
            target=self._serve, args=(ready,), name="control-plane", daemon=True
        ).start()
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
        """Answer one request, whose body has been read; called from any event loop."""
        return await asyncio.wrap_future(
            asyncio.run_coroutine_threadsafe(self._answer(scope, body), self._loop)
        )

    async def _answer(self, scope: dict[str, Any], body: bytes) -> Response:
        start: dict[str, Any] = {"status": 500, "headers": []}
        chunks: list[bytes] = []
        asked = False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if asked:
                return {"type": "http.disconnect"}
            asked = True
            return {"type": "http.request", "body": body, "more_body": False}

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

        def crossing(call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
            async def crossed(*args: Any) -> Any:
                return await asyncio.wrap_future(
                    asyncio.run_coroutine_threadsafe(call(*args), front)
                )  # type: ignore

            return crossed

        served = asyncio.run_coroutine_threadsafe(
            self._app(scope, crossing(receive), crossing(send)), self._loop
        )
        await asyncio.wrap_future(served)

    # ---- functions --------------------------------------------------------------------------------------------------

    def find(
        self, region: str, name: str, qualifier: str | None
    ) -> tuple[FunctionSpec, str, str] | None:
        """The function that an Invoke means, with the version to run and the ARN as invoked; None if there is none."""
        record = self._lambda._functions.get_scoped(self._account, region, name)
        if record is None:
            return None
        version = _pick_version(record, qualifier)
        chosen = record if version == "$LATEST" else record["versions"].get(version)
        if chosen is None:
            return None
        arn = record["config"]["FunctionArn"]
        return (
            self._spec(chosen, chosen["config"], record),
            version,
            f"{arn}:{qualifier}" if qualifier else arn,
        )

    def prepare(self, region: str, name: str) -> None:
        """Unpack a function that was just deployed, as AWS does while it is Pending; what is wrong with it Invoke says."""
        with contextlib.suppress(PackageError):
            self.find(region, name, None)

    def queue(self, region: str, name: str, qualifier: str | None, invocation: Invocation) -> None:
        """Accept an event invocation of a function that `find` has found."""
        record = self._lambda._functions.get_scoped(self._account, region, name)

        def current() -> FunctionSpec | None:
            found = self.find(region, name, qualifier)
            return found[0] if found else None

        self._submit(current, _policy(record, qualifier), invocation)

    def accept(self, func: dict[str, Any], event: Any) -> None:
        """Accept an event from a service of the control plane (in place of ministack's `invoke_async_with_retry`)."""
        config = func.get("config") or func
        parts = config["FunctionArn"].split(":")
        qualifier = parts[7] if len(parts) > 7 else None
        if self.find(parts[3], parts[6], qualifier):
            self.queue(
                parts[3],
                parts[6],
                qualifier,
                Invocation(json.dumps(event).encode(), invoked_arn=config["FunctionArn"]),
            )

    def _changed(self, account: str, name: str) -> None:
        self._forget(f"arn:aws:lambda:{self._scope.get_region()}:{account}:function:{name}")

    def _spec(
        self, func: dict[str, Any], config: dict[str, Any], record: dict[str, Any]
    ) -> FunctionSpec:
        arn = ":".join(config["FunctionArn"].split(":")[:7])
        key = (arn, config.get("Version", "$LATEST"), config.get("RevisionId", ""))
        known = self._specs.get(key)
        if known is None:
            known = self._specs[key] = self._build_spec(func, config, arn)
        reserved = record.get("concurrency")
        if reserved != known.reserved:
            known = self._specs[key] = FunctionSpec(**{**vars(known), "reserved": reserved})
        return known

    def _build_spec(self, func: dict[str, Any], config: dict[str, Any], arn: str) -> FunctionSpec:
        stated = json.dumps(
            [config.get(field) for field in _CONFIG_FIELDS], sort_keys=True, default=str
        )
        logging = config.get("LoggingConfig") or {}
        zips = [self._lambda._resolve_layer_zip(layer) for layer in config.get("Layers") or ()]
        layers = [unpack(layer, self._packages) for layer in zips if layer]
        return FunctionSpec(
            name=config["FunctionName"],
            arn=arn,
            version=config.get("Version", "$LATEST"),
            revision=hashlib.sha256(stated.encode()).hexdigest(),
            runtime=config["Runtime"],
            handler=config["Handler"],
            region=arn.split(":")[3],
            code=unpack(func.get("code_zip") or _EMPTY_ZIP, self._packages),
            memory_mb=int(config["MemorySize"]),
            timeout_s=float(config["Timeout"]),
            ephemeral_mb=int((config.get("EphemeralStorage") or {}).get("Size", 512)),
            environment=dict((config.get("Environment") or {}).get("Variables") or {}),
            layers=(merge(layers, self._packages),) if layers else (),
            log_group=logging.get("LogGroup") or f"/aws/lambda/{config['FunctionName']}",
            log_format=logging.get("LogFormat") or "Text",
            reserved=func.get("concurrency"),
        )

    def _dispatch(
        self,
        func: dict[str, Any],
        config: dict[str, Any],
        event: Any,
        request_id: str,
        started: float,
    ) -> dict[str, Any]:
        """The seam: run what ministack wants run, and answer in its terms."""
        arn = config.get("FunctionArn", "")
        invocation = Invocation(json.dumps(event).encode(), request_id, arn)
        try:
            outcome = self._run(self._spec(func, config, func), invocation)
        except TooManyRequestsError as throttled:
            return self._lambda._throttle_response(
                reason_code=throttled.reason, msg=throttled.message
            )
        result: dict[str, Any] = {"log": outcome.log, "error": bool(outcome.function_error)}
        if outcome.function_error:
            result["function_error"] = outcome.function_error
        try:
            result["body"] = json.loads(outcome.payload or b"null")
        except ValueError:
            result.update(body=outcome.payload.decode("utf-8", errors="replace"), raw_payload=True)
        return result

    # ---- CloudWatch -------------------------------------------------------------------------------------------------

    def log(self, spec: FunctionSpec, stream: str, lines: list[str]) -> None:
        """Write an invocation's lines to its stream in CloudWatch Logs."""
        self._scope.set_request_region(spec.region)
        now = int(time.time() * 1000)
        group = self._logs._log_groups.get(spec.log_group) or self._create_group(
            spec.log_group, now
        )
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

    def _create_group(self, name: str, now: int) -> dict[str, Any]:
        self._logs._log_groups[name] = {
            "arn": self._logs._make_group_arn(name),
            "creationTime": now,
            "tags": {},
            "retentionInDays": None,
            "subscriptionFilters": {},
            "streams": {},
        }
        return self._logs._log_groups[name]

    def count(
        self, spec: FunctionSpec, duration_ms: float, error: bool, throttled: bool = False
    ) -> None:
        """Count an invocation in CloudWatch's AWS/Lambda metrics."""
        self._scope.set_request_region(spec.region)
        self._lambda._emit_lambda_metrics(
            spec.name, duration_ms=duration_ms, error=error, throttle=throttled
        )


def _policy(record: dict[str, Any], qualifier: str | None) -> Policy:
    """Retries, age, destinations and dead-letter queue of a function, as its configuration states them."""
    stated = (record.get("event_invoke_configs") or {}).get(qualifier or "") or {}
    targets = stated.get("DestinationConfig") or {}
    return Policy(
        retries=int(stated.get("MaximumRetryAttempts", 2)),
        max_age_s=float(stated.get("MaximumEventAgeInSeconds", MAX_AGE_S)),
        on_success=(targets.get("OnSuccess") or {}).get("Destination", ""),
        on_failure=(targets.get("OnFailure") or {}).get("Destination", ""),
        dead_letter=(record["config"].get("DeadLetterConfig") or {}).get("TargetArn", ""),
    )


_EMPTY_ZIP = b"PK\x05\x06" + b"\0" * 18


def check_seam(module: Any) -> None:
    """Raise MinistackVersionError unless ministack still runs functions through the seam that we put our execution behind."""
    seam = getattr(module, "_execute_function_dispatch", None)
    if seam is None or tuple(inspect.signature(seam).parameters) != SEAM:
        raise MinistackVersionError(
            "ministack runs functions another way than this engine knows: install the version that "
            "requirements.txt pins."
        )


def _pick_version(record: dict[str, Any], qualifier: str | None) -> str:
    """The version behind a qualifier; a weighted alias draws."""
    if not qualifier or qualifier == "$LATEST":
        return "$LATEST"
    alias = record.get("aliases", {}).get(qualifier)
    if alias is None:
        return qualifier
    draw = random.random()
    for version, weight in (
        (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    ).items():
        if (draw := draw - float(weight)) < 0:
            return version
    return str(alias.get("FunctionVersion", "$LATEST"))
