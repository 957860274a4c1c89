"""Teardown finds what the talk left, removes it, proves it, and spares everything else."""

import json
import os
import signal
import subprocess
import sys

import boto3
import pytest
from botocore.config import Config

from lambdadeck import functions, triggers
from lambdadeck.aws import ledger, role
from lambdadeck.aws.ledger import Entry
from lambdadeck.teardown import inventory as teardown_inventory
from lambdadeck.teardown import rounds
from lambdadeck.teardown.evidence import Evidence
from lambdadeck.teardown.inventory import Scope
from lambdadeck.teardown.listings import LISTINGS, Resource
from lambdadeck.triggers import recorder as event_recorder
from lambdadeck.triggers.base import Wiring
from lambdadeck.triggers.cleanup import CleanUp
from tests.support.aws_account import ACCOUNT, aws_account, recorder
from tests.support.plain_boto3 import inventory, pointed_at

REGION = "eu-west-1"
NOTHING = {
    name: []
    for name in (
        "functions",
        "mappings",
        "logs",
        "buckets",
        "tables",
        "streams",
        "topics",
        "subscriptions",
        "queues",
        "rules",
        "topic rules",
        "pools",
        "apis",
    )
}


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    with aws_account(tmp_path_factory.mktemp("home")) as account:
        yield account


@pytest.fixture(scope="module")
def session(account):
    """boto3's default session for all tests: it reads the models of all services once."""
    with pointed_at(account.engine):
        boto3.setup_default_session()
        ledger.watch(boto3.DEFAULT_SESSION, ACCOUNT)
        yield boto3.DEFAULT_SESSION


@pytest.fixture(scope="module")
def plain(session):
    """Make an unwatched session: what it makes is a stranger's."""
    return boto3.Session()


@pytest.fixture(scope="module")
def places(session, plain):
    """Return the scopes of what the talk left, and of all in the account; clients are made once."""
    return Scope(session, ACCOUNT, (REGION,)), Scope(plain, ACCOUNT, (REGION,), everything=True)


@pytest.fixture
def scope(places, tmp_path, monkeypatch):
    """Give the account a record of its own; empty it before and after."""
    monkeypatch.setenv("LAMBDADECK_STATE", str(tmp_path / "state"))
    ours, everything = places
    yield ours
    assert rounds.run(everything, say=print, pause_s=0.1).left == []


def torn_down(scope, **options):
    """Return the result, and what was said on the way."""
    said = []
    outcome = rounds.run(scope, say=said.append, **{"pause_s": 0.01, "settle_s": 0.0, **options})
    return outcome, said


def roles():
    return [item["RoleName"] for item in boto3.client("iam").list_roles()["Roles"]]


def make_all():
    """One of everything, in the middle of a talk that was killed."""
    name = "lambda-live-0123456789ab"
    function = event_recorder.Recorder(
        name, functions.deploy(name, functions.FUNCTIONS / "recorder"), boto3.client("logs")
    )
    for one in triggers.ALL:
        one.wire(Wiring(function, CleanUp(one.name)))  # which never runs
    functions.deploy("greet")
    client = boto3.client("lambda")
    client.publish_version(FunctionName="greet")
    client.create_alias(FunctionName="greet", Name="live", FunctionVersion="1")
    client.create_function_url_config(FunctionName="greet", Qualifier="live", AuthType="NONE")
    functions.invoke("greet")
    fill_bucket(boto3.client("s3"), boto3.client("s3").list_buckets()["Buckets"][0]["Name"])
    make_role()


def fill_bucket(client, bucket):
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for _ in range(2):
        client.put_object(Bucket=bucket, Key="hello.txt", Body=b"Hello")
    client.delete_object(Bucket=bucket, Key="hello.txt")
    client.create_multipart_upload(Bucket=bucket, Key="never-finished")


