"""Provisioned concurrency: environments that are started before a call comes, and replaced.

They belong to a version: every call of it takes one while one is free, by whichever name it came.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace

from lambdadeck.engine.execution.environment import Environment
from lambdadeck.engine.model import FunctionSpec

INIT_FAILED = "FUNCTION_ERROR_INIT_FAILURE"  # AWS's StatusReason
Make = Callable[[FunctionSpec], Environment]


class Provision:
    """Keeps `wanted` environments of one version; `reason` says why they are fewer for good."""

    def __init__(self, spec: FunctionSpec, wanted: int, make: Make) -> None:
        self.spec, self.wanted, self._make = replace(spec, provisioned=True), wanted, make
        self.environments: set[Environment] = set()
        self.reason, self.was_ready = "", False
        self._idle: list[Environment] = []
        self._starting: dict[asyncio.Task[None], Environment] = {}

    @property
    def reserved(self) -> int:
        """Return how much of its function's concurrency is taken; a replacement keeps its place."""
        return self.wanted if self.was_ready else len(self.environments)

    def fill(self) -> None:
        """Begin to start what is missing, unless an INIT has failed."""
        if self.reason:
            return
        for _ in range(self.wanted - len(self.environments) - len(self._starting)):
            environment = self._make(self.spec)
            task = asyncio.get_running_loop().create_task(self._start(environment))
            self._starting[task] = environment
            task.add_done_callback(self._starting.pop)

    async def _start(self, environment: Environment) -> None:
        initialized = False
        try:
            initialized = await environment.provision()
        except OSError as full:  # no more files or processes on this machine
            self.reason = f"[local] {full}"
        finally:
            self._started(environment, initialized)

    def _started(self, environment: Environment, initialized: bool) -> None:
        if not initialized:
            self.reason, self.was_ready = self.reason or INIT_FAILED, False
        if initialized and len(self.environments) < self.wanted:
            environment.on_end = self._ended
            self.environments.add(environment)
            self._idle.append(environment)
            self.was_ready |= len(self.environments) == self.wanted
        else:
            environment.close()

    def _ended(self, environment: Environment) -> None:
        """Replace an environment whose runtime has ended."""
        self.environments.discard(environment)
        if environment in self._idle:
            self._idle.remove(environment)
            environment.close()
        self.fill()

    def take(self) -> Environment | None:
        """Return a free environment, the most recently used one."""
        return self._idle.pop() if self._idle else None

    def give_back(self, environment: Environment) -> None:
        """Take an environment back after its invocation; close it if it is no longer wanted."""
        known = environment in self.environments
        if known and environment.alive and not environment.busy:
            self._idle.append(environment)
            self.shrink()
            return
        environment.close()
        if known:
            self._ended(environment)

    def shrink(self) -> None:
        """Close what is free and more than wanted; busy ones follow after their invocation."""
        while self._idle and len(self.environments) > self.wanted:
            environment = self._idle.pop(0)
            self.environments.discard(environment)
            environment.close()

    def end(self) -> None:
        """Close all, busy ones after their invocation."""
        self.wanted = 0
        self.shrink()
        self.environments.clear()
        for environment in self._starting.values():
            environment.close()

    def __iter__(self) -> Iterator[Environment]:
        return iter([*self.environments, *self._starting.values()])


class Provisioned:
    """The provisioned environments of all functions."""

    def __init__(self, make: Make) -> None:
        self._make = make
        self._of: dict[tuple[str, str], Provision] = {}

    def put(self, spec: FunctionSpec, wanted: int, room: int) -> None:
        """Keep that many environments of a version, instead of those it has had."""
        found = self._of.get((spec.arn, spec.version))
        if found is None or found.spec.revision != spec.revision or found.reason:
            self.forget(spec.arn, spec.version)
            found = self._of[spec.arn, spec.version] = Provision(spec, 0, self._make)
        if wanted > room - self.reserved() + found.reserved:
            found.reason = f"[local] this machine has room for {room} execution environments"
        found.wanted, found.was_ready = wanted, wanted <= len(found.environments)
        found.shrink()
        found.fill()

    def find(self, arn: str, version: str) -> Provision | None:
        return self._of.get((arn, version))

    def versions(self, arn: str) -> list[str]:
        """Return the versions of a function that have environments."""
        return [version for name, version in self._of if name == arn]

    def take(self, spec: FunctionSpec) -> Environment | None:
        """Return a free environment of a version, None if there is none."""
        found = self._of.get((spec.arn, spec.version))
        return found.take() if found and found.spec.revision == spec.revision else None

    def give_back(self, environment: Environment) -> None:
        found = self._of.get((environment.spec.arn, environment.spec.version))
        if found:
            found.give_back(environment)
        else:
            environment.close()

    def forget(self, arn: str, version: str | None = None) -> None:
        """End the environments of a function, or of one version of it."""
        for key in [key for key in self._of if key[0] == arn and version in (None, key[1])]:
            self._of.pop(key).end()

    def reserved(self, arn: str | None = None) -> int:
        """Return how many environments are kept, for one function or for all."""
        return sum(one.reserved for key, one in self._of.items() if arn in (None, key[0]))

    def __iter__(self) -> Iterator[Environment]:
        return (environment for one in self._of.values() for environment in one)
