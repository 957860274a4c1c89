"""APIs in front of a function, and requests to them byte by byte."""

from __future__ import annotations

import http.client
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.support.lambdas import Lambdas

GATEWAY = "apigateway.amazonaws.com"
ROUTES = "$connect", "$default", "$disconnect"  # of a WebSocket API


class Answered(NamedTuple):
    """A response: its headers by lower-case name, those that come twice joined."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(
    url: str, method: str = "GET", headers: Any = (), body: bytes | None = None, path: str = ""
) -> Answered:
    """Send a request with these header lines alone, and read the response."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    connection.putrequest(method, parts.path + path, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    named: dict[str, str] = {}
    for name, value in answer.getheaders():
        key = name.lower()
        named[key] = f"{named[key]},{value}" if key in named else value
    found = Answered(answer.status, named, answer.read())
    connection.close()
    return found


def allow(lambdas: Lambdas, name: str, service: str = GATEWAY, **source: str) -> None:
    """Let a service invoke a function."""
    lambdas.client.add_permission(
        FunctionName=name,
        StatementId=service.partition(".")[0],
        Principal=service,
        Action="lambda:InvokeFunction",
        **source,
    )


def arn_of(lambdas: Lambdas, name: str) -> str:
    found: str = lambdas.client.get_function_configuration(FunctionName=name)["FunctionArn"]
    return found


def rest_api(
    lambdas: Lambdas, name: str, integration: dict[str, Any] | None = None, **api: Any
) -> str:
    """Make a REST API that proxies any path to a function; return the address of its stage."""
    client, invoked = lambdas.boto("apigateway"), arn_of(lambdas, name)
    region, settings = lambdas.engine.settings.region, lambdas.engine.settings
    made = client.create_rest_api(name=name, **api)["id"]
    root = client.get_resources(restApiId=made)["items"][0]["id"]
    proxy = client.create_resource(restApiId=made, parentId=root, pathPart="{proxy+}")["id"]
    where = {"restApiId": made, "resourceId": proxy, "httpMethod": "ANY"}
    client.put_method(**where, authorizationType="NONE")
    functions = f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions"
    proxied = {
        "type": "AWS_PROXY",
        "integrationHttpMethod": "POST",
        "uri": f"{functions}/{invoked}/invocations",
    }
    client.put_integration(**where, **(proxied | (integration or {})))
    client.create_deployment(restApiId=made, stageName="test", variables={"kind": "documented"})
    return f"{lambdas.engine.endpoint}/_public/{settings.start_id}/execute-api/{made}/test"


def http_api(lambdas: Lambdas, name: str, version: str, **integration: Any) -> str:
    """Make an HTTP API with a route and $default; return its address."""
    client = lambdas.boto("apigatewayv2")
    api = client.create_api(Name=name, ProtocolType="HTTP")
    made = client.create_integration(
        ApiId=api["ApiId"],
        IntegrationType="AWS_PROXY",
        IntegrationUri=arn_of(lambdas, name),
        PayloadFormatVersion=version,
        **integration,
    )
    for key in ("ANY /items/{id}", "$default"):
        target = f"integrations/{made['IntegrationId']}"
        client.create_route(ApiId=api["ApiId"], RouteKey=key, Target=target)
    client.create_stage(ApiId=api["ApiId"], StageName="$default", AutoDeploy=True)
    variables = {"kind": "documented"}
    client.create_stage(
        ApiId=api["ApiId"], StageName="dev", AutoDeploy=True, StageVariables=variables
    )
    return str(api["ApiEndpoint"])


def websocket_api(lambdas: Lambdas, arn: str, routes: Any = (*ROUTES, "chat")) -> str:
    """Put a WebSocket API in front of a function; return the address of its stage."""
    gateway = lambdas.boto("apigatewayv2")
    api = gateway.create_api(
        Name="chat", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
    )
    made = gateway.create_integration(
        ApiId=api["ApiId"], IntegrationType="AWS_PROXY", IntegrationUri=arn
    )
    for key in routes:
        target = f"integrations/{made['IntegrationId']}"
        gateway.create_route(ApiId=api["ApiId"], RouteKey=key, Target=target)
    gateway.create_stage(ApiId=api["ApiId"], StageName="prod", AutoDeploy=True)
    return f"{api['ApiEndpoint']}/prod"
