"""API Gateway, Cognito, EventBridge and IoT invoke a function only if its policy allows it."""

import json

import pytest

from lambdadeck.triggers import recorder
from tests.support.apis import GATEWAY, allow, arn_of, ask, http_api, rest_api

ROUTED = """
    import json, time

    def handler(event, context):
        kind = event.get("rawPath", event.get("path", "")).strip("/")
        if kind == "fail":
            raise ValueError("secret of the stack")
        if kind == "late":
            time.sleep(3)
        if kind == "large":
            return {"statusCode": 200, "body": "x" * 6_300_000}
        return {"statusCode": 200, "body": str(len(event.get("body") or ""))}
"""
SERVER, HTTP = b'{"message": "Internal server error"}', b'{"message":"Internal Server Error"}'


@pytest.fixture(scope="module")
def apis(lambdas):
    name = lambdas.make(ROUTED, name="routed", Timeout=10, MemorySize=512)
    return name, rest_api(lambdas, name), http_api(lambdas, name, "2.0")


def test_an_api_without_permission_fails_and_with_one_for_another_api_too(lambdas, apis):
    name, *urls = apis
    for source in ("", "arn:aws:execute-api:eu-west-1:000000000000:other/*"):
        if source:
            allow(lambdas, name, SourceArn=source)
        answers = [ask(url, path="/x") for url in urls]
        assert [(one.status, one.body) for one in answers] == [(500, SERVER), (500, HTTP)]
    gateway = "arn:aws:execute-api:eu-west-1:000000000000:"
    own = [f"{gateway}{urls[0].split('/')[-2]}/test/GET/*", f"{gateway}{urls[1].split('/')[-1]}/*"]
    for number, source in enumerate(own):
        permission = {"Principal": GATEWAY, "Action": "lambda:InvokeFunction", "SourceArn": source}
        lambdas.client.add_permission(FunctionName=name, StatementId=str(number), **permission)
    assert [ask(url, path="/x").status for url in urls] == [200, 200]
    assert ask(urls[0], "POST", path="/x").status == 500  # only GET is allowed
    lambdas.client.remove_permission(FunctionName=name, StatementId="0")
    assert ask(urls[0], path="/x").status == 500
    lambdas.client.remove_permission(FunctionName=name, StatementId="apigateway")
    allow(lambdas, name)


def test_errors_late_answers_and_large_ones_tell_nothing_of_the_function(apis):
    _, rest, http = apis
    assert [ask(url, path="/x").status for url in (rest, http)] == [200, 200]
    for kind in ("/fail", "/large"):
        failed = ask(rest, path=kind)
        assert (failed.status, failed.body) == (502, SERVER), kind
        assert failed.headers["x-amzn-errortype"] == "InternalServerErrorException"
        failed = ask(http, path=kind)
        assert (failed.status, failed.body) == (500, HTTP), kind
    body = b"x" * (6 * 1024 * 1024)
    assert [ask(url, "POST", body=body).status for url in (rest + "/x", http)] == [500, 500]


def test_an_api_waits_for_as_long_as_its_integration_says(lambdas, apis):
    name, urls = apis[0], []
    urls.append(rest_api(lambdas, name, {"timeoutInMillis": 300}))
    urls.append(http_api(lambdas, name, "2.0", TimeoutInMillis=300))
    assert [ask(url, path="/late").status for url in urls] == [504, 503]


def test_each_response_names_its_request(apis):
    _, rest, http = apis
    one, two = ask(rest, path="/x").headers, ask(http, path="/x").headers
    assert {"x-amzn-requestid", "x-amz-apigw-id"} <= set(one)
    assert len(two["apigw-requestid"]) == 16


def test_a_throttled_function_is_an_error_of_the_api(lambdas, apis):
    name, rest, http = apis
    client = lambdas.client
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    assert [ask(url, path="/x").status for url in (rest, http)] == [500, 503]
    client.delete_function_concurrency(FunctionName=name)


def test_a_role_or_another_method_than_post_decides_for_an_integration(lambdas, apis):
    name = lambdas.make("def handler(event, context): return {}")
    role = "arn:aws:iam::000000000000:role/gateway"
    assert ask(rest_api(lambdas, name, {"credentials": role}), path="/x").status == 200
    assert ask(http_api(lambdas, name, "2.0", CredentialsArn=role), path="/x").status == 200
    got = {"credentials": role, "integrationHttpMethod": "GET"}
    assert ask(rest_api(lambdas, name, got), path="/x").status == 500


def test_an_integration_without_proxy_needs_permission_too(lambdas):
    name = lambdas.make("def handler(event, context): return {'seen': True}")
    url = rest_api(lambdas, name, {"type": "AWS"})
    assert ask(url, path="/x").status == 500
    allow(lambdas, name)
    assert json.loads(ask(url, path="/x").body) == {"seen": True}


def test_cognito_says_why_it_cannot_invoke_and_what_a_trigger_has_said(lambdas):
    name = lambdas.make("def handler(event, context): raise ValueError('not you')")
    client = lambdas.boto("cognito-idp")
    pool = client.create_user_pool(PoolName=name, LambdaConfig={"PreSignUp": arn_of(lambdas, name)})
    made = client.create_user_pool_client(UserPoolId=pool["UserPool"]["Id"], ClientName="web")
    ada = {"Username": "ada", "Password": "Correct-h0rse-battery"}
    ada["ClientId"] = made["UserPoolClient"]["ClientId"]
    refused = "PreSignUp invocation failed due to error AccessDeniedException."
    with pytest.raises(client.exceptions.UnexpectedLambdaException, match=refused):
        client.sign_up(**ada)
    allow(lambdas, name, "cognito-idp.amazonaws.com", SourceArn=pool["UserPool"]["Arn"])
    with pytest.raises(client.exceptions.UserLambdaValidationException, match="with error not you"):
        client.sign_up(**ada)


def test_a_rule_that_the_policy_does_not_name_calls_in_vain(lambdas):
    name = lambdas.make("def handler(event, context): print('CAME', event)")
    arn, account = arn_of(lambdas, name), "eu-west-1:000000000000"
    allow(lambdas, name, "events.amazonaws.com", SourceArn=f"arn:aws:events:{account}:rule/right")
    allow(lambdas, name, "iot.amazonaws.com", SourceArn=f"arn:aws:iot:{account}:rule/right")
    events, iot = lambdas.boto("events"), lambdas.boto("iot")
    for rule in ("wrong", "right"):
        events.put_rule(Name=rule, EventPattern=json.dumps({"source": [rule]}))
        events.put_targets(Rule=rule, Targets=[{"Id": "1", "Arn": arn}])
        actions = [{"lambda": {"functionArn": arn}}]
        topic = {"sql": f"SELECT * FROM '{rule}'", "actions": actions}
        iot.create_topic_rule(ruleName=rule, topicRulePayload=topic)
        sent = {"Source": rule, "DetailType": "test", "Detail": "{}"}
        events.put_events(Entries=[sent])
        lambdas.boto("iot-data").publish(topic=rule, payload=json.dumps({"device": rule}))
    logs = lambdas.boto("logs")
    for wanted in ("'source': 'right'", "'device': 'right'"):
        assert recorder.until(lambda w=wanted: next(recorder.log_lines(name, w, logs), None), 60)
    assert not list(recorder.log_lines(name, "wrong", logs))
