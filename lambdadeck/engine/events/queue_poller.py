"""Poll a queue for one event source mapping.

Source: Lambda developer guide, "Using Lambda with Amazon SQS".
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from typing import Any

from lambdadeck.engine.events import batches, filters, records
from lambdadeck.engine.events.poller import Invoke, Poller
from lambdadeck.engine.services.queues import Message, Queues

BATCHES = 5  # at a time; AWS begins with five, and ScalingConfig may say another number
IDLE_S = 1.0  # a queue is looked at this often even if nothing has been sent
PAUSE_S = 0.1  # after a failure: a queue may have no visibility timeout


class QueuePoller(Poller):
    """Receives batches and invokes the function, several at a time; FIFO groups stay in order."""

    def __init__(self, mapping: dict[str, Any], queues: Queues, invoke: Invoke) -> None:
        super().__init__(mapping, invoke)
        self._queues, self._arn = queues, mapping["EventSourceArn"]
        self._running: set[asyncio.Task[None]] = set()

    async def poll(self) -> None:
        """Begin a batch, or wait until there may be one."""
        scaling = self.mapping.get("ScalingConfig") or {}
        if len(self._running) >= scaling.get("MaximumConcurrency", BATCHES):
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            return
        self.woken.clear()
        found, hidden_s = await self._collect()
        if not found:
            await self.idle(min(IDLE_S, IDLE_S if hidden_s is None else hidden_s))
            return
        task = asyncio.get_running_loop().create_task(self._process(found))
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self.woken.set()  # groups of a FIFO queue are free again
        if not task.cancelled() and (error := task.exception()):
            logging.error("A batch of %s was not processed", self._arn, exc_info=error)

    async def _collect(self) -> tuple[list[Message], float | None]:
        """Return a batch: full, or what has come until its window ends."""
        size = self.mapping["BatchSize"]
        found, hidden_s = await self._queues.receive(self._arn, size)
        clock = asyncio.get_running_loop().time
        ends = clock() + self.mapping["MaximumBatchingWindowInSeconds"]
        while found and len(found) < size and (left_s := ends - clock()) > 0:
            self.woken.clear()
            await self.idle(min(left_s, IDLE_S))
            found += (await self._queues.receive(self._arn, size - len(found)))[0]
        return found, hidden_s

    async def _process(self, found: Sequence[Message]) -> None:
        """Invoke the function and delete what succeeded or no filter lets pass."""
        until = asyncio.get_running_loop().time() + min(one.visible_s for one in found)
        by_id = {one.id: one for one in found}
        event = [records.message(one, self._arn) for one in found]
        kept = [record for record in event if filters.passes(self.mapping, record)]
        failed: set[str] = set()
        for piece in records.cut(kept):
            failed |= await self._failed(piece, until)
        done = [message for name, message in by_id.items() if name not in failed]
        await self._queues.delete(self._arn, done)
        if failed:
            await asyncio.sleep(PAUSE_S)

    async def _failed(self, piece: list[dict[str, Any]], until: float) -> set[str]:
        ids = [record["messageId"] for record in piece]
        outcome = await self.invoke(json.dumps({"Records": piece}).encode(), until)
        return batches.failed(outcome, ids, self.reports_items) if outcome else set(ids)
