"""What provisioned concurrency configurations ask of the pool, and what it says of them."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from lambdadeck.engine.execution.pool import Pool
from lambdadeck.engine.model import FunctionSpec, Target


class Provisioning:
    """Keeps the environments that functions' configurations want."""

    def __init__(self, pool: Pool, found: Callable[[Target], Awaitable[FunctionSpec | None]]):
        self._pool, self._found = pool, found
        self._tasks: set[asyncio.Task[None]] = set()

    def apply(self, function: Target, wanted: Callable[[], Counter[str]]) -> None:
        """Begin to give each version of a function the environments that it should have now."""
        task = asyncio.get_running_loop().create_task(self._apply(function, wanted))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _apply(self, function: Target, wanted: Callable[[], Counter[str]]) -> None:
        for version in wanted().keys() | set(self._pool.provisioned.versions(function.arn)):
            spec = await self._found(function._replace(qualifier=version))
            number = wanted()[version]  # it may have changed while a package was unpacked
            if spec and number:
                self._pool.provision(spec, number)
            else:
                self._pool.provisioned.forget(function.arn, version)

    def state(self, function: Target, version: str) -> tuple[int, str]:
        """Return how many environments of a version there are, and why they are not more."""
        found = self._pool.provisioned.find(function.arn, version)
        return (len(found.environments), found.reason) if found else (0, "")
