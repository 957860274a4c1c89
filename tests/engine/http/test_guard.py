"""Who may call: the guard alone, without a server."""

import json
from datetime import UTC, datetime

import pytest

from lambdadeck.engine.http.guard import Guard, unsigned_operations
from lambdadeck.engine.http.message import Request
from lambdadeck.engine.http.public import Access
from lambdadeck.engine.http.sigv4 import AccessDeniedError
from tests.support.cases import each

START = "0123456789abcdef0123456789abcdef"
GUARD = Guard({"AKIAKNOWN": "secret"}.get, START)


def request(host="127.0.0.1:4000", method="POST", path="/", query="", body=b"", **headers):
    return Request(
        method,
        path,
        query,
        {"host": host, **{k.replace("_", "-"): v for k, v in headers.items()}},
        body,
    )


SIGN_UP = {"x_amz_target": "AWSCognitoIdentityProviderService.SignUp"}  # unsigned by its model


def admitted(asked, access=Access.SIGNED):
    """Check a request as the application does; raise if it is refused."""
    made = GUARD.check_headers(asked, access=access)
    if access is not Access.OPEN:
        GUARD.check_body(asked, made)


def refused(asked, access=Access.SIGNED):
    """Return the refusal of a request."""
    with pytest.raises(AccessDeniedError) as why:
        admitted(asked, access)
    return why.value


def test_only_the_hosts_of_this_machine_are_served():
    for host in ("127.0.0.1", "127.0.0.1:4000", "localhost:4000"):
        admitted(request(host, **SIGN_UP))
    for host in ("abc.localhost", "a.b.localhost:1"):
        assert "missing Authentication" in refused(request(host, **SIGN_UP)).message
    foreign = (
        *("", "evil.example", "evil.example:4000", "127.0.0.1.evil.example", "10.0.0.1"),
        *("localhost.evil.example", "evillocalhost", "0.0.0.0:4000", "[::1]:4000", "127.0.0.2"),
        *("localhost@evil.example", "127.0.0.1:4000, evil.example"),
    )
    for host in foreign:
        assert "Host" in refused(request(host, **SIGN_UP)).message, host


def test_what_a_web_page_makes_a_browser_send_is_refused_even_to_an_open_address():
    origins = ("https://evil.example", "null", "http://127.0.0.1:4000", "http://localhost:8888", "")
    click = {"sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
    for access in (Access.SIGNED, Access.OPEN):
        for origin in origins:
            assert (
                "web pages" in refused(request(origin=origin, **SIGN_UP, **click), access).message
            )
        for site in ("cross-site", "same-site"):
            sent = {"sec_fetch_site": site, **SIGN_UP}
            assert "another site" in refused(request(**sent), access).message


def test_a_click_opens_an_open_address_and_nothing_else():
    click = {"sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
    for site in ("cross-site", "same-site", "same-origin", "none"):
        admitted(request(method="GET", sec_fetch_site=site, **click), Access.OPEN)
    cross = {"sec_fetch_site": "cross-site", **click}
    others = (
        (request(method="POST", **cross), Access.OPEN),
        (request(method="GET", **{**cross, "sec_fetch_dest": "iframe"}), Access.OPEN),
        (request(method="GET", **{**cross, "sec_fetch_mode": "no-cors"}), Access.OPEN),
        (request(method="GET", **cross), Access.SIGNED),
    )
    for asked, access in others:
        assert "another site" in refused(asked, access).message, asked


def test_an_address_that_leads_nowhere_is_refused():
    assert "leads to no function" in refused(request(method="GET"), Access.MISSING).message


def test_an_unknown_key_and_a_stale_date_are_refused_without_the_body():
    authorization = (
        "AWS4-HMAC-SHA256 Credential={}/20260101/eu-west-1/lambda/aws4_request,"
        " SignedHeaders=host, Signature=0"
    )
    now = datetime(2026, 1, 1, 1, tzinfo=UTC)
    for key, code in (
        ("AKIAOTHER", "UnrecognizedClientException"),
        ("AKIAKNOWN", "RequestExpired"),
    ):
        asked = request(
            authorization=authorization.format(key), x_amz_date="20260101T000000Z", path="/x"
        )
        with pytest.raises(AccessDeniedError) as why:
            GUARD.check_headers(asked, now)
        assert why.value.code == code


def test_an_unsigned_call_is_refused():
    with pytest.raises(
        AccessDeniedError, match=r"Missing Authentication Token|missing Authentication Token"
    ):
        admitted(request(path="/2015-03-31/functions"))


def test_cognitos_sign_up_is_unsigned_as_its_model_says():
    admitted(request(**SIGN_UP))


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
        admitted(request(x_amz_target=target))


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
        admitted(request(x_amz_target="AWSCognitoIdentityProviderService.SignUp", **change))


def test_the_iam_action_of_the_same_name_as_an_unsigned_one_needs_a_signature():
    with pytest.raises(
        AccessDeniedError
    ):  # cognito-idp has an unsigned DeleteUser, iam one that is signed
        admitted(
            request(
                body=b"Action=DeleteUser&UserName=x",
                content_type="application/x-www-form-urlencoded",
            )
        )


def test_the_unsigned_operations_are_those_of_the_models():
    names = unsigned_operations()
    assert "AWSCognitoIdentityService.GetId" in names and "AssumeRoleWithWebIdentity" in names
    assert not [name for name in names if "Admin" in name or name == "AssumeRole"]
    json.dumps(sorted(names))
