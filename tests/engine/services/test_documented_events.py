"""Each service's event has the fields that AWS documents, all of them and no others."""

import base64
import gzip
import json
import re
import time
from pathlib import Path

import pytest
import websocket

from tests.support.apis import allow, arn_of, ask, http_api, rest_api, websocket_api
from tests.support.lambdas import open_to_all, wait_until

DOCUMENTED = {
    path.stem: json.loads(path.read_text())["event"]
    for path in (Path(__file__).parent / "documented").glob("*.json")
}
KINDS = {"<text>": str, "<number>": int}
SOURCE = """
    import json

    def handler(event, context):
        if "http" in event.get("requestContext", {}) or "httpMethod" in event:
            return {"statusCode": 200, "body": json.dumps(event)}
        print("EVENT", json.dumps(event))
        return event
"""
SERVICES = ("s3", "sns", "events", "iot", "logs", "cognito-idp", "apigateway")


@pytest.fixture(scope="module")
def function(lambdas):
    name = lambdas.make(SOURCE, name="documented", Timeout=20)
    for service in SERVICES:
        allow(lambdas, name, f"{service}.amazonaws.com")
    return name


@pytest.fixture(scope="module")
def next_event(lambdas, function):
    """Return what does something and returns the event that comes then."""

    def wait(act):
        seen = len(came(lambdas, function))
        act()
        wait_until(lambda: len(came(lambdas, function)) > seen)
        return came(lambdas, function)[seen]

    return wait


def came(lambdas, name):
    try:
        lines = lambdas.log(name)
    except lambdas.boto("logs").exceptions.ResourceNotFoundException:
        return []
    return [json.loads(line[6:]) for line in lines if line.startswith("EVENT ")]


def differences(stated, made, path="event"):
    """Return a sentence for each place where an event is not as documented."""
    if isinstance(stated, dict) and isinstance(made, dict):
        keys = [f"{path}.{key} is missing" for key in stated.keys() - made.keys()]
        keys += [f"{path}.{key} is not documented" for key in made.keys() - stated.keys()]
        below = [(f"{path}.{key}", stated[key], made[key]) for key in stated.keys() & made.keys()]
    elif isinstance(stated, list) and isinstance(made, list) and len(stated) == len(made):
        keys = []
        below = [(f"{path}.{at}", *pair) for at, pair in enumerate(zip(stated, made, strict=True))]
    else:
        return [] if fits(stated, made) else [f"{path} is {made!r} and not {stated!r}"]
    return keys + [one for where, a, b in below for one in differences(a, b, where)]


def fits(stated, made):
    if stated == "<56 digits>":
        return bool(re.fullmatch(r"\d{56}", made))
    if stated in KINDS:
        return type(made) is KINDS[stated] and made != ""
    if stated == "<seconds>":
        return type(made) in (int, float)
    return stated == made and type(stated) is type(made)


def check(**made):
    wrong = [
        f"{name}: {one}"
        for name, event in made.items()
        for one in differences(DOCUMENTED[name.replace("_", "-")], event)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_comparison_finds_what_is_missing_added_or_different():
    stated = {"a": "<text>", "b": [1, {"c": None}], "d": "<number>"}
    assert not differences(stated, {"a": "x", "b": [1, {"c": None}], "d": 3})
    wrong = differences(stated, {"a": "", "b": [1, {"c": False}], "e": 1})
    assert len(wrong) == 4, wrong


def test_events_of_s3_are_as_documented(lambdas, function, next_event):
    client, bucket, key = lambdas.boto("s3"), "documented", "a b/é@"
    here = {"LocationConstraint": "eu-west-1"}
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration=here)
    told = {
        "Id": "all",
        "LambdaFunctionArn": arn_of(lambdas, function),
        "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
    }
    client.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [told]}
    )
    check(
        s3_put=next_event(lambda: client.put_object(Bucket=bucket, Key=key, Body=b"x")),
        s3_delete=next_event(lambda: client.delete_object(Bucket=bucket, Key=key)),
    )


