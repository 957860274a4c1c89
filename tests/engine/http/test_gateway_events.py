"""Parts of API Gateway's events; tests/engine/services/test_documented_events.py has them whole."""

from lambdadeck.engine.http import gateway_events
from lambdadeck.engine.http.gateway_events import Api, GatewayCall
from lambdadeck.engine.http.message import Request
from tests.support.cases import each

API = Api("abc", "eu-west-1", "000000000000", "prod", "/a/{x}/{proxy+}", binary=("image/*",))


def event(kind, body=b"", media="", **api):
    headers = {"content-type": media} if media else {}
    request = Request("POST", "/", "", headers, body)
    call = GatewayCall(request, "/a/b/c/d%20e", list(headers.items()), "id", "Root=1-2-3", 0.0)
    return kind(API._replace(**api), call)


@each(
    ("media", "rest", "http"),
    [
        ("", False, True),
        ("text/html", False, False),
        ("application/json; charset=utf-8", False, False),
        ("application/xml", False, False),
        ("application/x-www-form-urlencoded", False, True),
        ("application/octet-stream", False, True),
        ("multipart/form-data; boundary=x", False, True),
        ("image/png", True, True),
        ("Image/PNG; q=1", True, True),
    ],
)
def test_a_body_is_base64_by_its_media_type(media, rest, http):
    made = [event(kind, b"hi", media) for kind in (gateway_events.rest, gateway_events.http_2)]
    assert [one["isBase64Encoded"] for one in made] == [rest, http]
    assert [one["body"] for one in made] == ["aGk=" if coded else "hi" for coded in (rest, http)]
    assert event(gateway_events.http_1, b"hi", media)["isBase64Encoded"] is http


@each(
    ("template", "path", "expected"),
    [
        ("/a/{x}/{proxy+}", "/a/b/c/d%20e/", {"x": "b", "proxy": "c/d%20e"}),
        ("/{proxy+}", "/a//b", {"proxy": "a//b"}),
        ("/items", "/items", {}),
        ("$default", "/x/y", {}),
    ],
)
def test_path_parameters_stand_as_in_the_path(template, path, expected):
    assert gateway_events.path_parameters(template, path) == expected


def test_a_rest_api_passes_parameters_encoded_and_an_http_api_decodes_them():
    made = [
        event(kind)["pathParameters"]["proxy"]
        for kind in (gateway_events.rest, gateway_events.http_1, gateway_events.http_2)
    ]
    assert made == ["c/d%20e", "c/d e", "c/d e"]


def test_what_an_authorizer_says_is_passed_on():
    claims = {"jwt": {"claims": {"sub": "ada"}, "scopes": None}}
    assert event(gateway_events.http_2, authorizer=claims)["requestContext"]["authorizer"] == claims
    assert "authorizer" not in event(gateway_events.http_2)["requestContext"]
    told = {"principalId": "ada"}
    assert event(gateway_events.rest, authorizer=told)["requestContext"]["authorizer"] == told
    signed = event(gateway_events.rest, identity={"caller": "AIDA"})["requestContext"]["identity"]
    assert (signed["caller"], signed["user"]) == ("AIDA", None)
