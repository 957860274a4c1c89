"""Every trigger of the deck is wired, fired and undone: alone, all together, in another region."""

import json
import subprocess
import sys
from urllib.error import HTTPError

import boto3
import pytest

from lambdadeck import functions, triggers
from lambdadeck.triggers import documented_events, recorder
from lambdadeck.triggers.base import trigger
from lambdadeck.triggers.cleanup import NotRemovedError
from tests.support.plain_boto3 import inventory, pointed_at

THIRTEEN = {
    "API Gateway",
    "IoT",
    "Alexa",
    "CloudFront",
    "CloudWatch Logs",
    "EventBridge",
    "CodeCommit",
    "Cognito",
    "DynamoDB",
    "Kinesis",
    "S3",
    "SNS",
    "SDK",
    "API",
}  # (CloudWatch, one name in 2017, is two)
SINCE = {"SQS", "Function URL"}
REPLAYED = {"Alexa", "CloudFront", "CodeCommit"}

# What AWS documents of each event: dotted path and value; None stands for anything.
EVENTS = {
    "API Gateway": {
        "version": "2.0",
        "routeKey": "GET /hello",
        "requestContext.http.method": "GET",
    },
    "IoT": {"clickType": "SINGLE"},
    "Alexa": {"request.type": "IntentRequest", "session.application.applicationId": None},
    "CloudFront": {
        "Records.0.cf.config.eventType": "viewer-request",
        "Records.0.cf.request.method": "GET",
    },
    "CloudWatch Logs": {"awslogs.data": None},
    "EventBridge": {
        "version": "0",
        "detail-type": "Order placed",
        "region": "eu-west-1",
        "resources": [],
    },
    "CodeCommit": {
        "Records.0.eventSource": "aws:codecommit",
        "Records.0.codecommit.references.0.ref": "refs/heads/main",
    },
    "Cognito": {
        "triggerSource": "PreSignUp_SignUp",
        "region": "eu-west-1",
        "response.autoConfirmUser": False,
    },
    "DynamoDB": {"Records.0.eventSource": "aws:dynamodb", "Records.0.eventName": "INSERT"},
    "Kinesis": {"Records.0.eventSource": "aws:kinesis", "Records.0.kinesis.data": "SGVsbG8h"},
    "S3": {
        "Records.0.eventSource": "aws:s3",
        "Records.0.eventName": "ObjectCreated:Put",
        "Records.0.s3.object.size": 14,
    },
    "SNS": {
        "Records.0.EventSource": "aws:sns",
        "Records.0.Sns.Message": "Hello!",
        "Records.0.Sns.Type": "Notification",
    },
    "SDK": {"name": "Ada"},
    "API": {"name": "Ada"},
    "SQS": {
        "Records.0.eventSource": "aws:sqs",
        "Records.0.attributes.ApproximateReceiveCount": "1",
    },
    "Function URL": {"version": "2.0", "rawPath": "/hello", "requestContext.http.method": "GET"},
}

# Principals that need permission; the other triggers use the caller's keys or Lambda's pollers.
PRINCIPALS = {
    "API Gateway": "apigateway.amazonaws.com",
    "IoT": "iot.amazonaws.com",
    "CloudWatch Logs": "logs.amazonaws.com",
    "EventBridge": "events.amazonaws.com",
    "Cognito": "cognito-idp.amazonaws.com",
    "S3": "s3.amazonaws.com",
    "SNS": "sns.amazonaws.com",
    "Function URL": "*",
}

every_trigger = pytest.mark.parametrize("one", triggers.ALL, ids=lambda one: one.name)


@pytest.fixture(scope="module", autouse=True)
def region_of_the_deck(lambdas):
    with pointed_at(lambdas.engine):
        yield


@pytest.fixture(scope="module")
def arrivals(region_of_the_deck):
    return triggers.fire_all(limit_s=30)


@pytest.fixture(scope="module")
def function(region_of_the_deck):
    with recorder.deployed() as deployed:
        yield deployed


def at(event, path):
    for step in path.split("."):
        event = event[int(step)] if step.isdigit() else event[step]
    return event


def test_the_thirteen_of_2017_are_there_and_the_two_since():
    assert {one.name for one in triggers.ALL} == THIRTEEN | SINCE


def test_the_event_that_arrives_is_the_documented_one(arrivals):
    assert [arrival.trigger for arrival in arrivals] == [one.name for one in triggers.ALL]
    wrong = [(arrival.trigger, arrival.error) for arrival in arrivals if arrival.error]
    for arrival in (arrival for arrival in arrivals if not arrival.error):
        for path, value in EVENTS[arrival.trigger].items():
            if value not in (None, at(arrival.event, path)):
                wrong.append((arrival.trigger, path, value))
        if not 0 < arrival.ms < 30_000:
            wrong.append((arrival.trigger, arrival.ms))
        if not arrival.fields or any(value in (None, "") for value in arrival.fields.values()):
            wrong.append((arrival.trigger, arrival.fields))
    assert wrong == []


