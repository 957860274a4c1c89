"""Run functions for API Gateway by our events and answers; ministack routes and authorizes."""

import asyncio
import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextvars import ContextVar
from functools import partial
from types import ModuleType
from typing import Any

from lambdadeck.engine.execution.errors import REQUEST_LIMIT
from lambdadeck.engine.execution.pool import TooManyRequestsError
from lambdadeck.engine.http import function_urls, gateway_answers, gateway_events
from lambdadeck.engine.http.gateway_answers import Answer
from lambdadeck.engine.http.gateway_events import Api, GatewayCall
from lambdadeck.engine.http.invoke_protocol import joined
from lambdadeck.engine.http.message import Request, Scope
from lambdadeck.engine.model import FunctionSpec, Invocation, Outcome, Target
from lambdadeck.engine.services.callers import ServiceCaller

Record = dict[str, Any]
Begin = Callable[[FunctionSpec, Invocation], "Future[Outcome]"]
Find = Callable[[Target], FunctionSpec | None]
MayInvoke = Callable[[str, ServiceCaller], bool]
Count = Callable[[FunctionSpec, Outcome | None], None]  # None: throttled
SERVICE = "apigateway.amazonaws.com"
REST_WAIT_MS, HTTP_WAIT_MS = 29_000, 30_000  # API Gateway developer guide, "Quotas"
_PREFIX = re.compile(rb"/_aws/execute-api/[a-z0-9]+")
_VARIABLE = re.compile(r"\$\{stageVariables\.(\w+)\}")
_request: ContextVar[tuple[Scope, bytes]] = ContextVar("request")


def answering(scope: Scope, body: bytes) -> None:
    """Remember the request that ministack answers: it hands on neither names nor path as sent."""
    _request.set((scope, body))


def sent() -> Record:
    """Return the JSON of the request that ministack answers, {} if it is none."""
    try:
        body = json.loads(_request.get()[1])
    except (LookupError, ValueError):
        return {}
    return body if isinstance(body, dict) else {}


class Gateways:
    """Takes the place of the functions of ministack that call Lambda for an API."""

    def __init__(self, begin: Begin, find: Find, may_invoke: MayInvoke, count: Count) -> None:
        self._begin, self._find, self._may_invoke, self._count = begin, find, may_invoke, count

    def http(self, module: ModuleType) -> None:
        own = module._create_integration

        def create(api_id: str, data: Record) -> Any:
            made = own(api_id, data)
            if (role := data.get("credentialsArn")) and made[0] == 201:  # ministack drops it
                stored = module._integrations[api_id][json.loads(made[2])["integrationId"]]
                stored["credentialsArn"] = role
            return made

        module._create_integration = create  # type: ignore[attr-defined]
        module._invoke_lambda_proxy = partial(self._http, module)  # type: ignore[attr-defined]

    def rest(self, module: ModuleType) -> None:
        own = module._invoke_lambda_custom_v1
        module._invoke_lambda_proxy_v1 = partial(self._rest, module)  # type: ignore[attr-defined]
        module._invoke_lambda_custom_v1 = partial(  # type: ignore[attr-defined]
            self._custom, module, own
        )

    async def _http(
        self,
        module: ModuleType,
        integration: Record,
        api_id: str,
        stage: str,
        *given: Any,
        **more: Any,
    ) -> tuple[int, Any, bytes]:
        path, _, _, _, _, route = given[:6]
        resource = route.partition(" ")[2] or route
        variables = module._get_stage_variables(api_id, stage)
        old = integration.get("payloadFormatVersion") == "1.0"
        authorizer = _old_authorizer(module, more) if old else _authorizer(module, more)
        owner = more["owner_region"], more["owner_account_id"]
        api = Api(
            api_id, *owner, stage, resource, route, variables=variables, authorizer=authorizer
        )
        call = _call(stage, path)
        event = (gateway_events.http_1 if old else gateway_events.http_2)(api, call)
        outcome = await self._invoke(api, call, integration, event, rest=False)
        if not isinstance(outcome, Answer):
            outcome = (gateway_answers.http_1 if old else gateway_answers.http_2)(outcome)
        headers = outcome.headers | {"apigw-requestid": [call.request_id]}
        return outcome.status, headers, outcome.body

    async def _rest(
        self,
        module: ModuleType,
        integration: Record,
        api_id: str,
        stage: str,
        *given: Any,
        **more: Any,
    ) -> tuple[int, Any, bytes]:
        api, call = _rest_api(api_id, stage, given, more), _call(stage, given[2])
        event = gateway_events.rest(api, call)
        outcome = await self._invoke(api, call, integration, event, rest=True)
        if not isinstance(outcome, Answer):
            accepted = call.request.headers.get("accept", "")
            decode = gateway_events.matches(accepted.partition(",")[0], api.binary)
            outcome = gateway_answers.rest(outcome, decode)
        ids = {
            "x-amzn-requestid": [event["requestContext"]["requestId"]],
            "x-amz-apigw-id": [event["requestContext"]["extendedRequestId"]],
        }
        return outcome.status, outcome.headers | ids, outcome.body

    async def _custom(
        self,
        module: ModuleType,
        own: Any,
        integration: Record,
        api_id: str,
        stage: str,
        *given: Any,
        **more: Any,
    ) -> Any:
        """Check the permission of an integration without proxy, which ministack runs."""
        api, method = _rest_api(api_id, stage, given, more), given[3]
        if not self._allowed(api, method, _target(api, integration), integration):
            failed = gateway_answers.failure(rest=True, code=500)
            return failed.status, failed.headers, failed.body
        return await own(integration, api_id, stage, *given, **more)

    async def _invoke(
        self, api: Api, call: GatewayCall, integration: Record, event: Record, rest: bool
    ) -> Outcome | Answer:
        """Run the function of an integration; return the answer instead if it cannot run."""
        target, payload = _target(api, integration), json.dumps(event).encode()
        spec = self._find(target)
        posts = not rest or integration.get("httpMethod", "POST") == "POST"
        allowed = spec and self._allowed(api, call.request.method, target, integration)
        if spec is None or not allowed or not posts or len(payload) > REQUEST_LIMIT:
            return gateway_answers.failure(rest, 500)
        wait_ms = integration.get("timeoutInMillis") or (REST_WAIT_MS if rest else HTTP_WAIT_MS)
        running = self._begin(
            spec, Invocation(payload, invoked_arn=target.arn, trace_id=call.trace)
        )
        running.add_done_callback(partial(self._counted, spec))
        try:
            async with asyncio.timeout(wait_ms / 1000):
                return await asyncio.shield(asyncio.wrap_future(running))
        except TooManyRequestsError:
            return gateway_answers.failure(rest, 500) if rest else gateway_answers.unavailable()
        except TimeoutError:  # the function goes on, as in AWS
            return gateway_answers.late(rest)

    def _counted(self, spec: FunctionSpec, running: "Future[Outcome]") -> None:
        self._count(spec, None if running.exception() else running.result())

    def _allowed(self, api: Api, method: str, target: Target, integration: Record) -> bool:
        """Return whether the function's policy, or a role of the integration, lets the API call."""
        if integration.get("credentials") or integration.get("credentialsArn"):
            return True
        caller = caller_of(api, method)
        allowed = self._may_invoke(target.arn, caller)
        if not allowed:
            logging.warning("%s may not invoke %s for %s", SERVICE, target.arn, caller.source_arn)
        return allowed


