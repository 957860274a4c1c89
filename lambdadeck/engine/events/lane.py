"""One lane of a shard: batches in order, retried until they succeed, are too old or give up."""

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, Protocol

from lambdadeck.engine.events import batches, failures, filters, records, tumbling
from lambdadeck.engine.model import Outcome
from lambdadeck.engine.services.streams import Shard, StreamRecord

RETRY_S, RETRY_MAX_S = 0.1, 5.0  # AWS backs off too, and does not say how long
WINDOW_STEP_S = 0.05
Send = Callable[[str, dict[str, Any], str], Awaitable[None]]


class Piece(NamedTuple):
    """Records that are invoked together, and how often they have been."""

    changes: Sequence[StreamRecord]
    attempts: int


class ShardReader(Protocol):
    """The poller that a lane belongs to."""

    mapping: dict[str, Any]

    @property
    def is_polling(self) -> bool: ...

    @property
    def reports_items(self) -> bool: ...

    def role(self) -> str: ...

    async def invoke(self, event: bytes, until: float | None = None) -> Outcome | None: ...


class Lane:
    """Reads the records of a shard whose key is its own, from a position on."""

    def __init__(
        self,
        host: ShardReader,
        shard: Shard,
        position: str,
        owns: Callable[[str], bool],
        send: Send,
    ) -> None:
        self._host, self._shard, self._owns, self._send = host, shard, owns, send
        self.position = position
        self._window: tumbling.Window | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_busy(self) -> bool:
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        """Read on if there is something to read and nothing is being read."""
        if not self.is_busy and (self._next(1) or tumbling.is_over(self._window, time.time())):
            self._task = asyncio.get_running_loop().create_task(self._read())
            self._task.add_done_callback(self._ended)

    def close(self) -> None:
        if self._task:
            self._task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            logging.error("%s was not read", self._shard.id, exc_info=error)

    def _next(self, most: int) -> list[StreamRecord]:
        """Return the next records of this lane; pass over those of others."""
        found: list[StreamRecord] = []
        at = self.position
        while len(found) < most and (read := self._shard.after(at, most)):
            found += [change for change in read if self._owns(change.key)]
            at = read[-1].sequence
            if not found:
                self.position = at
        return found[:most]

    async def _read(self) -> None:
        while self._host.is_polling:
            await self._close_window()
            changes = await self._batch()
            if not changes:
                return
            if length := self._host.mapping["TumblingWindowInSeconds"]:
                changes = await self._enter_window(changes, length)
            await self._process(changes)
            if self._host.is_polling:
                self.position = changes[-1].sequence

    async def _batch(self) -> list[StreamRecord]:
        """Return a batch: full, or what has come until its window ends."""
        mapping = self._host.mapping
        size, clock = mapping["BatchSize"], asyncio.get_running_loop().time
        ends = clock() + mapping["MaximumBatchingWindowInSeconds"]
        while (found := self._next(size)) and len(found) < size and (left_s := ends - clock()) > 0:
            await asyncio.sleep(min(left_s, WINDOW_STEP_S))
        return found

    # ---- tumbling windows ----

    async def _enter_window(self, changes: list[StreamRecord], length: int) -> list[StreamRecord]:
        """Return the first records that belong to one window, after ending an earlier window."""
        opened = tumbling.window(changes[0].arrived, length)
        if self._window and self._window.start != opened.start:
            await self._close_window(early=True)
        self._window = self._window or opened
        return [change for change in changes if self._window.holds(change.arrived)] or changes[:1]

    async def _close_window(self, early: bool = False) -> None:
        """Invoke the function a last time for a window that is over."""
        window = self._window
        if window and (early or tumbling.is_over(window, time.time())):
            self._window = None
            await self._host.invoke(self._event([], window, final=True))

    # ---- invoking ----

    async def _process(self, changes: Sequence[StreamRecord]) -> None:
        """Invoke the function until every record is processed or given up."""
        kept = [
            change for change in changes if filters.passes(self._host.mapping, self._record(change))
        ]
        pieces = deque([Piece(kept, 0)] if kept else [])
        wait_s = RETRY_S
        while pieces and self._host.is_polling:
            piece = await self._without_old(pieces.popleft())
            if not piece.changes:
                continue
            outcome = await self._host.invoke(self._event(piece.changes, self._window))
            failed = self._failed(outcome, piece)
            if not failed:
                wait_s = RETRY_S
                continue
            pieces.extendleft(reversed(await self._again(failed, outcome)))
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, RETRY_MAX_S)

    async def _without_old(self, piece: Piece) -> Piece:
        """Give up the records that are older than MaximumRecordAgeInSeconds."""
        age = self._host.mapping["MaximumRecordAgeInSeconds"]
        old = [c for c in piece.changes if age > 0 and time.time() - c.arrived > age]
        if old:
            await self._give_up(Piece(old, piece.attempts), "RecordAgeExceeded", None)
        return Piece(piece.changes[len(old) :], piece.attempts)

    def _failed(self, outcome: Outcome | None, piece: Piece) -> Piece | None:
        """Return the records to try again: from the first that has failed."""
        mapping, changes = self._host.mapping, piece.changes
        names = [change.sequence for change in changes]
        failed = batches.failed(outcome, names, self._host.reports_items) if outcome else set(names)
        mapping["LastProcessingResult"] = "PROBLEM: Function call failed" if failed else "OK"
        if not failed:
            if outcome and self._window:
                self._window = self._window.after(outcome.payload)
            return None
        first = min(names.index(name) for name in failed)
        return Piece(changes[first:], piece.attempts + 1)

    async def _again(self, piece: Piece, outcome: Outcome | None) -> list[Piece]:
        """Return what to invoke next: the piece, its halves, or nothing."""
        mapping, changes = self._host.mapping, piece.changes
        if mapping["BisectBatchOnFunctionError"] and len(changes) > 1:
            half = len(changes) // 2  # a split does not count as a retry
            return [Piece(part, piece.attempts - 1) for part in (changes[:half], changes[half:])]
        most = mapping["MaximumRetryAttempts"]
        if 0 <= most < piece.attempts:
            await self._give_up(piece, "RetryAttemptsExhausted", outcome)
            return []
        return [piece]

    async def _give_up(self, piece: Piece, condition: str, outcome: Outcome | None) -> None:
        mapping = self._host.mapping
        target = (mapping["DestinationConfig"].get("OnFailure") or {}).get("Destination")
        if target:
            event = self._event(piece.changes, None).decode()
            context = failures.Context(mapping, self._shard.id, condition, piece.attempts)
            await self._send(target, failures.record(context, piece.changes, outcome), event)

    def _record(self, change: StreamRecord) -> dict[str, Any]:
        arn = self._host.mapping["EventSourceArn"]
        if "kinesis" not in arn.split(":")[2]:
            return records.dynamodb(change.raw)
        return records.kinesis(change.raw, self._shard.id, arn, self._host.role())

    def _event(
        self, changes: Sequence[StreamRecord], window: tumbling.Window | None, final: bool = False
    ) -> bytes:
        event: dict[str, Any] = {"Records": [self._record(change) for change in changes]}
        if window:
            arn = self._host.mapping["EventSourceArn"]
            event |= window.fields(self._shard.id, arn, final)
        return json.dumps(event).encode()
