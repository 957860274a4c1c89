"""The triggers of code and operations: CloudWatch Logs, EventBridge, CodeCommit, SDK, API."""

import base64
import gzip
import json
import time
import urllib.request
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from lambdadeck import functions
from lambdadeck.triggers.base import Fire, Wiring, trigger
from lambdadeck.triggers.documented_events import replay


def unpacked(event: Any) -> Any:
    """Unpack an event of CloudWatch Logs; return any other event unchanged."""
    if "awslogs" not in event:
        return event
    return json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))


@trigger("CloudWatch Logs", "wrote a log line", "messageType", "logEvents.0.message", read=unpacked)
def cloudwatch_logs(wiring: Wiring) -> Fire:
    """Write a line to a log group with a subscription."""
    client, group = boto3.client("logs"), f"/lambda-live/{wiring.name}"
    client.create_log_group(logGroupName=group)
    wiring.undo(client.delete_log_group, logGroupName=group)
    client.create_log_stream(logGroupName=group, logStreamName="app")
    source = f"arn:{wiring.partition}:logs:{wiring.region}:{wiring.account}:log-group:{group}:*"
    wiring.allow("logs.amazonaws.com", SourceArn=source, SourceAccount=wiring.account)
    client.put_subscription_filter(
        logGroupName=group, filterName="errors", filterPattern="ERROR", destinationArn=wiring.arn
    )
    return lambda mark: client.put_log_events(
        logGroupName=group,
        logStreamName="app",
        logEvents=[{"timestamp": int(time.time() * 1000), "message": f"ERROR {mark}"}],
    )


@trigger("EventBridge", "sent an event", "detail-type", "detail")
def eventbridge(wiring: Wiring) -> Fire:
    """Send an event that matches a rule: CloudWatch Events under today's name."""
    client, rule = boto3.client("events"), wiring.name
    made = client.put_rule(Name=rule, EventPattern=json.dumps({"source": [rule]}))
    wiring.undo(client.delete_rule, Name=rule)
    wiring.allow("events.amazonaws.com", SourceArn=made["RuleArn"])
    client.put_targets(Rule=rule, Targets=[{"Id": "function", "Arn": wiring.arn}])
    wiring.undo(client.remove_targets, Rule=rule, Ids=["function"])
    sent = {"Source": rule, "DetailType": "Order placed"}
    return lambda mark: client.put_events(Entries=[{**sent, "Detail": json.dumps({"order": mark})}])


@trigger(
    "CodeCommit",
    "sent a sample event",
    "Records.0.codecommit.references.0.ref",
    "Records.0.codecommit.references.0.created",
    replayed=True,
)
def codecommit(wiring: Wiring) -> Fire:
    """Replay the documented event of a push: the embedded cloud has no repositories."""
    return replay("codecommit", wiring)


@trigger("SDK", "called invoke", "name", "id")
def sdk(wiring: Wiring) -> Fire:
    """Invoke the function from a program, with any JSON."""
    name, client = wiring.function, wiring.lambda_
    return lambda mark: functions.invoke(name, {"name": "Ada", "id": mark}, client=client).payload


@trigger("API", "signed a POST", "name", "id")
def api(wiring: Wiring) -> Fire:
    """Invoke the function without an SDK: one signed HTTP request."""
    endpoint = wiring.lambda_.meta.endpoint_url
    address = f"{endpoint}/2015-03-31/functions/{wiring.function}/invocations"
    signature = SigV4Auth(boto3.Session().get_credentials(), "lambda", wiring.region)
    return lambda mark: post(address, {"name": "Ada", "id": mark}, signature)


def post(address: str, payload: object, signature: SigV4Auth) -> object:
    """POST JSON with an AWS Signature Version 4; return the decoded answer or raise HTTPError."""
    body = json.dumps(payload).encode()
    signed = AWSRequest("POST", address, {"Content-Type": "application/json"}, body)
    signature.add_auth(signed)
    request = urllib.request.Request(address, body, dict(signed.headers), method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)
