"""What is made on AWS is tagged and recorded, before the call and after its answer."""

import json
import multiprocessing
import stat
from dataclasses import replace

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError

from lambdadeck import functions, triggers
from lambdadeck.aws import ledger, resources, role
from lambdadeck.aws.ledger import Entry
from tests.support.plain_boto3 import pointed_at

ACCOUNT = "000000000000"


@pytest.fixture
def watched(lambdas, tmp_path, monkeypatch):
    """Plain boto3, watched, with a record of its own."""
    monkeypatch.setenv("LAMBDADECK_STATE", str(tmp_path / "state"))
    with pointed_at(lambdas.engine):
        boto3.setup_default_session()
        ledger.watch(boto3.DEFAULT_SESSION, ACCOUNT)
        yield ledger.path_of(ACCOUNT, "eu-west-1")


def steps(path, kind):
    return [(entry.step, entry.name) for entry in ledger.entries(path) if entry.kind == kind]


def test_every_resource_of_every_trigger_is_recorded_before_and_after_it_is_made(watched):
    arrivals = triggers.fire_all()
    assert {arrival.how for arrival in arrivals} == {"FIRED", "REPLAYED"}
    lines = ledger.entries(watched)
    assert {line.kind for line in lines} == {kind.name for kind in resources.KINDS} - {"role"}
    assert all([line.step for line in call] == ["asked", "made"] for call in ledger.calls(lines))


def test_the_record_is_for_the_users_eyes_only(watched):
    functions.remove("greet")
    functions.deploy("greet")
    assert (
        stat.S_IMODE(watched.stat().st_mode) == 0o600
        and stat.S_IMODE(watched.parent.stat().st_mode) == 0o700
    )


def test_watching_twice_records_once(watched):
    ledger.watch(boto3.DEFAULT_SESSION, ACCOUNT)
    boto3.client("sqs").create_queue(QueueName="watched-twice")
    assert steps(watched, "queue") == [("asked", "watched-twice"), ("made", "watched-twice")]


def test_a_client_that_is_made_before_connect_is_not_watched_and_one_made_long_after_is(watched):
    late = boto3.client("sns", region_name="us-east-1")
    late.create_topic(Name="elsewhere")
    assert steps(ledger.path_of(ACCOUNT, "us-east-1"), "topic")[1] == ("made", "elsewhere")
    assert ledger.regions_of(ACCOUNT) == ["us-east-1"]


def test_what_names_no_region_is_recorded_beside_the_regions(watched):
    boto3.client("iam").create_role(RoleName="recorded-role", AssumeRolePolicyDocument="{}")
    assert steps(ledger.path_of(ACCOUNT, ledger.GLOBAL), "role") == [
        ("asked", "recorded-role"),
        ("made", "recorded-role"),
    ]
    assert ledger.GLOBAL not in ledger.regions_of(ACCOUNT)


def test_a_call_that_made_nothing_is_taken_back(watched):
    client = boto3.client("logs")
    client.create_log_group(logGroupName="/there/already")
    with pytest.raises(ClientError, match="ResourceAlreadyExists"):
        client.create_log_group(logGroupName="/there/already")
    assert [step for step, _ in steps(watched, "log group")] == [
        "asked",
        "made",
        "asked",
        "refused",
    ]


def test_a_call_whose_answer_is_lost_stays_asked(watched):
    client = boto3.client("sqs", config=Config(retries={"max_attempts": 0}))

    def cut(request, **_):
        raise ConnectionClosedError(endpoint_url=request.url)

    client.meta.events.register("before-send", cut)
    with pytest.raises((ConnectionClosedError, EndpointConnectionError)):
        client.create_queue(QueueName="answer-lost")
    assert steps(watched, "queue") == [("asked", "answer-lost")]


def test_a_mistyped_call_is_not_recorded(watched):
    with pytest.raises(Exception, match="Missing required parameter"):
        boto3.client("dynamodb").create_table(BillingMode="PAY_PER_REQUEST")
    assert ledger.entries(watched) == []


def test_what_cannot_be_recorded_is_not_made(watched):
    watched.parent.mkdir()
    watched.mkdir()  # where the file should be
    with pytest.raises(ledger.RecordError, match=r"cannot be written .* nothing was made"):
        boto3.client("sqs").create_queue(QueueName="unrecorded")
    assert "unrecorded" not in str(boto3.client("sqs").list_queues())


def test_a_resource_that_the_project_does_not_know_is_recorded_too(watched):
    boto3.client("stepfunctions").create_activity(name="unheard-of")
    assert steps(watched, "stepfunctions CreateActivity")[-1] == ("made", "unheard-of")


