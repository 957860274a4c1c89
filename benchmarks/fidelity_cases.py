"""Calls of Lambda's API whose answers have been recorded from AWS.

In parameters, {name}, {arn}, {role}, {region} and {account} are the case's function's, and {r[KEY]}
is the answer to the step KEY. A step without a key is not compared.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import Any, NamedTuple


class Step(NamedTuple):
    """One call: the key of its recorded answer, an operation, parameters."""

    key: str
    operation: str
    parameters: dict[str, Any]
    waits: bool = True  # until the function is settled
    inside: str = ""  # where the recorded answer has this one


@dataclass(frozen=True)
class RecordedCase:
    """Calls that were recorded together."""

    topic: str
    name: str
    steps: tuple[Step, ...]


def zipped(source: str) -> bytes:
    """Return a package of one file, handler.py."""
    blob = io.BytesIO()
    with zipfile.ZipFile(blob, "w") as archive:
        archive.writestr(zipfile.ZipInfo("handler.py", (2026, 1, 1, 0, 0, 0)), source)
    return blob.getvalue()


ECHO = zipped("def handler(event, context):\n    return event\n")
OTHER = zipped("def handler(event, context):\n    return 'other'\n")
ROLE = "{role}"


def call(key: str, operation: str, *, waits: bool = True, **parameters: Any) -> Step:
    return Step(key, operation, parameters, waits)


def on(key: str, operation: str, *, waits: bool = True, **parameters: Any) -> Step:
    """Return a call for the case's function."""
    return Step(key, operation, {"FunctionName": "{name}", **parameters}, waits)


def make(key: str = "", *, bare: bool = False, waits: bool = True, **more: Any) -> Step:
    """Return the call that makes the case's function; `bare` leaves out environment and tags."""
    given = {
        "FunctionName": "{name}",
        "Runtime": "python3.12",
        "Handler": "index.handler" if bare else "handler.handler",
        "Role": ROLE,
        "Code": {"ZipFile": ECHO},
    }
    usual: dict[str, Any] = {"Timeout": 30, "Environment": {"Variables": {}}, "Tags": {}}
    given |= more if bare else {**usual, **more}
    return Step(key, "create_function", given, waits, "" if bare else "CreateFunctionResponse")


def case(topic: str, name: str, *steps: Step) -> RecordedCase:
    return RecordedCase(topic, name, steps)


def _blocked(runtime: str) -> RecordedCase:
    name = "test_create_deprecated_function_runtime_with_validation_enabled"
    step = make("deprecation_error", bare=True, waits=False, Runtime=runtime)
    return case("create validation", f"TestRuntimeValidation::{name}[{runtime}]", step)


def _logging(number: int, config: dict[str, str]) -> RecordedCase:
    name = "test_function_partial_advanced_logging_configuration_update"
    return case(
        "logging config",
        f"TestLoggingConfig::{name}[partial_config{number}]",
        make("create_response", MemorySize=256, Timeout=5),
        on("get_function_response", "get_function"),
        on("function_config", "get_function_configuration"),
        on("updated_config", "update_function_configuration", LoggingConfig=config),
        on("received_config", "get_function_configuration"),
    )


def _elsewhere(operation: str) -> RecordedCase:
    arn = "arn:aws:lambda:us-east-1:{account}:function:{name}"
    step = call("wrong_region_exception", operation, FunctionName=arn)
    name = f"TestLambdaFunction::test_get_function_wrong_region[{operation}]"
    return case("names & ARNs", name, make(), step)


def _no_version(operation: str) -> RecordedCase:
    step = on("version_not_found_exception", operation, Qualifier="1221")
    name = f"TestLambdaFunction::test_ops_on_nonexisting_version[{operation}]"
    return case("not found", name, make(), step)


