"""Kinesis streams and streams of DynamoDB tables, as pollers read them."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple

Record = dict[str, Any]
_CLOSED, _PARENTS = "closed_shards", "parents"  # ours in ministack's records of streams and shards


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
    closed: bool = False

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
        if not stream:
            return []
        kinds = (stream.get(_CLOSED, {}), True), (stream["shards"], False)
        return [
            _of_kinesis(name, shard, is_closed)
            for shards, is_closed in kinds
            for name, shard in list(shards.items())
        ]

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


def keep_closed(kinesis: Any) -> None:
    """Keep the shards that a split, a merge or another number closes: ministack drops them."""
    for change in ("_split_shard", "_merge_shards", "_update_shard_count"):
        setattr(kinesis, change, partial(_keeping, kinesis, getattr(kinesis, change)))


def _keeping(kinesis: Any, change: Callable[[Record], Any], given: Record) -> Any:
    _, stream = kinesis._resolve_stream(given)
    if not stream:
        return change(given)
    before, first = dict(stream["shards"]), kinesis._max_shard_index(stream) + 1
    answer = change(given)
    made = stream["shards"]
    if not any(before.get(name) is shard for name, shard in made.items()):  # all are new
        children = [_child(shard, before) for shard in made.values()]
        stream["shards"] = {f"shardId-{first + n:012d}": one for n, one in enumerate(children)}
    closed = {name: shard for name, shard in before.items() if name not in stream["shards"]}
    stream[_CLOSED] = stream.get(_CLOSED, {}) | closed
    return answer


def _child(shard: Record, before: Record) -> Record:
    """Return a new shard with the parents whose keys it takes over: ministack states none."""
    begin, end = int(shard["starting_hash_key"]), int(shard["ending_hash_key"])
    parents = [
        name
        for name, old in before.items()
        if int(old["starting_hash_key"]) <= end and begin <= int(old["ending_hash_key"])
    ]
    return {**shard, "parent_shard_id": parents[0], _PARENTS: parents}


def _of_kinesis(name: str, shard: Record, closed: bool) -> Shard:
    parents = {shard.get(f"{kind}parent_shard_id") for kind in ("", "adjacent_")}
    known = frozenset(parent for parent in [*parents, *shard.get(_PARENTS, ())] if parent)

    def read(raw: Record) -> StreamRecord:
        arrived = float(raw["ApproximateArrivalTimestamp"])
        return StreamRecord(raw["SequenceNumber"], arrived, raw["PartitionKey"], raw)

    return Shard(name, known, lambda: shard["records"], read, closed)


def _of_dynamodb(raw: Record) -> StreamRecord:
    change = raw["dynamodb"]
    arrived = float(change["ApproximateCreationDateTime"])
    return StreamRecord(change["SequenceNumber"], arrived, repr(change["Keys"]), raw)
