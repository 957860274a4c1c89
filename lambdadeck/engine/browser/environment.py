"""An execution environment that is a worker of the page: its life cycle is that of a process."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lambdadeck.engine.execution import errors
from lambdadeck.engine.execution.environment import MB, Environment
from lambdadeck.engine.execution.launch import DEFAULTS, defined
from lambdadeck.engine.execution.phase import PhaseResult
from lambdadeck.engine.model import INIT_LIMIT_S, FunctionSpec, Invocation

Said = dict[str, Any]
Ask = Callable[[str, Said], Awaitable[Said]]  # what the page does for a name and its parameters
KILLED = -9
TASK_ROOT, LAYERS, RUNTIME_DIR = "/var/task", "/opt", "/var/runtime"


@dataclass(frozen=True)
class PageHost:
    """What an execution environment needs of its page; it takes the place of a `Host`."""

    ask: Ask
    scratch: Path
    log: Callable[[FunctionSpec, str, list[str]], None]
    init_limit_s: float = INIT_LIMIT_S


class WorkerEnvironment(Environment):
    """Runs one invocation at a time in a worker, which the page ends at a timeout."""

    host: PageHost  # type: ignore[assignment]  # has what the life cycle uses of a Host
    process: Any  # the worker's name while it runs, else None
    _boot_s = 0.0  # of the worker: not part of INIT: AWS reports no start of a micro-VM either

    @property
    def _name(self) -> str:
        return self.stream.rsplit("]", 1)[1]

    async def _first_init(self) -> float | None:
        took = await super()._first_init()
        boot_s, self._boot_s = self._boot_s, 0.0
        return None if took is None else max(0.0, took - boot_s * 1000)

    async def _init(self, limit_s: float) -> PhaseResult | None:
        """Start a worker and wait until its runtime asks for an event; return the failure."""
        if not self.spec.runtime.startswith("python"):
            self._ended = time.perf_counter()
            return PhaseResult(errors.cannot_start(_foreign(self.spec.runtime)), "error")
        self.process = self._name
        asked = {**self._worker(), "limit_ms": limit_s * 1000}
        said = await self._told("start", asked)
        self._boot_s = said["boot_ms"] / 1000
        self._ended = time.perf_counter() - self._boot_s
        if said["kind"] == "next":
            return None
        if said["kind"] == "late":
            return PhaseResult(errors.timed_out(self._request_id, limit_s), "timeout")
        return self._failure(said)

    def _worker(self) -> Said:
        """Return what the page needs to start the worker."""
        layers = [f"{LAYERS}/{place}" for place in self._layer_paths()]
        return {
            "name": self._name,
            "most": self.spec.memory_mb * MB,
            "archives": [[TASK_ROOT, self.spec.code.read_bytes()]]
            + [[LAYERS, layer.read_bytes()] for layer in self.spec.layers],
            "variables": self._variables(),
            "paths": [TASK_ROOT, *layers],
        }

    def _layer_paths(self) -> list[str]:
        places = [f"python/lib/{self.spec.runtime}/site-packages", "python"]
        return places if self.spec.layers else []

    def _variables(self) -> dict[str, str]:
        places = {"PWD": TASK_ROOT, "TMPDIR": "/tmp"}
        roots = {"LAMBDA_TASK_ROOT": TASK_ROOT, "LAMBDA_RUNTIME_DIR": RUNTIME_DIR}
        own = {**DEFAULTS, **places, **self.spec.environment}
        return {**own, **defined(self.spec, self.stream), **roots}

    async def _run(self, invocation: Invocation, begun: float) -> PhaseResult:
        boot_s, self._boot_s = self._boot_s, 0.0
        left = self.spec.timeout_s - (time.perf_counter() - boot_s - begun)
        event = {
            "name": self._name,
            "body": invocation.event,
            "headers": self._headers(invocation, left),
            "limit_ms": left * 1000,
        }
        said = await self._told("invoke", event)
        self._ended = time.perf_counter() - boot_s
        answer = self._answered_with(said)
        if self._answered:
            self._answered(answer.payload, answer.error)
        return answer

    def _headers(self, invocation: Invocation, left: float) -> dict[str, str]:
        """Return the headers of the Runtime API's next invocation."""
        stated = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + left) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.invoked_arn or self.spec.arn,
            "Lambda-Runtime-Trace-Id": invocation.trace_id,
            "Lambda-Runtime-Client-Context": invocation.client_context,
            "Content-Type": "application/json",
        }
        return {name: value for name, value in stated.items() if value}

    def _answered_with(self, said: Said) -> PhaseResult:
        kind = said["kind"]
        if kind == "late":
            return PhaseResult(errors.timed_out(self._request_id, self.spec.timeout_s), "timeout")
        if kind in ("exit", "killed"):
            return self._failure(said)
        payload = str(said["value"]).encode()
        if len(payload) > errors.RESPONSE_LIMIT:
            return PhaseResult(errors.response_too_large(), "error")
        return PhaseResult(payload, "success" if kind == "response" else "error")

    def _failure(self, said: Said) -> PhaseResult:
        """Return how a runtime ended that did not answer."""
        self.alive = False
        if fault := said.get("fault"):
            return PhaseResult(str(fault).encode(), "error")
        code = KILLED if said["kind"] == "killed" else int(said["value"])
        return PhaseResult(errors.exited(self._request_id, code), "error")

    async def _told(self, what: str, given: Said) -> Said:
        """Ask the page; keep what the function printed and the memory that it took."""
        said = await self.host.ask(what, given)
        if printed := bytes(said["output"]):
            self._output.write(printed)
        self._peak = max(self._peak, int(said["heap"]))
        return said

    def _drain(self) -> None:
        """Do nothing: what a worker prints comes with its answers."""

    def _freeze(self) -> None:
        """Do nothing: a worker works only while it is called."""

    def _reset(self) -> None:
        """End the worker; /tmp and the log stream stay."""
        self._end(keep=True)
        self.alive, self._frozen = True, False

    def close(self) -> None:
        self._end(keep=False)
        self.alive = False

    def _end(self, keep: bool) -> None:
        self.process = None
        self.host.ask("end", {"name": self._name, "keep": keep})  # nobody waits for the answer


def _foreign(runtime: str) -> str:
    return (
        f"This page cannot run {runtime}: it runs Python. On LOCAL the embedded Lambda runs "
        "Node.js, Java and C# too."
    )
