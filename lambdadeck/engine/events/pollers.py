"""The pollers of all event source mappings, one each."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

from lambdadeck.engine.events.poller import Invoke, Poller
from lambdadeck.engine.events.queue_poller import QueuePoller
from lambdadeck.engine.events.stream_poller import StreamPoller
from lambdadeck.engine.services.sources import PolledSources

Mapping = dict[str, Any]
RESTORE_S = 0.5  # between two looks for the source of a restored mapping
Deliver = Callable[[str, str, str], Awaitable[None]]  # target ARN, body, name of an object in S3


class Pollers:
    """Makes, starts and stops pollers; call everything but `wake` on their event loop."""

    def __init__(
        self, sources: PolledSources, invoke: Invoke, role: Callable[[str], str], deliver: Deliver
    ) -> None:
        self._queues, self._streams = sources
        self._invoke, self._role, self._deliver = invoke, role, deliver
        self._pollers: dict[str, Poller] = {}
        self._waiting: dict[str, asyncio.Task[None]] = {}  # for a queue or stream to be there

    def refusal(self, source: str) -> str:
        """Return why a queue or stream cannot be read, "" if it can."""
        found = self._queues if source.split(":")[2] == "sqs" else self._streams
        return found.refusal(source)

    def visibility_s(self, queue: str) -> int:
        """Return the visibility timeout of a queue."""
        return self._queues.visibility_s(queue)

    def add(self, mapping: Mapping) -> None:
        """Fix where a new mapping begins to read."""
        if mapping["EventSourceArn"].split(":")[2] == "sqs":
            made: Poller = QueuePoller(mapping, self._queues, self._invoke)
        else:
            send = partial(self._send, mapping["UUID"])
            made = StreamPoller(mapping, self._streams, self._invoke, self._role, send)
        self._pollers[mapping["UUID"]] = made

    def update(self, mapping: Mapping) -> None:
        """Poll if the mapping is enabled, else stop."""
        if poller := self._pollers.get(mapping["UUID"]):
            poller.start()

    def remove(self, mapping: Mapping) -> None:
        """Stop for good."""
        if waiting := self._waiting.pop(mapping["UUID"], None):
            waiting.cancel()
        if poller := self._pollers.pop(mapping["UUID"], None):
            poller.woken.set()

    def restore(self, mapping: Mapping) -> None:
        """Go on with a mapping of an engine that died, once its queue or stream is there again."""
        waiting = asyncio.get_running_loop().create_task(self._when_there(mapping))
        self._waiting[mapping["UUID"]] = waiting

    async def _when_there(self, mapping: Mapping) -> None:
        while self.refusal(mapping["EventSourceArn"]):
            await asyncio.sleep(RESTORE_S)
        self.add(mapping)
        self.update(mapping)

    def wake(self) -> None:
        """Let every poller look at its source: something was sent."""
        for poller in self._pollers.values():
            poller.woken.set()

    def close(self) -> None:
        for waiting in self._waiting.values():
            waiting.cancel()
        for poller in self._pollers.values():
            poller.close()

    async def _send(self, uuid: str, target: str, record: Mapping, event: str) -> None:
        """Send the record of a batch that was given up; S3 gets the event too."""
        if target.split(":")[2] == "s3":
            record = {**record, "payload": event}
        shard = next(record[key]["shardId"] for key in record if key.endswith("BatchInfo"))
        await self._deliver(
            target, json.dumps(record), _object_name(uuid, shard, datetime.now(UTC))
        )


def _object_name(uuid: str, shard: str, now: datetime) -> str:
    """Return the key of a record in a bucket (Lambda developer guide, S3 destinations)."""
    when = f"{now:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}"
    return f"aws/lambda/{uuid}/{shard}/{when}-{uuid4()}"
