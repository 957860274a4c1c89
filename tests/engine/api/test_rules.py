"""What AWS refuses before a function is made or changed."""

from datetime import date

import pytest
from botocore.exceptions import ClientError

from lambdadeck.engine.api.errors import ApiError
from lambdadeck.engine.api.rules import Runtimes, check_environment, read_blocks
from tests.support.cases import each
from tests.support.lambdas import ROLE, zipped

BLOCKS = read_blocks()


def check(runtime, today="2026-11-23", creating=True):
    Runtimes(BLOCKS, lambda: date.fromisoformat(today)).check(runtime, creating)


@each(
    "runtime",
    ["nodejs4.3", "nodejs12.x", "python2.7", "python3.7", "go1.x", "java8", "dotnetcore2.1"],
)
def test_a_runtime_past_its_block_date_is_refused_in_awss_words(runtime):
    with pytest.raises(ApiError, match=f"The runtime parameter of {runtime} is no longer"):
        check(runtime)


def test_the_clock_decides_not_the_list():
    check("nodejs20.x", "2027-01-31")
    with pytest.raises(ApiError):
        check("nodejs20.x", "2027-02-01")
    check("nodejs4.3", "2016-12-31")  # the talk of 2017 could still be given


def test_updating_is_blocked_later_than_creating():
    check("nodejs18.x", "2027-02-15", creating=False)
    with pytest.raises(ApiError):
        check("nodejs18.x", "2027-03-03", creating=False)


def test_a_runtime_without_dates_is_not_known_to_be_blocked():
    check("python3.15")


def test_an_unknown_runtime_gets_the_list_of_known_ones():
    with pytest.raises(ApiError, match=r"enum value set: .*python3.13"):
        check("cobol85")


@each(
    ("variables", "words"),
    [
        ({"AWS_REGION": "x"}, "reserved keys .* AWS_REGION"),
        ({"_HANDLER": "x", "LAMBDA_TASK_ROOT": "y"}, "LAMBDA_TASK_ROOT, _HANDLER"),
        ({"BIG": "x" * 4096}, "exceeded the 4KB limit"),
        ({"ONE": "a\0", "GOOD": "ä😀", "TWO": "\ud800"}, "half of a surrogate pair.*: ONE, TWO"),
    ],
)
def test_reserved_and_too_many_variables_are_refused(variables, words):
    with pytest.raises(ApiError, match=words):
        check_environment(variables)


INVALID, VALIDATION = "InvalidParameterValueException", "ValidationException"


@each(
    ("change", "code", "words"),
    [
        ({"Handler": "app.\ud800"}, INVALID, "contains a NUL or half"),
        ({"Environment": {"Variables": {"KEY": "a\0"}}}, INVALID, "Keys used in .*: KEY"),
        ({"Runtime": "nodejs4.3"}, INVALID, "no longer supported"),
        ({"Code": {"ZipFile": b"no zip"}}, INVALID, "Could not unzip"),
        ({"Code": {"ZipFile": zipped({"/etc/x": "x"})}}, INVALID, "outside"),
        ({"Code": {"ZipFile": zipped({"../x": "x"})}}, INVALID, "outside"),
        ({"Environment": {"Variables": {"X1": "y" * 5000}}}, INVALID, "4KB"),
        ({"Environment": {"Variables": {"1X": "x"}}}, VALIDATION, "Map keys must satisfy"),
        ({"MemorySize": 127}, VALIDATION, "'127' at 'memorySize' .* than or equal to 128"),
        ({"MemorySize": 10241}, VALIDATION, "'memorySize' .* less than or equal to 10240"),
        ({"Timeout": 901}, VALIDATION, "'timeout' .* less than or equal to 900"),
        ({"Timeout": 0}, VALIDATION, "'timeout' .* greater than or equal to 1"),
        ({"EphemeralStorage": {"Size": 511}}, VALIDATION, "'ephemeralStorage.size' .* to 512"),
        ({"Architectures": ["x86_64", "arm64"]}, VALIDATION, "length less than or equal to 1"),
        ({"FunctionName": "a" * 65}, INVALID, "length less than or equal to 64"),
        ({"SnapStart": {"ApplyOn": "x"}}, VALIDATION, r"\[PublishedVersions, None\]"),
        ({"Layers": ["arn:aws:lambda:eu-west-1:000000000000:layer:x"]}, VALIDATION, "'layers'"),
    ],
)
def test_boto3_raises_what_it_raises_with_aws(lambdas, change, code, words):
    given = {
        "FunctionName": "never-made",
        "Runtime": "python3.13",
        "Handler": "app.handler",
        "Role": ROLE,
        "Code": {"ZipFile": zipped({"app.py": ""})},
    }
    client = lambdas.boto("lambda", parameter_validation=False)
    with pytest.raises(ClientError, match=words) as refused:
        client.create_function(**{**given, **change})
    assert refused.value.response["Error"]["Code"] == code
    made = [one["FunctionName"] for one in client.list_functions()["Functions"]]
    assert "never-made" not in made


def test_changing_to_a_blocked_runtime_is_refused_and_changes_nothing(lambdas):
    name = lambdas.make("def handler(event, context): return 1")
    with pytest.raises(ClientError, match="no longer supported"):
        lambdas.client.update_function_configuration(FunctionName=name, Runtime="python2.7")
    assert lambdas.client.get_function_configuration(FunctionName=name)["Runtime"] == "python3.13"


@each(
    ("version", "weights", "words"),
    [
        ("1", {"2": 1.01}, "Map value must satisfy .* less than or equal to 1.0"),
        ("1", {"2": -0.1}, "greater than or equal to 0.0"),
        ("1", {"2": 0.1, "3": 0.1}, "cannot be greater than 1"),
        ("1", {"1": 0.1}, "already included in routing configuration"),
        ("$LATEST", {"1": 0.1}, "not supported for an alias pointing to more than 1"),
        ("1", {"7": 0.1}, "Function not found: .*:7"),
        ("7", {}, "Function not found: .*:7"),
    ],
)
def test_an_alias_needs_versions_that_exist_and_right_weights(lambdas, version, weights, words):
    name = lambdas.make("def handler(event, context): return 1")
    lambdas.client.publish_version(FunctionName=name)
    routing = {"AdditionalVersionWeights": weights}
    client = lambdas.boto("lambda", parameter_validation=False)
    with pytest.raises(ClientError, match=words):
        client.create_alias(
            FunctionName=name, Name="live", FunctionVersion=version, RoutingConfig=routing
        )


def test_a_hundred_of_the_account_s_concurrency_cannot_be_reserved(lambdas):
    name = lambdas.make("def handler(event, context): return 1")
    put = lambdas.client.put_function_concurrency
    with pytest.raises(ClientError, match=r"below its minimum value of .100."):
        put(FunctionName=name, ReservedConcurrentExecutions=901)
    put(FunctionName=name, ReservedConcurrentExecutions=0)
    lambdas.client.delete_function(FunctionName=name)
