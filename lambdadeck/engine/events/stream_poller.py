"""Poll a stream for one event source mapping.

Source: Lambda developer guide, "Using Lambda with Amazon Kinesis" and "... DynamoDB".
"""

import zlib
from collections.abc import Callable
from functools import partial
from typing import Any

from lambdadeck.engine.events.lane import Lane, Send
from lambdadeck.engine.events.poller import Invoke, Poller
from lambdadeck.engine.services.streams import Shard, Streams

IDLE_S = 1.0


class StreamPoller(Poller):
    """Reads each shard in order, in as many lanes as ParallelizationFactor says.

    Records with the same partition key or item key are of the same lane. A shard that was made by a
    split or merge waits for its parents.
    """

    def __init__(
        self,
        mapping: dict[str, Any],
        streams: Streams,
        invoke: Invoke,
        role: Callable[[str], str],
        send: Send,
    ) -> None:
        super().__init__(mapping, invoke)
        self._streams, self._role, self._send = streams, role, send
        self._arn = mapping["EventSourceArn"]
        self._shards = streams.shards(self._arn)
        self._begins = {name: self._begin(shard) for name, shard in self._shards.items()}
        self._lanes: dict[str, list[Lane]] = {}
        self._done: set[str] = set()  # closed shards that have been read

    def role(self) -> str:
        """Return the role that reads: the function's."""
        return self._role(self.mapping["FunctionArn"])

    def _begin(self, shard: Shard) -> str:
        position = self.mapping["StartingPosition"]
        if position == "LATEST":
            return shard.last()
        stated = self.mapping.get("StartingPositionTimestamp")
        return shard.before(float(stated)) if position == "AT_TIMESTAMP" and stated else ""

    async def poll(self) -> None:
        """Start the lanes that have something to do, and wait."""
        self.woken.clear()
        now = self._streams.shards(self._arn)
        known = self._shards.keys() | self._done
        self._shards |= {name: shard for name, shard in now.items() if name not in known}
        for name, shard in list(self._shards.items()):
            if shard.parents & set(self._shards):
                continue
            lanes = self._lanes_of(shard)
            for lane in lanes:
                lane.start()
            is_closed = name not in now or now[name].closed
            if is_closed and lanes and not any(lane.is_busy for lane in lanes):
                del self._shards[name]  # it was split or merged, and has been read
                self._done.add(name)
        await self.idle(IDLE_S)

    def _lanes_of(self, shard: Shard) -> list[Lane]:
        """Return a shard's lanes; when their number has changed, the busy ones end first."""
        factor = self.mapping["ParallelizationFactor"]
        lanes = self._lanes.get(shard.id, [])
        if len(lanes) == factor:
            return lanes
        if any(lane.is_busy for lane in lanes):
            return []
        begin = min((lane.position for lane in lanes), default=self._begins.get(shard.id, ""))
        self._lanes[shard.id] = [
            Lane(self, shard, begin, partial(_is_in, number, factor), self._send)
            for number in range(factor)
        ]
        return self._lanes[shard.id]

    def close(self) -> None:
        """Stop now, because the engine ends."""
        super().close()
        for lane in (lane for lanes in self._lanes.values() for lane in lanes):
            lane.close()


def _is_in(number: int, factor: int, key: str) -> bool:
    return zlib.crc32(key.encode()) % factor == number