def make_role():
    client = boto3.client("iam")
    client.create_role(RoleName=role.NAME, AssumeRolePolicyDocument=json.dumps(role.trust()))
    allowed = {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    client.put_role_policy(RoleName=role.NAME, PolicyName="inline", PolicyDocument=policy)
    client.attach_role_policy(
        RoleName=role.NAME,
        PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    )


def test_all_that_a_killed_talk_left_is_listed_removed_and_gone(scope):
    make_all()
    left = rounds.look(scope)
    assert {resource.kind for resource in left.resources} == set(LISTINGS) and left.unseen == []
    outcome, said = torn_down(scope)
    assert inventory() == NOTHING and roles() == []
    assert outcome.left == [] and len(outcome.removed) == len(left.resources) == len(said)
    assert str(outcome) == f"{len(said)} removed; nothing is left."
    assert all(ledger.entries(path) == [] for path in rounds.records(scope))
    assert ACCOUNT not in str(said) and "arn:" not in str(said)
    again, said = torn_down(scope)
    assert str(again) == "nothing is left." and said == []


def test_all_is_found_by_tag_alone_when_the_record_is_lost(scope):
    make_all()
    stream = boto3.client("kinesis").list_streams()["StreamNames"][0]
    boto3.client("kinesis").add_tags_to_stream(
        StreamName=stream, Tags=ledger.tags()
    )  # the engine drops those of create_stream
    for path in rounds.records(scope):
        path.unlink(missing_ok=True)
    outcome, _ = torn_down(scope)
    assert inventory() == NOTHING and roles() == [] and outcome.left == []


@pytest.mark.parametrize("lost", ["made", "nothing"])
def test_all_that_tells_its_age_is_found_by_record_alone_even_if_no_answer_came(
    scope, lost, monkeypatch
):
    """As after a crash between the call and its answer, in a cloud that loses tags."""
    make_all()
    for path in rounds.records(scope):
        kept = (
            [line for line in path.read_text().splitlines() if f'"step": "{lost}"' not in line]
            if path.exists()
            else []
        )
        path.write_text("".join(f"{line}\n" for line in kept))
    monkeypatch.setattr(teardown_inventory, "tags", lambda *_: {})
    kinds = {resource.kind for resource in rounds.look(scope).resources}
    ageless, by_id = {"function", "topic", "rule"}, {"event source mapping"}
    assert kinds == set(LISTINGS) - ageless - (by_id if lost == "made" else set())


def strangers_things(plain):
    """As like ours as can be: neither tagged nor recorded."""
    code = {"ZipFile": functions.pack(functions.FUNCTIONS / "greet")}
    arn = plain.client("lambda").create_function(
        FunctionName="lambda-live-111122223333",
        Role=role.LOCAL,
        Runtime="python3.13",
        Handler="app.handler",
        Code=code,
        Tags={"made-by": "somebody"},
    )["FunctionArn"]
    plain.client("s3").create_bucket(
        Bucket="lambda-live-111122223333", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    queue = plain.client("sqs").create_queue(QueueName="lambda-live-111122223333")["QueueUrl"]
    source = plain.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])[
        "Attributes"
    ]["QueueArn"]
    plain.client("lambda").create_event_source_mapping(FunctionName=arn, EventSourceArn=source)
    plain.client("sns").create_topic(Name="lambda-live-111122223333")
    plain.client("events").put_rule(
        Name="lambda-live-111122223333", ScheduleExpression="rate(1 day)"
    )
    plain.client("logs").create_log_group(logGroupName="/aws/lambda/lambda-live-111122223333")
    plain.client("kinesis").create_stream(StreamName="lambda-live-111122223333", ShardCount=1)
    plain.client("apigatewayv2").create_api(Name="lambda-live", ProtocolType="HTTP")
    plain.client("cognito-idp").create_user_pool(PoolName="lambda-live")
    plain.client("iam").create_role(RoleName="lambda-live-2", AssumeRolePolicyDocument="{}")
    plain.client("dynamodb").create_table(
        TableName="lambda-live",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    plain.client("iot").create_topic_rule(
        ruleName="lambda_live", topicRulePayload={"sql": "SELECT * FROM 'x'", "actions": []}
    )


def test_what_is_neither_tagged_nor_recorded_stays_whatever_its_name(scope, plain):
    strangers_things(plain)
    before, others = inventory(), roles()
    make_all()
    outcome, _ = torn_down(scope)
    assert outcome.left == [] and inventory() == before and roles() == others


def recorded(scope, step, kind, name, at_s, given=""):
    ledger.append(
        ledger.path_of(ACCOUNT, REGION),
        Entry(step, kind, name, f"{kind}{name}{at_s}", at_s, "20260101T000000Z", given),
    )


def test_a_strangers_resource_of_a_recorded_name_that_is_older_or_younger_stays(scope, plain):
    """We made one of that name once; this one is not ours: it was made before or long after."""
    strangers_things(plain)
    before = inventory()
    for kind in ("function", "bucket", "queue", "topic", "rule", "stream", "table"):
        for at_s in (1.0, 4e9):
            recorded(scope, "made", kind, "lambda-live-111122223333", at_s)
    outcome, said = torn_down(scope)
    assert said == [] and inventory() == before and outcome.left == []


def test_a_log_group_that_is_older_than_our_function_is_somebody_elses(scope, monkeypatch):
    functions.deploy("upload")
    functions.invoke("upload")
    (path,) = [path for path in rounds.records(scope) if path.exists()]
    later = [json.loads(line) | {"at_s": 4e9} for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(line) + "\n" for line in later))
    outcome, _ = torn_down(scope)
    assert (
        inventory()["functions"] == []
        and inventory()["logs"] == ["/aws/lambda/upload"]
        and outcome.left == []
    )


