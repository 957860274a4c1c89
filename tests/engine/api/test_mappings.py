"""Event source mappings: what is refused, defaults, states."""

import re

import pytest
from botocore.exceptions import ClientError

from tests.support.cases import each

ACCOUNT = "000000000000"


@pytest.fixture(scope="module")
def sources(lambdas):
    """Return a function and the ARNs of a queue, a FIFO queue, a stream and a table's stream."""
    function = lambdas.make("def handler(event, context): return 1")
    for name, more in ((function, {}), (f"{function}.fifo", {"FifoQueue": "true"})):
        lambdas.boto("sqs").create_queue(QueueName=name, Attributes=more)
    lambdas.boto("kinesis").create_stream(StreamName=function, ShardCount=1)
    table = lambdas.boto("dynamodb").create_table(
        TableName=function,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    return {
        "name": function,
        "queue": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{function}",
        "fifo": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{function}.fifo",
        "stream": f"arn:aws:kinesis:eu-west-1:{ACCOUNT}:stream/{function}",
        "table": table["TableDescription"]["LatestStreamArn"],
    }


QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:nowhere"
LATEST = {"StartingPosition": "LATEST"}
INVALID, MISSING = "InvalidParameterValueException", "ResourceNotFoundException"


@each(
    ("source", "given", "code", "words"),
    [
        ("queue", {"FunctionName": "unknown"}, INVALID, "Function does not exist"),
        ("queue", {"BatchSize": 11}, INVALID, "Maximum batch window in seconds must be greater"),
        ("queue", {"BatchSize": 10_001}, "ValidationException", "less than or equal to 10000"),
        ("fifo", {"BatchSize": 11}, INVALID, "out of bounds"),
        ("fifo", {"MaximumBatchingWindowInSeconds": 1}, INVALID, "not supported for FIFO queues"),
        ("queue", LATEST, INVALID, "StartingPosition is not valid for SQS event sources"),
        ("queue", {"ParallelizationFactor": 2}, INVALID, "Unsupported 'parallelizationFactor'"),
        ("queue", {"ScalingConfig": {"MaximumConcurrency": 1}}, "ValidationException",
         "Value '1' at 'scalingConfig.maximumConcurrency'"),
        ("stream", {**LATEST, "ScalingConfig": {"MaximumConcurrency": 2}}, INVALID,
         "Unsupported 'scalingConfig' parameter for given event source mapping type"),
        ("stream", {}, INVALID, "Value null at 'startingPosition'"),
        ("stream", {"StartingPosition": "first"}, "ValidationException",
         r"\[LATEST, AT_TIMESTAMP, TRIM_HORIZON\]"),
        ("stream", {"StartingPosition": "AT_TIMESTAMP"}, INVALID, "Need to specify a timestamp"),
        ("table", {"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": 1}, INVALID,
         "Unsupported starting position for arn type"),
        ("stream", {**LATEST, "MaximumRecordAgeInSeconds": 59}, INVALID, "at least 60"),
        ("stream", {**LATEST, "DestinationConfig": {"OnSuccess": {"Destination": QUEUE}}},
         INVALID, "Unsupported DestinationConfig parameter"),
        ("queue", {"FilterCriteria": {"Filters": [{"Pattern": '{"body": "x"}'}]}}, INVALID,
         "Invalid filter pattern definition"),
        (QUEUE, {}, INVALID, "NonExistentQueue"),
        ("arn:aws:kinesis:eu-west-1:000000000000:stream/nowhere", LATEST, INVALID, "not found"),
        ("arn:aws:events:eu-west-1:000000000000:rule/r", {}, INVALID, "Unsupported source arn"),
    ],
)  # fmt: skip
def test_settings_that_do_not_go_together_are_refused(lambdas, sources, source, given, code, words):
    client = lambdas.boto("lambda", parameter_validation=False)
    given = {"FunctionName": sources["name"], **given}
    with pytest.raises(ClientError) as refused:
        client.create_event_source_mapping(EventSourceArn=sources.get(source, source), **given)
    error = refused.value.response["Error"]
    assert error["Code"] == code and re.search(words, error["Message"]), error


def settled(client, uuid, state="Enabled"):
    for _ in range(500):
        found = client.get_event_source_mapping(UUID=uuid)
        if found["State"] == state:
            return found
    raise AssertionError(found)


def test_a_mapping_passes_through_its_states_and_is_gone_after_its_deletion(lambdas, sources):
    client = lambdas.client
    made = client.create_event_source_mapping(
        EventSourceArn=sources["table"], FunctionName=sources["name"], StartingPosition="LATEST"
    )
    assert (made["State"], made["BatchSize"]) == ("Creating", 100)
    uuid = made["UUID"]
    assert settled(client, uuid)["MaximumRetryAttempts"] == -1
    changed = client.update_event_source_mapping(UUID=uuid, BatchSize=5)
    assert (changed["State"], changed["BatchSize"]) == ("Updating", 5)
    settled(client, uuid)
    assert client.update_event_source_mapping(UUID=uuid, Enabled=False)["State"] == "Disabling"
    settled(client, uuid, "Disabled")
    listed = client.list_event_source_mappings(EventSourceArn=sources["table"])
    assert [one["UUID"] for one in listed["EventSourceMappings"]] == [uuid]
    lambdas.client.tag_resource(Resource=made["EventSourceMappingArn"], Tags={"a": "b"})
    assert client.list_tags(Resource=made["EventSourceMappingArn"])["Tags"] == {"a": "b"}
    assert client.delete_event_source_mapping(UUID=uuid)["State"] == "Deleting"
    for _ in range(500):
        if not client.list_event_source_mappings(EventSourceArn=sources["table"])[
            "EventSourceMappings"
        ]:
            break
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_event_source_mapping(UUID=uuid)


def test_a_second_mapping_and_messages_that_come_back_too_soon_are_refused(lambdas, sources):
    client, queue = lambdas.client, sources["queue"]
    given = {"EventSourceArn": queue, "FunctionName": sources["name"]}
    uuid = client.create_event_source_mapping(**given)["UUID"]
    with pytest.raises(client.exceptions.ResourceConflictException, match=uuid):
        client.create_event_source_mapping(**given)
    slow = lambdas.make("def handler(event, context): return 1", Timeout=60)
    with pytest.raises(
        client.exceptions.InvalidParameterValueException,
        match="Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds",
    ):
        client.create_event_source_mapping(EventSourceArn=queue, FunctionName=slow)
    client.delete_event_source_mapping(UUID=uuid)


def test_a_stream_is_read_from_the_records_that_came_after_the_mapping_was_made(lambdas):
    """LATEST is fixed when the mapping is created, not when it is first polled."""
    function = lambdas.make(
        """
        def handler(event, context):
            for record in event["Records"]:
                print("saw", record["dynamodb"]["Keys"]["id"]["S"])
        """
    )
    ddb = lambdas.boto("dynamodb")
    table = ddb.create_table(
        TableName=function,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    ddb.put_item(TableName=function, Item={"id": {"S": "before"}})
    arn = table["TableDescription"]["LatestStreamArn"]
    uuid = lambdas.client.create_event_source_mapping(
        EventSourceArn=arn, FunctionName=function, StartingPosition="LATEST"
    )["UUID"]
    ddb.put_item(TableName=function, Item={"id": {"S": "after"}})
    logs = lambdas.boto("logs")

    def seen():
        try:
            found = logs.filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [one["message"].strip() for one in found if one["message"].startswith("saw")]

    for _ in range(2000):
        if seen():
            break
    assert seen() == ["saw after"]
    processed = settled(lambdas.client, uuid)["LastProcessingResult"]
    assert processed == "OK"


def test_tags_of_a_mapping_that_does_not_exist_are_not_found_in_its_words(lambdas):
    uuid = "00000000-1111-2222-3333-444444444444"
    arn = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:event-source-mapping:{uuid}"
    with pytest.raises(ClientError, match=f"Event source mapping not found: {arn}"):
        lambdas.client.list_tags(Resource=arn)
