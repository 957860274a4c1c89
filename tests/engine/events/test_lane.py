"""A lane of a shard: retries, halves, ages, windows, and what is given up."""

import asyncio
import json
import time

import pytest

from lambdadeck.engine.events import lane
from lambdadeck.engine.model import Outcome
from lambdadeck.engine.services.streams import Shard, StreamRecord

STREAM = "arn:aws:kinesis:eu-west-1:000000000000:stream/s"
TARGET = "arn:aws:sqs:eu-west-1:000000000000:failures"
SETTINGS = {
    "EventSourceArn": STREAM,
    "FunctionArn": "arn:aws:lambda:eu-west-1:000000000000:function:f",
    "BatchSize": 10,
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {"OnFailure": {"Destination": TARGET}},
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "TumblingWindowInSeconds": 0,
}


class Reader:
    """The poller of a lane: answers each batch with what `answer` makes of its letters."""

    def __init__(self, answer, **settings):
        self.mapping = {**SETTINGS, **settings}
        self.answer, self.events, self.sent = answer, [], []
        self.is_polling = self.reports_items = True

    def role(self):
        return "arn:aws:iam::000000000000:role/r"

    async def invoke(self, event, until=None):
        self.events.append(json.loads(event))
        answer = self.answer(letters(self.events[-1]))
        failing = isinstance(answer, Exception)
        payload = json.dumps(None if failing else answer).encode()
        return Outcome(payload, "Unhandled" if failing else None, "", 1.0, None)

    async def send(self, target, record, event):
        assert target == TARGET
        self.sent.append((record, event))

    @property
    def batches(self):
        return ["".join(letters(event)) for event in self.events]


def letters(event):
    return [record["kinesis"]["partitionKey"] for record in event["Records"]]


def shard(keys, arrived):
    raw = [
        {
            "SequenceNumber": key,
            "ApproximateArrivalTimestamp": at,
            "PartitionKey": key,
            "Data": "e30=",
        }
        for key, at in zip(keys, arrived, strict=True)
    ]

    def change(one):
        arrived = one["ApproximateArrivalTimestamp"]
        return StreamRecord(one["SequenceNumber"], arrived, one["PartitionKey"], one)

    return Shard("shardId-000000000000", frozenset(), lambda: raw, change)


@pytest.fixture(autouse=True)
def no_patience(monkeypatch):
    monkeypatch.setattr(lane, "RETRY_S", 0.0)


def read(reader, keys="abcd", arrived=(), owns=lambda key: True):
    """Read all records with a lane and return it."""
    arrived = arrived or [time.time()] * len(keys)

    async def run():
        made = lane.Lane(reader, shard(keys, arrived), "", owns, reader.send)
        made.start()
        while made.is_busy:
            await asyncio.sleep(0)
        return made

    return asyncio.run(run())


def failing_with(letter, times=1000):
    remaining = [times]

    def answer(keys):
        if letter in keys and remaining[0]:
            remaining[0] -= 1
            return ValueError(letter)
        return None

    return answer


def test_a_batch_that_fails_is_retried_and_the_next_one_waits():
    reader = Reader(failing_with("b", times=2), BatchSize=2)
    assert read(reader).position == "d"
    assert reader.batches == ["ab", "ab", "ab", "cd"] and not reader.sent


def test_a_batch_is_given_up_after_its_retries_and_told_to_the_destination():
    reader = Reader(failing_with("b"), BatchSize=2, MaximumRetryAttempts=1)
    read(reader)
    assert reader.batches == ["ab", "ab", "cd"]
    record, event = reader.sent[0]
    context, batch = record["requestContext"], record["KinesisBatchInfo"]
    assert (context["condition"], context["approximateInvokeCount"]) == (
        "RetryAttemptsExhausted",
        2,
    )
    assert record["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    }
    assert (batch["startSequenceNumber"], batch["endSequenceNumber"]) == ("a", "b")
    assert (batch["batchSize"], batch["streamArn"]) == (2, STREAM)
    assert letters(json.loads(event)) == ["a", "b"] and len(reader.sent) == 1


def test_halves_are_tried_in_order_until_the_poison_record_is_alone():
    reader = Reader(failing_with("c"), BisectBatchOnFunctionError=True, MaximumRetryAttempts=0)
    read(reader)
    assert reader.batches == ["abcd", "ab", "cd", "c", "d"]
    assert [sent["KinesisBatchInfo"]["startSequenceNumber"] for sent, _ in reader.sent] == ["c"]


def test_a_partial_failure_is_retried_from_its_first_record():
    def answer(keys):
        first = len(reader.events) == 1
        return {"batchItemFailures": [{"itemIdentifier": one} for one in "db"] if first else []}

    reader = Reader(answer)
    assert read(reader).position == "d"
    assert reader.batches == ["abcd", "bcd"]


def test_records_that_are_too_old_are_given_up_without_an_invocation():
    now = time.time()
    reader = Reader(lambda keys: None, MaximumRecordAgeInSeconds=60)
    read(reader, "abc", [now - 90, now - 80, now])
    assert reader.batches == ["c"]
    record, _ = reader.sent[0]
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"
    assert record["requestContext"]["approximateInvokeCount"] == 0
    assert record["KinesisBatchInfo"]["batchSize"] == 2 and "responseContext" not in record


def test_a_lane_reads_its_own_keys_and_passes_over_filtered_ones():
    pattern = json.dumps({"partitionKey": [{"anything-but": "c"}]})
    reader = Reader(lambda keys: None, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    assert read(reader, owns=lambda key: key != "a").position == "d"
    assert reader.batches == ["bd"]


def test_a_tumbling_window_hands_its_state_on_and_ends_with_a_last_event():
    def answer(keys):
        state = reader.events[-1]["state"]
        return {"state": {"seen": state.get("seen", "") + "".join(keys)}}

    reader = Reader(answer, TumblingWindowInSeconds=60, BatchSize=2)
    read(reader, "abcd", [0.0, 1.0, 2.0, 61.0])
    told = [(e["state"].get("seen", ""), e["isFinalInvokeForWindow"]) for e in reader.events]
    assert reader.batches[0] == "ab" and reader.events[0]["shardId"] == "shardId-000000000000"
    assert reader.events[0]["window"] == {
        "start": "1970-01-01T00:00:00Z",
        "end": "1970-01-01T00:01:00Z",
    }
    assert told[0] == ("", False) and ("ab", True) in told
    assert not reader.events[0]["isWindowTerminatedEarly"]
