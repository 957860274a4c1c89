"""Records as Firehose sends them, and the table of what came back."""

import base64

from lambdadeck.deployment import firehose
from lambdadeck.functions import InvokeResult


def answer(payload=None, error=None):
    return InvokeResult(payload, None, "", error, 1.0, 200)


def test_records_are_numbered_and_in_base64():
    event = firehose.event(["one", "ö"])
    assert [one["recordId"] for one in event["records"]] == ["1", "2"]
    assert [base64.b64decode(one["data"]).decode() for one in event["records"]] == ["one", "ö"]
    assert set(event) == {"invocationId", "deliveryStreamArn", "region", "records"}


def test_only_what_is_ok_is_archived():
    data = base64.b64encode(b"made\n").decode()
    made = firehose.table(
        ["a", "b"],
        answer({"records": [{"result": "Ok", "data": data}, {"result": "Dropped", "data": data}]}),
    )
    assert [list(row) for row in made.rows] == [["a", "Ok", "made"], ["b", "Dropped", "–"]]


def test_a_function_that_failed_says_why():
    assert "no node here" in str(firehose.table(["a"], answer(error="no node here")))