def test_the_log_of_a_function_that_is_gone_long_since_is_removed(scope):
    functions.deploy("greet")
    functions.invoke("greet")
    functions.remove("greet")
    assert inventory()["logs"] == ["/aws/lambda/greet"]
    _, said = torn_down(scope)
    assert inventory() == NOTHING and said == [
        "  removed: log group /aws/lambda/greet in eu-west-1"
    ]


def test_every_region_of_the_record_is_looked_in(scope):
    boto3.client("sqs", region_name="us-east-1").create_queue(QueueName="far-away")
    recorded_regions = (REGION, *ledger.regions_of(ACCOUNT))
    outcome, said = torn_down(Scope(boto3.DEFAULT_SESSION, ACCOUNT, recorded_regions))
    assert said == ["  removed: queue far-away in us-east-1"] and outcome.left == []


def test_in_the_embedded_cloud_everything_goes_tagged_or_not(scope, plain):
    strangers_things(plain)
    outcome, _ = torn_down(Scope(plain, ACCOUNT, (REGION,), everything=True))
    assert inventory() == NOTHING and roles() == [] and outcome.left == []


def test_a_kind_that_nothing_knows_how_to_remove_is_named_with_what_to_do(scope):
    boto3.client("stepfunctions").create_activity(name="unheard-of")
    outcome, _ = torn_down(scope)
    (line,) = outcome.left
    assert line.startswith(
        "stepfunctions CreateActivity unheard-of: remove it in the AWS console, then delete "
    )
    assert torn_down(scope)[0].left == [line]  # said until somebody has done it


def test_what_is_recorded_while_the_last_look_is_on_stays_recorded(scope, monkeypatch):
    functions.deploy("greet")
    path, find = ledger.path_of(ACCOUNT, REGION), teardown_inventory.find

    def find_late(*arguments):
        found = find(*arguments)
        if not found.resources:
            recorded(scope, "asked", "queue", "just-now", 4e9)
        return found

    monkeypatch.setattr(teardown_inventory, "find", find_late)
    outcome, _ = torn_down(scope)
    assert outcome.left == [] and "just-now" in [line.name for line in ledger.entries(path)]


def test_a_call_that_was_refused_is_no_evidence():
    lines = [
        Entry("asked", "queue", "q", "1", 100.0, ""),
        Entry("refused", "queue", "q", "1", 101.0, ""),
    ]
    resource = Resource("queue", "http://x/q", "q", "arn", REGION)
    assert not Evidence(lines).names(resource) and not Evidence(lines).proves(resource, 100.0)
    assert Evidence(lines[:1]).proves(resource, 100.0) and not Evidence(lines[:1]).proves(
        resource, None
    )


@pytest.fixture
def between(account, session, scope):
    """Record calls to the account; it can be told what to answer."""
    impatient = Config(retries={"max_attempts": 0})
    with recorder(account.engine.endpoint) as between, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", between.address)
        patch.setattr(
            teardown_inventory, "_PATIENT", impatient
        )  # botocore would wait ever longer; the rounds come again anyway
        between.scope = Scope(session, ACCOUNT, (REGION,))
        yield between


