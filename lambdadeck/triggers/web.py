"""The triggers of the web and of devices: API Gateway, function URLs, IoT, Cognito; Alexa and CloudFront, replayed."""

from __future__ import annotations

import json
import urllib.request
from urllib.error import HTTPError

import boto3

from lambdadeck import aws
from lambdadeck.triggers.base import Fire, Wiring, trigger
from lambdadeck.triggers.documented_events import replay
from lambdadeck.triggers.recorder import until

_PASSWORD = "Correct-h0rse-battery"  # for nobody's account: the pool is deleted at once


@trigger("API Gateway", "called GET /hello", "routeKey", "requestContext.stage")
def api_gateway(wiring: Wiring) -> Fire:
    """Somebody calls an HTTP API."""
    client = boto3.client("apigatewayv2")
    api = client.create_api(Name=wiring.name, ProtocolType="HTTP")
    wiring.undo(client.delete_api, ApiId=api["ApiId"])
    proxy = {
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": wiring.arn,
        "PayloadFormatVersion": "2.0",
    }
    made = client.create_integration(ApiId=api["ApiId"], **proxy)
    client.create_route(
        ApiId=api["ApiId"], RouteKey="GET /hello", Target=f"integrations/{made['IntegrationId']}"
    )
    client.create_stage(ApiId=api["ApiId"], StageName="$default", AutoDeploy=True)
    calls = f"arn:{wiring.partition}:execute-api:{wiring.region}:{wiring.account}:{api['ApiId']}/*/*/hello"
    wiring.allow("apigateway.amazonaws.com", SourceArn=calls)
    return lambda mark: get(f"{api['ApiEndpoint']}/hello?name=Ada-{mark}")


@trigger("Function URL", "opened the address", "rawPath", "rawQueryString")
def function_url(wiring: Wiring) -> Fire:
    """Somebody opens the function's own address."""
    made = wiring.lambda_.create_function_url_config(FunctionName=wiring.function, AuthType="NONE")
    wiring.undo(wiring.lambda_.delete_function_url_config, FunctionName=wiring.function)
    # Both, since October 2025: the address may be called, and through it the function be invoked.
    wiring.allow("*", "lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE")
    wiring.allow("*", "lambda:InvokeFunction", InvokedViaFunctionUrl=True)
    return lambda mark: get(f"{made['FunctionUrl']}hello?name=Ada-{mark}")


def get(address: str) -> tuple[int, str]:
    """Open an address as a browser would: status and text. Raises urllib's HTTPError."""
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.status, answer.read().decode()


def opened(address: str, *, timeout_s: float | None = None) -> str:
    """The text at an address as soon as it answers: a new one on AWS may say 403 or 404 for some seconds.

    Raises urllib's HTTPError after `timeout_s` seconds (10, on AWS 60).
    """
    late: list[HTTPError] = []

    def ask() -> str | None:
        try:
            return get(address)[1]
        except HTTPError as error:
            error.close()  # its body is not read, and its status stays
            late[:] = [error]
            return None

    text = until(ask, aws.limit_s(10) if timeout_s is None else timeout_s)
    if text is None:
        raise late[0]
    return text


@trigger("IoT", "pressed a button", "clickType", "device")
def iot(wiring: Wiring) -> Fire:
    """A device publishes to a topic that a rule listens to."""
    client, device = boto3.client("iot"), boto3.client("iot-data")
    rule = wiring.name.replace("-", "_")  # a rule's name may have no hyphen
    actions = [{"lambda": {"functionArn": wiring.arn}}]
    stated = {
        "sql": f"SELECT * FROM '{wiring.name}/button'",
        "awsIotSqlVersion": "2016-03-23",
        "actions": actions,
    }
    client.create_topic_rule(ruleName=rule, topicRulePayload=stated)
    wiring.undo(client.delete_topic_rule, ruleName=rule)
    wiring.allow("iot.amazonaws.com", SourceArn=client.get_topic_rule(ruleName=rule)["ruleArn"])
    return lambda mark: device.publish(
        topic=f"{wiring.name}/button",
        qos=1,
        payload=json.dumps({"clickType": "SINGLE", "device": f"button-{mark}"}),
    )


@trigger("Cognito", "signed up", "triggerSource", "userName")
def cognito(wiring: Wiring) -> Fire:
    """Somebody signs up to a user pool."""
    client = boto3.client("cognito-idp")
    pool = client.create_user_pool(PoolName=wiring.name, LambdaConfig={"PreSignUp": wiring.arn})[
        "UserPool"
    ]
    wiring.undo(client.delete_user_pool, UserPoolId=pool["Id"])
    wiring.allow("cognito-idp.amazonaws.com", SourceArn=pool["Arn"])
    app = client.create_user_pool_client(UserPoolId=pool["Id"], ClientName="web")["UserPoolClient"]
    return lambda mark: client.sign_up(
        ClientId=app["ClientId"], Username=f"ada-{mark}", Password=_PASSWORD
    )


@trigger("Alexa", "sent a sample event", "request.type", "request.intent.name", replayed=True)
def alexa(wiring: Wiring) -> Fire:
    """The documented event of a skill: the caller would be a device."""
    return replay("alexa", wiring)


@trigger(
    "CloudFront",
    "sent a sample event",
    "Records.0.cf.config.eventType",
    "Records.0.cf.request.uri",
    replayed=True,
)
def cloudfront(wiring: Wiring) -> Fire:
    """The documented event of Lambda@Edge: the embedded cloud has no edge."""
    return replay("cloudfront", wiring)
