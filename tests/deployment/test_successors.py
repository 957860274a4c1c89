"""The workflow and the template that replaced the YAML of 2017: names are real, values agree."""

import pytest
import yaml

from lambdadeck.deployment import successors, travis
from lambdadeck.reference import runtimes

# github.com/aws-actions/aws-lambda-deploy, action.yml as of v1.1.0
LAMBDA_DEPLOY = {
    "function-name",
    "package-type",
    "image-uri",
    "code-artifacts-dir",
    "handler",
    "runtime",
    "s3-bucket",
    "s3-key",
    "publish",
    "dry-run",
    "revision-id",
    "architectures",
    "source-kms-key-arn",
    "role",
    "function-description",
    "memory-size",
    "timeout",
    "vpc-config",
    "environment",
    "dead-letter-config",
    "kms-key-arn",
    "tracing-config",
    "layers",
    "file-system-configs",
    "image-config",
    "ephemeral-storage",
    "snap-start",
    "logging-config",
    "code-signing-config-arn",
    "tags",
}
# github.com/aws-actions/configure-aws-credentials, action.yml: inputs since OpenID Connect
CREDENTIALS = {
    "audience",
    "aws-access-key-id",
    "aws-secret-access-key",
    "aws-session-token",
    "aws-region",
    "mask-aws-account-id",
    "role-to-assume",
    "web-identity-token-file",
    "role-duration-seconds",
    "role-session-name",
    "role-external-id",
    "role-skip-session-tagging",
    "http-proxy",
}
# docs.aws.amazon.com/serverless-application-model: AWS::Serverless::Function
FUNCTION = {
    "FunctionName",
    "Role",
    "Runtime",
    "Handler",
    "CodeUri",
    "Timeout",
    "MemorySize",
    "AutoPublishAlias",
    "DeploymentPreference",
}
PREFERENCE = {
    "Alarms",
    "Enabled",
    "Hooks",
    "PassthroughCondition",
    "Role",
    "TriggerConfigurations",
    "Type",
}
INPUTS = {
    "aws-actions/aws-lambda-deploy": LAMBDA_DEPLOY,
    "aws-actions/configure-aws-credentials": CREDENTIALS,
    "actions/checkout": set(),
}


@pytest.fixture(scope="module")
def workflow():
    return yaml.safe_load(successors.WORKFLOW.read_text())


@pytest.fixture(scope="module")
def template():
    return yaml.safe_load(successors.TEMPLATE.read_text())


def test_every_input_is_one_that_its_action_has(workflow):
    (job,) = workflow["jobs"].values()
    for step in job["steps"]:
        action, _, version = step["uses"].partition("@")
        assert version and set(step.get("with", {})) - INPUTS[action] == set()


def test_the_required_inputs_are_there(workflow):
    assert {"function-name", "code-artifacts-dir", "role", "role-to-assume", "aws-region"} <= set(
        successors.inputs()
    )


def test_the_workflow_asks_for_a_token_and_stores_no_key(workflow):
    assert workflow["permissions"] == {"id-token": "write", "contents": "read"}
    text = successors.WORKFLOW.read_text() + successors.TEMPLATE.read_text()
    assert (
        "secrets." not in text
        and "access-key" not in text.lower()
        and "access_key" not in text.lower()
    )


def test_every_property_is_one_that_sam_has(template):
    assert template["Transform"] == "AWS::Serverless-2016-10-31"
    (function,) = template["Resources"].values()
    assert function["Type"] == "AWS::Serverless::Function"
    assert (
        set(function["Properties"]) == FUNCTION
        and set(function["Properties"]["DeploymentPreference"]) <= PREFERENCE
    )


def test_both_deploy_what_2017_deployed_on_a_runtime_of_today():
    then, today, sam = (
        travis.read(travis.OF_2017).provider.fields,
        successors.inputs(),
        successors.properties(),
    )
    for option, name, prop in [
        ("function_name", "function-name", "FunctionName"),
        ("role", "role", "Role"),
        ("zip", "code-artifacts-dir", "CodeUri"),
        ("timeout", "timeout", "Timeout"),
        ("memory_size", "memory-size", "MemorySize"),
    ]:
        assert then[option].text == str(today[name]) == str(sam[prop])
    assert today["handler"] == sam["Handler"] == "index.handler"
    assert (
        today["runtime"] == sam["Runtime"] == travis.newest("nodejs4.3")
        and today["runtime"] in runtimes.table()
    )


def test_the_table_says_what_is_the_same_what_is_new_and_that_nothing_of_it_runs_here():
    made = successors.beside()
    rows = {row[0]: row[1:] for row in made.rows}
    assert rows["timeout"] == ("20", "same", "same") and rows["runtime"][0] == "nodejs4.3"
    assert rows["secret_access_key"] == ("$AWS_SECRET_ACCESS_KEY", "id-token: write", "–")
    assert "not on this machine" in made.caption


def test_the_sources_stand_in_the_files():
    assert "https://github.com/aws-actions/aws-lambda-deploy" in successors.WORKFLOW.read_text()
    assert "docs.aws.amazon.com/serverless-application-model" in successors.TEMPLATE.read_text()
