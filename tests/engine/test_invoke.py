"""The Invoke operation: payloads, qualifiers, kinds, as boto3 sees them."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from lambdadeck import functions
from lambdadeck.engine.execution.errors import ASYNC_REQUEST_LIMIT, REQUEST_LIMIT
from tests.support.cases import each
from tests.support.lambdas import zipped

ECHO = "def handler(event, context): return event"


def test_any_json_goes_in_and_comes_out(lambdas):
    name = lambdas.make(ECHO)
    for event in (None, True, 0, -1.5, "", "né 🐑", [], {}, {"a": [{"b": None}]}, "x" * 100_000):
        assert lambdas.call(name, event).payload == event


def test_no_payload_is_an_empty_object(lambdas):
    assert json.load(lambdas.client.invoke(FunctionName=lambdas.make(ECHO))["Payload"]) == {}


@each("payload", [b"not json", b"{", b"'x'", b"\xff\xfe", b"{}{}"])
def test_what_is_no_json_is_refused(lambdas, payload):
    with pytest.raises(ClientError) as refused:
        lambdas.client.invoke(FunctionName=lambdas.make(ECHO), Payload=payload)
    assert refused.value.response["Error"]["Code"] == "InvalidRequestContentException"
    assert "Could not parse request body into json" in refused.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("kind", "limit"), [("RequestResponse", REQUEST_LIMIT), ("Event", ASYNC_REQUEST_LIMIT)]
)
def test_a_payload_over_the_limit_is_refused_and_one_at_it_is_not(lambdas, kind, limit):
    name = lambdas.make(
        "def handler(event, context): return len(event)", MemorySize=1769, Timeout=30
    )
    at = b'"' + b"x" * (limit - 2) + b'"'
    assert lambdas.client.invoke(FunctionName=name, InvocationType=kind, Payload=at)[
        "StatusCode"
    ] in (200, 202)
    with pytest.raises(ClientError) as refused:
        lambdas.client.invoke(FunctionName=name, InvocationType=kind, Payload=at + b" ")
    assert refused.value.response["Error"]["Code"] == "RequestTooLargeException"
    assert str(limit) in refused.value.response["Error"]["Message"]


def test_a_function_that_is_not_there_is_named(lambdas):
    with pytest.raises(ClientError) as refused:
        lambdas.client.invoke(FunctionName="nobody")
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert refused.value.response["Error"]["Message"].endswith("function:nobody:$LATEST")


def test_a_dry_run_runs_nothing(lambdas):
    name = lambdas.make(ECHO)
    assert lambdas.client.invoke(FunctionName=name, InvocationType="DryRun")["StatusCode"] == 204
    with pytest.raises(ClientError):
        lambdas.streams(name)


def test_an_unknown_kind_is_refused(lambdas):
    client = lambdas.boto("lambda", parameter_validation=False)
    with pytest.raises(
        ClientError, match=r"'invocationType' .* \[Event, RequestResponse, DryRun\]"
    ):
        client.invoke(FunctionName=lambdas.make(ECHO), InvocationType="Sometimes")


def test_the_name_may_be_a_name_a_partial_or_a_whole_arn_with_a_qualifier(lambdas):
    name = lambdas.make(ECHO)
    lambdas.client.publish_version(FunctionName=name)
    arn = f"arn:aws:lambda:eu-west-1:000000000000:function:{name}"
    for given in (
        name,
        f"000000000000:function:{name}",
        arn,
        f"{arn}:1",
        f"{name}:1",
        f"{name}:$LATEST",
    ):
        answer = lambdas.client.invoke(FunctionName=given, Payload=b"1")
        assert answer["Payload"].read() == b"1"
        assert answer["ExecutedVersion"] == ("1" if given.endswith(":1") else "$LATEST")


def test_a_version_keeps_its_code_and_an_alias_points(lambdas):
    name = lambdas.make("def handler(event, context): return 'one'")
    lambdas.client.publish_version(FunctionName=name)
    lambdas.client.update_function_code(
        FunctionName=name, ZipFile=zipped({"app.py": "def handler(e, c): return 'two'"})
    )
    functions.wait(lambdas.client, "function_updated_v2", FunctionName=name)
    lambdas.client.publish_version(FunctionName=name)
    lambdas.client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    assert lambdas.call(name).payload == "two"
    assert [lambdas.call(name, Qualifier=q).payload for q in ("1", "2", "live")] == [
        "one",
        "two",
        "one",
    ]
    lambdas.client.update_alias(FunctionName=name, Name="live", FunctionVersion="2")
    assert lambdas.call(name, Qualifier="live").payload == "two"
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        lambdas.call(name, Qualifier="3")


def test_a_weighted_alias_shares_out_the_calls(lambdas):
    name = lambdas.make("import os\ndef handler(event, context): return context.function_version")
    lambdas.client.publish_version(FunctionName=name)
    lambdas.client.update_function_configuration(FunctionName=name, Description="two")
    functions.wait(lambdas.client, "function_updated_v2", FunctionName=name)
    lambdas.client.update_function_code(
        FunctionName=name,
        ZipFile=zipped(
            {"app.py": "def handler(event, context): return context.function_version\n"}
        ),
    )
    functions.wait(lambdas.client, "function_updated_v2", FunctionName=name)
    lambdas.client.publish_version(FunctionName=name)
    lambdas.client.create_alias(
        FunctionName=name,
        Name="live",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}},
    )
    answers = [lambdas.client.invoke(FunctionName=name, Qualifier="live") for _ in range(100)]
    versions = [json.load(answer["Payload"]) for answer in answers]
    assert versions == [answer["ExecutedVersion"] for answer in answers]
    assert 20 <= versions.count("2") <= 80  # a fair coin misses this once in a billion runs


def test_the_client_context_reaches_the_function_and_cannot_forge_headers(lambdas):
    name = lambdas.make(
        "def handler(event, context):"
        " return context.client_context and context.client_context.custom"
    )
    good = base64.b64encode(
        json.dumps({"custom": {"a": "b\r\nLambda-Runtime-Aws-Request-Id: forged"}}).encode()
    ).decode()
    assert lambdas.call(name, ClientContext=good).payload == {
        "a": "b\r\nLambda-Runtime-Aws-Request-Id: forged"
    }


def test_the_tail_is_there_only_when_asked_for(lambdas):
    assert "LogResult" not in lambdas.client.invoke(FunctionName=lambdas.make(ECHO))


def test_layers_bring_modules(lambdas):
    layer = lambdas.client.publish_layer_version(
        LayerName="greeting",
        Content={"ZipFile": zipped({"python/greeting.py": "WORDS = 'from the layer'"})},
    )["LayerVersionArn"]
    name = lambdas.make(
        "import greeting\ndef handler(event, context): return greeting.WORDS", Layers=[layer]
    )
    assert lambdas.call(name).payload == "from the layer"


def test_of_two_layers_the_later_stands_and_both_are_at_opt(lambdas):
    arns = [
        lambdas.client.publish_layer_version(
            LayerName=f"merged-{number}", Content={"ZipFile": zipped(files)}
        )["LayerVersionArn"]
        for number, files in enumerate(
            (
                {"python/a.py": "A = 1", "python/both.py": "B = 1", "top.py": ""},
                {"python/both.py": "B = 2", "python/lib/python3.13/site-packages/deep.py": "C = 3"},
            )
        )
    ]
    name = lambdas.make(
        """
        import a, both, deep, os, sys
        def handler(event, context):
            try:
                import top
            except ImportError:
                found = [a.A, both.B, deep.C]
            sandboxed = __file__.startswith("/var/task")
            seen = "/opt" if sandboxed else a.__file__.removesuffix("/python/a.py")
            return [found, sorted(os.listdir(f"{seen}/python")), f"{seen}/python" in sys.path]
        """,
        Layers=arns,
    )
    assert lambdas.call(name).payload == [[1, 2, 3], ["a.py", "both.py", "lib"], True]


def test_layers_that_cannot_be_merged_are_said_to_be_so(lambdas):
    arns = [
        lambdas.client.publish_layer_version(
            LayerName=f"clash-{number}", Content={"ZipFile": zipped(files)}
        )["LayerVersionArn"]
        for number, files in enumerate(({"python": "a file"}, {"python/a.py": "A = 1"}))
    ]
    with pytest.raises(ClientError, match=r"InvalidZipFileException.*layers cannot be merged"):
        lambdas.call(lambdas.make(ECHO, Layers=arns))


@each(
    ("bucket", "key", "words"),
    [
        ("code", "evil.zip", "outside the function's folder"),
        ("code", "missing.zip", "S3 Error Code: NoSuchKey"),
        ("no-such-bucket", "evil.zip", "S3 Error Code: NoSuchBucket"),
    ],
)
def test_code_from_s3_is_checked_when_the_function_is_made(lambdas, bucket, key, words):
    s3 = lambdas.boto("s3")
    own = f"code-{key.removesuffix('.zip')}-{len(bucket)}"
    s3.create_bucket(Bucket=own, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=own, Key="evil.zip", Body=zipped({"../x": "y"}))
    bucket = own if bucket == "code" else bucket
    with pytest.raises(ClientError, match=words):
        lambdas.client.create_function(
            FunctionName="evil",
            Runtime="python3.13",
            Handler="app.handler",
            Role="arn:aws:iam::000000000000:role/r",
            Code={"S3Bucket": bucket, "S3Key": key},
        )


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("def handler(event, context):\n    print('said')\n    return 1", None),
        ("def handler(event, context):\n    print('said')\n    1 / 0", "Unhandled"),
        (
            "import os\ndef handler(event, context):\n"
            "    print('said', flush=True)\n    os._exit(1)",
            "Unhandled",
        ),
        (
            "import time\ndef handler(event, context):\n"
            "    print('said', flush=True)\n    time.sleep(9)",
            "Unhandled",
        ),
    ],
    ids=["answers", "raises", "exits", "times out"],
)
def test_an_answer_that_waits_for_no_log_finds_log_and_metrics_complete_all_the_same(
    lambdas, source, error
):
    name = lambdas.make(source, Timeout=1 if "sleep" in source else 30)
    assert lambdas.client.invoke(FunctionName=name).get("FunctionError") == error
    kinds = [line.split(" ")[0] for line in lambdas.log(name)]
    assert [kind for kind in kinds if kind in ("START", "said", "END", "REPORT")] == [
        "START",
        "said",
        "END",
        "REPORT",
    ]
    assert _invocations(lambdas, name) == 1


def _invocations(lambdas, name):
    now = datetime.now(UTC)
    asked = {
        "Namespace": "AWS/Lambda",
        "MetricName": "Invocations",
        "Dimensions": [{"Name": "FunctionName", "Value": name}],
    }
    points = lambdas.boto("cloudwatch").get_metric_statistics(
        **asked,
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=5),
        Period=3600,
        Statistics=["Sum"],
    )
    return sum(point["Sum"] for point in points["Datapoints"])
