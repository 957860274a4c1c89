"""Send a message to the queue, topic, event bus or function that an ARN names, through boto3."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

from lambdadeck.engine.model import Credentials


class Deliver:
    """Sends messages; raises boto3's errors, and ValueError for an ARN of another service."""

    def __init__(self, endpoint: str, role: Credentials) -> None:
        self._endpoint, self._role = endpoint, role
        self._clients: dict[tuple[str, str], Any] = {}

    def __call__(self, target: str, body: str, attributes: dict[str, str]) -> None:
        parts = target.split(":")
        service, region, account = parts[2], parts[3], parts[4]
        stated = {
            name: {"DataType": "Number" if value.isdigit() else "String", "StringValue": value}
            for name, value in attributes.items()
        }
        client = self._client(service, region)
        if service == "sqs":
            found = client.get_queue_url(QueueName=parts[5], QueueOwnerAWSAccountId=account)
            url = found["QueueUrl"]
            client.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=stated)
        elif service == "sns":
            client.publish(TopicArn=target, Message=body, MessageAttributes=stated)
        elif service == "lambda":
            client.invoke(FunctionName=target, InvocationType="Event", Payload=body)
        elif service == "events":
            client.put_events(Entries=[_entry(target, json.loads(body))])
        else:
            raise ValueError(f"{target} is no queue, topic, event bus or function.")

    @cached_property
    def _session(self) -> Any:
        import boto3  # on first use: most talks never send one

        return boto3.Session(self._role.access_key, self._role.secret_key, self._role.token)

    def _client(self, service: str, region: str) -> Any:
        key = (service, region)
        if key not in self._clients:
            self._clients[key] = self._session.client(
                service, region_name=region, endpoint_url=self._endpoint
            )
        return self._clients[key]


def _entry(bus: str, record: dict[str, Any]) -> dict[str, Any]:
    condition = record["requestContext"]["condition"]
    kind = "Success" if condition == "Success" else "Failure"
    return {
        "EventBusName": bus,
        "Source": "lambda",
        "Detail": json.dumps(record),
        "DetailType": f"Lambda Function Invocation Result - {kind}",
    }
