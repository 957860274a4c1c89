"""One execution environment: INIT, invoke, freeze, reset; its limits, its /tmp and its log stream.

The life cycle is AWS's: a failed INIT is retried once inside the invocation; a timeout resets the
environment (a new process, the same /tmp and log stream); a crash ends it.
"""

import asyncio
import errno
import os
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from lambdadeck.engine.execution import errors, logs
from lambdadeck.engine.execution.host import Host
from lambdadeck.engine.execution.output import Output
from lambdadeck.engine.execution.peer_check import Address, held_by
from lambdadeck.engine.execution.phase import EnvironmentGoneError, PhaseResult, over_share_s
from lambdadeck.engine.execution.process import RuntimeProcess, Spawned, with_pipe
from lambdadeck.engine.execution.runtime_api import RuntimeApi
from lambdadeck.engine.model import Answered, FunctionSpec, Invocation, Outcome

WATCH_S, WATCH_EACH_S = 0.005, 0.0005  # many at once are looked at less often
LOOK_EVERY = 10  # watches: finding what a runtime has started costs more
MB = 1024 * 1024
EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM}  # this machine is full
PROVISIONED_INIT_S = 130.0  # or the function's timeout (developer guide, "Init phase")


class Environment:
    """Runs one invocation at a time. `alive` turns False when it must not be used again."""

    def __init__(self, spec: FunctionSpec, host: Host) -> None:
        self.spec, self.host = spec, host
        self.stream = logs.stream_name(spec.version, datetime.now(UTC))
        self.alive, self.busy = True, False
        self.idle_since = time.monotonic()
        self.on_end: Callable[[Environment], None] = lambda _: None  # its runtime has ended
        self.process: RuntimeProcess | None = None
        self._spawned: Spawned | None = None  # also before `process` is there
        self._tmp = host.scratch / self.stream.rsplit("]", 1)[1] / "tmp"
        self._namespace: int | None = None  # keeps /tmp over a reset
        self._api: RuntimeApi | None = None
        self._output = Output(spec.log_format, spec.system_level)
        self._request_id = ""
        self._ready: asyncio.Future[PhaseResult | None] | None = None
        self._answer: asyncio.Future[PhaseResult] | None = None
        self._answered: Answered | None = None
        self._fault: bytes | None = None
        self._ended = self._run_begun = self._cpu_begun = 0.0
        self._peak = self._watched = 0
        self._frozen = self._was_init = False

    # ---- called by the Runtime API ----

    def owns(self, peer: Address, ours: Address) -> bool | None:
        """Return whether a connection is our runtime's; None while its start is not over."""
        started = self._spawned
        return started and held_by(started.pid, peer, ours, started.init)

    def asked_next(self) -> None:
        """End INIT, or freeze after the last invocation: the runtime asks for its next event."""
        if self._ready and not self._ready.done():
            self._ready.set_result(None)
        elif not self.busy and self.process:
            self._freeze()

    def responded(self, request_id: str, body: bytes) -> bool:
        return self._settle(request_id, PhaseResult(body))

    def failed(self, request_id: str, body: bytes) -> bool:
        return self._settle(request_id, PhaseResult(body, "error"))

    def init_failed(self, body: bytes) -> None:
        """Keep the runtime's error: it is the payload once the process has ended."""
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
        answer = PhaseResult(payload, "untaken" if untaken else "error")
        if self._ready and not self._ready.done():
            self._ready.set_result(answer)
        self._settle(self._request_id, answer)
        self.on_end(self)

    # ---- the life cycle ----

    async def invoke(self, invocation: Invocation, answered: Answered | None = None) -> Outcome:
        """Run one invocation; errors of the function are part of the outcome.

        Raise EnvironmentGoneError if the runtime ended before it took the event.
        """
        self.busy, self._request_id, self._answered = True, invocation.request_id, answered
        init_ms = None if self._was_init else await self._first_init()
        if not self._frozen:  # a frozen one was drained at its response
            self._drain()
        started = logs.start(invocation.request_id, self.spec.version, self.spec.log_format)
        self._output.platform("INFO", started)
        begun = self._ended = time.perf_counter()
        # INIT after a reset is billed as duration.
        failed = None if self.process else await self._init(self.spec.timeout_s)
        answer = failed or await self._run(invocation, begun)
        if answer.status == "untaken":
            self.close()
            raise EnvironmentGoneError
        if answer.status == "timeout":
            self._note_timeout(invocation)
        return self._finish(invocation, answer, (self._ended - begun) * 1000, init_ms)

    async def provision(self) -> bool:
        """Run INIT ahead of the first invocation, then freeze; return whether it succeeded."""
        took_ms = await self._first_init()
        self._drain()
        self.host.log(self.spec, self.stream, self._output.lines())
        self._output.clear()
        if took_ms is None or not self.alive:
            self.close()
            return False
        self._freeze()
        return True

    async def _first_init(self) -> float | None:
        """Run INIT before the invocation; return its milliseconds, None if it failed."""
        begun, limit_s = time.perf_counter(), self.host.init_limit_s
        if self.spec.provisioned:
            limit_s = max(PROVISIONED_INIT_S, self.spec.timeout_s)
        failed = await self._init(limit_s)
        self._was_init = True  # logged once
        took = (time.perf_counter() - begun) * 1000
        if failed is None:
            return took
        self._drain()
        report = logs.init_report(failed.status, took, self.spec)
        self._output.platform("WARN", report)
        self._reset()
        return None

    async def _init(self, limit_s: float) -> PhaseResult | None:
        """Start a process and wait until it asks for an event; return the failure, or None."""
        self._fault, self._ready = None, asyncio.get_running_loop().create_future()
        self._api = RuntimeApi(self)
        await self._api.listen()
        if self.host.sandbox is None:  # inside the sandbox /tmp is a file system of its own
            self._tmp.mkdir(parents=True, exist_ok=True)
        try:
            await self._start(self._api.address)
            self._watch(self._ready)
            failed = await asyncio.wait_for(self._ready, limit_s)  # cancels it: _watch ends too
        except TimeoutError:
            failed = PhaseResult(errors.timed_out(self._request_id, limit_s), "timeout")
        except OSError as error:
            if error.errno in EXHAUSTED:
                raise
            failed = PhaseResult(errors.cannot_start(str(error)), "error")
        self._ended = time.perf_counter()
        return failed

    async def _start(self, address: str) -> None:
        """Start the runtime on a thread, so that other invocations go on meanwhile."""
        work = partial(self._spawn, address)
        (label, spawned), output = await with_pipe(work, self.host.threads)
        self.process = RuntimeProcess(spawned, output, self._output.write, self._exited)
        if not self.alive:  # closed meanwhile
            self.process.kill()
        if not self._was_init and self._output.shows("INFO"):  # no part of an invocation's log
            self.host.log(self.spec, self.stream, [logs.init_start(label, self.spec)])

    def _spawn(self, address: str, output: int) -> tuple[str, Spawned]:
        command = self.host.launch(self.spec, address, self.stream, self._tmp)
        self._spawned = self.host.start(self.spec, command, self._namespace, output)
        return command.label, self._spawned

    async def _run(self, invocation: Invocation, begun: float) -> PhaseResult:
        assert self.process and self._api
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        left = self.spec.timeout_s - (time.perf_counter() - begun)
        self._run_begun, self._cpu_begun = time.perf_counter(), self.process.cpu_s()
        deadline_ms = int((time.time() + left) * 1000)
        self._api.deliver(invocation, deadline_ms, invocation.invoked_arn or self.spec.arn)
        self._thaw()  # after the delivery: the runtime wakes only once
        timer = loop.call_later(left, self._time_out)
        self._watching = loop.call_later(WATCH_S, self._watch, self._answer)
        try:
            return await self._answer
        finally:
            timer.cancel()
            self._watching.cancel()
            self.host.watched.discard(self)

    def _watch(self, phase: asyncio.Future[Any]) -> None:
        """Kill a function over its memory and enforce its CPU share, every 5 ms of a phase."""
        if phase.done() or self.process is None:
            self.host.watched.discard(self)
            return
        self.host.watched.add(self)
        self._watched += 1
        if self._watched % LOOK_EVERY == 0:
            self.process.look()
        self._peak = max(self._peak, self.process.resident_bytes())
        if self._peak > self.spec.memory_mb * MB:
            self.process.kill()
        wait_s = self._over_share_s() if phase is self._answer else 0.0
        if wait_s:
            self._freeze()
            asyncio.get_running_loop().call_later(wait_s, self._resume, phase, self.process)
        pause_s = max(WATCH_S, len(self.host.watched) * WATCH_EACH_S, wait_s)
        self._watching = asyncio.get_running_loop().call_later(pause_s, self._watch, phase)

    def _over_share_s(self) -> float:
        assert self.process
        used_s = self.process.cpu_s() - self._cpu_begun
        return over_share_s(used_s, time.perf_counter() - self._run_begun, self.spec.memory_mb)

    def _resume(self, phase: asyncio.Future[Any], process: RuntimeProcess) -> None:
        if process is self.process and not phase.done():
            self._thaw()

    def _freeze(self) -> None:
        assert self.process
        self.process.freeze()
        self._frozen = True

    def _thaw(self) -> None:
        """Continue a process that the last invocation or its CPU share has stopped."""
        if self._frozen and self.process:
            self.process.thaw()
        self._frozen = False

    def _time_out(self) -> None:
        payload = errors.timed_out(self._request_id, self.spec.timeout_s)
        self._settle(self._request_id, PhaseResult(payload, "timeout"))

    def _note_timeout(self, invocation: Invocation) -> None:
        self._drain()
        self._reset()
        now = logs.stamp(datetime.now(UTC))
        timeout = f"Task timed out after {self.spec.timeout_s:.2f} seconds"
        self._output.say(f"{now} {invocation.request_id} {timeout}\n")

    def _drain(self) -> None:
        """Read pending output and update the memory peak."""
        if self.process:
            self.process.drain()
            self._peak = max(self._peak, self.process.resident_bytes())

    def _finish(
        self, invocation: Invocation, answer: PhaseResult, duration_ms: float, init_ms: float | None
    ) -> Outcome:
        self._drain()
        peak_mb, most = -(-self._peak // MB), self.spec.memory_mb
        measured = logs.ReportFields(duration_ms, most, min(peak_mb, most), init_ms, answer.status)
        end = logs.end(invocation.request_id, measured, self.spec.log_format)
        shown = self._output.shows("INFO" if answer.status == "success" else "WARN")
        lines = self._output.lines() + (end if shown else [])
        self.host.log(self.spec, self.stream, lines)
        self._output.clear()
        self._answer, self._peak, self.busy, self.idle_since = None, 0, False, time.monotonic()
        if (self.process is None and answer.status != "timeout") or not self.alive:
            self.close()
        log = "".join(f"{line}\n" for line in lines)
        return Outcome(answer.payload, answer.error, log, duration_ms, init_ms)

    def _reset(self) -> None:
        """End the process and its Runtime API; /tmp and the log stream stay."""
        process, self.process, self._spawned = self.process, None, None
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
