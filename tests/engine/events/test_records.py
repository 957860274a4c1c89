"""Records of queues and streams, field by field."""

from lambdadeck.engine.events import records
from lambdadeck.engine.services.queues import Message
from tests.support.cases import each

QUEUE = "arn:aws:sqs:eu-west-1:000000000000:orders"


def test_a_message_has_the_documented_fields():
    attributes = {"ApproximateReceiveCount": "1", "MessageGroupId": "g"}
    stated = {
        "name": {"DataType": "String", "StringValue": "Anna"},
        "blob": {"DataType": "Binary", "BinaryValue": b"\x01"},
    }
    found = Message("id", "handle", "body", "md5", attributes, stated, "md5a", 30.0)
    both = {"stringListValues": [], "binaryListValues": []}
    assert records.message(found, QUEUE) == {
        "messageId": "id",
        "receiptHandle": "handle",
        "body": "body",
        "attributes": attributes,
        "messageAttributes": {
            "name": {"stringValue": "Anna", "dataType": "String", **both},
            "blob": {"binaryValue": "AQ==", "dataType": "Binary", **both},
        },
        "md5OfBody": "md5",
        "md5OfMessageAttributes": "md5a",
        "eventSource": "aws:sqs",
        "eventSourceARN": QUEUE,
        "awsRegion": "eu-west-1",
    }


@each(
    ("item", "size"),
    [
        ({"id": {"S": "né"}}, 2 + 3),
        ({"n": {"N": "123"}}, 1 + 3),
        ({"n": {"N": "-1.5"}}, 1 + 3),
        ({"b": {"B": "Zm9vYmFy"}}, 1 + 6),
        ({"t": {"BOOL": True}, "u": {"NULL": True}}, 4),
        ({"s": {"SS": ["a", "bc"]}}, 1 + 3),
        ({"l": {"L": [{"S": "a"}, {"N": "1"}]}}, 1 + 3 + 2 + 3),
        ({"m": {"M": {"a": {"S": "b"}}}}, 1 + 3 + 1 + 2),
    ],
)
def test_a_change_has_the_size_of_its_items(item, size):
    raw = {"eventID": "a-b", "dynamodb": {"Keys": item, "NewImage": item, "SizeBytes": 0}}
    made = records.dynamodb(raw)
    assert (made["dynamodb"]["SizeBytes"], made["eventID"]) == (2 * size, "ab")


def test_a_batch_that_is_too_large_for_an_event_is_cut():
    large = {"body": "x" * (records.EVENT_LIMIT // 2 - 100)}
    assert [len(piece) for piece in records.cut([large, large, large])] == [2, 1]
    assert list(records.cut([])) == []
