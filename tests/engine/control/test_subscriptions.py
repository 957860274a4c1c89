"""What a subscription of CloudWatch Logs sends, and to whom it does not."""

import base64
import gzip
import json

import pytest

from lambdadeck.engine.control import event_sources

ARN = "arn:aws:lambda:eu-west-1:000000000000:function:"


@pytest.mark.parametrize(
    "destination, group, name",
    [
        (f"{ARN}reader", "/aws/lambda/writer", "reader"),
        (f"{ARN}reader:live", "/aws/lambda/writer", "reader"),
        (f"{ARN}writer", "/aws/lambda/writer", None),
        ("arn:aws:kinesis:eu-west-1:000000000000:stream/reader", "/aws/lambda/writer", None),
        ("reader", "/aws/lambda/writer", None),
    ],
)
def test_lines_go_to_a_function_and_never_to_the_one_that_writes_them(destination, group, name):
    assert event_sources.subscriber(destination, group) == name


def test_an_event_holds_its_lines_compressed_with_where_they_come_from():
    lines = [
        {"timestamp": 1, "message": "né", "ingestionTime": 2},
        {"timestamp": 3, "message": "b"},
    ]
    made = event_sources.subscription_event("210987654321", "group", "stream", "filter", lines)
    told = json.loads(gzip.decompress(base64.b64decode(made["awslogs"]["data"])))
    ids = [line.pop("id") for line in told["logEvents"]]
    assert len(set(ids)) == 2
    assert told == {
        "messageType": "DATA_MESSAGE",
        "owner": "210987654321",
        "logGroup": "group",
        "logStream": "stream",
        "subscriptionFilters": ["filter"],
        "logEvents": [{"timestamp": 1, "message": "né"}, {"timestamp": 3, "message": "b"}],
    }
