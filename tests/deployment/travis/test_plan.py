"""The calls that the provider would make: which, in which order, with which arguments."""

import pytest

from lambdadeck.deployment.travis import options, parser, plan
from lambdadeck.deployment.travis.conditions import Decision
from lambdadeck.deployment.travis.package import Package
from lambdadeck.deployment.travis.parser import BadTravisFile

LEAST = "deploy:\n  provider: lambda\n  access_key_id: $KEY\n  secret_access_key: $KEY\n  function_name: f\n"
FULL = LEAST + "  role: arn:r\n  handler_name: go\n"
FACTS = {"KEY": "AKIAEXAMPLE", "TRAVIS_BUILD_NUMBER": "7"}
CODE = Package(b"zip", 1)


def calls(text, exists=False):
    (block,) = parser.read(text)
    return plan.calls(block, options.settings(block, FACTS), CODE, exists)


def operations(text, exists):
    return [call.operation for call in calls(text, exists)]


def test_a_function_that_is_missing_is_created_in_one_call():
    create, wait = calls(FULL + "  timeout: 20\n  function_tags: [a=b]\n  layers: [l]\n")
    assert (create.operation, wait.operation) == ("create_function", "wait function_active_v2")
    assert create.sent == {
        "FunctionName": "f",
        "Handler": "index.go",
        "Runtime": "nodejs12.x",
        "Role": "arn:r",
        "Timeout": 20,
        "MemorySize": 128,
        "Description": "Deploy build 7 to AWS Lambda via Travis CI",
        "TracingConfig": {"Mode": "PassThrough"},
        "Layers": ["l"],
        "Tags": {"a": "b"},
        "Code": {"ZipFile": b"zip"},
    }


def test_a_function_that_is_there_is_updated_configuration_first():
    wait = "wait function_updated_v2"
    assert operations(FULL, True) == [
        "update_function_configuration",
        wait,
        "update_function_code",
        wait,
    ]
    tagged = operations(FULL + "  function_tags: [a=b]\n", True)
    assert tagged == [
        "update_function_configuration",
        wait,
        "tag_resource",
        wait,
        "update_function_code",
        wait,
    ]


@pytest.mark.parametrize("publish", ["true", "false"])
def test_publish_goes_with_the_code(publish):
    code = calls(FULL + f"  publish: {publish}\n", True)[-2]
    assert code.sent == {"FunctionName": "f", "ZipFile": b"zip", "Publish": publish == "true"}


@pytest.mark.parametrize(
    ("more", "argument", "value"),
    [
        ("environment: [A=1]", "Environment", {"Variables": {"A": "1"}}),
        ("dead_letter_arn: arn:q", "DeadLetterConfig", {"TargetArn": "arn:q"}),
        ("kms_key_arn: arn:k", "KMSKeyArn", "arn:k"),
        ("tracing_mode: Active", "TracingConfig", {"Mode": "Active"}),
        ("subnet_ids: [s]", "VpcConfig", {"SubnetIds": ["s"]}),
        ("security_group_ids: [g]", "VpcConfig", {"SecurityGroupIds": ["g"]}),
        ("description: mine", "Description", "mine"),
    ],
)
@pytest.mark.parametrize("exists", [False, True])
def test_every_option_becomes_boto3s_argument(more, argument, value, exists):
    assert calls(FULL + f"  {more}\n", exists)[0].sent[argument] == value


@pytest.mark.parametrize(
    ("runtime", "handler"),
    [
        ("nodejs20.x", "m.go"),
        ("python3.8", "m.go"),
        ("java11", "m::go"),
        ("dotnetcore3.1", "m::go"),
        ("go1.x", "go"),
        ("provided", "m.go"),
    ],
)
def test_module_and_handler_are_joined_as_the_language_wants(runtime, handler):
    assert calls(FULL + f"  module_name: m\n  runtime: {runtime}\n")[0].sent["Handler"] == handler


@pytest.mark.parametrize("missing", ["role", "handler_name"])
def test_what_creating_requires_is_named_only_when_creating(missing):
    text = "".join(line for line in FULL.splitlines(keepends=True) if f"  {missing}:" not in line)
    with pytest.raises(
        BadTravisFile, match=f"^Line 2: {missing} is missing, and the function is not there yet"
    ):
        calls(text)
    assert "Role" not in calls(text, True)[0].sent or "Handler" not in calls(text, True)[0].sent


def test_every_argument_says_where_it_comes_from():
    create = calls(FULL)[0]
    assert {one.name: one.origin for one in create.arguments} == {
        "FunctionName": "line 5",
        "Handler": "line 7, default",
        "Runtime": "default",
        "Role": "line 6",
        "Description": "default",
        "Timeout": "default",
        "MemorySize": "default",
        "TracingConfig": "default",
        "Code": "default",
    }


@pytest.mark.parametrize(
    ("runtime", "noted"),
    [
        ("nodejs20.x", False),
        ("nodejs22.x", True),
        ("nodejs24.x", True),
        ("nodejs4.3", False),
        ("python3.8", False),
        ("python3.13", True),
        ("java21", False),
    ],
)
def test_a_runtime_beyond_dpls_own_list_is_noted(runtime, noted):
    (block,) = parser.read(FULL + f"  runtime: {runtime}\n")
    step = plan.Step(block, Decision(True, ""), options.settings(block, FACTS))
    assert any("dpl itself stops at" in note for note in step.notes) is noted


def test_a_command_after_the_deployment_is_left_out_and_said_so():
    (block,) = parser.read(FULL + "  run: make clean\n")
    step = plan.Step(block, Decision(True, ""), options.settings(block, FACTS))
    assert step.notes == ["line 8: run is a command for the build machine, left out"]
