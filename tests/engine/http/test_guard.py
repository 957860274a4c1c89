"""Who may call: the guard alone, without a server."""

import json

import pytest

from lambdadeck.engine.http.guard import Guard, unsigned_operations
from lambdadeck.engine.http.message import Request
from lambdadeck.engine.http.sigv4 import AccessDeniedError
from tests.support.cases import each

START = "0123456789abcdef0123456789abcdef"
GUARD = Guard({"AKIAKNOWN": "secret"}, START)


def request(host="127.0.0.1:4000", method="POST", path="/", query="", body=b"", **headers):
    return Request(
        method,
        path,
        query,
        {"host": host, **{k.replace("_", "-"): v for k, v in headers.items()}},
        body,
    )


@each("host", ["127.0.0.1", "127.0.0.1:4000", "localhost:4000", "abc.localhost", "a.b.localhost:1"])
def test_the_hosts_of_this_machine_are_served(host):
    GUARD.check_origin({"host": host})


@each(
    "host",
    [
        "",
        "evil.example",
        "evil.example:4000",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evillocalhost",
        "0.0.0.0:4000",
        "[::1]:4000",
        "127.0.0.2",
        "localhost@evil.example",
        "127.0.0.1:4000, evil.example",
        "10.0.0.1",
    ],
)
def test_a_foreign_host_is_refused(host):
    with pytest.raises(AccessDeniedError, match="Host"):
        GUARD.check_origin({"host": host})


@each(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:4000", "http://localhost:8888", ""]
)
def test_a_browsers_origin_is_refused_whatever_it_is(origin):
    with pytest.raises(AccessDeniedError, match="web pages"):
        GUARD.check_origin({"host": "127.0.0.1", "origin": origin})


@each("site", ["cross-site", "same-site"])
def test_what_another_site_makes_a_browser_send_is_refused(site):
    with pytest.raises(AccessDeniedError, match="another site"):
        GUARD.check_origin({"host": "127.0.0.1", "sec-fetch-site": site})


def test_an_unsigned_call_is_refused():
    with pytest.raises(
        AccessDeniedError, match=r"Missing Authentication Token|missing Authentication Token"
    ):
        GUARD.check(request(path="/2015-03-31/functions"))


def test_an_unknown_access_key_is_refused():
    header = (
        "AWS4-HMAC-SHA256 Credential=AKIAOTHER/20260101/eu-west-1/lambda/aws4_request,"
        " SignedHeaders=host, Signature=0"
    )
    with pytest.raises(AccessDeniedError) as refused:
        GUARD.check(request(authorization=header))
    assert refused.value.code == "UnrecognizedClientException"


def test_cognitos_sign_up_is_unsigned_as_its_model_says():
    assert GUARD.check(request(x_amz_target="AWSCognitoIdentityProviderService.SignUp")) is None


@each(
    "target",
    [
        "AWSCognitoIdentityProviderService.AdminCreateUser",
        "AmazonDynamoDB.SignUp",
        "DynamoDB_20120810.GetId",
        "SignUp",
        "",
        "AWSCognitoIdentityProviderService.SignUp.x",
    ],
)
def test_other_operations_need_a_signature(target):
    with pytest.raises(AccessDeniedError):
        GUARD.check(request(x_amz_target=target))


@each(
    "change",
    [
        {"host": "bucket.localhost"},
        {"query": "Action=CreateUser"},
        {"path": "/bucket"},
        {"method": "PUT"},
        {"authorization": "AWS4-HMAC-SHA256 nonsense"},
    ],
)
def test_an_unsigned_operation_opens_nothing_else(change):
    with pytest.raises(AccessDeniedError):
        GUARD.check(request(x_amz_target="AWSCognitoIdentityProviderService.SignUp", **change))


def test_the_iam_action_of_the_same_name_as_an_unsigned_one_needs_a_signature():
    with pytest.raises(
        AccessDeniedError
    ):  # cognito-idp has an unsigned DeleteUser, iam one that is signed
        GUARD.check(
            request(
                body=b"Action=DeleteUser&UserName=x",
                content_type="application/x-www-form-urlencoded",
            )
        )


@each(
    "host",
    [
        f"abc123.lambda-url.eu-west-1.{START}.localhost:4000",
        f"abc12345.execute-api.{START}.localhost",
    ],
)
def test_function_urls_and_api_stages_of_this_start_are_unsigned_by_nature(host):
    assert GUARD.check(request(host, "GET", "/anything")) is None
    with pytest.raises(AccessDeniedError, match="web pages"):
        GUARD.check(request(host, "GET", "/anything", origin="https://evil.example"))


@each(
    "host",
    [
        f"abc.lambda-url.eu-west-1.{START[::-1]}.localhost",
        "abc.lambda-url.eu-west-1.localhost",
        f"{START}.localhost",
        f"s3.{START}.localhost",
    ],
)
def test_other_starts_and_other_names_are_not(host):
    with pytest.raises(AccessDeniedError):
        GUARD.check(request(host, "GET", "/anything"))


def test_the_same_addresses_as_paths_need_the_id_of_this_start():
    assert GUARD.check(request(path=f"/_public/{START}/lambda-url/abc/x", method="GET")) is None
    for path in (
        f"/_public/{START[::-1]}/lambda-url/abc/x",
        f"/_public/{START}/_ministack/reset",
        "/_aws/lambda-url/abc/x",
        "/_ministack/reset",
        "/_localstack/health",
    ):
        with pytest.raises(AccessDeniedError):
            GUARD.check(request(path=path))


def test_the_unsigned_operations_are_those_of_the_models():
    names = unsigned_operations()
    assert "AWSCognitoIdentityService.GetId" in names and "AssumeRoleWithWebIdentity" in names
    assert not [name for name in names if "Admin" in name or name == "AssumeRole"]
    json.dumps(sorted(names))
