"""Answers boto3 inside a page: Lambda's own API and Invoke, with workers behind them."""

import asyncio
import logging
import pickle
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lambdadeck.engine import invoke
from lambdadeck.engine.api import dispatch, errors
from lambdadeck.engine.api.errors import ApiError, BusyError
from lambdadeck.engine.browser import state
from lambdadeck.engine.browser.control import PageControl
from lambdadeck.engine.browser.environment import Ask, PageHost, WorkerEnvironment
from lambdadeck.engine.browser.log_groups import LogGroups
from lambdadeck.engine.events.async_invoke import Current, EventQueue, Policy
from lambdadeck.engine.execution.pool import Pool
from lambdadeck.engine.http import sigv4
from lambdadeck.engine.http.message import Request, Response
from lambdadeck.engine.model import ACCOUNT, TRANSITION_S, FunctionSpec, Invocation, Target
from lambdadeck.engine.provisioning import Provisioning

ENDPOINT = "http://in-page.invalid"  # a name that no machine can have: nothing leaves the page
REGION = "eu-west-1"
CALLER = f"arn:aws:iam::{ACCOUNT}:root"


class Service:
    """The Lambda of one page; `keep` stores the functions outside the kernel."""

    def __init__(self, ask: Ask, keep: Callable[[bytes], None], limit: int, scratch: Path) -> None:
        self.limit, self._keep = limit, keep
        make: Any = WorkerEnvironment  # a PageHost takes the place of a Host
        self._logs = LogGroups()
        host: Any = PageHost(ask, scratch, self._logs.add)
        self._pool = Pool(host, limit, make=make)
        self._events = EventQueue(self._pool, _send)
        provisioning = Provisioning(self._pool, self._found)
        own = state.effects(self._forget, provisioning)
        self._control = PageControl(own, scratch, self._submit)

    def restore(self, content: bytes) -> None:
        """Bring back the functions that an earlier kernel of this page has kept."""
        self._control.state = state.restored(content)

    async def _found(self, target: Target) -> FunctionSpec | None:
        return await self._control.found(target)

    def _forget(self, arn: str) -> None:
        self._pool.forget(*Target.read(arn).function_and_version)

    def _submit(self, current: Current, policy: Policy, invocation: Invocation) -> None:
        self._events.submit(current, policy, invocation)

    async def answer(self, request: Request) -> Response:
        """Answer one request to Lambda's API, or to CloudWatch Logs."""
        claim = sigv4.claim(request)
        if claim.service == "logs":
            return self._logs.answer(request)
        try:
            if request.path.rstrip("/").endswith("/invocations"):
                return await self._invoke(request, claim)
            return await self._perform(request, claim.region)
        except ApiError as error:
            return errors.response(error)

    async def _invoke(self, request: Request, claim: sigv4.Claim) -> Response:
        replies: list[Response] = []
        target = invoke.function_of(request, claim, self._control)
        await invoke.invoke(request, target, self._control, self._pool, replies.append)
        return replies[0]

    async def _perform(self, request: Request, region: str) -> Response:
        attempt = partial(dispatch.answer, request, self._control.store(region), CALLER)
        try:
            done = attempt()
        except BusyError:  # a transition is short
            await asyncio.sleep(TRANSITION_S)
            done = attempt()
        if request.method != "GET":
            self._keep(pickle.dumps(self._control.state))
        return done


def _send(target: str, body: str, attributes: Mapping[str, str]) -> None:
    logging.warning("%s %s", target, state.ALONE)


def read(prepared: Any) -> Request:
    """Return a request that botocore is about to send."""
    parts = urlsplit(prepared.url)
    body = prepared.body or b""
    body = body.read() if hasattr(body, "read") else body
    headers = {name.lower(): _text(value) for name, value in prepared.headers.items()}
    content = body.encode() if isinstance(body, str) else bytes(body)
    return Request(prepared.method, parts.path, parts.query, headers, content)


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
