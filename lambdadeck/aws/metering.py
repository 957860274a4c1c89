"""What plain boto3 invokes in this process, heard by botocore's own events: what the spend meter counts."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdadeck import report
from lambdadeck.shared.names import FUNCTION

_CALLED = "lambdadeck.aws.metering"
_WIRES = ("AddPermission", "CreateEventSourceMapping")  # from then on others may invoke it too
Function = tuple[str, str]  # region and name


@dataclass(frozen=True)
class Billed:
    """One invocation as its REPORT line states it."""

    function: Function
    request_id: str
    billed_ms: int
    memory_mb: int


@dataclass
class Talk:
    """What this process has heard of: invocations with their REPORT, requests without it, functions and their processors."""

    began_s: float = field(default_factory=time.time)
    billed: list[Billed] = field(default_factory=list)
    waiting: dict[str, Function] = field(default_factory=dict)  # by request id
    architectures: dict[Function, str] = field(default_factory=dict)
    wired: set[Function] = field(default_factory=set)

    def functions(self) -> set[Function]:
        return (
            {one.function for one in self.billed}
            | {*self.waiting.values()}
            | {*self.architectures}
            | self.wired
        )


THIS = Talk()


def watch(session: Any = None, talk: Talk | None = None) -> None:
    """From now on hear of what clients made from this session invoke (default: boto3's default session). Idempotent."""
    import boto3  # only here: who starts an engine for others needs none of it

    if session is None:
        if boto3.DEFAULT_SESSION is None:
            boto3.setup_default_session()
        session = boto3.DEFAULT_SESSION
    hears = _Hears(talk or THIS)
    session.events.register(
        "before-parameter-build.lambda", hears.asked, unique_id="lambdadeck-spend-asked"
    )
    session.events.register(
        "after-call.lambda", hears.answered, unique_id="lambdadeck-spend-answered"
    )


class _Hears:
    """botocore's events of Lambda's calls."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk

    def asked(
        self, params: Mapping[str, Any], model: Any, context: dict[str, Any], **_: Any
    ) -> None:
        """Note which function a call is for, and on what processor it is to run."""
        found = FUNCTION.fullmatch(str(params.get("FunctionName", "")))
        if found:
            chosen = params.get("Architectures") or (
                ["x86_64"] if model.name == "CreateFunction" else []
            )
            context[_CALLED] = (context.get("client_region", ""), found["name"]), chosen

    def answered(
        self,
        http_response: Any,
        parsed: Mapping[str, Any],
        model: Any,
        context: dict[str, Any],
        **_: Any,
    ) -> None:
        """Note what it came to; AWS bills nothing for a call that it refused."""
        function, chosen = context.pop(_CALLED, (None, ()))
        if function is None or http_response.status_code >= 300:
            return
        if model.name == "Invoke":
            self._invoked(function, parsed)
        elif model.name in _WIRES:
            self._talk.wired.add(function)
        elif chosen:
            self._talk.architectures[function] = chosen[0]

    def _invoked(self, function: Function, parsed: Mapping[str, Any]) -> None:
        log = base64.b64decode(parsed.get("LogResult", "")).decode(errors="replace")
        if "REPORT RequestId" in log:
            self._talk.billed.append(billed(function, log))
        elif parsed.get("StatusCode") != 204:  # a dry run
            self._talk.waiting[parsed["ResponseMetadata"].get("RequestId", "")] = function


def billed(function: Function, log: str) -> Billed:
    """The invocation of which this log's last REPORT line tells; ValueError if it has none."""
    stated = report.parse(log)
    return Billed(function, stated.request_id, stated.billed_ms, stated.memory_mb)