@every_trigger
def test_a_trigger_fires_again_and_alone(one, arrivals):
    first, second = next(arrival for arrival in arrivals if arrival.trigger == one.name), one()
    assert first.event != second.event
    assert first.seen == second.seen  # the same fields, without what marks one event from another


@every_trigger
def test_a_principal_may_invoke_for_this_source_alone(one, function):
    with one.wired(function):
        statements = policy(function)
        services = {
            at(item, "Principal") if item["Principal"] == "*" else at(item, "Principal.Service")
            for item in statements
        }
        assert services == ({PRINCIPALS[one.name]} if one.name in PRINCIPALS else set())
        assert all(item["Resource"] == function.arn and item["Condition"] for item in statements)
    assert policy(function) == []


def policy(function):
    client = boto3.client("lambda")
    try:
        return json.loads(client.get_policy(FunctionName=function.name)["Policy"])["Statement"]
    except client.exceptions.ResourceNotFoundException:
        return []


def test_a_function_url_needs_both_permissions(function):
    with triggers.function_url.wired(function):
        actions = {item["Action"] for item in policy(function)}
    assert actions == {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}


def test_only_what_cannot_be_fired_here_is_replayed_and_says_so(arrivals):
    assert {arrival.trigger for arrival in arrivals if arrival.replayed} == REPLAYED
    for arrival in arrivals:
        how = "REPLAYED" if arrival.trigger in REPLAYED else "FIRED"
        assert arrival.how == how and str(arrival).startswith(f"{how}. ")
    shown = triggers.table(arrivals)
    assert (
        str(shown).count("REPLAYED") == shown._repr_html_().count("REPLAYED") == len(REPLAYED) + 1
    )  # and the caption


def test_a_replayed_event_names_its_source_and_the_day_it_was_read():
    wrong = []
    for name in sorted(name.lower() for name in REPLAYED):
        source = documented_events.source(name)
        if not any(maker in source for maker in ("Amazon", "AWS", "Alexa")):
            wrong.append((name, source))
        if "read 2026-" not in source:
            wrong.append((name, source))
        if documented_events.event(name, "one") == documented_events.event(name, "two"):
            wrong.append((name, "the mark changes nothing"))
        if "MARK" in json.dumps(documented_events.event(name)):
            wrong.append((name, "MARK"))
    assert wrong == []


def test_an_unknown_documented_event_is_answered_with_those_that_there_are():
    with pytest.raises(
        FileNotFoundError, match=r"no documented event 'fridge'.*alexa, cloudfront, codecommit"
    ):
        documented_events.event("fridge")


def test_each_caller_gets_the_answer_that_it_expects(arrivals):
    answers = {arrival.trigger: arrival.answer for arrival in arrivals}
    assert answers["API Gateway"][0] == answers["Function URL"][0] == 200
    assert answers["API Gateway"][1].startswith("Seen: /hello?name=Ada")
    assert answers["Cognito"]["UserConfirmed"] is False and answers["Cognito"]["UserSub"]
    assert answers["CloudFront"]["uri"] == "/slides"
    assert answers["Alexa"]["response"]["outputSpeech"]["text"] == "Seen."
    assert answers["SDK"] == answers["API"] == {"seen": True}


def test_nothing_is_left_behind(region_of_the_deck):
    before = inventory()
    triggers.fire_all()
    assert inventory() == before


def test_one_that_fails_is_undone_and_says_so_and_the_others_go_on():
    @trigger("Broken wiring", "did nothing")
    def half_wired(wiring):
        topic = boto3.client("sns").create_topic(Name=wiring.name)["TopicArn"]
        wiring.undo(boto3.client("sns").delete_topic, TopicArn=topic)
        boto3.client("sns").subscribe(
            TopicArn="arn:aws:sns:eu-west-1:000000000000:nowhere", Protocol="lambda"
        )

    @trigger("Silence", "did nothing")
    def silent(wiring):
        return lambda mark: None

    before = inventory()
    broken, silence, fine = triggers.fire_all([half_wired, silent, triggers.sns], limit_s=5)
    assert inventory() == before
    assert [broken.how, silence.how, fine.how] == ["FAILED", "FAILED", "FIRED"]
    assert "NotFound" in broken.seen and "no event reached" in silence.seen
    assert "Silence" in str(triggers.table([broken, silence, fine]))


def refused():
    error = {"Code": "Throttling", "Message": "Rate exceeded for AKIAIOSFODNN7ABCDEFG"}
    raise boto3.client("sqs").exceptions.ClientError({"Error": error}, "DeleteQueue")


@trigger("Sticky", "called invoke", "name")
def sticky(wiring):
    topic = boto3.client("sns").create_topic(Name=wiring.name)["TopicArn"]
    wiring.undo(boto3.client("sns").delete_topic, TopicArn=topic)
    wiring.undo(refused)
    return lambda mark: boto3.client("lambda").invoke(
        FunctionName=wiring.function, Payload=json.dumps({"name": mark})
    )


