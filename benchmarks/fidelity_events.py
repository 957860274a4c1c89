"""Cases whose answers come from queues, streams and logs: what events bring about on AWS."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.fidelity_scene import TABLE, Scene

Answer = tuple[str, Any]  # the key of a recorded answer, and the answer
Play = Callable[[Scene], Iterator[Answer]]
ONCE = {"StartingPosition": "TRIM_HORIZON", "MaximumBatchingWindowInSeconds": 1}
ONCE |= {"MaximumRetryAttempts": 1}
REPORTS = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


@dataclass(frozen=True)
class PlayedCase:
    """A case that does more than call Lambda's API."""

    topic: str
    name: str
    play: Play


# ---- destinations ----

_FORWARDS = """def handler(event, context):
    if "raise_error" in event:
        raise Exception("Test exception (this is intentional)")
    names = ("invoked_function_arn", "function_version", "function_name", "memory_limit_in_mb",
             "aws_request_id", "log_group_name", "log_stream_name", "client_context")
    return {"event": event, "context": {name: getattr(context, name) for name in names}}
"""
FORWARDS = "\n" * 52 + _FORWARDS  # AWS's trace names line 55


def _destination(payload: dict[str, Any], **settings: Any) -> Play:
    def play(scene: Scene) -> Iterator[Answer]:
        url, arn = scene.queue()
        scene.function(FORWARDS)
        to = {"OnSuccess": {"Destination": arn}, "OnFailure": {"Destination": arn}}
        given = {"FunctionName": scene.name, "DestinationConfig": to, **settings}
        yield (
            "put_function_event_invoke_config",
            scene.call("put_function_event_invoke_config", **given),
        )
        event = {"FunctionName": scene.name, "Payload": json.dumps(payload)}
        scene.call("invoke", InvocationType="Event", **event)
        yield "receive_message_result", scene.received(url, MessageAttributeNames=["All"])

    return play


# ---- queues ----

ATTEMPTS = """import json
import boto3
def handler(event, context):
    record = event["Records"][0]
    message, error = json.loads(record["body"]), None
    try:
        if message["fail_attempts"] >= int(record["attributes"]["ApproximateReceiveCount"]):
            raise ValueError("failed attempt")
    except ValueError as raised:
        error = str(raised)
        raise
    finally:
        told = json.dumps({"error": error, "event": event})
        boto3.client("sqs").send_message(QueueUrl=message["destination"], MessageBody=told)
"""
ANSWERS = """import json, os
import boto3
def handler(event, context):
    result = json.loads(os.environ["RESULT"])
    told = json.dumps({"event": event, "result": result})
    boto3.client("sqs").send_message(QueueUrl=os.environ["TO"], MessageBody=told)
    return result
"""
VERSIONS = """import json, os
def handler(event, context):
    version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
    print(json.dumps({"function_version": version, "CUSTOM_VAR": os.environ.get("CUSTOM_VAR"),
                      "event": event}))
"""


def _url(scene: Scene) -> Answer:
    found = scene.connect("sqs").get_queue_url(QueueName=f"{scene.name}-to")
    return "get_destination_queue_url", found


def _retried(scene: Scene) -> Iterator[Answer]:
    url, _ = scene.queue("-to")
    yield _url(scene)
    scene.function(ATTEMPTS, Timeout=5)
    source, arn = scene.queue(VisibilityTimeout="5")
    yield "event_source_mapping", scene.enabled(scene.mapping(arn, BatchSize=1))
    scene.send(source, {"destination": url, "fail_attempts": 1})
    for key in ("first_attempt", "second_attempt"):
        yield key, scene.received(url, MaxNumberOfMessages=1, VisibilityTimeout=60)


def _partial(result: str, tries: int) -> Play:
    def play(scene: Scene) -> Iterator[Answer]:
        url, _ = scene.queue("-to")
        yield _url(scene)
        variables = {"Variables": {"TO": url, "RESULT": result}}
        scene.function(ANSWERS, Timeout=4, Environment=variables)
        dead, dead_arn = scene.queue("-dead")
        redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": tries})
        source, arn = scene.queue(VisibilityTimeout="4", RedrivePolicy=redrive)
        scene.enabled(scene.mapping(arn, BatchSize=10, **REPORTS))
        scene.send(source, {"message": 1, "fail_attempts": 0})
        for key in ("first_invocation", "second_invocation")[:tries]:
            yield key, scene.received(url, MaxNumberOfMessages=1, VisibilityTimeout=60)
        if tries > 1:
            yield "dlq_response", scene.received(dead)

    return play


def _batch_size(scene: Scene) -> Iterator[Answer]:
    (_, first), (_, second) = scene.queue("-1"), scene.queue("-2")
    scene.function()
    made = scene.mapping(first)
    yield "create-event-source-mapping", made
    scene.enabled(made)
    changed = {"UUID": made["UUID"], "FunctionName": scene.name, "BatchSize": 15}
    yield (
        "invalid-update-event-source-mapping",
        scene.call("update_event_source_mapping", **changed),
    )
    yield "invalid-create-event-source-mapping", scene.mapping(second, BatchSize=15)


