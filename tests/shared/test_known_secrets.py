"""Secrets of the environment: which variables hold one, and in which forms a text shows it."""

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest

from lambdadeck.shared import known_secrets, redaction
from lambdadeck.shared.known_secrets import SecretLeakError

VALUE = 'p&ss"w/rd+<42>=é'
ENVIRONMENT = {"SERVICE_API_KEY": VALUE}


def test_a_text_with_a_secret_in_any_usual_form_is_refused_by_its_place_without_naming_the_value():
    raw = VALUE.encode()
    shown = {
        "plain": VALUE,
        "address": quote(VALUE, safe=""),
        "form": quote_plus(VALUE),
        "markup": html.escape(VALUE),
        "json": json.dumps(VALUE),
        "hex": raw.hex(),
        "HEX": raw.hex().upper(),
        "base64": base64.b64encode(raw).decode(),
        "basic": base64.b64encode(b"me:" + raw).decode(),
        "basic, shifted": base64.b64encode(b"mine:" + raw + b"x").decode(),
        "url-safe": base64.urlsafe_b64encode(b"4:" + raw).decode(),
    }
    for form, text in shown.items():
        with pytest.raises(SecretLeakError, match=r"Cell 'c' holds .* SERVICE_API_KEY") as why:
            known_secrets.check("Cell 'c'", f"<p>{text}</p>", ENVIRONMENT)
        assert VALUE not in str(why.value), form
    known_secrets.check("Cell 'c'", "<p>SERVICE_API_KEY</p>", ENVIRONMENT)


def test_secrets_are_known_by_their_variables_name_or_as_the_password_of_an_address():
    found = known_secrets.in_environment(
        {
            "DB_PASSWORD": "abc12345",
            "GITHUB_TOKEN": "abcdefghijklmnop",
            "DATABASE_URL": "postgres://me:s3cr%65t-pass@db.example/x",
            "API_KEY": "disabled",
            "SSH_KEY_TOKEN": "/home/me/key",
            "PWD": "work12345",
            "SHORT_TOKEN": "abc",
        }
    )
    assert found == {
        "DB_PASSWORD": "abc12345",
        "GITHUB_TOKEN": "abcdefghijklmnop",
        "DATABASE_URL (its password)": "s3cret-pass",
    }


def test_hosts_of_private_registries_are_known_and_public_ones_are_not():
    variables = {
        "PIP_INDEX_URL": "https://me:pw@packages.corp.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://pypi.org/simple https://two.corp.example/simple",
        "NPM_CONFIG_REGISTRY": "https://registry.npmjs.org/",
        "GOPROXY": "https://proxy.golang.org,direct",
    }
    assert known_secrets.registries(variables) == {"packages.corp.example", "two.corp.example"}


# Put together here, so that no file holds a token whole.
TOKENS = (
    *("ghp_" + "a1B2" * 9, "github_pat_" + "a1B2_" * 16, "glpat-" + "a1B2" * 5),
    *("npm_" + "a1B2" * 9, "xoxb-" + "123456-" * 4 + "abc", "sk_live_" + "a1B2" * 6),
    *("AIza" + "a1B2_" * 7, "hf_" + "aB" * 17, "sk-ant-" + "a1B2-" * 6, "sk-proj-" + "a1B2_" * 8),
    *("pypi-" + "AgEI" * 15, "hvs." + "a1B2" * 7, "SG." + "a1B2" * 5 + "." + "a1B2" * 10),
    *("dapi" + "a1b2" * 8, "shpat_" + "a1b2" * 8, "GOCSPX-" + "a1B2" * 7),
    *("12345678:AA" + "a1B" * 11, "dckr_pat_" + "a1B2" * 6),
)


def test_tokens_of_known_services_go_from_whatever_text_they_stand_in():
    for token in TOKENS:
        for text in (
            "{}",
            "token is {}.",
            '{{"a": "{}"}}',
            "<td>{}</td>",
            "https://x.example/?k={}",
        ):
            shown = redaction.text(text.format(token))
            assert token[8:] not in shown and redaction.SECRET in shown, (token, text)


def test_names_of_secrets_and_passwords_in_addresses_take_their_values_away():
    for text, gone in (
        ("OPENAI_API_KEY=abc12345", "abc12345"),
        ('{"password": "hunter2!x"}', "hunter2!x"),
        ("//registry.example/:_authToken=abcdef0123", "abcdef0123"),
        ("postgres://me:hunter2@db.example/x", "hunter2"),
        ("aws_secret_access_key%3Dabcdefghijklmnop0123", "abcdefghijklmnop"),
        ("my-app.access_token: abcdefghijklmnopq", "abcdefghijklmnopq"),
    ):
        shown = redaction.text(text)
        assert gone not in shown and redaction.SECRET in shown, text
        assert redaction.text(shown) == shown
    for text in (
        *("password: correct", "https://a.example:8080/x@y", "the access key: see the console"),
        *("api_key=None", "mailto:me@a.example", "12:30 at 12:45@noon", "primary_key: name"),
    ):
        assert redaction.text(text) == text
