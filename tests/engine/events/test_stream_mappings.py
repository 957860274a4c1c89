"""Mappings of a stream end to end: where they begin, splits and merges, and what is given up."""

import base64
import json
import re
import time

import pytest

from tests.support.apis import allow
from tests.support.lambdas import wait_until

PRINTS = """
    import base64

    def handler(event, context):
        for record in event["Records"]:
            text = base64.b64decode(record["kinesis"]["data"]).decode()
            print("GOT", text, record["eventID"].split(":")[0])
            if text == "poison":
                raise ValueError("not this one")
"""


@pytest.fixture
def stream(lambdas, request):
    """Make a stream of one shard, named by the test; return its name and ARN."""
    kinesis, name = lambdas.boto("kinesis"), f"s-{abs(hash(request.node.name)) % 10**8}"
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    return name, kinesis.describe_stream(StreamName=name)["StreamDescription"]["StreamARN"]


def put(lambdas, stream, *texts, key="k"):
    for text in texts:
        lambdas.boto("kinesis").put_record(StreamName=stream, Data=text.encode(), PartitionKey=key)


def got(lambdas, name):
    """Return text and shard of each record that the function has got."""
    try:
        lines = lambdas.log(name)
    except lambdas.boto("logs").exceptions.ResourceNotFoundException:
        return []
    return [tuple(line.split()[1:]) for line in lines if line.startswith("GOT ")]


def follow(lambdas, arn, position="TRIM_HORIZON", **settings):
    name = lambdas.make(PRINTS, Timeout=10)
    client = lambdas.client
    made = client.create_event_source_mapping(
        FunctionName=name, EventSourceArn=arn, StartingPosition=position, **settings
    )
    wait_until(lambda: client.get_event_source_mapping(UUID=made["UUID"])["State"] == "Enabled")
    return name


def test_a_mapping_begins_at_a_time_at_the_end_or_at_the_oldest_record(lambdas, stream):
    name, arn = stream
    put(lambdas, name, "early")
    kinesis = lambdas.boto("kinesis")
    (shard,) = kinesis.list_shards(StreamName=name)["Shards"]
    iterator = kinesis.get_shard_iterator(
        StreamName=name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    (first,) = kinesis.get_records(ShardIterator=iterator)["Records"]
    after = first["ApproximateArrivalTimestamp"].timestamp() + 0.001
    wait_until(lambda: time.time() > after + 1)  # arrivals may be of whole seconds
    put(lambdas, name, "late")
    at = follow(lambdas, arn, "AT_TIMESTAMP", StartingPositionTimestamp=after)
    oldest, latest = follow(lambdas, arn), follow(lambdas, arn, "LATEST")
    put(lambdas, name, "new")
    expected = {at: ["late", "new"], oldest: ["early", "late", "new"], latest: ["new"]}
    wait_until(lambda: all(len(got(lambdas, f)) >= len(texts) for f, texts in expected.items()))
    for function, texts in expected.items():
        assert [text for text, _ in got(lambdas, function)] == texts


def test_shards_of_a_split_are_read_after_their_parent_and_a_merge_after_both(lambdas, stream):
    name, arn = stream
    kinesis, function = lambdas.boto("kinesis"), follow(lambdas, arn)
    put(lambdas, name, *(f"before{n}" for n in range(5)))
    (parent,) = kinesis.list_shards(StreamName=name)["Shards"]
    kinesis.split_shard(
        StreamName=name, ShardToSplit=parent["ShardId"], NewStartingHashKey=str(2**127)
    )
    keys = ["a", "b", "c", "d", "e", "f"]
    for key in keys:
        put(lambdas, name, f"split-{key}", key=key)
    wait_until(lambda: len(got(lambdas, function)) >= 5 + len(keys))
    found = got(lambdas, function)
    assert [text for text, _ in found[:5]] == [f"before{n}" for n in range(5)]
    assert {shard for _, shard in found[:5]} == {parent["ShardId"]}
    assert sorted(text for text, _ in found[5:]) == [f"split-{key}" for key in keys]
    assert parent["ShardId"] not in {shard for _, shard in found[5:]}
    children = [
        one["ShardId"]
        for one in kinesis.list_shards(StreamName=name)["Shards"]
        if one.get("ParentShardId") == parent["ShardId"]
    ]
    kinesis.merge_shards(
        StreamName=name, ShardToMerge=children[0], AdjacentShardToMerge=children[1]
    )
    put(lambdas, name, "merged")
    wait_until(lambda: any(text == "merged" for text, _ in got(lambdas, function)))
    kinesis.update_shard_count(StreamName=name, TargetShardCount=2, ScalingType="UNIFORM_SCALING")
    put(lambdas, name, "last")
    wait_until(lambda: any(text == "last" for text, _ in got(lambdas, function)))
    found = got(lambdas, function)
    assert len(found) == 5 + len(keys) + 2
    late, latest = follow(lambdas, arn), follow(lambdas, arn, "LATEST")
    wait_until(lambda: len(got(lambdas, late)) >= len(found))
    again = got(lambdas, late)  # from closed shards, too
    assert sorted(again) == sorted(found)
    assert (again[:5], again[-2:]) == (found[:5], found[-2:])
    assert got(lambdas, latest) == []


def test_a_record_that_is_given_up_goes_to_a_topic_and_with_its_event_into_a_bucket(
    lambdas, stream
):
    name, arn = stream
    sns, sqs, s3 = (lambdas.boto(service) for service in ("sns", "sqs", "s3"))
    topic = sns.create_topic(Name=name)["TopicArn"]
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    asked = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    told = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": asked["Attributes"]["QueueArn"]}
    sns.subscribe(**told, Attributes={"RawMessageDelivery": "true"})
    here = {"LocationConstraint": "eu-west-1"}
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=here)
    once = {"MaximumRetryAttempts": 0, "BatchSize": 1}
    for target in (topic, f"arn:aws:s3:::{name}"):
        to = {"OnFailure": {"Destination": target}}
        allow(lambdas, follow(lambdas, arn, DestinationConfig=to, **once), "sns.amazonaws.com")
    put(lambdas, name, "poison", "good")
    messages = []

    def received():
        asked = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1)
        messages.extend(asked.get("Messages", []))
        return bool(messages)

    wait_until(received)
    by_topic = json.loads(messages[0]["Body"])
    wait_until(lambda: s3.list_objects_v2(Bucket=name)["KeyCount"] == 1)
    (stored,) = s3.list_objects_v2(Bucket=name)["Contents"]
    day = r"\d{4}/\d\d/\d\d/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d"
    key = rf"aws/lambda/[0-9a-f-]{{36}}/shardId-\d{{12}}/{day}-[0-9a-f-]{{36}}"
    assert re.fullmatch(key, stored["Key"])
    in_bucket = json.loads(s3.get_object(Bucket=name, Key=stored["Key"])["Body"].read())
    for record in (by_topic, in_bucket):
        assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
        assert record["requestContext"]["approximateInvokeCount"] == 1
        assert record["KinesisBatchInfo"]["batchSize"] == 1
    assert "payload" not in by_topic
    (given_up,) = json.loads(in_bucket["payload"])["Records"]
    assert base64.b64decode(given_up["kinesis"]["data"]) == b"poison"
