"""Function URLs and HTTP APIs answer unsigned requests on this machine; no other address does."""

import http.client
import json
import urllib.error
import urllib.request
from contextlib import closing
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from lambdadeck.engine.services.public_urls import answering
from lambdadeck.triggers import recorder
from tests.support.apis import allow, arn_of
from tests.support.cases import each
from tests.support.lambdas import open_to_all
from tests.support.plain_boto3 import pointed_at

URL = b"https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws/"


@pytest.fixture(scope="module")
def function(lambdas):
    with pointed_at(lambdas.engine), recorder.deployed() as deployed:
        allow(lambdas, deployed.name)
        yield deployed


def opened(address):
    with urllib.request.urlopen(address, timeout=60) as answer:
        return answer.status, answer.read().decode()


def test_a_function_url_is_the_same_wherever_it_is_stated_and_answers(function, lambdas):
    client = boto3.client("lambda")
    made = client.create_function_url_config(FunctionName=function.name, AuthType="NONE")[
        "FunctionUrl"
    ]
    assert made.startswith(
        f"{lambdas.engine.endpoint}/_public/{lambdas.engine.settings.start_id}/lambda-url/"
    )
    got = client.get_function_url_config(FunctionName=function.name)["FunctionUrl"]
    listed = client.list_function_url_configs(FunctionName=function.name)["FunctionUrlConfigs"][0][
        "FunctionUrl"
    ]
    changed = client.update_function_url_config(FunctionName=function.name, InvokeMode="BUFFERED")[
        "FunctionUrl"
    ]
    assert made == got == listed == changed
    with pytest.raises(urllib.error.HTTPError, match="403"):
        opened(made)  # nobody may: the function has no policy
    open_to_all(client, function.name)
    assert opened(f"{made}any/path?x=1") == (200, "Seen: /any/path?x=1")
    client.delete_function_url_config(FunctionName=function.name)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        opened(made)


def test_an_api_is_the_same_wherever_it_is_stated_and_answers_at_its_root_and_stages(
    function, lambdas
):
    client = boto3.client("apigatewayv2")
    api = client.create_api(Name="addresses", ProtocolType="HTTP")
    stated = [
        one["ApiEndpoint"]
        for one in (api, client.get_api(ApiId=api["ApiId"]), *client.get_apis()["Items"])
        if one["ApiId"] == api["ApiId"]
    ]
    assert len(stated) == 3 and set(stated) == {api["ApiEndpoint"]}
    assert api["ApiEndpoint"].startswith(f"{lambdas.engine.endpoint}/_public/")
    proxy = {
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": function.arn,
        "PayloadFormatVersion": "2.0",
    }
    made = client.create_integration(ApiId=api["ApiId"], **proxy)["IntegrationId"]
    client.create_route(ApiId=api["ApiId"], RouteKey="$default", Target=f"integrations/{made}")
    for stage in ("$default", "test"):
        client.create_stage(ApiId=api["ApiId"], StageName=stage, AutoDeploy=True)
    assert opened(f"{api['ApiEndpoint']}/root?a=1") == (200, "Seen: /root?a=1")
    assert opened(f"{api['ApiEndpoint']}/test/there?a=1")[0] == 200
    client.delete_api(ApiId=api["ApiId"])


def test_the_address_without_this_starts_id_stays_shut(function, lambdas):
    made = boto3.client("lambda").create_function_url_config(
        FunctionName=function.name, AuthType="NONE"
    )["FunctionUrl"]
    path = urlsplit(made).path.replace(lambdas.engine.settings.start_id, "0" * 32)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        opened(lambdas.engine.endpoint + path)
    boto3.client("lambda").delete_function_url_config(FunctionName=function.name)


def asked(lambdas, host, path, method="GET", **headers):
    """Return the status of an unsigned request with this Host."""
    port = lambdas.engine.settings.port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, headers={"Host": host, **headers})
    with closing(connection):
        return connection.getresponse().status


