"""What AWS refuses before a function is made or changed."""

import base64
import json
from datetime import date

import pytest
from botocore.exceptions import ClientError

from lambdadeck.engine.control.validation import ValidationError, Validator, read_blocks
from tests.support.cases import each
from tests.support.lambdas import ROLE, zipped

CREATE, CONFIGURE = "/2015-03-31/functions", "/2015-03-31/functions/f/configuration"
BLOCKS = read_blocks()


def create(today="2026-11-23", method="POST", path=CREATE, **stated):
    Validator(BLOCKS, lambda: date.fromisoformat(today)).check(
        method, path, json.dumps(stated).encode()
    )


@each(
    "runtime",
    ["nodejs4.3", "nodejs12.x", "python2.7", "python3.7", "go1.x", "java8", "dotnetcore2.1"],
)
def test_a_runtime_past_its_block_date_is_refused_in_awss_words(runtime):
    with pytest.raises(
        ValidationError, match=f"The runtime parameter of {runtime} is no longer supported"
    ):
        create(Runtime=runtime)


def test_the_clock_decides_not_the_list():
    create("2027-01-31", Runtime="nodejs20.x")
    with pytest.raises(ValidationError):
        create("2027-02-01", Runtime="nodejs20.x")
    create("2016-12-31", Runtime="nodejs4.3")  # the talk of 2017 could still be given


def test_updating_is_blocked_later_than_creating():
    create("2027-02-15", "PUT", CONFIGURE, Runtime="nodejs18.x")
    with pytest.raises(ValidationError):
        create("2027-03-03", "PUT", CONFIGURE, Runtime="nodejs18.x")


def test_a_runtime_without_dates_is_not_known_to_be_blocked():
    create(Runtime="python3.15")


def test_a_runtime_that_is_none_gets_the_list_of_those_that_are():
    with pytest.raises(ValidationError, match=r"enum value set: .*python3.13"):
        create(Runtime="cobol85")


@each(
    ("stated", "words"),
    [
        ({"MemorySize": 127}, "'MemorySize' .* greater than or equal to 128"),
        ({"MemorySize": 10241}, "'MemorySize' .* less than or equal to 10240"),
        ({"Timeout": 901}, "'Timeout' .* less than or equal to 900"),
        ({"Timeout": 0}, "'Timeout' .* greater than or equal to 1"),
        ({"EphemeralStorage": {"Size": 511}}, "greater than or equal to 512"),
        ({"EphemeralStorage": {"Size": 10241}}, "less than or equal to 10240"),
        ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "reserved keys .* AWS_REGION"),
        (
            {"Environment": {"Variables": {"_HANDLER": "x", "LAMBDA_TASK_ROOT": "y"}}},
            "LAMBDA_TASK_ROOT, _HANDLER",
        ),
        ({"Environment": {"Variables": {"1X": "x"}}}, "1X"),
        ({"Environment": {"Variables": {"A=B": "x"}}}, "A=B"),
        ({"Environment": {"Variables": {"BIG": "x" * 4096}}}, "exceeded the 4KB limit"),
        ({"Code": {"ZipFile": base64.b64encode(b"not a zip").decode()}}, "Could not unzip"),
        ({"Code": {"ZipFile": base64.b64encode(zipped({"../x": ""})).decode()}}, "outside"),
    ],
)
def test_what_is_out_of_range_is_refused_with_the_range(stated, words):
    with pytest.raises(ValidationError, match=words):
        create(**stated)


@each(
    "stated",
    [
        {"MemorySize": 128},
        {"MemorySize": 10240},
        {"Timeout": 900},
        {"Environment": {}},
        {"Environment": {"Variables": {"A1": "x" * 4000}}},
    ],
)
def test_the_bounds_themselves_pass(stated):
    create(**stated)


def test_other_requests_pass_unread():
    Validator(BLOCKS).check("POST", "/2015-03-31/functions/f/invocations", b"not json")
    Validator(BLOCKS).check("GET", CREATE, b"")


