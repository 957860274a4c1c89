"""What AWS refuses although its model allows it, as its users have quoted it."""

import pytest
from botocore.exceptions import ClientError

from tests.support.cases import each
from tests.support.lambdas import ROLE, zipped

ACCOUNT = "000000000000"
CODE = zipped({"app.py": "def handler(event, context): return 1"})
IMAGE = {"ImageUri": f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/image:1"}
SIGNING = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:code-signing-config:csc-01234567890123456"
INVALID = "InvalidParameterValueException"
MANDATORY = "Runtime and Handler are mandatory parameters for functions created with deployment"
NOT_OF_IMAGES = "Please don't provide Handler or Runtime or Layer when the intended function"


def refusal(operation, **given):
    with pytest.raises(ClientError) as refused:
        operation(**given)
    return refused.value.response["Error"]


def packaged(**changes):
    """Return the parameters of a function with a package; None leaves one out."""
    given = {
        "FunctionName": "refused",
        "Runtime": "python3.13",
        "Handler": "app.handler",
        "Role": ROLE,
        "Code": {"ZipFile": CODE},
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


@each(
    ("changes", "code", "words"),
    [
        ({"Runtime": None}, INVALID, MANDATORY),
        ({"Handler": None, "Code": IMAGE}, INVALID, MANDATORY),
        ({"Code": IMAGE}, INVALID, "Please provide a source for function code"),
        ({"PackageType": "Image", "Code": IMAGE}, INVALID, NOT_OF_IMAGES),
        ({"Code": {"ZipFile": zipped({})}}, INVALID, "Uploaded file must be a non-empty zip"),
        ({"LoggingConfig": {"ApplicationLogLevel": "DEBUG"}}, INVALID,
         'LogLevel is not supported when LogFormat is set to "Text"'),
        ({"Tags": {f"key{n}": "" for n in range(51)}}, INVALID, "exceeds resource tag limit"),
        ({"CodeSigningConfigArn": SIGNING}, "CodeSigningConfigNotFoundException", SIGNING),
    ],
)  # fmt: skip
def test_a_function_needs_what_its_package_needs(lambdas, changes, code, words):
    error = refusal(lambdas.client.create_function, **packaged(**changes))
    assert (error["Code"], words in error["Message"]) == (code, True), error


def test_levels_need_logs_that_are_json(lambdas):
    name = lambdas.make("def handler(event, context): return 1")
    update = lambdas.client.update_function_configuration
    words = refusal(update, FunctionName=name, LoggingConfig={"SystemLogLevel": "WARN"})["Message"]
    assert words.endswith('or change the LogFormat to "Json" and try again.')
    update(FunctionName=name, LoggingConfig={"LogFormat": "JSON"})
    lambdas.client.get_waiter("function_updated_v2").wait(FunctionName=name)
    answer = update(FunctionName=name, LoggingConfig={"SystemLogLevel": "WARN"})
    assert answer["LoggingConfig"]["SystemLogLevel"] == "WARN"


def test_a_url_s_kind_of_access_belongs_to_the_action_of_urls(lambdas):
    name = lambdas.make("def handler(event, context): return 1")
    given = {"FunctionName": name, "StatementId": "url", "Principal": "*"}
    error = refusal(
        lambdas.client.add_permission,
        **given,
        Action="lambda:InvokeFunction",
        FunctionUrlAuthType="NONE",
    )
    message = "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action"
    assert (error["Code"], error["Message"]) == (INVALID, message)


def test_an_alias_cannot_move_to_the_version_that_it_shifts_traffic_to(lambdas):
    name = lambdas.make("def handler(event, context): return 1")
    client, ready = lambdas.client, lambdas.client.get_waiter("function_updated_v2")
    client.publish_version(FunctionName=name)
    for change in ({"Timeout": 9}, {"Role": ROLE + "-other"}):
        client.update_function_configuration(FunctionName=name, **change)
        ready.wait(FunctionName=name)
        client.publish_version(FunctionName=name)
    live = {"FunctionName": name, "Name": "live"}
    weights = {"RoutingConfig": {"AdditionalVersionWeights": {"2": 0.1}}}
    client.create_alias(**live, FunctionVersion="1", **weights)
    words = refusal(client.update_alias, **live, FunctionVersion="2")["Message"]
    assert words.endswith("Function version 2 is already included in routing configuration.")
    words = refusal(client.update_alias, **live, FunctionVersion="3")["Message"]
    assert words == "Specified versions must be associated with the same execution role"


@each(
    ("arn", "kind", "words"),
    [
        ("arn:aws:s3:::bucket", "OnSuccess", "The provided destination config"),
        ("arn:aws:lambda:us-east-1:000000000000:function:{}", "OnFailure", "is invalid"),
    ],
)
def test_a_destination_must_be_of_a_kind_and_region_that_lambda_reaches(lambdas, arn, kind, words):
    name = lambdas.make("def handler(event, context): return 1")
    put = lambdas.client.put_function_event_invoke_config
    targets = {kind: {"Destination": arn.format(name)}}
    assert words in refusal(put, FunctionName=name, DestinationConfig=targets)["Message"]


def test_a_kind_of_log_that_does_not_exist_is_refused(lambdas):
    name = lambdas.make("def handler(event, context): return 1")
    error = refusal(lambdas.client.invoke, FunctionName=name, LogType="Head")
    assert error["Code"] == "ValidationException"
    assert "at 'logType' failed to satisfy constraint" in error["Message"]


def test_a_function_made_with_code_signing_has_it(lambdas):
    arn = lambdas.client.create_code_signing_config(
        AllowedPublishers={
            "SigningProfileVersionArns": [
                f"arn:aws:signer:eu-west-1:{ACCOUNT}:/signing-profiles/test/0123456789"
            ]
        }
    )["CodeSigningConfig"]["CodeSigningConfigArn"]
    made = packaged(FunctionName="signed", CodeSigningConfigArn=arn)
    lambdas.client.create_function(**made)
    answer = lambdas.client.get_function_code_signing_config(FunctionName="signed")
    assert answer["CodeSigningConfigArn"] == arn
