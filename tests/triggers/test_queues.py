"""A queue with dead letters for the deck: it works on any function and leaves nothing."""

import boto3
import pytest

from lambdadeck import functions, triggers
from tests.support.lambdas import wait_until
from tests.support.plain_boto3 import inventory, pointed_at


@pytest.fixture(autouse=True)
def plain(lambdas):
    with pointed_at(lambdas.engine):
        yield


def left():
    """Return what is there but for logs, which the function keeps."""
    return {kind: found for kind, found in inventory().items() if kind != "logs"}


def test_a_message_that_fails_alone_comes_again_and_is_put_aside():
    functions.deploy("picky", timeout_s=1)
    before = left()
    with triggers.queues(tries=2) as (queue, dead):
        boto3.client("lambda").create_event_source_mapping(
            FunctionName="picky",
            EventSourceArn=queue.arn,
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )
        for text in ("good", "bad"):
            boto3.client("sqs").send_message(QueueUrl=queue.url, MessageBody=text)
        assert dead.wait() == "bad"
        told = triggers.log("picky", queue.name, lines=3)
    lines = [line.removeprefix(f"{queue.name}: ") for line in told.splitlines()]
    assert sorted(lines) == [
        "bad, delivery 1: failed",
        "bad, delivery 2: failed",
        "good, delivery 1: done",
    ]
    wait_until(lambda: left() == before)  # a mapping is Deleting before it is gone, as on AWS


def test_waiting_for_what_never_comes_ends_with_a_sentence():
    with triggers.queues() as (queue, _), pytest.raises(TimeoutError, match="No message came into"):
        queue.wait(timeout_s=0.1)