def test_the_id_of_a_start_opens_nothing_by_itself(lambdas):
    start = lambdas.engine.settings.start_id
    hosts = [f"{name}.{start}.localhost" for name in ("x.lambda-url.eu-west-1", "0.execute-api")]
    paths = ("/", "/_ministack/reset", "/_ministack/health", "/2015-03-31/functions", "/bucket/key")
    for host in [*hosts, f"{start}.localhost", "127.0.0.1"]:
        for path in (*paths, f"/_public/{start}/lambda-url/x/", f"/_aws/lambda-url/{'a' * 32}/"):
            for method in ("GET", "POST"):
                assert asked(lambdas, host, path, method) == 403, (host, method, path)


def test_an_address_reaches_its_function_alone_and_dies_with_it(lambdas):
    source = (
        "def handler(event, context): return event['rawPath'] + str(event['headers'].get('cookie'))"
    )
    client = lambdas.client
    name = lambdas.make(source)
    made = client.create_function_url_config(FunctionName=name, AuthType="NONE")["FunctionUrl"]
    open_to_all(client, name)
    url_id = made.rstrip("/").rsplit("/", 1)[1]
    host = f"{url_id}.lambda-url.eu-west-1.{lambdas.engine.settings.start_id}.localhost"
    invoke = f"/2015-03-31/functions/{name}/invocations"
    for path in ("/_ministack/reset", "/_ministack/lambda-code/x", invoke):
        assert opened(urllib.request.Request(made + path[1:]))[1] == f"{path}None"
        assert asked(lambdas, host, path, "POST") == 200
    both = urllib.request.Request(made, headers={"Cookie": "_xsrf=2; a=1; username-127-0-0-1=3"})
    assert opened(both)[1] == "/a=1"
    assert client.get_function(FunctionName=name)  # nothing was reset
    client.delete_function(FunctionName=name)
    assert asked(lambdas, host, "/") == 403
    lambdas.make(source, name=name)
    assert asked(lambdas, host, "/") == 403
    client.delete_function(FunctionName=name)


def test_the_address_of_an_alias_dies_with_the_alias(lambdas):
    name = lambdas.make("def handler(event, context): return 'in'")
    client, live = lambdas.client, {"FunctionName": name, "Name": "live"}
    client.publish_version(FunctionName=name)
    client.create_alias(**live, FunctionVersion="1")
    url = client.create_function_url_config(FunctionName=name, Qualifier="live", AuthType="NONE")
    open_to_all(client, name, Qualifier="live")
    assert opened(url["FunctionUrl"])[1] == "in"
    client.delete_alias(**live)
    path = urlsplit(url["FunctionUrl"]).path
    assert asked(lambdas, "127.0.0.1", path) == 403
    client.create_alias(**live, FunctionVersion="1")
    assert asked(lambdas, "127.0.0.1", path) == 403
    assert client.list_function_url_configs(FunctionName=name)["FunctionUrlConfigs"] == []
    client.delete_function(FunctionName=name)


def rest_api(arn, methods):
    """Make a REST API with a resource of each name, and return its id; stages: test, old."""
    client = boto3.client("apigateway")
    api = client.create_rest_api(name="addresses")["id"]
    (root,) = client.get_resources(restApiId=api)["items"]
    functions = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions"
    for part, authorization in methods.items():
        made = client.create_resource(restApiId=api, parentId=root["id"], pathPart=part)
        place = {"restApiId": api, "resourceId": made["id"], "httpMethod": "GET"}
        client.put_method(**place, authorizationType=authorization)
        client.put_integration(
            **place,
            type="AWS_PROXY",
            integrationHttpMethod="POST",
            uri=f"{functions}/{arn}/invocations",
        )
    for stage in ("test", "old"):
        client.create_deployment(restApiId=api, stageName=stage)
    return api