def refusal(code, message, status=400):
    """Return an error as JSON services answer it, in the body or in a header."""
    return (
        status,
        {"x-amzn-errortype": code},
        json.dumps({"__type": code, "message": message}).encode(),
    )


def test_throttling_is_waited_out(between):
    functions.deploy("greet")
    asked = iter(range(4))
    between.answer = lambda call: (
        refusal("TooManyRequestsException", "Rate exceeded", 429)
        if (call.startswith("DELETE /2015-03-31/functions/greet") and next(asked, None) is not None)
        else None
    )
    outcome, _ = torn_down(between.scope)
    assert (
        outcome.left == []
        and inventory() == NOTHING
        and between.calls.count("DELETE /2015-03-31/functions/greet") == 5
    )


def test_what_is_still_in_use_is_tried_again(between):
    boto3.client("sqs").create_queue(QueueName="in-use")
    asked = iter(range(2))
    between.answer = lambda call: (
        refusal("ResourceInUseException", "It is in use")
        if (call == "DeleteQueue" and next(asked, None) is not None)
        else None
    )
    outcome, said = torn_down(between.scope)
    assert (
        outcome.left == []
        and said[1:] == ["  removed: queue in-use in eu-west-1"]
        and said[0].startswith("  waiting: queue in-use in eu-west-1: ")
        and between.calls.count("DeleteQueue") == 3
    )


def test_what_stays_in_use_is_named_when_the_time_is_up(between):
    boto3.client("sqs").create_queue(QueueName="in-use")
    between.answer = lambda call: (
        refusal("ResourceInUseException", "It is in use") if call == "DeleteQueue" else None
    )
    outcome, _ = torn_down(between.scope, limit_s=0.3)
    assert (
        len(outcome.left) == 1
        and outcome.left[0].startswith("queue in-use in eu-west-1: ")
        and "It is in use" in outcome.left[0]
    )
    assert str(outcome) == f"1 left:\n  {outcome.left[0]}"


def denied(action):
    return refusal(
        "AccessDeniedException",
        f"User: arn:aws:iam::{ACCOUNT}:user/ada is not authorized to perform: {action}",
        403,
    )


def test_what_may_not_be_removed_is_named_at_once_and_the_rest_goes(between):
    boto3.client("sqs").create_queue(QueueName="kept")
    functions.deploy("greet")
    between.answer = lambda call: denied("sqs:DeleteQueue") if call == "DeleteQueue" else None
    outcome, _ = torn_down(between.scope, limit_s=60)
    assert outcome.left == [
        "queue kept in eu-west-1: ada may not do sqs:DeleteQueue: ask for a policy that allows it, "
        "or name "
        "another profile with --profile."
    ]
    assert (
        outcome.removed == ["function greet in eu-west-1"]
        and between.calls.count("DeleteQueue") == 1
    )


def test_what_may_not_be_listed_is_no_proof(between):
    between.answer = lambda call: denied("events:ListRules") if call == "ListRules" else None
    outcome, _ = torn_down(between.scope)
    assert len(outcome.left) == 1 and outcome.left[0].startswith(
        "every rule in eu-west-1 (not looked at): ada may not do events:ListRules"
    )


THROTTLED = refusal("ThrottlingException", "Rate exceeded")
BROKEN = 503, {"content-type": "text/html"}, b"<html>busy"
GARBLED = 200, {"content-type": "application/json"}, b"<html>Log in to the hotel's network"


