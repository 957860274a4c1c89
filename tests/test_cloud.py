"""connect(): where plain boto3 goes after it."""

import json
import os
import subprocess
import sys

import psutil
import pytest

from lambdadeck import cloud

CONNECT = """
import json, os
from lambdadeck import cloud
badge = cloud.connect()
import boto3
print(json.dumps({"badge": repr(badge), "html": badge._repr_html_(), "again": cloud.connect().endpoint,
                  "region": boto3.client("lambda").meta.region_name, "endpoint": boto3.client("s3").meta.endpoint_url,
                  "functions": boto3.client("lambda").list_functions()["Functions"],
                  "account": boto3.client("sts").get_caller_identity()["Account"], "pid": cloud._engine and cloud._engine.pid}))
"""


def connected(code=CONNECT, **variables):
    ran = subprocess.run([sys.executable, "-W", "error", "-c", code], env={**os.environ, **variables}, capture_output=True,
                         text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_a_notebook_opened_any_other_way_gets_an_engine_that_ends_with_it():
    seen = connected()
    assert seen["region"] == "eu-west-1" and seen["functions"] == [] and seen["account"] == "000000000000"
    assert seen["endpoint"] == seen["again"] and seen["again"] in seen["badge"]
    assert not psutil.pid_exists(seen["pid"])


def test_a_kernel_of_scripts_present_finds_the_engine_that_is_there(lambdas):
    seen = connected(**lambdas.engine.environment)
    assert seen["endpoint"] == lambdas.engine.endpoint and seen["pid"] is None


def test_the_badge_says_local_and_holds_no_key(lambdas):
    seen = connected(**lambdas.engine.environment)
    assert "LOCAL" in seen["html"] and "eu-west-1" in seen["html"]
    deck = lambdas.engine.settings.deck
    assert deck.access_key not in str(seen) and deck.secret_key not in str(seen)


def test_whatever_credentials_lie_about_calls_stay_on_this_machine(lambdas, tmp_path):
    (tmp_path / "config").write_text("[profile prod]\nregion = us-east-1\nendpoint_url = https://evil.example\n"
                                     "[default]\nregion = us-west-2\nendpoint_url = https://evil.example\n")
    (tmp_path / "credentials").write_text("[default]\naws_access_key_id = AKIAREAL\naws_secret_access_key = real\n")
    seen = connected(**{**lambdas.engine.environment, "AWS_PROFILE": "prod", "AWS_SESSION_TOKEN": "real",
                        "AWS_ENDPOINT_URL_LAMBDA": "https://evil.example", "HOME": str(tmp_path),
                        "HTTP_PROXY": "http://evil.example:1", "http_proxy": "http://evil.example:1",
                        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"})
    assert seen["endpoint"] == lambdas.engine.endpoint and seen["region"] == "eu-west-1"
    assert seen["account"] == "000000000000"


def test_variables_of_an_engine_that_is_gone_are_replaced():
    seen = connected(LAMBDADECK_START="0" * 32, AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_ACCESS_KEY_ID="AKIAOLD",
                     AWS_SECRET_ACCESS_KEY="old")
    assert seen["functions"] == [] and seen["pid"]


@pytest.mark.parametrize("endpoint", ["", "https://lambda.eu-west-1.amazonaws.com", "http://127.0.0.1:9", "http://evil.example"])
def test_only_an_embedded_cloud_answers_as_one(endpoint):
    assert not cloud.answers(endpoint)


def test_a_cloud_that_is_not_there_is_refused_with_a_sentence(monkeypatch):
    monkeypatch.setenv("LAMBDADECK_CLOUD", "azure")
    with pytest.raises(ValueError, match="LAMBDADECK_CLOUD is 'azure', and there are only two clouds"):
        cloud.connect()
