"""The loop of one event source mapping."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from lambdadeck.engine.execution.pool import TooManyRequestsError
from lambdadeck.engine.model import Outcome

# Invokes the function of an ARN; None if it does not exist.
Invoke = Callable[[str, bytes], Awaitable[Outcome | None]]
STOPPED = ("Disabling", "Disabled", "Deleting")
THROTTLE_S, THROTTLE_MAX_S = 0.05, 5.0
AFTER_ERROR_S = 1.0


class Poller:
    """Polls while its mapping is not disabled or deleted; subclasses do one step in `poll`."""

    def __init__(self, mapping: dict[str, Any], invoke: Invoke) -> None:
        self.mapping, self._invoke = mapping, invoke
        self.woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def poll(self) -> None:
        """Take one step."""
        raise NotImplementedError

    @property
    def is_polling(self) -> bool:
        return self.mapping["State"] not in STOPPED

    @property
    def reports_items(self) -> bool:
        return "ReportBatchItemFailures" in self.mapping["FunctionResponseTypes"]

    def start(self) -> None:
        """Begin to poll, or look at changed settings."""
        self.woken.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    def close(self) -> None:
        """Stop now, because the engine ends."""
        if self._task:
            self._task.cancel()

    async def _run(self) -> None:
        while self.is_polling:
            try:
                await self.poll()
            except Exception:
                logging.exception("Polling of %s failed", self.mapping["EventSourceArn"])
                await asyncio.sleep(AFTER_ERROR_S)

    async def idle(self, seconds: float) -> None:
        """Wait until the poller is woken, or the time is over."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.woken.wait(), max(seconds, 0.001))

    async def invoke(self, event: bytes, until: float | None = None) -> Outcome | None:
        """Invoke the function, again while it is throttled, until a time of the loop's clock.

        Return None if it does not exist or stays throttled.
        """
        wait_s, clock = THROTTLE_S, asyncio.get_running_loop().time
        while self.is_polling:
            try:
                return await self._invoke(self.mapping["FunctionArn"], event)
            except TooManyRequestsError:
                if until is not None and clock() + wait_s > until:
                    return None
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, THROTTLE_MAX_S)
        return None