def _concurrent(kind: str, *updates: Step) -> RecordedCase:
    name = f"TestLambdaFunction::test_lambda_concurrent_{kind}_updates"
    if kind == "code":
        made = make("create-function-response", bare=True, Handler="handler.handler")
    else:
        made = make("create-function-response")
    return case("states", name, made, *updates)


def _environment(name: str, key: str, variables: dict[str, str]) -> RecordedCase:
    step = make(key, bare=True, waits=False, Environment={"Variables": variables})
    return case("limits", f"TestLambdaSizeLimits::{name}", step)


def _tagged() -> RecordedCase:
    steps = []
    for key, operation, more in (
        ("tag_single_response", "tag_resource", {"Tags": {"A": "tag-a"}}),
        ("tag_multiple_response", "tag_resource", {"Tags": {"B": "tag-b", "C": "tag-c"}}),
        ("tag_overlap_response", "tag_resource", {"Tags": {"C": "tag-c-newsuffix", "D": "tag-d"}}),
        ("untag_single_response", "untag_resource", {"TagKeys": ["A"]}),
        ("untag_multiple_response", "untag_resource", {"TagKeys": ["B", "C"]}),
        ("untag_nonexisting_response", "untag_resource", {"TagKeys": ["F"]}),
        ("untag_existing_and_nonexisting_response", "untag_resource", {"TagKeys": ["D", "F"]}),
    ):
        steps.append(call(key, operation, Resource="{arn}", **more))
        steps.append(call(f"{key}_listtags", "list_tags", Resource="{arn}"))
    return case("tags", "TestLambdaTag::test_tag_lifecycle[lambda_function]", make(), *steps)