def test_lists_that_fail_keep_nothing_else_from_its_removal(between):
    """What the failing lists hide stays, and is said; a later teardown finds it."""
    make_role()
    boto3.client("events").put_rule(Name="hidden", ScheduleExpression="rate(1 day)")
    boto3.client("sqs").create_queue(QueueName="hidden")
    boto3.client("sns").create_topic(Name="seen")
    hidden = {"ListRules": THROTTLED, "ListQueues": BROKEN, "ListRoles": GARBLED}
    between.answer = hidden.get
    outcome, said = torn_down(between.scope, limit_s=0.5)
    named = [line.partition(" (not looked at)")[0] for line in outcome.left]
    assert named == [f"every {kind} in {REGION}" for kind in ("rule", "queue", "role")], (
        outcome.left
    )
    between.answer = lambda call: None
    left = {name for name, items in inventory().items() if items}
    assert left == {"rules", "queues"} and roles() == [role.NAME]
    assert str(outcome).splitlines()[0] == "1 removed; 3 left:"
    waits = [line.partition(" (not")[0] for line in said if line.startswith("  waiting:")]
    assert waits == [f"  waiting: every {kind} in {REGION}" for kind in ("rule", "queue")]
    assert torn_down(between.scope)[0].left == [] and inventory() == NOTHING and roles() == []


def test_a_list_that_is_throttled_for_a_while_is_waited_for(between):
    make_role()
    asked = iter(range(2))
    between.answer = lambda call: (
        THROTTLED if call == "ListRules" and next(asked, None) is not None else None
    )
    outcome, said = torn_down(between.scope)
    assert outcome.left == [] and [line.split()[0] for line in said] == ["removed:", "waiting:"]


def test_a_log_group_is_kept_while_no_list_tells_whose_its_function_is(between, plain):
    """Ours is gone, and somebody made another of its name: only the list of functions knows."""
    functions.deploy("greet")
    functions.invoke("greet")
    between.answer = lambda call: (
        THROTTLED if call.startswith("GET /2015-03-31/functions") else None
    )
    outcome, _ = torn_down(between.scope, limit_s=0.2)
    assert [line.partition(" (not")[0] for line in outcome.left] == [
        "every function in eu-west-1",
        "log group /aws/lambda/greet in eu-west-1",
    ]
    between.answer = lambda call: None
    assert inventory()["logs"] == ["/aws/lambda/greet"]


def test_a_part_that_may_not_be_removed_keeps_nothing_that_goes_without_it(between):
    functions.deploy("greet")
    make_role()
    body = b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>No</Message></Error>"
    refused = {
        "GET /2021-10-31/functions/greet/urls": denied("lambda:ListFunctionUrlConfigs"),
        "ListAttachedRolePolicies": (403, {"content-type": "text/xml"}, body + b"</ErrorResponse>"),
    }
    between.answer = refused.get
    outcome, _ = torn_down(between.scope)
    assert outcome.removed == ["function greet in eu-west-1"], outcome
    (line,) = outcome.left
    between.answer = lambda call: None
    assert line.startswith("role lambda-live: these credentials may not do ListAttached")
    answer = boto3.client("iam").list_role_policies(RoleName=role.NAME)
    assert answer["PolicyNames"] == []  # the other part is gone


def test_a_connection_that_ends_in_the_middle_ends_in_a_list_of_what_is_left(between):
    for name in ("one", "two"):
        boto3.client("sqs").create_queue(QueueName=name)
    between.answer = lambda call: (0, {}, b"") if call == "DeleteQueue" else None  # no HTTP
    outcome, _ = torn_down(between.scope, limit_s=0.2)
    assert [line.partition(":")[0] for line in outcome.left] == [
        "queue one in eu-west-1",
        "queue two in eu-west-1",
    ]


def test_keys_that_expire_in_the_middle_are_not_waited_for(between):
    boto3.client("sqs").create_queue(QueueName="kept")
    expired = refusal("ExpiredTokenException", "The security token is expired")
    between.answer = lambda call: expired if call in ("DeleteQueue", "ListRules") else None
    outcome, said = torn_down(between.scope, limit_s=60)
    assert len(outcome.left) == 2 and said == []
    assert all("Your AWS log-in has expired" in line for line in outcome.left)


