"""Events and responses of function URLs, and which origins may read them."""

import json

from lambdadeck.engine.http import function_urls
from lambdadeck.engine.http.function_urls import UrlCall
from lambdadeck.engine.http.message import Request
from lambdadeck.engine.model import Invocation, Outcome
from tests.support.cases import each


def event_of(body=b"", query="", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = Request("POST", "/x/a%20b", query, named, body)
    call = UrlCall("abc", "eu-west-1", "anonymous", "/a b", request)
    return function_urls.event(call, "id", "Root=1-2-3")


def test_an_event_has_the_documented_fields():
    made = event_of(b"hi", "a=1&b=2&a=3&flag", content_type="text/plain", cookie="k=1; l=2")
    context = made.pop("requestContext")
    assert {key: made[key] for key in made if key != "headers"} == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/a b",
        "rawQueryString": "a=1&b=2&a=3&flag",
        "cookies": ["k=1", "l=2"],
        "queryStringParameters": {"a": "1,3", "b": "2", "flag": ""},
        "body": "hi",
        "isBase64Encoded": False,
    }
    assert made["headers"]["host"] == context["domainName"] == "abc.lambda-url.eu-west-1.on.aws"
    assert made["headers"]["x-forwarded-proto"] == "https"
    assert (context["accountId"], context["apiId"], context["stage"]) == (
        "anonymous",
        "abc",
        "$default",
    )
    assert context["http"]["method"] == "POST" and context["timeEpoch"] > 0


def test_what_a_request_does_not_have_is_absent():
    made = event_of()
    assert not {"cookies", "queryStringParameters", "body"} & set(made)
    assert made["rawQueryString"] == ""


@each(
    ("media", "body", "expected"),
    [
        ("application/json; charset=utf-8", "é".encode(), ("é", False)),
        ("application/x-www-form-urlencoded", b"a=1", ("a=1", False)),
        ("text/html", b"x", ("x", False)),
        ("text/plain", b"\xff", ("/w==", True)),
        ("application/octet-stream", b"x", ("eA==", True)),
        ("multipart/form-data; boundary=x", b"x", ("eA==", True)),
        ("", b"x", ("eA==", True)),
    ],
)
def test_a_body_is_text_or_base64_by_its_media_type(media, body, expected):
    made = event_of(body, content_type=media)
    assert (made["body"], made["isBase64Encoded"]) == expected


def answered(payload, error=None, streamed=False):
    outcome = Outcome(payload, error, "", 1.0, None)
    made = function_urls.response(outcome, Invocation(b"", "id"), streamed)
    return made.status, dict(made.headers).get(b"content-type"), made.body


JSON, TEXT = b"application/json", b"text/plain"
ERROR = (502, TEXT, b"Internal Server Error")


@each(
    ("answer", "expected"),
    [
        ("hello", (200, JSON, b"hello")),
        ({"a": [1, "é"]}, (200, JSON, '{"a":[1,"é"]}'.encode())),
        (["x", 3, True], (200, JSON, b'["x",3,true]')),
        (3.1, (200, JSON, b"3.1")),
        (None, (200, JSON, b"null")),
        ({"statusCode": 201, "body": "x"}, (201, JSON, b"x")),
        ({"statusCode": "201", "body": {"a": 1}}, (201, JSON, b'{"a":1}')),
        ({"statusCode": 204}, (204, JSON, b"")),
        ({"statusCode": 200, "body": 5}, (200, JSON, b"5")),
        ({"statusCode": 200, "body": "AP+A", "isBase64Encoded": True}, (200, JSON, b"\0\xff\x80")),
        ({"statusCode": 200, "body": "!", "isBase64Encoded": True}, ERROR),
        ({"statusCode": 200, "headers": {"Content-Type": "text/plain"}}, (200, TEXT, b"")),
        ({"statusCode": "abc"}, ERROR),
        ({"statusCode": 99}, ERROR),
        ({"statusCode": 200, "headers": {"X-N": "a\r\nX-Evil: 1"}}, ERROR),
    ],
)
def test_an_answer_becomes_a_response_as_on_aws(answer, expected):
    assert answered(json.dumps(answer).encode()) == expected


def test_an_error_never_shows_its_stack():
    assert answered(b'{"errorMessage": "secret"}', "Unhandled") == ERROR
    assert answered(b"not json") == ERROR


def test_headers_are_text_cookies_come_one_by_one_and_some_are_the_servers():
    headers = {"X-N": 5, "Content-Length": "99", "Access-Control-Allow-Origin": "*"}
    payload = json.dumps({"statusCode": 200, "headers": headers, "cookies": ["a=1", "b=2"]})
    made = function_urls.response(
        Outcome(payload.encode(), None, "", 1.0, None), Invocation(b"", "id")
    )
    assert made.headers == [
        (b"content-type", JSON),
        (b"x-n", b"5"),
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
        (b"x-amzn-requestid", b"id"),
    ]


def test_a_streamed_response_may_begin_with_its_metadata():
    prelude = b'{"statusCode": 201, "headers": {"Content-Type": "text/plain"}}'
    assert answered(prelude + b"\0" * 8 + b"body", streamed=True) == (201, TEXT, b"body")
    assert answered(b"body", streamed=True) == (200, b"application/octet-stream", b"body")


@each(
    ("origin", "allowed", "expected"),
    [
        ("https://a.example", ["https://a.example"], True),
        ("https://a.example", ["https://b.example"], False),
        ("https://a.example", ["*"], False),
        ("http://localhost:5173", ["*"], True),
        ("http://127.0.0.1:8888", ["*"], True),
        ("http://[::1]:80", ["*"], True),
        ("http://localhost.evil.example", ["*"], False),
        ("null", ["*"], False),
        ("http://localhost:5173", [], False),
    ],
)
def test_an_origin_must_be_named_and_a_star_means_this_machine(origin, allowed, expected):
    assert function_urls.is_allowed(origin, {"AllowOrigins": allowed}) is expected
