"""The responses that API Gateway makes of a function's answers."""

import json

from lambdadeck.engine.http import gateway_answers
from lambdadeck.engine.model import Outcome
from tests.support.cases import each

JSON, PLAIN = ["application/json"], ["text/plain; charset=utf-8"]
REST_ERROR = (502, JSON, b'{"message": "Internal server error"}')
HTTP_ERROR = (500, JSON, b'{"message":"Internal Server Error"}')


def outcome(answer, error=None):
    payload = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return Outcome(payload, error, "", 1.0, None)


def short(made):
    named = {name.lower(): values for name, values in made.headers.items()}
    return made.status, named.get("content-type"), made.body


@each(
    ("answer", "rest", "one", "two"),
    [
        (
            {"statusCode": 200, "body": "x"},
            (200, JSON, b"x"),
            (200, PLAIN, b"x"),
            (200, PLAIN, b"x"),
        ),
        ({"statusCode": 204}, (204, JSON, b""), (204, PLAIN, b""), (204, PLAIN, b"")),
        (
            {"statusCode": "201", "body": None},
            (201, JSON, b""),
            (201, PLAIN, b""),
            (201, PLAIN, b""),
        ),
        ({}, (200, JSON, b""), HTTP_ERROR, (200, JSON, b"{}")),
        ({"body": "x"}, (200, JSON, b"x"), HTTP_ERROR, (200, JSON, b'{"body": "x"}')),
        ({"statusCode": 200, "wrong": 1}, REST_ERROR, (200, PLAIN, b""), (200, PLAIN, b"")),
        ({"a": 1}, REST_ERROR, HTTP_ERROR, (200, JSON, b'{"a": 1}')),
        ([1, 2], REST_ERROR, HTTP_ERROR, (200, JSON, b"[1, 2]")),
        ("text", REST_ERROR, HTTP_ERROR, (200, JSON, b"text")),
        (42, REST_ERROR, HTTP_ERROR, (200, JSON, b"42")),
        (None, REST_ERROR, HTTP_ERROR, (200, JSON, b"null")),
        (b'{"half":', REST_ERROR, HTTP_ERROR, (200, JSON, b'{"half":')),
        ({"statusCode": 200, "body": {"a": 1}}, REST_ERROR, HTTP_ERROR, HTTP_ERROR),
        ({"statusCode": 200, "body": [1]}, REST_ERROR, HTTP_ERROR, HTTP_ERROR),
        ({"statusCode": 200, "body": 5}, (200, JSON, b"5"), (200, PLAIN, b"5"), (200, PLAIN, b"5")),
        ({"statusCode": 200.5, "body": ""}, REST_ERROR, HTTP_ERROR, HTTP_ERROR),
        ({"statusCode": "abc"}, REST_ERROR, HTTP_ERROR, HTTP_ERROR),
        ({"statusCode": True}, REST_ERROR, HTTP_ERROR, HTTP_ERROR),
        ({"statusCode": 99}, REST_ERROR, HTTP_ERROR, HTTP_ERROR),
        ({"statusCode": 200, "headers": {"X": "a\r\nEvil: 1"}}, REST_ERROR, HTTP_ERROR, HTTP_ERROR),
        ({"statusCode": 200, "headers": {"X\r\nEvil": "1"}}, REST_ERROR, HTTP_ERROR, HTTP_ERROR),
        ({"statusCode": 200, "headers": {"X": {"a": 1}}}, REST_ERROR, HTTP_ERROR, HTTP_ERROR),
        ({"statusCode": 200, "headers": ["X"]}, REST_ERROR, HTTP_ERROR, HTTP_ERROR),
        (
            {"statusCode": 200, "isBase64Encoded": True, "body": "%"},
            REST_ERROR,
            HTTP_ERROR,
            HTTP_ERROR,
        ),
    ],
)
def test_an_answer_becomes_the_response_that_each_kind_of_api_makes_of_it(answer, rest, one, two):
    made = outcome(answer)
    assert short(gateway_answers.rest(made, decode=True)) == rest, "REST"
    assert short(gateway_answers.http_1(made)) == one, "HTTP 1.0"
    assert short(gateway_answers.http_2(made)) == two, "HTTP 2.0"


def test_an_error_of_the_function_tells_nothing_of_it():
    failed = outcome({"errorMessage": "secret", "stackTrace": ["secret"]}, "Unhandled")
    assert short(gateway_answers.rest(failed, decode=True)) == REST_ERROR
    assert short(gateway_answers.http_1(failed)) == HTTP_ERROR
    assert short(gateway_answers.http_2(failed)) == HTTP_ERROR


def test_headers_come_as_text_and_those_of_several_values_win():
    answer = outcome(
        {
            "statusCode": 200,
            "headers": {
                "X-N": 5,
                "X-T": True,
                "Content-Type": "image/png",
                "X-M": "one",
                "X-0": None,
            },
            "multiValueHeaders": {"x-m": ["two", 3], "Set-Cookie": ["a=1", "b=2"]},
            "body": "",
        }
    )
    expected = {
        "content-type": ["image/png"],
        "x-n": ["5"],
        "x-t": ["true"],
        "x-m": ["two", "3"],
        "set-cookie": ["a=1", "b=2"],
    }
    assert gateway_answers.rest(answer, decode=True).headers == expected
    assert gateway_answers.http_1(answer).headers == expected


def test_cookies_come_before_the_header_and_a_length_is_never_taken_from_the_function():
    stated = {"statusCode": 200, "cookies": ["a=1", "b=2"]}
    headers = {"set-cookie": "c=3", "Content-Length": "9999", "Transfer-Encoding": "chunked"}
    made = gateway_answers.http_2(outcome(stated | {"headers": headers}))
    assert made.headers == {"content-type": PLAIN, "Set-Cookie": ["a=1", "b=2", "c=3"]}
    assert gateway_answers.http_2(outcome(stated | {"cookies": ["a\n"]})).status == 500


def test_base64_is_decoded_by_an_http_api_always_and_by_a_rest_api_for_binary_media_types():
    answer = outcome({"statusCode": 200, "isBase64Encoded": True, "body": "AP+A"})
    assert (
        gateway_answers.http_1(answer).body == gateway_answers.http_2(answer).body == b"\0\xff\x80"
    )
    assert gateway_answers.rest(answer, decode=True).body == b"\0\xff\x80"
    assert gateway_answers.rest(answer, decode=False).body == b"AP+A"
