"""Events of services in the form that AWS documents, where ministack's differ."""

import base64
import gzip
import json
import random
from collections.abc import Mapping
from typing import Any

Record = dict[str, Any]
_NOTHING = "d41d8cd98f00b204e9800998ecf8427e"  # the ETag of no bytes
_RENAMED = {"SigningCertURL": "SigningCertUrl", "UnsubscribeURL": "UnsubscribeUrl"}


def s3(event: Record) -> Record:
    """Return an event of S3; a deleted object has no size.

    Source: answers recorded by LocalStack's AWS-validated tests (Apache License 2.0).
    """
    for record in event["Records"]:
        stored = record["s3"]["object"]
        if record["eventName"].startswith("ObjectRemoved:"):
            del stored["size"], stored["eTag"]
        if record["eventName"] == "ObjectRemoved:DeleteMarkerCreated":
            stored["eTag"] = _NOTHING
    return event


def sns(envelope: Record, subscription: str, attributes: Mapping[str, Any]) -> Record:
    """Return the event of a message; its envelope is that for HTTP and queues.

    Source: Lambda developer guide, "Invoking Lambda functions with Amazon SNS notifications".
    """
    told = {_RENAMED.get(name, name): value for name, value in envelope.items()}
    region = subscription.split(":")[3]
    address = f"https://sns.{region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn="
    told |= {
        "Subject": envelope.get("Subject"),
        "UnsubscribeUrl": address + subscription,
        "MessageAttributes": {
            name: {"Type": one["DataType"], "Value": one.get("StringValue") or _binary(one)}
            for name, one in attributes.items()
        },
    }
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription,
        "Sns": told,
    }
    return {"Records": [record]}


def _binary(attribute: Mapping[str, Any]) -> str:
    value = attribute.get("BinaryValue") or b""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def logs(account: str, group: str, stream: str, name: str, lines: list[Record]) -> Record:
    """Return the event of filter `name`; lines have `timestamp` (milliseconds) and `message`.

    Source: CloudWatch Logs user guide, "Log group-level subscription filters".
    """
    told = [
        {
            "id": line.get("eventId") or _event_id(),
            "timestamp": line["timestamp"],
            "message": line["message"],
        }
        for line in lines
    ]
    message = {
        "messageType": "DATA_MESSAGE",
        "owner": account,
        "logGroup": group,
        "logStream": stream,
        "subscriptionFilters": [name],
        "logEvents": told,
    }
    return {
        "awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(message).encode())).decode()}
    }


def _event_id() -> str:
    """Return an id of a line: 56 digits."""
    return str(random.randrange(10**55, 10**56))


def cognito_sign_up(event: Record, sent: Mapping[str, Any]) -> Record:
    """Return the event of a sign-up with the data that the request has `sent` for it.

    Source: Amazon Cognito developer guide, "Pre sign-up Lambda trigger".
    """
    stated = sent.get("ValidationData")
    validation = {one["Name"]: one.get("Value") for one in stated} if stated else None
    event["request"]["validationData"] = validation
    if sent.get("ClientMetadata"):
        event["request"]["clientMetadata"] = sent["ClientMetadata"]
    return event