CASES: tuple[RecordedCase, ...] = (
    *map(_blocked, ("java8", "go1.x", "provided", "ruby2.7", "nodejs14.x", "python3.7")),
    _logging(0, {"LogFormat": "JSON"}),
    _logging(1, {"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG"}),
    _logging(2, {"LogFormat": "JSON", "SystemLogLevel": "DEBUG"}),
    _logging(3, {"LogGroup": "cool_lambda"}),
    *map(_elsewhere, ("get_function", "get_function_configuration", "get_function_url_config")),
    *map(_elsewhere, ("get_function_concurrency", "delete_function", "invoke")),
    *map(_no_version, ("get_function", "get_function_configuration")),
    case(
        "functions",
        "TestLambdaFunction::test_function_lifecycle",
        make("create_response", MemorySize=256, Timeout=5),
        on("get_function_response", "get_function"),
        on(
            "update_func_conf_response",
            "update_function_configuration",
            Runtime="python3.11",
            Description="Changed-Description",
            MemorySize=512,
            Timeout=10,
            Environment={"Variables": {"ENV_A": "a"}},
        ),
        on("get_function_response_postupdate", "get_function"),
        on("update_code_response", "update_function_code", ZipFile=OTHER),
        on("get_function_response_postcodeupdate", "get_function"),
        on("delete_response", "delete_function"),
        on("delete_postdelete", "delete_function"),
    ),
    _concurrent(
        "code",
        on("", "update_function_code", waits=False, ZipFile=OTHER),
        on("update-during-in-progress-update-exc", "update_function_code", ZipFile=ECHO),
    ),
    _concurrent(
        "config",
        on("", "update_function_configuration", waits=False, Description="1"),
        on(
            "update-during-in-progress-update-exc", "update_function_configuration", Description="2"
        ),
    ),
    case(
        "versions",
        "TestLambdaVersions::test_publish_version_on_create",
        make("create_response", bare=True, Publish=True),
        on("get_function_result", "get_function"),
        on("get_function_version_result", "get_function", Qualifier="1"),
        on("get_function_latest_result", "get_function", Qualifier="$LATEST"),
        on("list_versions_result", "list_versions_by_function"),
        on("repeated_publish_response", "publish_version", Description="Repeated"),
        on("list_versions_result_after_publish", "list_versions_by_function"),
    ),
    case(
        "versions",
        "TestLambdaVersions::test_publish_with_wrong_sha256",
        make("create_response", bare=True),
        on("get_fn_response", "get_function"),
        on("publish_wrong_sha256_exc", "publish_version", CodeSha256="somenonexistentsha256"),
        on(
            "publish_result",
            "publish_version",
            CodeSha256="{r[get_fn_response][Configuration][CodeSha256]}",
        ),
    ),
    case(
        "revisions",
        "TestLambdaRevisions::test_function_revisions_version_and_alias",
        make("create_function_response_rev1"),
        on("get_function_active_rev2", "get_function"),
        on("publish_version_revision_exception", "publish_version", RevisionId="wrong"),
        on(
            "publish_version_response_rev_v1",
            "publish_version",
            RevisionId="{r[get_function_active_rev2][Configuration][RevisionId]}",
        ),
        on("get_function_published_version_rev_v2", "get_function", Qualifier="1"),
        on("get_function_latest_rev3", "get_function"),
        on(
            "create_alias_response_rev_a1",
            "create_alias",
            Name="revision_alias",
            FunctionVersion="1",
        ),
        on("get_function_latest_rev4", "get_function"),
        on("get_function_published_version_rev_v3", "get_function", Qualifier="1"),
        on(
            "update_alias_revision_exception",
            "update_alias",
            Name="revision_alias",
            RevisionId="wrong",
        ),
        on(
            "update_alias_response_rev_a2",
            "update_alias",
            Name="revision_alias",
            Description="something changed",
            RevisionId="{r[create_alias_response_rev_a1][RevisionId]}",
        ),
    ),
    _tagged(),
    case(
        "tags",
        "TestLambdaTags::test_tag_exceptions",
        make(),
        call(
            "tag_lambda_invalidarn", "tag_resource", Resource="arn:aws:something", Tags={"a": "b"}
        ),
        call(
            "tag_lambda_doesnotexist",
            "tag_resource",
            Resource="arn:aws:lambda:{region}:{account}:function:doesnotexist",
            Tags={"a": "b"},
        ),
        call(
            "tag_lambda_qualifier_doesnotexist",
            "tag_resource",
            Resource="{arn}:v1",
            Tags={"a": "b"},
        ),
        call("list_tag_lambda_empty", "list_tags", Resource="{arn}"),
        call("untag_nomatch", "untag_resource", Resource="{arn}", TagKeys=["somekey"]),
        call("untag_empty_keys", "untag_resource", Resource="{arn}", TagKeys=[]),
        call("tag_empty_tags", "tag_resource", Resource="{arn}", Tags={}),
    ),
    case(
        "permissions",
        "TestLambdaPermissions::test_add_lambda_permission_aws",
        make("create_lambda"),
        on(
            "add_permission",
            "add_permission",
            StatementId="s3",
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
            SourceArn="arn:aws:s3:::test-bucket",
        ),
        on("get_policy", "get_policy"),
    ),
    case(
        "concurrency",
        "TestLambdaReservedConcurrency::test_function_concurrency_limits",
        make(),
        on(
            "put_function_concurrency_account_limit_exceeded",
            "put_function_concurrency",
            ReservedConcurrentExecutions=1001,
        ),
        on(
            "put_function_concurrency_below_unreserved_min_value",
            "put_function_concurrency",
            ReservedConcurrentExecutions=1000,
        ),
    ),
    _environment(
        "test_large_environment_variables_fails",
        "failed_create_fn_result",
        {"LARGE_VAR": "x" * 4081},
    ),
    _environment(
        "test_large_environment_fails_multiple_keys",
        "failured_create_fn_result_multi_key",
        {"SMALL_VAR": "ok", "LARGE_VAR": "x" * 4064},
    ),
    case(
        "recursion",
        "TestLambdaRecursion::test_put_function_recursion_config_default_terminate",
        make(),
        on("get_recursion_default_terminate_response", "get_function_recursion_config"),
    ),
)