def _moved(scene: Scene) -> Iterator[Answer]:
    """Move a mapping to another version."""
    url, arn = scene.queue()
    scene.function(VERSIONS)
    versions = []
    for value in "ab":
        variables = {"Variables": {"CUSTOM_VAR": value}}
        scene.call("update_function_configuration", FunctionName=scene.name, Environment=variables)
        scene.settled()
        published = scene.call("publish_version", FunctionName=scene.name)
        versions.append(published["FunctionArn"])
    made = scene.mapping(arn, FunctionName=versions[0], MaximumBatchingWindowInSeconds=1)
    yield "create-event-source-mapping-response", made
    scene.enabled(made)
    scene.send(url, {"foo": "bar"})
    yield "events", scene.printed(1)
    change = {"UUID": made["UUID"], "FunctionName": versions[1]}
    yield "updated_esm", scene.call("update_event_source_mapping", **change)
    yield "updated_event_source_mapping", scene.enabled(made)
    scene.send(url, {"foo": "bar2"})
    yield "events_postupdate", scene.printed(2)


def _twice(source: Callable[[Scene], str], **given: Any) -> Play:
    def play(scene: Scene) -> Iterator[Answer]:
        arn = source(scene)
        scene.function()
        yield "create", scene.mapping(arn, **given)
        yield "error", scene.mapping(arn, **given)

    return play


# ---- streams ----

RAISES = """class CustomException(Exception):
    pass
def handler(event, context):
    raise CustomException("some error occurred")
"""
PRINTS = """import json
def handler(event, context):
    print(json.dumps(event))
    return {answer}
"""
ITEM = {"my_partition_key": {"S": "hello world"}, "binary_key": {"B": b"foobar"}}


def _told(scene: Scene) -> Iterator[Answer]:
    """Send the record of a batch that was given up to a queue."""
    stream, (url, arn) = scene.table("my_partition_key"), scene.queue()
    scene.function(RAISES)
    to = {"OnFailure": {"Destination": arn}}
    made = scene.mapping(stream, BatchSize=1, DestinationConfig=to, **ONCE)
    yield "create_event_source_mapping_response", made
    scene.enabled(made)
    item = {"my_partition_key": {"S": "hello world"}}
    scene.connect(TABLE).put_item(TableName=scene.name, Item=item)
    yield "destination_queue_messages", scene.received(url)


def _reported(answer: str) -> Play:
    def play(scene: Scene) -> Iterator[Answer]:
        stream, (url, arn) = scene.table("my_partition_key"), scene.queue()
        scene.function(PRINTS.format(answer=answer))
        settings = {"BatchSize": 3, "DestinationConfig": {"OnFailure": {"Destination": arn}}}
        settings |= ONCE | {"MaximumRetryAttempts": 3}
        scene.enabled(scene.mapping(stream, **settings, **REPORTS))
        scene.connect(TABLE).put_item(TableName=scene.name, Item=ITEM)
        yield "destination_queue_messages", scene.received(url)
        yield "dynamodb_events", scene.printed(4)

    return play


def _filtered(pattern: str) -> Play:
    def play(scene: Scene) -> Iterator[Answer]:
        stream = scene.table(view="NEW_AND_OLD_IMAGES")
        scene.function()
        given = {"FilterCriteria": {"Filters": [{"Pattern": pattern}]}, "BatchSize": 1}
        yield "exception_event_source_creation", scene.mapping(stream, **given, **ONCE)

    return play


# ---- the API of mappings ----


def _lived(scene: Scene, *, with_function: bool) -> Iterator[Answer]:
    (_, arn), stream = scene.queue(), scene.table()
    scene.function()
    to = {"OnFailure": {"Destination": arn}}
    made = scene.mapping(stream, BatchSize=1, DestinationConfig=to, **ONCE)
    yield "create_response", made
    yield "get_response", scene.enabled(made)
    if with_function:
        yield "delete_function_response", scene.call("delete_function", FunctionName=scene.name)
        yield (
            "get_response_post_delete",
            scene.call("get_event_source_mapping", UUID=made["UUID"]),
        )
    yield "delete_response", scene.call("delete_event_source_mapping", UUID=made["UUID"])


def _named(scene: Scene) -> Iterator[Answer]:
    """Name the function in seven ways."""
    _, queue = scene.queue()
    scene.function()
    version = scene.call("publish_version", FunctionName=scene.name)
    alias = {"FunctionName": scene.name, "FunctionVersion": version["Version"], "Name": "myalias"}
    aliased = scene.call("create_alias", **alias)
    names = {
        "name_only": scene.name,
        "partial_arn_latest": f"{scene.name}:$LATEST",
        "partial_arn_version": f"{scene.name}:1",
        "partial_arn_alias": f"{scene.name}:myalias",
        "full_arn_latest": version["FunctionArn"].rpartition(":")[0],
        "full_arn_version": version["FunctionArn"],
        "full_arn_alias": aliased["AliasArn"],
    }
    for key, name in names.items():
        made = scene.mapping(queue, FunctionName=name)
        yield f"{key}_create_esm", made
        scene.enabled(made)
        scene.call("delete_event_source_mapping", UUID=made["UUID"])
        scene.gone(made)


