"""Retry an event that fails, then keep it in the dead-letter queue: no event is lost."""

import base64
import gzip
import json
import time
from dataclasses import dataclass

import boto3
import pytest

from lambdadeck import functions
from lambdadeck.engine.services import event_shapes, event_sources
from lambdadeck.triggers import data, recorder
from tests.support.cases import each
from tests.support.gate import PASS, gate
from tests.support.lambdas import wait_until
from tests.support.plain_boto3 import pointed_at

EVENTS = 3  # of each kind, all at once
OCCUPIED = (
    PASS
    + """
import json
def handler(event, context):
    print(json.dumps(event))
    if "gate" in event:
        pass_gate(event["gate"])
"""
)
FAILING = (
    'def handler(event, context):\n    print("ATTEMPT", context.aws_request_id)\n'
    '    raise ValueError("not today")\n'
)


@pytest.fixture(scope="module", autouse=True)
def plain(lambdas):
    with pointed_at(lambdas.engine):
        yield


@dataclass(frozen=True)
class Queue:
    """A queue that messages are waited for in."""

    url: str
    arn: str

    def messages(self, count):
        """Return the first `count` messages; fail if fewer come within a minute."""
        found, client = [], boto3.client("sqs")

        def enough():
            asked = client.receive_message(
                QueueUrl=self.url,
                WaitTimeSeconds=1,
                MaxNumberOfMessages=10,
                MessageAttributeNames=["All"],
            )
            found.extend(asked.get("Messages", []))
            return len(found) >= count

        wait_until(enough, timeout_s=60)
        return found

    def is_in_flight(self):
        name = "ApproximateNumberOfMessagesNotVisible"
        return (
            boto3.client("sqs").get_queue_attributes(QueueUrl=self.url, AttributeNames=[name])[
                "Attributes"
            ][name]
            == "1"
        )


def queue(name, **attributes):
    client = boto3.client("sqs")
    url = client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return Queue(
        url,
        client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ],
    )


@pytest.fixture
def failing(tmp_path, request):
    """Make a function that always fails, with its own dead-letter queue."""
    name = f"failing-{abs(hash(request.node.name)) % 10**8}"
    (tmp_path / "app.py").write_text(FAILING)
    functions.deploy(name, tmp_path, timeout_s=3)
    dead = queue(f"{name}-dead")
    boto3.client("lambda").update_function_configuration(
        FunctionName=name, DeadLetterConfig={"TargetArn": dead.arn}
    )
    yield name, dead
    functions.remove(name)


def attempts(name):
    """Return the request id of each attempt."""
    return [line.split()[1] for line in recorder.log_lines(name, "ATTEMPT", boto3.client("logs"))]


def allow(name, service):
    boto3.client("lambda").add_permission(
        FunctionName=name,
        StatementId=service,
        Action="lambda:InvokeFunction",
        Principal=f"{service}.amazonaws.com",
    )


def arn_of(name):
    return boto3.client("lambda").get_function_configuration(FunctionName=name)["FunctionArn"]


def publish(name):
    """SNS: to a topic that the function subscribes to."""
    allow(name, "sns")
    client = boto3.client("sns")
    topic = client.create_topic(Name=name)["TopicArn"]
    client.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn_of(name))
    for number in range(EVENTS):
        client.publish(TopicArn=topic, Message=f"message {number}")
    return lambda event: event["Records"][0]["Sns"]["Message"], [
        f"message {number}" for number in range(EVENTS)
    ]


def upload(name):
    """S3: to a bucket that tells the function."""
    allow(name, "s3")
    client = boto3.client("s3")
    data.create_bucket(client, name, "eu-west-1")
    uploads = {"LambdaFunctionArn": arn_of(name), "Events": ["s3:ObjectCreated:*"]}
    client.put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={"LambdaFunctionConfigurations": [uploads]}
    )
    for number in range(EVENTS):
        client.put_object(Bucket=name, Key=f"file-{number}", Body=b"content")
    return lambda event: event["Records"][0]["s3"]["object"]["key"], [
        f"file-{number}" for number in range(EVENTS)
    ]