def test_an_undo_that_fails_is_told_and_loses_neither_arrivals_nor_the_other_undos():
    before = inventory()
    arrivals = triggers.fire_all([triggers.sns, sticky, triggers.sqs])
    assert inventory() == before
    assert [one.how for one in arrivals] == ["FIRED", "FIRED", "FIRED"]
    assert [one.warning != "" for one in arrivals] == [False, True, False]
    shown = str(triggers.table(arrivals))
    assert "Not removed after Sticky: " in shown and "DeleteQueue operation: Rate exceeded" in shown
    assert "it ends with the embedded cloud." in shown and "AKIAIOSFODNN7ABCDEFG" not in shown


def test_an_undo_that_fails_alone_is_a_warning_of_the_arrival():
    before = inventory()
    arrival = sticky()
    assert inventory() == before
    assert arrival.how == "FIRED" and "\nWARNING. Not removed after Sticky: " in str(arrival)


def recorders():
    listed = boto3.client("lambda").list_functions()["Functions"]
    return {one["FunctionName"] for one in listed if one["FunctionName"].startswith("lambda-live-")}


def test_a_recorder_that_cannot_be_removed_is_a_warning_too(monkeypatch):
    before = recorders()
    monkeypatch.setattr(functions, "remove", lambda name: refused())
    first, last = triggers.fire_all([triggers.sdk, triggers.api])
    assert first.warning == "" and "Not removed after the recorder: " in last.warning
    assert "Not removed after the recorder: " in triggers.sdk().warning
    monkeypatch.undo()
    left = recorders() - before
    assert len(left) == 2  # of fire_all and of the single trigger
    for name in left:
        functions.remove(name)


def test_in_a_block_an_undo_that_fails_is_an_error_or_a_note_of_the_blocks_own(function):
    with (
        pytest.raises(NotRemovedError, match=r"^Not removed after Sticky: "),
        sticky.wired(function),
    ):
        pass
    with pytest.raises(KeyError) as caught, sticky.wired(function):
        raise KeyError("own")
    assert caught.value.__notes__[0].startswith("Not removed after Sticky: ")


def test_a_wiring_that_fails_says_what_it_left_behind():
    @trigger("Half", "did nothing")
    def half(wiring):
        wiring.undo(refused)
        raise OSError("no wire")

    (arrival,) = triggers.fire_all([half])
    assert arrival.error == "OSError: no wire" and "Not removed after Half: " in arrival.warning


def test_silence_alone_is_an_error_with_a_sentence(function):
    @trigger("Silence", "did nothing")
    def silent(wiring):
        return lambda mark: None

    with (
        silent.wired(function) as fire,
        pytest.raises(TimeoutError, match=r"Silence: no event reached .* within 0\.2 s"),
    ):
        silent.fired(fire, function, limit_s=0.2)


def test_an_address_that_does_not_answer_yet_is_tried_again(function, monkeypatch):
    monkeypatch.setattr("lambdadeck.triggers.base._RETRY_S", 0.1)
    asked = []

    @trigger("Late", "called", "name")
    def late(wiring):
        def fire(mark):
            asked.append(mark)
            if len(asked) < 3:
                raise HTTPError("http://127.0.0.1/", 404, "Not Found", {}, None)
            return boto3.client("lambda").invoke(
                FunctionName=wiring.function, Payload=json.dumps({"name": mark})
            )

        return fire

    with late.wired(function) as fire:
        assert late.fired(fire, function).fields == {"name": "…"}
    assert len(asked) == 3


def test_a_trigger_of_a_lab_takes_four_lines(lambdas):
    cell = "from lambdadeck import cloud, triggers\ncloud.connect()\n"
    cell += "seen = triggers.dynamodb()\nprint(seen)"
    ran = subprocess.run([sys.executable, "-c", cell], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert (
        ran.stdout.startswith("FIRED. DynamoDB: put an item; ")
        and '"eventSource": "aws:dynamodb"' in ran.stdout
    )


@pytest.mark.parametrize("region", ["us-east-1", "ap-southeast-2"])
def test_all_fire_in_another_region(lambdas, region):
    with pointed_at(lambdas.engine, region):
        arrivals = triggers.fire_all()
        assert [arrival.seen for arrival in arrivals if arrival.how == "FAILED"] == []
        by_name = {arrival.trigger: arrival.event for arrival in arrivals}
    assert {
        by_name[name]["Records"][0]["awsRegion"] for name in ("S3", "SQS", "Kinesis", "DynamoDB")
    } == {region}
    assert by_name["EventBridge"]["region"] == by_name["Cognito"]["region"] == region


def test_waiting_for_a_line_that_never_comes_ends_with_a_sentence(function):
    with pytest.raises(TimeoutError, match="No line with 'nothing' came into the log"):
        triggers.wait_for_log(function.name, "nothing", timeout_s=0.1)


def test_a_line_of_another_function_is_no_event_of_a_recorder():
    with pytest.raises(ValueError, match="begins with EVENT, not with 'START'"):
        recorder.event("START RequestId: 1 Version: 2")