def _positions(source: Callable[[Scene], str], *, times: bool) -> Play:
    def play(scene: Scene) -> Iterator[Answer]:
        arn = source(scene)
        scene.function()
        yield "no_starting_position", scene.mapping(arn)
        yield "invalid_starting_position", scene.mapping(arn, StartingPosition="invalid")
        if times:
            at = {"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": "1741010802"}
            yield "incompatible_starting_position", scene.mapping(arn, **at)

    return play


def _unfiltered(scene: Scene) -> Iterator[Answer]:
    stream = scene.table(view="NEW_AND_OLD_IMAGES")
    scene.function()
    given = {"StartingPosition": "LATEST", "FilterCriteria": {"Filters": []}}
    yield "response-with-empty-filters", scene.mapping(stream, **given)


_DEST, _SQS = "TestLambdaDestinationSqs::", "TestSQSEventSourceMapping::"
_DDB, _ESM = "TestDynamoDBEventSourceMapping::", "TestLambdaEventSourceMappings::"
_ASSESS = f"{_DEST}test_assess_lambda_destination_invocation"
_SCENARIOS = f"{_DDB}test_dynamodb_report_batch_item_failure_scenarios"
_FILTER = f"{_DDB}test_dynamodb_invalid_event_filter"
_MALFORMED = '[{"eventName": ["INSERT"=123}]'
_REPORTS = "test_report_batch_item_failures"
_WITHOUT_SIZE = {key: value for key, value in ONCE.items() if key != "BatchSize"}
CASES = (
    PlayedCase("destinations", f"{_ASSESS}[payload0]", _destination({}, MaximumRetryAttempts=0)),
    PlayedCase(
        "destinations",
        f"{_ASSESS}[payload1]",
        _destination({"raise_error": 1}, MaximumRetryAttempts=0),
    ),
    PlayedCase(
        "destinations",
        f"{_DEST}test_lambda_destination_default_retries",
        _destination({"raise_error": 1}),
    ),
    PlayedCase("queues", "test_failing_lambda_retries_after_visibility_timeout", _retried),
    PlayedCase(
        "queues",
        f"{_REPORTS}_invalid_result_json_batch_fails",
        _partial('{"batchItemFailures": [{"foo":"notvalid"}]}', 2),
    ),
    PlayedCase("queues", f"{_REPORTS}_empty_json_batch_succeeds", _partial("{}", 1)),
    PlayedCase("queues", f"{_SQS}test_event_source_mapping_default_batch_size", _batch_size),
    PlayedCase("queues", f"{_SQS}test_sqs_event_source_mapping_update", _moved),
    PlayedCase(
        "queues",
        f"{_SQS}test_duplicate_event_source_mappings",
        _twice(lambda scene: scene.queue()[1]),
    ),
    PlayedCase(
        "streams",
        f"{_DDB}test_duplicate_event_source_mappings",
        _twice(lambda scene: scene.table("my_partition_key"), **_WITHOUT_SIZE),
    ),
    PlayedCase(
        "streams",
        f"{_DDB}test_dynamodb_event_source_mapping_with_on_failure_destination_config",
        _told,
    ),
    PlayedCase("streams", f"{_FILTER}[single-string]", _filtered("single-string")),
    PlayedCase("streams", f"{_FILTER}[{_MALFORMED}]", _filtered(_MALFORMED)),
    *(
        PlayedCase("streams", f"{_SCENARIOS}[{label}]", _reported(answer))
        for label, answer in {
            "item_identifier_not_present_failure": '{"batchItemFailures": '
            '[{"itemIdentifier": 123}]}',
            "empty_string_item_identifier_failure": '{"batchItemFailures": '
            '[{"itemIdentifier": ""}]}',
            "invalid_key_foo_failure": '{"batchItemFailures": [{"foo": 123}]}',
            "unhandled_exception_in_function": "(lambda: 1 / 0)()",
        }.items()
    ),
    PlayedCase(
        "streams",
        "TestKinesisSource::test_duplicate_event_source_mappings",
        _twice(Scene.stream, StartingPosition="LATEST"),
    ),
    PlayedCase(
        "mappings",
        f"{_ESM}test_event_source_mapping_lifecycle",
        partial(_lived, with_function=False),
    ),
    PlayedCase(
        "mappings",
        f"{_ESM}test_event_source_mapping_lifecycle_delete_function",
        partial(_lived, with_function=True),
    ),
    PlayedCase("mappings", f"{_ESM}test_function_name_variations", _named),
    PlayedCase(
        "mappings",
        f"{_ESM}test_create_event_source_validation",
        _positions(lambda scene: scene.table(view="NEW_AND_OLD_IMAGES"), times=True),
    ),
    PlayedCase(
        "mappings",
        f"{_ESM}test_create_event_source_validation_kinesis",
        _positions(Scene.stream, times=False),
    ),
    PlayedCase("mappings", f"{_ESM}test_create_event_filter_criteria_validation", _unfiltered),
)