def send(name):
    """EventBridge: an event that a rule matches."""
    allow(name, "events")
    client = boto3.client("events")
    client.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    client.put_targets(Rule=name, Targets=[{"Id": "function", "Arn": arn_of(name)}])
    for number in range(EVENTS):
        client.put_events(
            Entries=[
                {"Source": name, "DetailType": "test", "Detail": json.dumps({"number": number})}
            ]
        )
    return lambda event: event["detail"]["number"], list(range(EVENTS))


def press(name):
    """IoT: a message that a rule selects."""
    allow(name, "iot")
    rule = {
        "sql": f"SELECT * FROM '{name}'",
        "actions": [{"lambda": {"functionArn": arn_of(name)}}],
    }
    boto3.client("iot").create_topic_rule(ruleName=name.replace("-", "_"), topicRulePayload=rule)
    for number in range(EVENTS):
        boto3.client("iot-data").publish(topic=name, payload=json.dumps({"number": number}))
    return lambda event: event["number"], list(range(EVENTS))


def log(name):
    """Write the lines of a subscribed log group, and one line that the filter drops."""
    allow(name, "logs")
    client = boto3.client("logs")
    client.create_log_group(logGroupName=name)
    client.create_log_stream(logGroupName=name, logStreamName="stream")
    client.put_subscription_filter(
        logGroupName=name, filterName="all", filterPattern="wanted", destinationArn=arn_of(name)
    )
    now = int(time.time() * 1000)
    for number in range(EVENTS):
        lines = [
            {"timestamp": now, "message": f"wanted {number}"},
            {"timestamp": now, "message": "left out"},
        ]
        client.put_log_events(logGroupName=name, logStreamName="stream", logEvents=lines)
    return logged, [["stream", "all", f"wanted {number}"] for number in range(EVENTS)]


def logged(event):
    told = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    return [
        told["logStream"],
        *told["subscriptionFilters"],
        *(line["message"] for line in told["logEvents"]),
    ]


@pytest.mark.parametrize(
    "act", [publish, upload, send, press, log], ids=["SNS", "S3", "EventBridge", "IoT", "Logs"]
)
def test_an_event_that_is_pushed_is_retried_twice_and_then_dead_lettered_as_it_came(failing, act):
    name, dead = failing
    told, sent = act(name)
    messages = dead.messages(EVENTS)
    assert sorted(told(json.loads(message["Body"])) for message in messages) == sent
    requests = {message["MessageAttributes"]["RequestID"]["StringValue"] for message in messages}
    tries = attempts(name)
    assert {tries.count(request) for request in requests} == {3} and set(tries) == requests
    assert {
        message["MessageAttributes"]["ErrorMessage"]["StringValue"] for message in messages
    } == {"not today"}


def test_a_message_of_a_queue_is_received_again_and_then_dead_lettered_by_the_queue(failing):
    name, dead = failing
    redrive = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 2})
    source = queue(f"{name}-source", VisibilityTimeout="3", RedrivePolicy=redrive)
    boto3.client("lambda").create_event_source_mapping(
        FunctionName=name, EventSourceArn=source.arn, BatchSize=1
    )
    for number in range(EVENTS):
        boto3.client("sqs").send_message(QueueUrl=source.url, MessageBody=f"message {number}")
    assert sorted(message["Body"] for message in dead.messages(EVENTS)) == [
        f"message {number}" for number in range(EVENTS)
    ]
    assert len(attempts(name)) == 2 * EVENTS


def test_a_batch_that_is_throttled_comes_again(tmp_path):
    """A poller that took a throttled batch for handled would delete its messages."""
    (tmp_path / "app.py").write_text(OCCUPIED)
    functions.deploy("occupied", tmp_path, timeout_s=2)
    client, source = boto3.client("lambda"), queue("to-the-occupied", VisibilityTimeout="2")
    client.create_event_source_mapping(FunctionName="occupied", EventSourceArn=source.arn)
    functions.deploy("occupied", tmp_path, timeout_s=90)  # a mapping refuses one so long
    client.put_function_concurrency(FunctionName="occupied", ReservedConcurrentExecutions=1)
    with gate() as closed:
        client.invoke(
            FunctionName="occupied",
            InvocationType="Event",
            Payload=json.dumps({"gate": closed.port}),
        )
        closed.until_here()
        boto3.client("sqs").send_message(QueueUrl=source.url, MessageBody="patience")
        wait_until(source.is_in_flight)
        time.sleep(2.5)  # past its visibility timeout: it is there again for a moment only
    logs = boto3.client("logs")
    line = recorder.until(
        lambda: next(recorder.log_lines("occupied", "patience", logs), None), limit_s=60
    )
    assert line and json.loads(line)["Records"][0]["attributes"]["ApproximateReceiveCount"] != "1"
    functions.remove("occupied")


