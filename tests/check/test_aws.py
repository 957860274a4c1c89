"""The look at AWS is one call, which changes nothing; an unreachable AWS is amber."""

import os

import pytest

from lambdadeck.check import aws
from lambdadeck.check.findings import Light
from tests.support.aws_account import ACCOUNT, aws_account, recorder


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    with aws_account(tmp_path_factory.mktemp("home")) as account:
        yield account


@pytest.fixture
def shell(monkeypatch, tmp_path):
    """Remove every AWS variable from the environment."""
    for name in [
        name
        for name in os.environ
        if name.startswith(("AWS_", "LAMBDADECK_CLOUD", "LAMBDADECK_ACCOUNT"))
    ]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return monkeypatch


def test_the_account_is_named_by_four_digits_and_was_asked_for_in_one_call(account, shell):
    with recorder(account.engine.endpoint) as seen:
        for name, value in account.profile(endpoint=seen.address).items():
            shell.setenv(name, value)
        before = dict(os.environ)
        found = aws.account("talk", "eu-central-1")
    assert found.light is Light.GREEN and seen.calls == ["GetCallerIdentity"]
    assert (
        f"…{ACCOUNT[-4:]}" in found.words
        and ACCOUNT not in found.words
        and "eu-central-1" in found.words
    )
    assert dict(os.environ) == before, "what comes after it stays LOCAL"


def test_without_credentials_it_is_amber_and_says_so(shell):
    found = aws.account(None, "eu-west-1")
    assert (
        found.light is Light.AMBER
        and "credentials" in found.words
        and "without --aws" in found.todo
    )


def test_without_a_network_it_is_amber_and_soon(account, shell):
    for name, value in account.profile(endpoint="http://127.0.0.1:9").items():
        shell.setenv(name, value)
    assert aws.account("talk", None).light is Light.AMBER


def test_keys_that_aws_does_not_take_are_amber(account, shell):
    with recorder() as stranger:
        for name, value in account.profile(endpoint=stranger.address).items():
            shell.setenv(name, value)
        found = aws.account("talk", None)
    assert found.light is Light.AMBER and stranger.calls == ["GetCallerIdentity"]


def test_a_region_that_there_is_not_is_amber_and_a_near_one_is_named(account, shell):
    for name, value in account.profile().items():
        shell.setenv(name, value)
    found = aws.account("talk", "eu-wst-1")
    assert found.light is Light.AMBER and "eu-west-1" in found.words
