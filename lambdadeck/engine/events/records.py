"""Records of queues and streams as their events show them.

Source: Lambda developer guide, the sample events of Amazon SQS, Kinesis and DynamoDB.
"""

import base64
import json
from collections.abc import Iterator, Sequence
from typing import Any

from lambdadeck.engine.services.queues import Message

Record = dict[str, Any]
EVENT_LIMIT = 6 * 1024 * 1024  # bytes: a batch that is larger is cut (Lambda quotas)


def message(found: Message, queue: str) -> Record:
    """Return the record of a message."""
    return {
        "messageId": found.id,
        "receiptHandle": found.receipt,
        "body": found.body,
        "attributes": found.attributes,
        "messageAttributes": {
            name: _attribute(value) for name, value in found.message_attributes.items()
        },
        "md5OfMessageAttributes": found.md5_of_attributes,
        "md5OfBody": found.md5_of_body,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue,
        "awsRegion": queue.split(":")[3],
    }


def _attribute(stated: Record) -> Record:
    found = {key[:1].lower() + key[1:]: _text(value) for key, value in stated.items()}
    return {"stringListValues": [], "binaryListValues": [], **found}


def _text(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def kinesis(raw: Record, shard: str, stream: str, role: str) -> Record:
    """Return the record of a Kinesis stream."""
    data = raw["Data"]
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": raw["PartitionKey"],
            "sequenceNumber": raw["SequenceNumber"],
            "data": _text(data if isinstance(data, str | bytes) else b""),
            "approximateArrivalTimestamp": raw["ApproximateArrivalTimestamp"],
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard}:{raw['SequenceNumber']}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": role,
        "awsRegion": stream.split(":")[3],
        "eventSourceARN": stream,
    }


def dynamodb(raw: Record) -> Record:
    """Return the record of a table's stream, with the size that AWS bills."""
    change = raw["dynamodb"]
    parts = [change.get(part) or {} for part in ("Keys", "NewImage", "OldImage")]
    size = sum(_item_size(part) for part in parts)
    event_id = raw["eventID"].replace("-", "")
    return {**raw, "eventID": event_id, "dynamodb": {**change, "SizeBytes": size}}


def _item_size(item: Record) -> int:
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(typed: Record) -> int:
    """Return the bytes of a value (DynamoDB developer guide, "Item sizes and formats")."""
    kind, value = next(iter(typed.items()))
    if kind == "N":
        digits = len(str(value).strip("-").replace(".", "").strip("0")) or 1
        return (digits + 1) // 2 + 1 + str(value).startswith("-")
    if kind == "B":
        return len(base64.b64decode(value)) if isinstance(value, str) else len(value)
    if kind in ("SS", "NS", "BS"):
        return sum(_value_size({kind[0]: one}) for one in value)
    if kind == "L":
        return 3 + sum(1 + _value_size(one) for one in value)
    if kind == "M":
        return 3 + len(value) + _item_size(value)
    return len(str(value).encode()) if kind == "S" else 1


def cut(records: Sequence[Record]) -> Iterator[list[Record]]:
    """Yield the records in pieces that fit into an event."""
    piece: list[Record] = []
    size = 0
    for record in records:
        more = len(json.dumps(record)) + 2
        if piece and size + more > EVENT_LIMIT:
            yield piece
            piece, size = [], 0
        piece.append(record)
        size += more
    if piece:
        yield piece