def test_a_rest_api_opens_its_stages_methods_alone_and_dies_with_them(function, lambdas):
    name = lambdas.make("def handler(event, context): return {'statusCode': 200}")
    allow(lambdas, name)
    api = rest_api(arn_of(lambdas, name), {"open": "NONE", "iam": "AWS_IAM"})
    start, client = lambdas.engine.settings.start_id, boto3.client("apigateway")
    below, host = f"/_public/{start}/execute-api/{api}", f"{api}.execute-api.{start}.localhost"
    assert opened(f"{lambdas.engine.endpoint}{below}/test/open?a=1")[0] == 200
    assert asked(lambdas, host, "/old/open") == 200
    shut = [f"/test/{path}" for path in ("iam", "iam/", "/iam", "%69am", "open/../iam", "iam?x")]
    shut += ["/prod/open", "/", "", "/$default/open", "/test/@connections/x", "/@connections/x"]
    shut += ["/_ministack/reset", "/2015-03-31/functions"]
    for path in shut:
        for named in (("127.0.0.1", below + path), (host, path or "/")):
            assert asked(lambdas, *named) in (403, 404), named
    legacy = f"/restapis/{api}/test/_user_request_/open"
    assert asked(lambdas, "127.0.0.1", legacy) == asked(lambdas, host, legacy) == 403
    client.delete_stage(restApiId=api, stageName="old")
    assert asked(lambdas, host, "/old/open") == 403
    client.delete_rest_api(restApiId=api)
    assert asked(lambdas, host, "/test/open") == 403


def test_an_address_with_iam_needs_a_signature_that_is_right(lambdas):
    name = lambdas.make("def handler(event, context): return 'in'")
    url = lambdas.client.create_function_url_config(FunctionName=name, AuthType="AWS_IAM")[
        "FunctionUrl"
    ]
    forged = "AWS4-HMAC-SHA256 Credential=A/20260101/r/lambda/aws4_request, SignedHeaders=host, "
    for header in ({}, {"Authorization": f"{forged}Signature=0"}):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            opened(urllib.request.Request(url, headers=header))
    deck = lambdas.engine.settings.deck
    request = AWSRequest("GET", url)
    keys = Credentials(deck.access_key, deck.secret_key)
    SigV4Auth(keys, "lambda", "eu-west-1").add_auth(request)
    assert opened(urllib.request.Request(url, headers=dict(request.headers)))[1] == "in"
    lambdas.client.delete_function(FunctionName=name)


def test_a_page_of_another_site_cannot_open_a_function_url(function):
    made = boto3.client("lambda").create_function_url_config(
        FunctionName=function.name, AuthType="NONE"
    )["FunctionUrl"]
    page = urllib.request.Request(made, headers={"Origin": "https://evil.example"})
    with pytest.raises(urllib.error.HTTPError, match="403"):
        opened(page)
    boto3.client("lambda").delete_function_url_config(FunctionName=function.name)


def test_only_answers_that_state_an_address_are_changed():
    body = json.dumps({"note": URL.decode()}).encode()
    for path in (
        "/2015-03-31/functions/x",
        "/2021-10-31/functions/x/url/y",
        "/v2/apis/x/routes",
        "/bucket/key",
        "/",
    ):
        assert answering(path, body, 1234, "ab") == body
    for path in ("/2021-10-31/functions/x/url", "/2021-10-31/functions/x/urls/"):
        assert (
            answering(path, URL, 1234, "ab")
            == b"http://127.0.0.1:1234/_public/ab/lambda-url/abcdefghijklmnopqrstuvwxyz012345/"
        )


@each(("scheme", "here"), [("http", "http"), ("https", "http"), ("ws", "ws"), ("wss", "ws")])
def test_the_scheme_of_an_api_is_the_one_that_is_spoken_here(scheme, here):
    stated = f"{scheme}://1a2b3c4d.execute-api.{'ab' * 16}.localhost:1234".encode()
    assert (
        answering("/v2/apis", stated, 1234, "ab")
        == f"{here}://127.0.0.1:1234/_public/ab/execute-api/1a2b3c4d".encode()
    )