def test_the_tags_of_a_user_stay_beside_ours(watched):
    client = boto3.client("lambda")
    code = {"ZipFile": functions.pack(functions.FUNCTIONS / "greet")}
    arn = client.create_function(
        FunctionName="tagged-by-user",
        Role=role.LOCAL,
        Runtime="python3.13",
        Code=code,
        Handler="app.handler",
        Tags={"team": "stage", "made-by": "somebody"},
    )["FunctionArn"]
    assert client.list_tags(Resource=arn)["Tags"] == {"team": "stage", **ledger.tags()}


def test_botocore_knows_the_parameters_of_each_kind():
    session = boto3.Session()._session
    for kind in resources.KINDS:
        if kind.tags:
            model = session.get_service_model(kind.service).operation_model(kind.create)
            assert kind.named in model.input_shape.members, kind
            params = {}
            resources.tag(params, kind, model.input_shape.members[kind.tags], ledger.tags())
            assert ledger.MADE_BY[1] in str(params), kind


def test_a_bucket_is_tagged_right_after_it_is_made(watched):
    client = boto3.client("s3")
    client.create_bucket(
        Bucket="tagged-right-after", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    tags = {
        tag["Key"]: tag["Value"]
        for tag in client.get_bucket_tagging(Bucket="tagged-right-after")["TagSet"]
    }
    assert tags == ledger.tags()


def test_a_bucket_that_was_there_before_is_neither_tagged_nor_recorded(watched, lambdas):
    lambdas.boto("s3").create_bucket(
        Bucket="a-strangers", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    client = boto3.client("s3", region_name="us-east-1")
    with pytest.MonkeyPatch.context() as patch:  # us-east-1 answers 200, as AWS documents
        patch.setattr(
            "botocore.client.BaseClient._make_request", lambda *_: (_Answer(), {}), raising=True
        )
        patch.setattr(ledger._LedgerHooks, "_exists", lambda *_: True)
        client.create_bucket(Bucket="a-strangers")
    assert ledger.entries(ledger.path_of(ACCOUNT, "us-east-1")) == []


class _Answer:
    status_code = 200


def test_a_topic_of_an_earlier_start_can_be_made_again(watched, monkeypatch):
    client = boto3.client("sns")
    for start in ("20260101T000000Z", "20260202T000000Z"):
        monkeypatch.setenv("LAMBDADECK_RUN", start)
        arn = client.create_topic(Name="twice")["TopicArn"]
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == [
        {"Key": "made-by", "Value": "lambda-live"}
    ]


def entry(step="asked", name="x", call="1"):
    return Entry(step, "queue", name, call, 0.0, "20260101T000000Z")


def write_many(path, who):
    for number in range(50):
        ledger.append(path, entry(name="x" * 2000, call=f"{who}-{number}"))


def test_many_writers_at_once_never_mix_their_lines(tmp_path):
    path = tmp_path / "made.jsonl"
    writers = [
        multiprocessing.get_context("spawn").Process(target=write_many, args=(path, who))
        for who in range(3)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(line.call for line in ledger.entries(path)) == sorted(
        f"{who}-{n}" for who in range(3) for n in range(50)
    )


def test_a_line_that_a_full_disk_cut_is_seen_and_the_next_one_is_whole(tmp_path):
    path = tmp_path / "made.jsonl"
    ledger.append(path, entry(name="first"))
    whole = path.read_text()
    path.write_text(whole + whole[:30])
    ledger.append(path, entry(name="last"))
    assert [line.name for line in ledger.entries(path)] == ["first", "", "last"]
    assert [line.step for line in ledger.entries(path)] == ["asked", "unreadable", "asked"]


def test_a_record_is_emptied_only_when_all_in_it_is_gone(tmp_path):
    path = tmp_path / "made.jsonl"
    ledger.append(path, entry())
    ledger.clear(path, lambda lines: False)
    assert ledger.entries(path) == [entry()]
    ledger.clear(path, lambda lines: lines == [entry()])
    assert ledger.entries(path) == [] and path.exists()


def test_accounts_that_end_alike_have_records_of_their_own(monkeypatch, tmp_path):
    monkeypatch.setenv("LAMBDADECK_STATE", str(tmp_path))
    one, other = (
        ledger.path_of("111111114321", "eu-west-1"),
        ledger.path_of("222222224321", "eu-west-1"),
    )
    assert one != other and "4321" in one.name and "1111" not in one.name


def test_each_line_is_json_without_secrets(watched):
    functions.remove("greet")
    functions.deploy("greet", environment={"PASSWORD": "hunter2hunter2"})
    text = watched.read_text()
    assert "hunter2" not in text and [json.loads(line) for line in text.splitlines()]
    assert replace(ledger.entries(watched)[0], step="made").kind == "function"
