"""The execution environments of all functions: reuse, scale out, throttle, retire, reap."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from lambdadeck.engine.execution.environment import Environment
from lambdadeck.engine.execution.host import Host
from lambdadeck.engine.execution.phase import EnvironmentGoneError
from lambdadeck.engine.execution.provisioned import Provisioned
from lambdadeck.engine.model import Answered, FunctionSpec, Invocation, Outcome

IDLE_S = 600.0  # AWS keeps an idle environment for some minutes and promises nothing
CONCURRENCY = "ConcurrentInvocationLimitExceeded"
REAP_EVERY_S = 15.0


class TooManyRequestsError(Exception):
    """No environment may start; `reason` is the Reason of AWS's TooManyRequestsException."""

    def __init__(self, reason: str, message: str = "Rate Exceeded.") -> None:
        super().__init__(message)
        self.reason, self.message = reason, message


class Pool:
    """Serves each concurrent invocation from its own environment, the most recent first."""

    def __init__(
        self,
        host: Host,
        limit: int,
        idle_s: float = IDLE_S,
        make: Callable[[FunctionSpec, Host], Environment] = Environment,
    ) -> None:
        self.host, self.limit, self.idle_s, self._make = host, limit, idle_s, make
        self._idle: dict[tuple[str, str, str], list[Environment]] = defaultdict(list)
        self._busy: set[Environment] = set()
        self._retired: set[Environment] = set()  # busy ones of deleted functions
        self._running: Counter[str] = Counter()
        self._revision: dict[tuple[str, str], str] = {}
        self.provisioned = Provisioned(lambda spec: self._make(spec, self.host))

    async def invoke(
        self, spec: FunctionSpec, invocation: Invocation, answered: Answered | None = None
    ) -> Outcome:
        """Run one invocation; raise TooManyRequestsError at reserved or account concurrency.

        `answered` is not called if no runtime took the event.
        """
        while environment := self.provisioned.take(spec):
            with suppress(EnvironmentGoneError, OSError):
                return await self._run(environment, invocation, answered)
        self._admit(spec)
        self._running[spec.arn] += 1
        try:
            while True:
                try:
                    return await self._run(self._take(spec), invocation, answered)
                except EnvironmentGoneError:
                    continue  # it died of the previous invocation: use another
                except OSError as full:  # no more files or processes on this machine
                    if not self._drop_oldest():
                        raise TooManyRequestsError(CONCURRENCY) from full
        finally:
            self._running[spec.arn] -= 1
            if not self._running[spec.arn]:
                del self._running[spec.arn]

    async def _run(
        self, environment: Environment, invocation: Invocation, answered: Answered | None
    ) -> Outcome:
        self._busy.add(environment)
        try:
            return await environment.invoke(invocation, answered)
        finally:
            self._busy.discard(environment)
            self._give_back(environment)

    def _admit(self, spec: FunctionSpec) -> None:
        provisioned = self.provisioned.reserved(spec.arn)
        if spec.reserved is not None and self._running[spec.arn] >= spec.reserved - provisioned:
            raise TooManyRequestsError("ReservedFunctionConcurrentInvocationLimitExceeded")
        if self._running.total() >= self.limit - self.provisioned.reserved():
            raise TooManyRequestsError(CONCURRENCY)

    def _take(self, spec: FunctionSpec) -> Environment:
        if self._revision.get((spec.arn, spec.version), spec.revision) != spec.revision:
            self._retire_old(spec)
        self._revision[spec.arn, spec.version] = spec.revision
        idle = self._idle[spec.key]
        while idle:
            environment = idle.pop()
            if environment.alive:
                return environment
            environment.close()
        self._make_room()
        return self._make(spec, self.host)

    def _give_back(self, environment: Environment) -> None:
        spec = environment.spec
        retired = environment in self._retired
        self._retired.discard(environment)
        if spec.provisioned:
            self.provisioned.give_back(environment)
            return
        if (
            environment.alive
            and not retired
            and self._revision.get((spec.arn, spec.version)) == spec.revision
            and not environment.busy
        ):
            self._idle[spec.key].append(environment)
        else:
            environment.close()

    def provision(self, spec: FunctionSpec, wanted: int) -> None:
        """Keep that many environments of a version ready; idle others make room."""
        self.provisioned.put(spec, wanted, self.limit)
        while sum(self.counts()) + wanted > self.limit and self._drop_oldest():
            pass

    def _make_room(self) -> None:
        """End the environment that has been idle longest if the limit is reached."""
        if sum(self.counts()) >= self.limit:
            self._drop_oldest()

    def _drop_oldest(self) -> bool:
        """End the environment that has been idle longest; return whether there was one."""
        idle = [e for environments in self._idle.values() for e in environments]
        if idle:
            oldest = min(idle, key=lambda e: e.idle_since)
            self._idle[oldest.spec.key].remove(oldest)
            oldest.close()
        return bool(idle)

    def _retire_old(self, spec: FunctionSpec) -> None:
        for key in [key for key in self._idle if key[:2] == spec.key[:2] and key != spec.key]:
            for environment in self._idle.pop(key):
                environment.close()

    def forget(self, arn: str, version: str | None = None) -> None:
        """End the environments of a function, or of a version; busy ones after their invocation."""

        def meant(key: tuple[str, ...]) -> bool:
            return key[0] == arn and version in (None, key[1])

        self._retired |= {e for e in self._busy if meant(e.spec.key)}
        for key in [key for key in self._idle if meant(key)]:
            for environment in self._idle.pop(key):
                environment.close()
        for pair in [pair for pair in self._revision if meant(pair)]:
            del self._revision[pair]
        self.provisioned.forget(arn, version)

    def _every(self) -> Iterator[Environment]:
        yield from self._busy | set(self.provisioned)
        for environments in self._idle.values():
            yield from environments

    def folders(self) -> set[Path]:
        """Return the folders whose files an environment uses."""
        return {folder for one in self._every() for folder in (one.spec.code, *one.spec.layers)}

    def counts(self) -> tuple[int, int]:
        """Return the numbers of busy and idle environments."""
        idle = set(self.provisioned) - self._busy
        return len(self._busy), len(idle) + sum(map(len, self._idle.values()))

    async def reap(self) -> None:
        """End environments that have been idle for too long; runs forever."""
        while True:
            await asyncio.sleep(min(REAP_EVERY_S, self.idle_s))
            self.reap_once(time.monotonic())

    def reap_once(self, now: float) -> None:
        """End environments that are dead or idle for more than `idle_s` seconds."""
        for environments in self._idle.values():
            for environment in list(environments):
                if not environment.alive or now - environment.idle_since > self.idle_s:
                    environments.remove(environment)
                    environment.close()

    def close(self) -> None:
        """End every environment."""
        for environment in list(self._every()):
            environment.close()
        self._idle.clear()
