"""Which callers a function's policy lets in."""

from lambdadeck.engine.api import access
from tests.support.cases import each

ARN = "arn:aws:lambda:eu-west-1:000000000000:function:f"
TOPIC = "arn:aws:sns:eu-west-1:000000000000:topic"
SNS = {"Service": "sns.amazonaws.com"}


def record(principal, action=access.INVOKE, resource=ARN, **condition):
    statement = {"Principal": principal, "Action": action, "Resource": resource}
    return {"policy": {"Statement": [{**statement, "Condition": condition}]}}


@each(
    ("stated", "source", "account", "expected"),
    [
        (record(SNS), TOPIC, "0", True),
        (record("*"), TOPIC, "0", True),
        (record({"Service": "s3.amazonaws.com"}), TOPIC, "0", False),
        (record({"AWS": "arn:aws:iam::000000000000:root"}), TOPIC, "0", False),
        (record(SNS, action="lambda:*"), TOPIC, "0", True),
        (record(SNS, action="lambda:GetFunction"), TOPIC, "0", False),
        (record(SNS, resource=f"{ARN}:live"), TOPIC, "0", False),
        (record(SNS, ArnLike={"AWS:SourceArn": TOPIC}), TOPIC, "0", True),
        (record(SNS, ArnLike={"AWS:SourceArn": TOPIC[:-2] + "*"}), TOPIC, "0", True),
        (record(SNS, ArnLike={"AWS:SourceArn": f"{TOPIC}2"}), TOPIC, "0", False),
        (record(SNS, StringEquals={"AWS:SourceAccount": "0"}), TOPIC, "0", True),
        (record(SNS, StringEquals={"AWS:SourceAccount": "1"}), TOPIC, "0", False),
        (record(SNS, StringEquals={"AWS:SourceAccount": "1"}), TOPIC, access.UNKNOWN, True),
        (record(SNS, StringEquals={"aws:PrincipalOrgID": "o-1"}), TOPIC, "0", False),
        ({"policy": {"Statement": []}}, TOPIC, "0", False),
    ],
)
def test_a_statement_must_name_the_service_the_action_and_the_source(
    stated, source, account, expected
):
    context = {"AWS:SourceArn": source, "AWS:SourceAccount": account}
    found = access.allows(stated, ARN, access.INVOKE, "sns.amazonaws.com", context)
    assert found is expected
