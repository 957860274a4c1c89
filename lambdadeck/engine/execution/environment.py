"""One execution environment: INIT, invoke, freeze, reset; its limits, its /tmp and its log stream.

The life cycle is AWS's: a failed INIT is tried once more inside the invocation; a time-out resets the environment (a new
process, the same /tmp and log stream); a crash ends it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from lambdadeck.engine.execution import errors, logs
from lambdadeck.engine.execution.host import Host
from lambdadeck.engine.execution.output import Output
from lambdadeck.engine.execution.peer_check import Address, held_by
from lambdadeck.engine.execution.process import RuntimeProcess
from lambdadeck.engine.execution.runtime_api import RuntimeApi
from lambdadeck.engine.model import Answered, FunctionSpec, Invocation, Outcome

WATCH_S = 0.005
MB = 1024 * 1024
MB_A_VCPU = 1769  # Lambda developer guide: at 1,769 MB a function has the equivalent of one vCPU
CPU_BURST_S = 0.01  # CPU time that is free of the share, so that the accounting does not stall every short call


class PhaseResult(NamedTuple):
    """How an INIT or an invocation ended."""

    payload: bytes
    error: str | None = None
    status: str = "success"


class EnvironmentGoneError(Exception):
    """The environment ended before it took the event: another one has to."""


class Environment:
    """Runs one invocation at a time. `alive` turns False when it must not be used again."""

    def __init__(self, spec: FunctionSpec, host: Host) -> None:
        self.spec, self.host = spec, host
        self.stream = logs.stream_name(spec.version, datetime.now(UTC))
        self.alive, self.busy = True, False
        self.idle_since = time.monotonic()
        self.process: RuntimeProcess | None = None
        self._tmp = host.scratch / self.stream.rsplit("]", 1)[1] / "tmp"
        self._namespace: int | None = (
            None  # of a process that a reset has ended: its /tmp is still there
        )
        self._api: RuntimeApi | None = None
        self._output = Output()
        self._request_id = ""
        self._ready: asyncio.Future[PhaseResult | None] | None = None
        self._answer: asyncio.Future[PhaseResult] | None = None
        self._answered: Answered | None = None
        self._fault: bytes | None = None
        self._ended = self._run_begun = self._cpu_begun = 0.0
        self._peak = 0
        self._frozen = self._was_init = False

    # ---- what the Runtime API reports -------------------------------------------------------------------------------

    def owns(self, peer: Address, ours: Address) -> bool:
        return self.process is not None and held_by(self.process.pid, peer, ours)

    def asked_next(self) -> None:
        """The runtime is ready for an event: INIT is over, or the last invocation is, and then it is frozen."""
        if self._ready and not self._ready.done():
            self._ready.set_result(None)
        elif not self.busy and self.process:
            self._freeze()

    def responded(self, request_id: str, body: bytes) -> bool:
        return self._settle(request_id, PhaseResult(body))

    def failed(self, request_id: str, body: bytes) -> bool:
        return self._settle(request_id, PhaseResult(body, "Unhandled", "error"))

    def too_large(self, request_id: str) -> None:
        self._settle(request_id, PhaseResult(errors.response_too_large(), "Unhandled", "error"))

    def init_failed(self, body: bytes) -> None:
        """The runtime could not initialise; its own words are the payload once it has ended."""
        self._fault = body

    def _settle(self, request_id: str, answer: PhaseResult) -> bool:
        if self._answer is None or self._answer.done() or request_id != self._request_id:
            return False
        self._ended = time.perf_counter()
        self._answer.set_result(answer)
        if self._answered and answer.status != "untaken":
            self._answered(answer.payload, answer.error)
        return True

    def _exited(self, process: RuntimeProcess, returncode: int) -> None:
        if process is not self.process:
            return  # a process that a reset has already replaced
        self.alive = False
        payload = self._fault or errors.exited(self._request_id, returncode)
        untaken = self._api is not None and self._api.holding
        answer = PhaseResult(payload, "Unhandled", "untaken" if untaken else "error")
        if self._ready and not self._ready.done():
            self._ready.set_result(answer)
        self._settle(self._request_id, answer)

    # ---- the life cycle ---------------------------------------------------------------------------------------------

    async def invoke(self, invocation: Invocation, answered: Answered | None = None) -> Outcome:
        """Run one invocation to its end, whatever that is; never raises for what the function does.

        Raises EnvironmentGoneError when the runtime ended (of the invocation before) without having taken the event.
        """
        self.busy, self._request_id, self._answered = True, invocation.request_id, answered
        init_ms = None if self._was_init else await self._first_init()
        if not self._frozen:  # what a frozen one had to say was read when it answered
            self._drain()
        self._output.say(logs.start(invocation.request_id, self.spec.version, self.spec.log_format))
        begun = self._ended = time.perf_counter()
        failed = (
            None if self.process else await self._init(self.spec.timeout_s)
        )  # after a reset: billed as duration
        answer = failed or await self._run(invocation, begun)
        if answer.status == "untaken":
            self.close()
            raise EnvironmentGoneError
        if answer.status == "timeout":
            self._note_timeout(invocation)
        return self._finish(invocation, answer, (self._ended - begun) * 1000, init_ms)

    async def _first_init(self) -> float | None:
        """INIT ahead of the invocation; milliseconds, or None when it failed and has to be tried again inside."""
        begun = time.perf_counter()
        failed = await self._init(self.host.init_limit_s)
        self._was_init = True  # from here on the log says nothing of INIT any more
        took = (time.perf_counter() - begun) * 1000
        if failed is None:
            return took
        self._drain()
        self._output.say(
            f"INIT_REPORT Init Duration: {took:.2f} ms\tPhase: init\tStatus: {failed.status}"
        )
        self._reset()
        return None

    async def _init(self, limit_s: float) -> PhaseResult | None:
        """Start a process and wait until it asks for its first event; the answer if it does not."""
        self._fault, self._ready = None, asyncio.get_running_loop().create_future()
        self._api = RuntimeApi(self)
        await self._api.listen()
        if self.host.sandbox is None:  # inside the sandbox /tmp is a file system of its own
            self._tmp.mkdir(parents=True, exist_ok=True)
        try:
            launch = self.host.launch(self.spec, self._api.address, self.stream, self._tmp)
            if not self._was_init:
                self._output.say(logs.init_start(launch.label, self.spec.log_format))
            start = partial(self.host.start, self.spec, launch, self._namespace)
            self.process = RuntimeProcess(start, self._output.write, self._exited)
            self._watch(self._ready)
            failed = await asyncio.wait_for(self._ready, limit_s)  # cancels it: _watch ends too
        except TimeoutError:
            failed = PhaseResult(
                errors.timed_out(self._request_id, limit_s), "Unhandled", "timeout"
            )
        except OSError as error:
            failed = PhaseResult(errors.cannot_start(str(error)), "Unhandled", "error")
        self._ended = time.perf_counter()
        return failed

    async def _run(self, invocation: Invocation, begun: float) -> PhaseResult:
        assert self.process and self._api
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        left = self.spec.timeout_s - (time.perf_counter() - begun)
        self._run_begun, self._cpu_begun = time.perf_counter(), self.process.cpu_s()
        self._api.deliver(
            invocation, int((time.time() + left) * 1000), invocation.invoked_arn or self.spec.arn
        )
        self._thaw()  # after the event is there: so the runtime wakes once, and to work
        timer = loop.call_later(left, self._time_out)
        self._watching = loop.call_later(WATCH_S, self._watch, self._answer)
        try:
            return await self._answer
        finally:
            timer.cancel()
            self._watching.cancel()

    def _watch(self, phase: asyncio.Future[Any]) -> None:
        """Every few milliseconds of a phase: a function over its memory is killed, as in AWS; it gets no MemoryError."""
        if phase.done() or self.process is None:
            return
        self._peak = max(self._peak, self.process.resident_bytes())
        if self._peak > self.spec.memory_mb * MB:
            self.process.kill()
        wait_s = self._over_share() if phase is self._answer else 0.0
        if wait_s:
            self._freeze()
            asyncio.get_running_loop().call_later(wait_s, self._resume, phase, self.process)
        self._watching = asyncio.get_running_loop().call_later(
            max(WATCH_S, wait_s), self._watch, phase
        )

    def _over_share(self) -> float:
        """Seconds until the CPU time taken is what the memory size pays for; INIT runs at full speed, as in AWS."""
        assert self.process
        share = self.spec.memory_mb / MB_A_VCPU
        used = self.process.cpu_s() - self._cpu_begun - CPU_BURST_S
        return max(0.0, used / share - (time.perf_counter() - self._run_begun))

    def _resume(self, phase: asyncio.Future[Any], process: RuntimeProcess) -> None:
        if process is self.process and not phase.done():
            self._thaw()

    def _freeze(self) -> None:
        assert self.process
        self.process.freeze()
        self._frozen = True

    def _thaw(self) -> None:
        """Let it run if it stands: after the last invocation, or stopped in the middle of it for its CPU share."""
        if self._frozen and self.process:
            self.process.thaw()
        self._frozen = False

    def _time_out(self) -> None:
        payload = errors.timed_out(self._request_id, self.spec.timeout_s)
        self._settle(self._request_id, PhaseResult(payload, "Unhandled", "timeout"))

    def _note_timeout(self, invocation: Invocation) -> None:
        self._drain()
        self._reset()
        now = logs.stamp(datetime.now(UTC))
        self._output.say(
            f"{now} {invocation.request_id} Task timed out after {self.spec.timeout_s:.2f} seconds\n"
        )

    def _drain(self) -> None:
        """Take what the process has written and how much memory it holds."""
        if self.process:
            self.process.drain()
            self._peak = max(self._peak, self.process.resident_bytes())

    def _finish(
        self, invocation: Invocation, answer: PhaseResult, duration_ms: float, init_ms: float | None
    ) -> Outcome:
        self._drain()
        peak_mb = min(-(-self._peak // MB), self.spec.memory_mb)
        measured = logs.ReportFields(
            duration_ms, self.spec.memory_mb, peak_mb, init_ms, answer.status
        )
        lines = self._output.lines() + logs.end(
            invocation.request_id, measured, self.spec.log_format
        )
        self.host.log(self.spec, self.stream, lines)
        self._output.clear()
        self._answer, self._peak, self.busy, self.idle_since = None, 0, False, time.monotonic()
        if (self.process is None and answer.status != "timeout") or not self.alive:
            self.close()
        return Outcome(
            answer.payload,
            answer.error,
            "\n".join(lines) + "\n",
            self.stream,
            duration_ms,
            measured.billed_ms,
            init_ms,
            peak_mb,
        )

    def _reset(self) -> None:
        """End the process and its Runtime API; /tmp and the log stream stay."""
        process, self.process = self.process, None
        if process:
            if self.host.sandbox and self._namespace is None:
                self._namespace = process.mount_namespace()
            process.kill()
        if self._api:
            self._api.close()
            self._api = None
        self.alive, self._frozen = True, False

    def close(self) -> None:
        """End the process, close the Runtime API, remove /tmp."""
        self._reset()
        self.alive = False
        if self._namespace is not None:
            os.close(self._namespace)
            self._namespace = None
        shutil.rmtree(self._tmp.parent, ignore_errors=True)
