"""The triggers of web and devices: API Gateway, function URLs, IoT, Cognito, Alexa, CloudFront."""

import json
import urllib.request
from urllib.error import HTTPError

import boto3

from lambdadeck import aws
from lambdadeck.triggers.base import Fire, Wiring, trigger
from lambdadeck.triggers.documented_events import replay
from lambdadeck.triggers.recorder import until

_PASSWORD = "Correct-h0rse-battery"  # for nobody's account: the pool is deleted immediately


@trigger("API Gateway", "called GET /hello", "routeKey", "requestContext.stage")
def api_gateway(wiring: Wiring) -> Fire:
    """Call an HTTP API."""
    client = boto3.client("apigatewayv2")
    api = client.create_api(Name=wiring.name, ProtocolType="HTTP")
    wiring.undo(client.delete_api, ApiId=api["ApiId"])
    made = client.create_integration(
        ApiId=api["ApiId"],
        IntegrationType="AWS_PROXY",
        IntegrationUri=wiring.arn,
        PayloadFormatVersion="2.0",
    )
    client.create_route(
        ApiId=api["ApiId"], RouteKey="GET /hello", Target=f"integrations/{made['IntegrationId']}"
    )
    client.create_stage(ApiId=api["ApiId"], StageName="$default", AutoDeploy=True)
    gateway = f"arn:{wiring.partition}:execute-api:{wiring.region}:{wiring.account}"
    wiring.allow("apigateway.amazonaws.com", SourceArn=f"{gateway}:{api['ApiId']}/*/*/hello")
    return lambda mark: get(f"{api['ApiEndpoint']}/hello?name=Ada-{mark}")


@trigger("Function URL", "opened the address", "rawPath", "rawQueryString")
def function_url(wiring: Wiring) -> Fire:
    """Open the function's own address."""
    made = wiring.lambda_.create_function_url_config(FunctionName=wiring.function, AuthType="NONE")
    wiring.undo(wiring.lambda_.delete_function_url_config, FunctionName=wiring.function)
    # Both, since October 2025: the address may be called, and through it the function be invoked.
    wiring.allow("*", "lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE")
    wiring.allow("*", "lambda:InvokeFunction", InvokedViaFunctionUrl=True)
    return lambda mark: get(f"{made['FunctionUrl']}hello?name=Ada-{mark}")


def get(address: str) -> tuple[int, str]:
    """GET an address; return status and text or raise HTTPError."""
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.status, answer.read().decode()


def opened(address: str, *, timeout_s: float | None = None) -> str:
    """Return the text at an address, retrying while a new one still answers 403 or 404.

    Raise HTTPError after `timeout_s` seconds (10, on AWS 60).
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
    """Publish to a topic that a rule listens to, as a device does."""
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
    """Sign up to a user pool."""
    client = boto3.client("cognito-idp")
    hooks = {"PreSignUp": wiring.arn}
    pool = client.create_user_pool(PoolName=wiring.name, LambdaConfig=hooks)["UserPool"]
    wiring.undo(client.delete_user_pool, UserPoolId=pool["Id"])
    wiring.allow("cognito-idp.amazonaws.com", SourceArn=pool["Arn"])
    app = client.create_user_pool_client(UserPoolId=pool["Id"], ClientName="web")["UserPoolClient"]
    return lambda mark: client.sign_up(
        ClientId=app["ClientId"], Username=f"ada-{mark}", Password=_PASSWORD
    )


@trigger("Alexa", "sent a sample event", "request.type", "request.intent.name", replayed=True)
def alexa(wiring: Wiring) -> Fire:
    """Replay the documented event of a skill: the caller would be a device."""
    return replay("alexa", wiring)


@trigger(
    "CloudFront",
    "sent a sample event",
    "Records.0.cf.config.eventType",
    "Records.0.cf.request.uri",
    replayed=True,
)
def cloudfront(wiring: Wiring) -> Fire:
    """Replay the documented event of Lambda@Edge: the embedded cloud has no edge."""
    return replay("cloudfront", wiring)
