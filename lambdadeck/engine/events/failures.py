"""What a stream's mapping sends to its OnFailure destination.

Source: Lambda developer guide, "Retaining discarded batch records"; the shape of DynamoDB's is
recorded by LocalStack's AWS-validated tests (Apache License 2.0).
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid4

from lambdadeck.engine.model import Outcome
from lambdadeck.engine.services.streams import StreamRecord


class Context(NamedTuple):
    """The mapping, the shard, why records are given up and how often they have been invoked."""

    mapping: dict[str, Any]
    shard: str
    condition: str
    attempts: int


def record(
    context: Context, changes: Sequence[StreamRecord], outcome: Outcome | None
) -> dict[str, Any]:
    """Return the record of a batch that is given up: it names the records, without their data."""
    arn = context.mapping["EventSourceArn"]
    first, last = changes[0], changes[-1]
    made: dict[str, Any] = {
        "requestContext": {
            "requestId": str(uuid4()),
            "functionArn": context.mapping["FunctionArn"],
            "condition": context.condition,
            "approximateInvokeCount": context.attempts,
        }
    }
    if outcome:
        made["responseContext"] = {
            "statusCode": 200,
            "executedVersion": _version(context.mapping["FunctionArn"]),
            "functionError": outcome.function_error,
        }
    kinesis = arn.split(":")[2] == "kinesis"
    return made | {
        "version": "1.0",
        "timestamp": _stamp(time.time(), "milliseconds"),
        "KinesisBatchInfo" if kinesis else "DDBStreamBatchInfo": {
            "shardId": context.shard,
            "startSequenceNumber": first.sequence,
            "endSequenceNumber": last.sequence,
            "approximateArrivalOfFirstRecord": _arrival(first, kinesis),
            "approximateArrivalOfLastRecord": _arrival(last, kinesis),
            "batchSize": len(changes),
            "streamArn": arn,
        },
    }


def _arrival(change: StreamRecord, kinesis: bool) -> str:
    return _stamp(change.arrived, "milliseconds" if kinesis else "seconds")


def _version(arn: str) -> str:
    parts = arn.split(":")
    return parts[7] if len(parts) > 7 and parts[7].isdigit() else "$LATEST"


def _stamp(seconds: float, precision: str) -> str:
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec=precision)
    return text.replace("+00:00", "Z")