@each(
    ("change", "code"),
    [
        ({"Runtime": "nodejs4.3"}, "InvalidParameterValueException"),
        ({"Code": {"ZipFile": b"no zip"}}, "InvalidParameterValueException"),
        ({"Code": {"ZipFile": zipped({"/etc/x": "x"})}}, "InvalidParameterValueException"),
        ({"Environment": {"Variables": {"X1": "y" * 5000}}}, "InvalidParameterValueException"),
    ],
)
def test_boto3_raises_what_it_raises_with_aws(lambdas, change, code):
    given = {
        "FunctionName": "never-made",
        "Runtime": "python3.13",
        "Handler": "app.handler",
        "Role": ROLE,
        "Code": {"ZipFile": zipped({"app.py": ""})},
    }
    with pytest.raises(ClientError) as refused:
        lambdas.client.create_function(**{**given, **change})
    assert refused.value.response["Error"]["Code"] == code
    assert "never-made" not in [
        f["FunctionName"] for f in lambdas.client.list_functions()["Functions"]
    ]


def test_changing_to_a_blocked_runtime_is_refused_and_changes_nothing(lambdas):
    name = lambdas.make("def handler(event, context): return 1")
    with pytest.raises(ClientError, match="no longer supported"):
        lambdas.client.update_function_configuration(FunctionName=name, Runtime="python2.7")
    assert lambdas.client.get_function_configuration(FunctionName=name)["Runtime"] == "python3.13"


ALIAS, CONCURRENCY = "/2015-03-31/functions/f/aliases/live", "/2017-10-31/functions/f/concurrency"


@each(
    ("weights", "words"),
    [
        ({"2": 1.01}, "less than or equal to 1.0"),
        ({"2": -0.1}, "greater than or equal to 0.0"),
        ({"2": 0.1, "3": 0.1}, "cannot be greater than 1"),
    ],
)
def test_weights_of_an_alias_that_are_none_are_refused(weights, words):
    for method, path in (("PUT", ALIAS), ("POST", ALIAS.removesuffix("/live"))):
        with pytest.raises(ValidationError, match=words):
            create(method=method, path=path, RoutingConfig={"AdditionalVersionWeights": weights})


def test_the_alias_s_own_version_cannot_be_in_its_weights_too():
    with pytest.raises(ValidationError, match="Version 2 is the alias's own"):
        create(
            method="PUT",
            path=ALIAS,
            FunctionVersion="2",
            RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}},
        )


@each("weights", [{}, {"2": 0}, {"2": 0.1}, {"2": 1}])
def test_weights_from_none_to_all_are_taken(weights):
    create(method="PUT", path=ALIAS, RoutingConfig={"AdditionalVersionWeights": weights})
    create(method="PUT", path=ALIAS, FunctionVersion="1", RoutingConfig=None)


def test_a_hundred_of_the_account_s_concurrency_cannot_be_reserved():
    create(method="PUT", path=CONCURRENCY, ReservedConcurrentExecutions=900)
    create(method="PUT", path=CONCURRENCY, ReservedConcurrentExecutions=0)
    with pytest.raises(ValidationError, match=r"below its minimum value of .100.") as refused:
        create(method="PUT", path=CONCURRENCY, ReservedConcurrentExecutions=901)
    assert refused.value.code == "InvalidParameterValueException"


def test_boto3_sees_the_refusal_of_a_weight(lambdas):
    name = lambdas.make("def handler(event, context): return 1")
    version = lambdas.client.publish_version(FunctionName=name)["Version"]
    with pytest.raises(ClientError, match=r"less than or equal to 1.0"):
        lambdas.client.create_alias(
            FunctionName=name,
            Name="live",
            FunctionVersion="$LATEST",
            RoutingConfig={"AdditionalVersionWeights": {version: 7}},
        )
