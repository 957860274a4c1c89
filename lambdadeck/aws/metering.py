"""Note what plain boto3 invokes in this process, by botocore's events, for the spend meter."""

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdadeck import report
from lambdadeck.shared.names import FUNCTION

_CALLED = "lambdadeck.aws.metering"
_WIRES = ("AddPermission", "CreateEventSourceMapping")  # from then on triggers may invoke it
Function = tuple[str, str]  # region and name


@dataclass(frozen=True)
class Billed:
    """One invocation, from its REPORT line."""

    function: Function
    request_id: str
    billed_ms: int
    memory_mb: int


@dataclass
class Usage:
    """What this process has invoked: invocations with a REPORT, requests without, processors."""

    began_s: float = field(default_factory=time.time)
    billed: list[Billed] = field(default_factory=list)
    waiting: dict[str, Function] = field(default_factory=dict)  # by request id
    architectures: dict[Function, str] = field(default_factory=dict)
    wired: set[Function] = field(default_factory=set)

    def functions(self) -> set[Function]:
        known = {*self.waiting.values(), *self.architectures, *self.wired}
        return known | {one.function for one in self.billed}


THIS = Usage()


def watch(session: Any, usage: Usage = THIS) -> None:
    """Note what the session's clients invoke. Idempotent."""
    hooks = _MeteringHooks(usage)
    for event, hook in (
        ("before-parameter-build.lambda", hooks.ask),
        ("after-call.lambda", hooks.answer),
    ):
        session.events.register(event, hook, unique_id=f"lambdadeck-spend-{event}")


class _MeteringHooks:
    """Handle botocore's events of Lambda's calls."""

    def __init__(self, usage: Usage) -> None:
        self._usage = usage

    def ask(self, params: Mapping[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        """Note the function that a call names, and the processor that it chooses."""
        if found := FUNCTION.fullmatch(str(params.get("FunctionName", ""))):
            default = ["x86_64"] if model.name == "CreateFunction" else []
            chosen = params.get("Architectures") or default
            context[_CALLED] = (context.get("client_region", ""), found["name"]), chosen

    def answer(
        self,
        http_response: Any,
        parsed: Mapping[str, Any],
        model: Any,
        context: dict[str, Any],
        **_: Any,
    ) -> None:
        """Note the result; AWS does not bill a call that it refused."""
        function, chosen = context.pop(_CALLED, (None, ()))
        if function is None or http_response.status_code >= 300:
            return
        if model.name == "Invoke":
            self._invoked(function, parsed)
        elif model.name in _WIRES:
            self._usage.wired.add(function)
        elif chosen:
            self._usage.architectures[function] = chosen[0]

    def _invoked(self, function: Function, parsed: Mapping[str, Any]) -> None:
        log = base64.b64decode(parsed.get("LogResult", "")).decode(errors="replace")
        if "REPORT RequestId" in log:
            self._usage.billed.append(billed(function, log))
        elif parsed.get("StatusCode") != 204:  # a dry run
            self._usage.waiting[parsed["ResponseMetadata"].get("RequestId", "")] = function


def billed(function: Function, log: str) -> Billed:
    """Return the invocation of the log's last REPORT line; ValueError if it has none."""
    stated = report.parse(log)
    return Billed(function, stated.request_id, stated.billed_ms, stated.memory_mb)