def test_a_published_message_does_not_wait_for_the_function(tmp_path):
    """SNS hands over and answers: a slow function makes no slow publisher."""
    (tmp_path / "app.py").write_text(
        "import time\ndef handler(event, context):\n    time.sleep(5)\n"
    )
    functions.deploy("slow-subscriber", tmp_path, timeout_s=10)
    client = boto3.client("sns")
    topic = client.create_topic(Name="to-the-slow")["TopicArn"]
    client.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn_of("slow-subscriber"))
    answer = client.publish(TopicArn=topic, Message="hello")
    assert answer["MessageId"]
    functions.remove("slow-subscriber")


ARN = "arn:aws:lambda:eu-west-1:000000000000:function:"


@each(
    ("destination", "group", "name"),
    [
        (f"{ARN}reader", "/aws/lambda/writer", "reader"),
        (f"{ARN}reader:live", "/aws/lambda/writer", "reader"),
        (f"{ARN}writer", "/aws/lambda/writer", None),
        ("arn:aws:kinesis:eu-west-1:000000000000:stream/reader", "/aws/lambda/writer", None),
        ("reader", "/aws/lambda/writer", None),
    ],
)
def test_lines_go_to_a_function_and_never_to_the_one_that_writes_them(destination, group, name):
    assert event_sources.subscriber(destination, group) == name


def test_an_event_holds_its_lines_compressed_with_where_they_come_from():
    lines = [
        {"timestamp": 1, "message": "né", "ingestionTime": 2},
        {"timestamp": 3, "message": "b"},
    ]
    made = event_shapes.logs("210987654321", "group", "stream", "filter", lines)
    told = json.loads(gzip.decompress(base64.b64decode(made["awslogs"]["data"])))
    ids = [line.pop("id") for line in told["logEvents"]]
    assert len(set(ids)) == 2
    assert told == {
        "messageType": "DATA_MESSAGE",
        "owner": "210987654321",
        "logGroup": "group",
        "logStream": "stream",
        "subscriptionFilters": ["filter"],
        "logEvents": [{"timestamp": 1, "message": "né"}, {"timestamp": 3, "message": "b"}],
    }


def test_a_service_that_no_statement_allows_is_refused_or_calls_in_vain(tmp_path):
    (tmp_path / "app.py").write_text("def handler(event, context):\n    print('CAME', event)\n")
    functions.deploy("guarded", tmp_path)
    s3, sns = boto3.client("s3"), boto3.client("sns")
    data.create_bucket(s3, "guarded-bucket", "eu-west-1")
    uploads = {"LambdaFunctionArn": arn_of("guarded"), "Events": ["s3:ObjectCreated:*"]}
    wiring = {
        "Bucket": "guarded-bucket",
        "NotificationConfiguration": {"LambdaFunctionConfigurations": [uploads]},
    }
    words = "Unable to validate the following destination configurations"
    with pytest.raises(s3.exceptions.ClientError, match=words):
        s3.put_bucket_notification_configuration(**wiring)
    permission = {"FunctionName": "guarded", "Action": "lambda:InvokeFunction"}
    boto3.client("lambda").add_permission(
        **permission,
        StatementId="bucket",
        Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::guarded-*",
    )
    s3.put_bucket_notification_configuration(**wiring)
    topics = {name: sns.create_topic(Name=name)["TopicArn"] for name in ("refused", "allowed")}
    boto3.client("lambda").add_permission(
        **permission,
        StatementId="topic",
        Principal="sns.amazonaws.com",
        SourceArn=topics["allowed"],
    )
    for name, topic in topics.items():
        sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn_of("guarded"))
        sns.publish(TopicArn=topic, Message=f"from {name}")
    logs = boto3.client("logs")
    found = recorder.until(
        lambda: next(recorder.log_lines("guarded", "CAME", logs), None), limit_s=60
    )
    assert found and "from allowed" in found
    assert not list(recorder.log_lines("guarded", "from refused", logs))
    functions.remove("guarded")
