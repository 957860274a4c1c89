"""Kinesis streams and streams of DynamoDB tables, as pollers read them."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

Record = dict[str, Any]


class StreamRecord(NamedTuple):
    """A record of a stream with what orders, ages and spreads it."""

    sequence: str
    arrived: float  # seconds since the epoch
    key: str
    raw: Record


@dataclass(frozen=True)
class Shard:
    """A shard; its records stay readable after it was split, merged or closed."""

    id: str
    parents: frozenset[str]
    _records: Callable[[], Sequence[Record]]
    _read: Callable[[Record], StreamRecord]

    def after(self, sequence: str, most: int) -> list[StreamRecord]:
        """Return at most so many records after a sequence number; "" is before the first."""
        records = self._records()
        begin = bisect_right(records, sequence, key=lambda raw: self._read(raw).sequence)
        return [self._read(raw) for raw in records[begin : begin + most]]

    def last(self) -> str:
        """Return the sequence number of the newest record, "" if there is none."""
        records = self._records()
        return self._read(records[-1]).sequence if records else ""

    def before(self, seconds: float) -> str:
        """Return the last sequence number that arrived before a time."""
        older = [change for change in map(self._read, self._records()) if change.arrived < seconds]
        return older[-1].sequence if older else ""


class Streams:
    """ministack's streams; `load` imports its module of a service, at the first use."""

    def __init__(self, load: Callable[[str], Any]) -> None:
        self._load = load

    @cached_property
    def _kinesis(self) -> Any:
        return self._load("services.kinesis")

    @cached_property
    def _dynamodb(self) -> Any:
        return self._load("services.dynamodb")

    def refusal(self, arn: str) -> str:
        """Return why a mapping cannot read a stream, "" if it can."""
        return "" if self.shards(arn) else f"Stream not found: {arn}"

    def shards(self, arn: str) -> dict[str, Shard]:
        """Return the shards of a stream by id; none if it does not exist."""
        found = self._table(arn) if arn.split(":")[2] == "dynamodb" else self._stream(arn)
        return {shard.id: shard for shard in found}

    def _stream(self, arn: str) -> list[Shard]:
        _, _, _, region, account, resource = arn.split(":")[:6]
        stream = self._kinesis._streams.get_scoped(account, region, resource.split("/")[1])
        shards = list(stream["shards"].items()) if stream else []
        return [_of_kinesis(name, shard) for name, shard in shards]

    def _table(self, arn: str) -> list[Shard]:
        _, _, _, region, account, resource = arn.split(":", 5)
        name = resource.split("/")[1]
        table = self._dynamodb._tables.get_scoped(account, region, name)
        open_now = bool(table) and table.get("LatestStreamArn") == arn
        if not open_now and not self._dynamodb._closed_streams.get_scoped(account, region, arn):
            return []

        def records() -> Sequence[Record]:
            closed = self._dynamodb._closed_streams.get_scoped(account, region, arn)
            if closed:
                return list(closed["records"])
            live = self._dynamodb.stream_live_records(name, account_id=account, region=region)
            found: Sequence[Record] = live
            return found

        label = "".join(filter(str.isdigit, arn.rsplit("/", 1)[-1]))
        shard = f"shardId-{label.rjust(20, '0')[-20:]}-{'0' * 8}"
        return [Shard(shard, frozenset(), records, _of_dynamodb)]


def _of_kinesis(name: str, shard: Record) -> Shard:
    parents = {shard.get(f"{kind}parent_shard_id") for kind in ("", "adjacent_")}
    known = frozenset(parent for parent in parents if parent)

    def read(raw: Record) -> StreamRecord:
        arrived = float(raw["ApproximateArrivalTimestamp"])
        return StreamRecord(raw["SequenceNumber"], arrived, raw["PartitionKey"], raw)

    return Shard(name, known, lambda: shard["records"], read)


def _of_dynamodb(raw: Record) -> StreamRecord:
    change = raw["dynamodb"]
    arrived = float(change["ApproximateCreationDateTime"])
    return StreamRecord(change["SequenceNumber"], arrived, repr(change["Keys"]), raw)
