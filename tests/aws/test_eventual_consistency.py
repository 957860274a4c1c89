"""Errors of eventual consistency are retried for a limited time; other errors are immediate."""

import time

import boto3
import pytest
from botocore.exceptions import ClientError

from lambdadeck.aws import eventual_consistency
from tests.support.aws_account import aws_account, recorder, refusal
from tests.support.lambdas import zipped

NOT_YET = "The role defined for the function cannot be assumed by Lambda."
CREATE = "POST /2015-03-31/functions"
MADE = {
    "FunctionName": "late",
    "Runtime": "python3.13",
    "Handler": "app.handler",
    "Role": "arn:aws:iam::210987654321:role/lambda-live",
    "Code": {"ZipFile": zipped({"app.py": "def handler(event, context): return 1"})},
}


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    with aws_account(tmp_path_factory.mktemp("home")) as account:
        yield account


def session_of(account, pause_s=0.01, limit_s=0.1):
    deck = account.engine.settings.deck
    session = boto3.Session(
        aws_access_key_id=deck.access_key,
        aws_secret_access_key=deck.secret_key,
        region_name="eu-west-1",
    )
    eventual_consistency.wait(session, pause_s, limit_s)
    return session


def client(
    account, seen, service="lambda", pause_s=0.01, limit_s=0.1, retries="legacy", session=None
):
    session = session or session_of(account, pause_s, limit_s)
    return session.client(
        service, endpoint_url=seen.address, config=boto3.session.Config(retries={"mode": retries})
    )


def failing(times, answer):
    """Answer so the first times, then let pass."""
    left = iter([answer] * times)
    return lambda call: next(left, None)


@pytest.mark.parametrize("retries", ["legacy", "standard", "adaptive"])
def test_a_role_that_lambda_does_not_know_yet_is_waited_for(account, retries):
    with recorder(account.engine.endpoint) as seen:
        seen.answer = failing(3, refusal("InvalidParameterValueException", NOT_YET))
        lambda_ = client(account, seen, retries=retries)
        assert lambda_.create_function(**MADE)["FunctionName"] == "late"
        assert seen.calls == [CREATE] * 4
        lambda_.delete_function(FunctionName="late")


def test_one_that_it_never_gets_to_know_is_its_own_error_after_the_limit(account):
    with recorder(account.engine.endpoint) as seen:
        seen.answer = lambda call: refusal("InvalidParameterValueException", NOT_YET)
        began = time.monotonic()
        with pytest.raises(ClientError, match="cannot be assumed by Lambda"):
            client(account, seen).create_function(**MADE)
        assert len(seen.calls) == 11 and time.monotonic() - began >= 0.1


def test_a_notification_waits_for_a_permission_that_was_given_and_for_no_other(account):
    with recorder(account.engine.endpoint) as seen:
        both = session_of(account)
        lambda_, s3 = (client(account, seen, one, session=both) for one in ("lambda", "s3"))
        arn = lambda_.create_function(**MADE)["FunctionArn"]
        here = {"LocationConstraint": "eu-west-1"}
        s3.create_bucket(Bucket="waiting", CreateBucketConfiguration=here)
        wired = [{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]
        wiring = {"Bucket": "waiting", "NotificationConfiguration": {}}
        wiring["NotificationConfiguration"]["LambdaFunctionConfigurations"] = wired
        refused = pytest.raises(ClientError, match="Unable to validate the following destination")
        before = len(seen.calls)
        with refused:
            s3.put_bucket_notification_configuration(**wiring)
        assert len(seen.calls) == before + 1  # nobody has allowed it: told at once
        version = lambda_.publish_version(FunctionName="late")["Version"]
        lambda_.create_alias(FunctionName="late", Name="live", FunctionVersion=version)
        permission = {"StatementId": "s", "Action": "lambda:InvokeFunction"}
        permission["FunctionName"] = f"{arn}:live"  # the name counts, not the alias
        lambda_.add_permission(**permission, Principal="sns.amazonaws.com")
        with refused:
            s3.put_bucket_notification_configuration(**wiring)
        assert len(seen.calls) > before + 5
        lambda_.delete_function(FunctionName="late")


@pytest.mark.parametrize(
    "message", ["The runtime parameter of nodejs4.3 is no longer supported", "Handler is missing"]
)
def test_what_will_not_go_away_is_told_at_once(account, message):
    with recorder(account.engine.endpoint) as seen:
        seen.answer = lambda call: refusal("InvalidParameterValueException", message)
        with pytest.raises(ClientError, match=message):
            client(account, seen).create_function(**MADE)
        assert seen.calls == [CREATE]


def test_each_lag_that_is_known_is_of_its_call_alone():
    cases = [
        ("lambda.CreateFunction", "InvalidParameterValueException", NOT_YET),
        ("lambda.UpdateFunctionConfiguration", "InvalidParameterValueException", NOT_YET),
        (
            "lambda.CreateEventSourceMapping",
            "InvalidParameterValueException",
            "The provided execution role does not have permissions to call ReceiveMessage on SQS",
        ),
        (
            "lambda.CreateEventSourceMapping",
            "InvalidParameterValueException",
            "Cannot access stream arn. Please ensure the role can perform the GetRecords, "
            "GetShardIterator Actions on your stream in IAM.",
        ),
        (
            "lambda.PutFunctionEventInvokeConfig",
            "InvalidParameterValueException",
            "The provided execution role does not have permissions to call SendMessage on SQS",
        ),
        (
            "lambda.DeleteEventSourceMapping",
            "ResourceInUseException",
            "Cannot delete the event source mapping because it is in use.",
        ),
        (
            "cloudwatch-logs.PutSubscriptionFilter",
            "InvalidParameterException",
            "Could not execute the lambda function. Make sure you have given CloudWatch Logs "
            "permission to execute your function.",
        ),
        (
            "s3.PutBucketNotificationConfiguration",
            "InvalidArgument",
            "Unable to validate the following destination configurations",
        ),
        (
            "cognito-identity-provider.SignUp",
            "UnexpectedLambdaException",
            "PreSignUp invocation failed due to error AccessDeniedException.",
        ),
    ]
    for call, code, message in cases:
        error = {"Code": code, "Message": message}
        assert eventual_consistency.is_lag(call, error), call
        assert not eventual_consistency.is_lag("lambda.Invoke", error), call
        denied = {**error, "Code": "AccessDeniedException"}
        assert not eventual_consistency.is_lag(call, denied), call


def test_every_call_is_named_as_botocore_names_it(account):
    session = boto3.Session(
        region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    names = {
        "lambda": "lambda",
        "cloudwatch-logs": "logs",
        "s3": "s3",
        "cognito-identity-provider": "cognito-idp",
    }
    for call in eventual_consistency.LAGS:
        service, operation = call.split(".")
        model = session.client(names[service]).meta.service_model
        assert model.service_id.hyphenize() == service and operation in model.operation_names
