"""Kinds of answers that AWS gives and simple stand-ins do not."""

import json
import re
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError

from lambdadeck import functions
from tests.support.cases import each
from tests.support.lambdas import ROLE, zipped

CODE = zipped({"app.py": "def handler(event, context): return 1"})
ARN = "arn:aws:lambda:eu-west-1:000000000000:function:"


@pytest.fixture(scope="module")
def function(lambdas):
    name = lambdas.make("def handler(event, context): return 1", Publish=True)
    lambdas.client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    return name


def error_of(call, **parameters):
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return refused.value.response


@each(
    ("stated", "qualifier", "code", "words"),
    [
        ("my-function!", None, "ValidationException", "at 'functionName' .* regular expression"),
        ("*", None, "ValidationException", "at 'functionName' .* regular expression"),
        ("{name}", "in valid", "ValidationException", "at 'qualifier' .* regular expression"),
        ("{name}", "a" * 129, "ValidationException", "length less than or equal to 128"),
        ("bad-account:function:{name}", None, "ValidationException", "'functionName'"),
        ("arn:aws:ec2:eu-west-1:000000000000:x:i-1", None, "ValidationException", "'functionName'"),
        (ARN + "{name}:1:2", None, "ValidationException", "'functionName'"),
        (ARN + "{name}:$LATES", None, "ValidationException", "'functionName'"),
        (ARN + "{name}:$LATEST", "1", "InvalidParameterValueException", "derived qualifier"),
        ("{name}:live", "1", "InvalidParameterValueException", "derived qualifier"),
        (ARN.replace("eu-west-1", "us-east-1") + "{name}", None, "ResourceNotFoundException",
         r"Functions from 'us-east-1' are not reachable in this region \('eu-west-1'\)"),
        (ARN.replace("0" * 12, "1" * 12) + "{name}", None, "AccessDeniedException",
         "not authorized to perform: lambda:"),
        ("{name}", "2", "ResourceNotFoundException", "Function not found: .*:2"),
        ("{name}", "lively", "ResourceNotFoundException", "Function not found: .*:lively"),
        ("unknown", None, "ResourceNotFoundException", "Function not found: .*:unknown"),
    ],
)  # fmt: skip
def test_get_and_invoke_refuse_names_alike(lambdas, function, stated, qualifier, code, words):
    client = lambdas.boto("lambda", parameter_validation=False)
    given = {"FunctionName": stated.format(name=function)}
    given |= {"Qualifier": qualifier} if qualifier else {}
    for call in (client.get_function, client.invoke):
        error = error_of(call, **given)["Error"]
        assert error["Code"] == code
        assert re.search(words, error["Message"]), error["Message"]


def test_errors_spell_their_message_as_the_model_does(lambdas):
    client = lambdas.client
    missing = error_of(client.get_function, FunctionName="unknown")
    assert missing["Type"] == "User"
    assert missing["Message"] == missing["Error"]["Message"] and "message" not in missing
    invalid = error_of(
        client.put_function_event_invoke_config, FunctionName="unknown", Qualifier="$LATEST"
    )
    assert invalid["message"] == invalid["Error"]["Message"] and "Message" not in invalid


def test_a_broken_body_is_refused_with_every_violation(lambdas):
    client = lambdas.boto("lambda", parameter_validation=False)
    error = error_of(client.create_function, FunctionName="x", Timeout=0, Role="r1")["Error"]
    assert error["Message"].startswith("3 validation errors detected: ")
    assert (
        "Value null at 'code' failed to satisfy constraint: Member must not be null"
        in (error["Message"])
    )
    error = error_of(client.update_function_configuration, FunctionName="x", Timeout="soon")[
        "Error"
    ]
    assert error["Code"] == "SerializationException"


