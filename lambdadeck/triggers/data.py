"""The triggers for data and messages: S3, DynamoDB, Kinesis, SNS, SQS."""

import uuid
from typing import Any

import boto3

from lambdadeck.triggers.base import Fire, Wiring, trigger

_POLL = {"Delay": 1, "MaxAttempts": 180}  # seconds between two looks, how often


@trigger("S3", "uploaded a file", "Records.0.eventName", "Records.0.s3.object.key")
def s3(wiring: Wiring) -> Fire:
    """Upload a file to a bucket."""
    client, bucket = boto3.client("s3"), wiring.name
    create_bucket(client, bucket, wiring.region)
    wiring.undo(delete_bucket, client=client, bucket=bucket)
    wiring.allow(
        "s3.amazonaws.com",
        SourceArn=f"arn:{wiring.partition}:s3:::{bucket}",
        SourceAccount=wiring.account,
    )
    uploads = {"LambdaFunctionArn": wiring.arn, "Events": ["s3:ObjectCreated:*"]}
    client.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [uploads]}
    )
    return lambda mark: client.put_object(
        Bucket=bucket, Key=f"hello-{mark}.txt", Body=b"Hello, Lambda!"
    )


def new_bucket() -> tuple[Any, str]:
    """Make a bucket with a new name in the session's region; return S3's client and the name."""
    client, bucket = boto3.client("s3"), f"live-{uuid.uuid4()}"
    create_bucket(client, bucket, client.meta.region_name)
    return client, bucket


def create_bucket(client: Any, bucket: str, region: str) -> None:
    """Create a bucket in a region; S3 refuses us-east-1 as a LocationConstraint."""
    stated = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    client.create_bucket(Bucket=bucket, **({} if region == "us-east-1" else stated))


def delete_bucket(client: Any, bucket: str) -> None:
    """Delete a bucket and its objects."""
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            client.delete_object(Bucket=bucket, Key=item["Key"])
    client.delete_bucket(Bucket=bucket)


@trigger("DynamoDB", "put an item", "Records.0.eventName", "Records.0.dynamodb.NewImage")
def dynamodb(wiring: Wiring) -> Fire:
    """Put an item into a table with a stream."""
    client, table = boto3.client("dynamodb"), wiring.name
    made = client.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    wiring.undo(client.delete_table, TableName=table)
    client.get_waiter("table_exists").wait(TableName=table, WaiterConfig=_POLL)
    wiring.follow(made["TableDescription"]["LatestStreamArn"], StartingPosition="TRIM_HORIZON")
    return lambda mark: client.put_item(TableName=table, Item={"id": {"S": f"ada-{mark}"}})


@trigger("Kinesis", "put a record", "Records.0.eventName", "Records.0.kinesis.data")
def kinesis(wiring: Wiring) -> Fire:
    """Put a record into a stream."""
    client, stream = boto3.client("kinesis"), wiring.name
    client.create_stream(StreamName=stream, ShardCount=1)
    wiring.undo(client.delete_stream, StreamName=stream, EnforceConsumerDeletion=True)
    client.get_waiter("stream_exists").wait(StreamName=stream, WaiterConfig=_POLL)
    summary = client.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    wiring.follow(summary["StreamARN"], StartingPosition="TRIM_HORIZON")
    return lambda mark: client.put_record(StreamName=stream, PartitionKey=mark, Data=b"Hello!")


@trigger("SNS", "published a message", "Records.0.EventSource", "Records.0.Sns.Message")
def sns(wiring: Wiring) -> Fire:
    """Publish a message to a topic that the function subscribes to."""
    client = boto3.client("sns")
    topic = client.create_topic(Name=wiring.name)["TopicArn"]
    wiring.undo(client.delete_topic, TopicArn=topic)
    wiring.allow("sns.amazonaws.com", SourceArn=topic)
    made = client.subscribe(
        TopicArn=topic, Protocol="lambda", Endpoint=wiring.arn, ReturnSubscriptionArn=True
    )
    wiring.undo(client.unsubscribe, SubscriptionArn=made["SubscriptionArn"])
    return lambda mark: client.publish(TopicArn=topic, Subject=mark, Message="Hello!")


@trigger("SQS", "sent a message", "Records.0.eventSource", "Records.0.body")
def sqs(wiring: Wiring) -> Fire:
    """Send a message to a queue that Lambda polls."""
    client = boto3.client("sqs")
    queue = client.create_queue(QueueName=wiring.name)["QueueUrl"]
    wiring.undo(client.delete_queue, QueueUrl=queue)
    asked = client.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    wiring.follow(asked["Attributes"]["QueueArn"], BatchSize=1)
    return lambda mark: client.send_message(QueueUrl=queue, MessageBody=f"Hello! {mark}")