def test_events_of_sns_are_as_documented(lambdas, function, next_event):
    client = lambdas.boto("sns")
    topic = client.create_topic(Name="documented")["TopicArn"]
    client.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn_of(lambdas, function))
    message = {"TopicArn": topic, "Message": "Hello from SNS!"}
    attributes = {
        "Test": {"DataType": "String", "StringValue": "TestString"},
        "TestBinary": {"DataType": "Binary", "BinaryValue": b"\0x"},
    }
    check(
        sns=next_event(
            lambda: client.publish(**message, Subject="TestInvoke", MessageAttributes=attributes)
        ),
        sns_bare=next_event(lambda: client.publish(**message)),
    )


def test_events_of_eventbridge_and_iot_are_as_documented(lambdas, function, next_event):
    client, target = lambdas.boto("events"), {"Id": "1", "Arn": arn_of(lambdas, function)}
    client.put_rule(Name="documented", EventPattern='{"source": ["documented"]}')
    client.put_targets(Rule="documented", Targets=[target])
    placed = {
        "Source": "documented",
        "DetailType": "Order placed",
        "Detail": '{"order": 1}',
        "Resources": ["arn:aws:documented"],
    }
    actions = [{"lambda": {"functionArn": target["Arn"]}}]
    selected = "SELECT *, topic() AS topic, timestamp() AS at FROM 'documented/+'"
    lambdas.boto("iot").create_topic_rule(
        ruleName="documented", topicRulePayload={"sql": selected, "actions": actions}
    )
    pressed = {"topic": "documented/button", "payload": b'{"clickType": "SINGLE"}'}
    check(
        eventbridge=next_event(lambda: client.put_events(Entries=[placed])),
        iot=next_event(lambda: lambdas.boto("iot-data").publish(**pressed)),
    )