def caller_of(api: Api, method: str) -> ServiceCaller:
    """Return API Gateway as the caller for a route or a resource."""
    path = api.resource if api.resource == "$default" else method + api.resource
    gateway = f"arn:aws:execute-api:{api.region}:{api.account}:{api.id}"
    return ServiceCaller(SERVICE, f"{gateway}/{api.stage}/{path}", api.account)


def _rest_api(api_id: str, stage: str, given: tuple[Any, ...], more: Mapping[str, Any]) -> Api:
    settings, resource = given[:2]
    return Api(
        api_id,
        more["owner_region"],
        more["owner_account_id"],
        stage,
        resource["path"],
        resource_id=resource["id"],
        deployment_id=settings.get("deploymentId", ""),
        variables=settings.get("variables"),
        authorizer=more["authorizer_context"],
        identity=more["caller_identity"],
        binary=tuple(more["binary_media_types"] or ()),
    )


def _authorizer(module: Any, more: Mapping[str, Any]) -> Record | None:
    """Return what an HTTP API's authorizer adds to an event in payload format 2.0."""
    if (claims := more["authorizer_claims"]) is not None:
        told = {name: module._jwt_claim_to_string(value) for name, value in claims.items()}
        return {"jwt": {"claims": told, "scopes": more["authorizer_scopes"] or None}}
    if (context := more["authorizer_lambda_context"]) is not None:
        return {"lambda": context}
    return {"iam": more["authorizer_iam"]} if more["authorizer_iam"] is not None else None


def _old_authorizer(module: Any, more: Mapping[str, Any]) -> Record | None:
    made = _authorizer(module, more) or {}
    found: Record | None = made.get("jwt") or made.get("lambda")
    return found


def _call(stage: str, path: str) -> GatewayCall:
    """Return the request that ministack answers; `path` is the decoded path below the stage."""
    scope, body = _request.get()
    raw = _PREFIX.sub(b"", scope["raw_path"], count=1).decode("latin-1")
    if stage != "$default":
        raw = "/" + raw.lstrip("/").partition("/")[2]
    request = Request(
        scope["method"],
        raw,
        scope["query_string"].decode("latin-1"),
        joined(scope["headers"]),
        body,
    )
    names = scope.get("names", {})
    headers = [
        (names.get(name, name).decode("latin-1"), value.decode("latin-1"))
        for name, value in scope["headers"]
    ]
    trace = function_urls.trace_id()
    return GatewayCall(request, raw or "/", headers, gateway_events.call_id(), trace, time.time())


def _target(api: Api, integration: Record) -> Target:
    """Return the function of an integration: its URI is an ARN, or one of API Gateway around it."""
    uri = integration.get("uri") or integration.get("integrationUri") or ""
    named = (api.variables or {}).get
    arn = _VARIABLE.sub(lambda found: str(named(found[1], "")), uri)
    if "/functions/" in arn:
        arn = arn.partition("/functions/")[2].removesuffix("/invocations")
    if arn.startswith("arn:") and arn.count(":") >= 6:
        return Target.read(arn)
    name, _, qualifier = arn.partition(":")
    return Target(api.region, api.account, name, qualifier or None)