def test_a_strangers_bucket_that_lets_nobody_look_hides_nothing_of_ours(between, plain):
    plain.client("s3").create_bucket(
        Bucket="a-strangers", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    boto3.client("s3").create_bucket(
        Bucket="ours", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    between.answer = lambda call: (
        (403, {"content-type": "text/xml"}, body) if call == "GET /a-strangers" else None
    )
    outcome, said = torn_down(between.scope)
    assert (
        "GET /a-strangers" in between.calls
        and said == ["  removed: bucket ours"]
        and outcome.left == []
    )


def test_what_may_be_ours_and_lets_nobody_look_is_named(between):
    boto3.client("s3").create_bucket(
        Bucket="ours", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    between.answer = lambda call: (
        (403, {"content-type": "text/xml"}, body) if call == "GET /ours" else None
    )
    outcome, _ = torn_down(between.scope)
    assert len(outcome.left) == 1 and outcome.left[0].startswith(
        "bucket ours (not looked at): these credentials may not do GetBucketTagging"
    )


def test_what_was_made_a_moment_ago_stays_on_record_because_lists_may_lag(scope):
    boto3.client("sqs").create_queue(QueueName="just-made")
    outcome, _ = torn_down(scope, settle_s=60.0)
    assert (
        outcome.left == []
        and [line.name for line in ledger.entries(ledger.path_of(ACCOUNT, REGION))]
        == ["just-made"] * 2
    )


def test_in_a_full_account_the_role_is_found_though_the_index_does_not_know_it(scope, monkeypatch):
    make_role()
    for path in rounds.records(scope):
        path.unlink(missing_ok=True)
    monkeypatch.setattr(teardown_inventory, "ASK_EACH", 0)
    assert [str(resource) for resource in rounds.look(scope).resources] == ["role lambda-live"]


def test_without_the_tag_index_each_resource_is_asked(between, monkeypatch):
    monkeypatch.setattr(teardown_inventory, "ASK_EACH", 0)
    functions.deploy("greet")
    (path,) = [path for path in rounds.records(between.scope) if path.exists()]
    path.unlink()
    between.answer = lambda call: denied("tag:GetResources") if call == "GetResources" else None
    assert [str(resource) for resource in rounds.look(between.scope).resources] == [
        "function greet in eu-west-1"
    ]


def test_in_a_full_account_only_what_index_record_or_name_suspect_is_asked(
    between, plain, monkeypatch
):
    plain.client("sqs").create_queue(QueueName="orders")
    plain.client("sqs").create_queue(QueueName="lambda-live-of-a-stranger")
    functions.deploy("greet")
    boto3.client("sqs").create_queue(QueueName="ours")
    monkeypatch.setattr(teardown_inventory, "ASK_EACH", 0)
    between.calls.clear()
    found = {str(resource) for resource in rounds.look(between.scope).resources}
    assert found == {"function greet in eu-west-1", "queue ours in eu-west-1"}
    assert between.calls.count("ListQueueTags") == 2  # not the orders


def test_something_that_goes_away_while_we_look_is_gone(between):
    boto3.client("sqs").create_queue(QueueName="vanishing")
    gone = refusal("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
    between.answer = lambda call: (
        gone if call in ("ListQueueTags", "GetQueueAttributes", "DeleteQueue") else None
    )
    assert rounds.look(between.scope).resources == []


KILLED = """
import boto3, os, signal, sys
from lambdadeck.teardown import rounds
from lambdadeck.teardown import inventory
count = iter(range(int(sys.argv[1])))
def kill(model, **_):
    removes = model.name.startswith(("Delete", "Remove", "Unsubscribe", "Detach"))
    if removes and next(count, None) is None:
        os.kill(os.getpid(), signal.SIGKILL)
session = boto3.Session()
session.events.register(sys.argv[2], kill)
print(rounds.run(inventory.Scope(session, sys.argv[3], ("eu-west-1",)), pause_s=0.01))
"""


@pytest.mark.parametrize(
    ("after", "event"), [(0, "before-call"), (9, "after-call"), (17, "before-call")]
)
def test_killed_in_the_middle_it_goes_on_where_it_stopped(scope, after, event):
    make_all()
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(after), event, ACCOUNT],
        env=os.environ.copy(),
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL
    outcome, _ = torn_down(scope)
    assert outcome.left == [] and inventory() == NOTHING and roles() == []


def test_two_at_once_do_not_trip_over_each_other(scope):
    make_all()
    command = [sys.executable, "-c", KILLED, "1000", "before-call", ACCOUNT]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [one.communicate(timeout=60)[0] for one in both]
    assert [one.returncode for one in both] == [0, 0] and all(
        "nothing is left." in words for words in said
    )
    assert inventory() == NOTHING and roles() == []