def test_the_event_of_a_log_group_is_as_documented(lambdas, function, next_event):
    client = lambdas.boto("logs")
    client.create_log_group(logGroupName="documented")
    where = {"logGroupName": "documented", "logStreamName": "stream"}
    client.create_log_stream(**where)
    client.put_subscription_filter(
        logGroupName="documented",
        filterName="all",
        filterPattern="",
        destinationArn=arn_of(lambdas, function),
    )
    now = int(time.time() * 1000)
    lines = [{"timestamp": now, "message": message} for message in ("first", "second")]
    event = next_event(lambda: client.put_log_events(**where, logEvents=lines))
    check(logs=json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"]))))


def test_events_of_cognito_are_as_documented(lambdas, function, next_event):
    client, arn = lambdas.boto("cognito-idp"), arn_of(lambdas, function)
    hooks = {"PreSignUp": arn, "PreTokenGeneration": arn}
    pool = client.create_user_pool(PoolName="documented", LambdaConfig=hooks)["UserPool"]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    app = client.create_user_pool_client(
        UserPoolId=pool, ClientName="web", ExplicitAuthFlows=flows
    )["UserPoolClient"]["ClientId"]
    ada = {"Username": "ada", "Password": "Correct-h0rse-battery"}
    signed_up = next_event(
        lambda: client.sign_up(
            ClientId=app,
            **ada,
            UserAttributes=[{"Name": "email", "Value": "ada@example.com"}],
            ValidationData=[{"Name": "k1", "Value": "v1"}],
            ClientMetadata={"k2": "v2"},
        )
    )
    client.admin_confirm_sign_up(UserPoolId=pool, Username="ada")
    came_in = next_event(
        lambda: client.initiate_auth(
            ClientId=app,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ada", "PASSWORD": ada["Password"]},
            ClientMetadata={"k2": "v2"},
        )
    )
    check(cognito_sign_up=signed_up, cognito_token=came_in)


def test_events_of_api_gateway_are_as_documented(lambdas, function):
    query = "?category=electronics&category=books&plus=test+alias@gmail.com"
    rest, one, two = (
        rest_api(lambdas, function),
        http_api(lambdas, function, "1.0"),
        http_api(lambdas, function, "2.0"),
    )
    common = [
        ("user-Agent", "python-requests/testing"),
        ("aUThorization", "Bearer token123;API key456"),
        ("Content-Type", "application/json;charset=utf-8"),
        ("Accept", "*/*"),
    ]
    body = b'{"message": "hello world"}'

    def event(url, path, *headers):
        answer = ask(url, "POST", [*common, *headers], body, path)
        assert answer.status == 200, answer
        return json.loads(answer.body)

    mixed = [("tEsT-HEADeR", "one"), ("tEsT-HEADeR", "two")]
    lower = [("Test-Header", "one"), ("test-header", "two"), ("Cookie", "k1=v1; k2=v2")]
    item = "/items/%E2%98%95%20Coffee" + query
    events = {
        "rest": event(rest, "/test-path/api/user/test%2Balias@gmail.com/" + query, *mixed),
        "http-1.0": event(one, item, *lower),
        "http-2.0": event(two, item, *lower),
        "http-2.0-stage": json.loads(
            ask(two, headers=[("Accept-Encoding", "identity")], path="/dev/").body
        ),
    }
    check(**events)


def test_events_of_websockets_are_as_documented(lambdas, function, next_event):
    api = websocket_api(lambdas, arn_of(lambdas, function))
    said = DOCUMENTED["websocket-message"]["body"]
    opened = []

    def connect():
        opened.append(websocket.create_connection(api, timeout=60, suppress_origin=True))

    came_in = {
        "websocket_connect": next_event(connect),
        "websocket_message": next_event(lambda: opened[0].send(said)),
        "websocket_disconnect": next_event(  # a close frame without a status
            lambda: opened[0].send(b"", websocket.ABNF.OPCODE_CLOSE)
        ),
    }
    opened[0].shutdown()
    check(**came_in)


def test_the_event_of_a_function_url_is_as_documented(lambdas, function):
    url = lambdas.client.create_function_url_config(FunctionName=function, AuthType="NONE")
    open_to_all(lambdas.client, function)
    headers = [("Content-Type", "text/plain"), ("Header1", "value1"), ("User-Agent", "agent")]
    headers += [("Header2", "value1"), ("Header2", "value2"), ("Cookie", "cookie1; cookie2")]
    path = "my/path?" + DOCUMENTED["function-url"]["rawQueryString"]
    answer = ask(url["FunctionUrl"], "POST", headers, b"Hello from client!", path)
    check(function_url=json.loads(answer.body))


def test_events_of_queues_and_streams_are_as_documented(lambdas, function, next_event):
    sqs, kinesis, tables = (lambdas.boto(name) for name in ("sqs", "kinesis", "dynamodb"))
    queue = sqs.create_queue(QueueName="documented")["QueueUrl"]
    kinesis.create_stream(StreamName="documented", ShardCount=1)
    table = tables.create_table(
        TableName="documented",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )["TableDescription"]
    arns = {"arn:aws:sqs:eu-west-1:000000000000:documented": {}} | {
        arn: {"StartingPosition": "TRIM_HORIZON"}
        for arn in (
            "arn:aws:kinesis:eu-west-1:000000000000:stream/documented",
            table["LatestStreamArn"],
        )
    }
    for arn, more in arns.items():
        lambdas.client.create_event_source_mapping(
            FunctionName=function, EventSourceArn=arn, **more
        )
    attributes = {"myAttribute": {"DataType": "String", "StringValue": "myValue"}}
    item = DOCUMENTED["dynamodb"]["Records"][0]["dynamodb"]["NewImage"]
    check(
        sqs=next_event(
            lambda: sqs.send_message(
                QueueUrl=queue, MessageBody="Test message.", MessageAttributes=attributes
            )
        ),
        kinesis=next_event(
            lambda: kinesis.put_record(
                StreamName="documented", Data=b"Hello, this is a test.", PartitionKey="1"
            )
        ),
        dynamodb=next_event(lambda: tables.put_item(TableName="documented", Item=item)),
    )
