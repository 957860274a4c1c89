"""Send a message to the queue, topic, event bus or function that an ARN names, through boto3."""

import json
import secrets
import time
from functools import cache
from typing import Any

from lambdadeck.engine.model import Credentials


class Deliver:
    """Sends messages; raises boto3's errors, and ValueError for an ARN of another service."""

    def __init__(self, endpoint: str, role: Credentials, region: str) -> None:
        self._endpoint, self._role, self._region = endpoint, role, region
        self._client = cache(self._new_client)

    def __call__(self, target: str, body: str, attributes: dict[str, str], key: str = "") -> None:
        parts = target.split(":")
        service, region, account = parts[2], parts[3] or self._region, parts[4]
        stated = {
            name: {"DataType": "Number" if value.isdigit() else "String", "StringValue": value}
            for name, value in attributes.items()
        }
        client = self._client(service, region)
        if service == "sqs":
            found = client.get_queue_url(QueueName=parts[5], QueueOwnerAWSAccountId=account)
            url = found["QueueUrl"]
            trace = {"DataType": "String", "StringValue": _trace()}
            client.send_message(
                QueueUrl=url,
                MessageBody=body,
                MessageAttributes=stated,
                MessageSystemAttributes={"AWSTraceHeader": trace},
            )
        elif service == "sns":
            client.publish(TopicArn=target, Message=body, MessageAttributes=stated)
        elif service == "lambda":
            client.invoke(FunctionName=target, InvocationType="Event", Payload=body)
        elif service == "events":
            client.put_events(Entries=[_entry(target, json.loads(body))])
        elif service == "s3":
            client.put_object(Bucket=parts[5], Key=key, Body=body.encode())
        else:
            raise ValueError(f"{target} is no queue, topic, event bus, function or bucket.")

    def _new_client(self, service: str, region: str) -> Any:
        import boto3  # on first use: most talks never send one

        role = self._role
        session = boto3.Session(role.access_key, role.secret_key, role.token, region)
        return session.client(service, endpoint_url=self._endpoint)


def _trace() -> str:
    root = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    return f"Root={root};Parent={secrets.token_hex(8)};Sampled=0"


def _entry(bus: str, record: dict[str, Any]) -> dict[str, Any]:
    condition = record["requestContext"]["condition"]
    kind = "Success" if condition == "Success" else "Failure"
    return {
        "EventBusName": bus,
        "Source": "lambda",
        "Resources": [bus, record["requestContext"]["functionArn"]],
        "Detail": json.dumps(record),
        "DetailType": f"Lambda Function Invocation Result - {kind}",
    }
