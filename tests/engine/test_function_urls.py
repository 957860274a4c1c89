"""A function URL across origins, as a browser asks for it."""

import http.client
from urllib.parse import urlsplit

import pytest

from tests.support.lambdas import open_to_all

HERE, FOREIGN = "http://localhost:5173", "https://evil.example"


@pytest.fixture(scope="module")
def url(lambdas):
    name = lambdas.make("def handler(event, context): return event['headers'].get('origin', '-')")
    cors = {"AllowOrigins": ["*"], "AllowMethods": ["GET"], "MaxAge": 60}
    made = lambdas.client.create_function_url_config(FunctionName=name, AuthType="NONE", Cors=cors)
    open_to_all(lambdas.client, name)
    return made["FunctionUrl"]


def ask(url, method="GET", **headers):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, parts.path, headers={"Sec-Fetch-Site": "cross-site", **named})
    answer = connection.getresponse()
    found = answer.status, answer.headers.get("Access-Control-Allow-Origin"), answer.read().decode()
    connection.close()
    return found, dict(answer.headers)


def test_a_page_whose_origin_is_configured_calls_a_function_url_and_another_does_not(url):
    assert ask(url, origin=HERE)[0] == (200, HERE, HERE)
    status, allowed, _ = ask(url, origin=FOREIGN)[0]
    assert (status, allowed) == (403, None)


def test_a_preflight_is_answered_without_the_function(url):
    asked = {"origin": HERE, "access_control_request_method": "GET"}
    (status, allowed, body), headers = ask(url, "OPTIONS", **asked)
    assert (status, allowed, body) == (200, HERE, "")
    assert headers["access-control-allow-methods"] == "GET"
    assert headers["access-control-max-age"] == "60"
    assert ask(url, "OPTIONS", **{**asked, "origin": FOREIGN})[0][0] == 403