def test_a_page_leads_to_the_next_one_until_all_are_listed(lambdas):
    name = lambdas.make("def handler(event, context): return 1")
    for number in range(1, 4):
        lambdas.client.create_alias(FunctionName=name, Name=f"a{number}", FunctionVersion="$LATEST")
    pages = lambdas.client.get_paginator("list_aliases").paginate(
        FunctionName=name, PaginationConfig={"PageSize": 2}
    )
    assert [[one["Name"] for one in page["Aliases"]] for page in pages] == [["a1", "a2"], ["a3"]]


def test_a_listing_of_all_versions_has_qualified_arns_and_no_state(lambdas, function):
    pages = lambdas.client.get_paginator("list_functions").paginate(FunctionVersion="ALL")
    mine = [one for page in pages for one in page["Functions"] if one["FunctionName"] == function]
    assert [one["FunctionArn"] for one in mine] == [
        f"{ARN}{function}:$LATEST",
        f"{ARN}{function}:1",
    ]
    assert all("State" not in one for one in mine)


def test_each_qualifier_has_a_policy_of_its_own(lambdas, function):
    client = lambdas.client
    for qualifier in ({}, {"Qualifier": "live"}, {"Qualifier": "1"}):
        client.add_permission(
            FunctionName=function,
            StatementId="s3",
            Action="lambda:InvokeFunction",
            Principal="000000000000",
            **qualifier,
        )
        policy = json.loads(client.get_policy(FunctionName=function, **qualifier)["Policy"])
        (statement,) = policy["Statement"]
        assert statement["Principal"] == {"AWS": "arn:aws:iam::000000000000:root"}
        assert statement["Resource"].endswith(qualifier.get("Qualifier", function))


def test_a_revision_id_must_be_the_latest(lambdas):
    client = lambdas.client
    name = lambdas.make("def handler(event, context): return 1")
    functions.wait(client, "function_active_v2", FunctionName=name)  # which changes the revision
    before = client.get_function_configuration(FunctionName=name)["RevisionId"]
    client.tag_resource(Resource=ARN + name, Tags={"a": "b"})
    after = client.get_function_configuration(FunctionName=name)["RevisionId"]
    assert before != after
    for call in (client.publish_version, client.update_function_configuration):
        assert error_of(call, FunctionName=name, RevisionId=before)["Error"]["Code"] == (
            "PreconditionFailedException"
        )
    client.publish_version(FunctionName=name, RevisionId=after)


def test_the_address_of_the_code_leads_to_the_package(lambdas):
    name = lambdas.make("def handler(event, context): return 1", name="downloaded")
    location = lambdas.client.get_function(FunctionName=name)["Code"]["Location"]
    with urllib.request.urlopen(location, timeout=60) as answer:
        found = answer.read()
    assert found == zipped({"app.py": "def handler(event, context): return 1"})
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(location[:-1], timeout=60)


def test_a_version_that_an_alias_uses_stays_and_latest_cannot_be_deleted(lambdas, function):
    delete = lambdas.client.delete_function
    error = error_of(delete, FunctionName=function, Qualifier="1")["Error"]
    assert error["Code"] == "ResourceConflictException"
    assert error["Message"].endswith("because the following aliases reference it: [live]")
    for qualifier in ("$LATEST", "live"):
        error = error_of(delete, FunctionName=function, Qualifier=qualifier)["Error"]
        assert error["Code"] == "InvalidParameterValueException"


def test_an_operation_that_is_not_supported_says_so(lambdas):
    error = error_of(lambdas.client.list_capacity_providers)["Error"]
    assert "does not support ListCapacityProviders" in error["Message"]


def test_create_names_a_function_by_an_arn_too(lambdas):
    lambdas.client.create_function(
        FunctionName=ARN + "named-by-arn",
        Runtime="python3.13",
        Handler="app.handler",
        Role=ROLE,
        Code={"ZipFile": CODE},
    )
    error = error_of(
        lambdas.client.create_function,
        FunctionName="named-by-arn",
        Runtime="python3.13",
        Handler="app.handler",
        Role=ROLE,
        Code={"ZipFile": CODE},
    )
    assert error["Error"]["Message"] == "Function already exist: named-by-arn"
