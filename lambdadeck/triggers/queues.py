"""A queue whose messages become dead letters after some deliveries."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3

from lambdadeck import aws
from lambdadeck.triggers.cleanup import CleanUp
from lambdadeck.triggers.recorder import until


@dataclass(frozen=True)
class Queue:
    """A queue: name, address, and ARN."""

    name: str
    url: str
    arn: str

    def wait(self, *, timeout_s: float | None = None) -> str:
        """Return the body of a message, as soon as one is there.

        Raise TimeoutError after `timeout_s` seconds (20, on AWS 60).
        """
        client, limit_s = boto3.client("sqs"), timeout_s or aws.limit_s(20)

        def receive() -> str | None:
            found = client.receive_message(QueueUrl=self.url, WaitTimeSeconds=1).get("Messages")
            return str(found[0]["Body"]) if found else None

        body = until(receive, limit_s)
        if body is None:
            raise TimeoutError(f"No message came into {self.name} within {limit_s:g} s. Run again.")
        return body


@contextmanager
def queues(*, tries: int = 2, hidden_s: int = 1) -> Iterator[tuple[Queue, Queue]]:
    """Make a queue, and the one for messages that failed `tries` times; delete both at the end.

    A failed message is hidden for `hidden_s` seconds. Mappings of the queue are deleted, too.
    """
    client, name = boto3.client("sqs"), f"lambda-live-{uuid.uuid4().hex[:12]}"
    with CleanUp("the queues") as clean_up:
        dead = _queue(client, clean_up, f"{name}-dead", {})
        redrive = {"deadLetterTargetArn": dead.arn, "maxReceiveCount": tries}
        stated = {"VisibilityTimeout": str(hidden_s), "RedrivePolicy": json.dumps(redrive)}
        queue = _queue(client, clean_up, name, stated)
        clean_up.undo(_delete_mappings, arn=queue.arn)
        yield queue, dead


def _queue(client: Any, clean_up: CleanUp, name: str, attributes: dict[str, str]) -> Queue:
    url = client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    clean_up.undo(client.delete_queue, QueueUrl=url)
    asked = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return Queue(name, url, asked["Attributes"]["QueueArn"])


def _delete_mappings(arn: str) -> None:
    client = boto3.client("lambda")
    for mapping in client.list_event_source_mappings(EventSourceArn=arn)["EventSourceMappings"]:
        client.delete_event_source_mapping(UUID=mapping["UUID"])
