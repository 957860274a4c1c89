"""What AWS or the network refuses is one sentence that says what to do; the cell has failed."""

import json
import re
import socket
import ssl
import urllib.error

import boto3
import nbformat
import pytest
from botocore import exceptions as failed
from botocore.config import Config
from botocore.stub import Stubber
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert.filters.ansi import strip_ansi

from lambdadeck import aws
from lambdadeck.aws import errors, guard, ledger
from lambdadeck.engine import EngineError
from tests.support.kernel import Kernel

ACCOUNT = "987611224321"
ADA = f"User: arn:aws:iam::{ACCOUNT}:user/ada is not authorized to perform: "
NOBODY = f"{ADA}lambda:CreateFunction on resource: "
KEYS = {
    "aws_access_key_id": "AKIA" + "STUBBEDSTUBBED12",
    "aws_secret_access_key": "stubbed",
    "region_name": "eu-west-1",
}

# AWS's answers: code, message, status, more of the answer; words that the sentence must have.
ANSWERS = {
    "an expired token": (
        "ExpiredTokenException",
        "The security token included in the request is expired",
        403,
        {},
        "has expired: log in again",
    ),
    "an expired token of S3": (
        "ExpiredToken",
        "The provided token has expired.",
        400,
        {},
        "has expired: log in again",
    ),
    "unknown keys": (
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
        403,
        {},
        "does not take these credentials .*get-caller-identity",
    ),
    "a wrong secret key": (
        "InvalidSignatureException",
        "The request signature we calculated does not match",
        403,
        {},
        "does not take these credentials",
    ),
    "a wrong clock": (
        "InvalidSignatureException",
        "Signature expired: 20261123T000000Z is now earlier than",
        403,
        {},
        "clock of this computer",
    ),
    "a wrong clock of S3": (
        "RequestTimeTooSkewed",
        "The difference between the request time",
        403,
        {},
        "clock of this computer",
    ),
    "keys of another start": (
        "UnrecognizedClientException",
        "its access key is not of this start.",
        403,
        {},
        "first cell",
    ),
    "a denied action": (
        "AccessDeniedException",
        NOBODY + "x because no identity-based policy allows the action",
        403,
        {},
        "^ada may not do lambda:CreateFunction: ask for a policy",
    ),
    "a denied role": (
        "AccessDenied",
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/dev/ada is not authorized to perform: "
        "iam:PassRole",
        403,
        {},
        "^dev/ada may not do iam:PassRole",
    ),
    "a denied action without details": (
        "AccessDenied",
        "Access Denied",
        403,
        {},
        "these credentials may not do ListFunctions",
    ),
    "an organization's policy": (
        "AccessDeniedException",
        NOBODY + "x with an explicit deny in a service control policy",
        403,
        {},
        "organization forbids ada to do lambda:CreateFunction: use another account",
    ),
    "throttling": (
        "ThrottlingException",
        "Rate exceeded",
        400,
        {},
        "fewer calls in a second .*wait a minute",
    ),
    "too many requests": (
        "TooManyRequestsException",
        "Rate Exceeded.",
        429,
        {"Reason": "CallerRateLimitExceeded"},
        "fewer calls in a second",
    ),
    "too many at once": (
        "TooManyRequestsException",
        "Rate Exceeded.",
        429,
        {"Reason": "ConcurrentInvocationLimitExceeded"},
        "invoke fewer at once",
    ),
    "a limit": (
        "CodeStorageExceededException",
        "Code storage limit exceeded.",
        400,
        {},
        "limit of the account .*scripts/teardown --aws",
    ),
    "a region that is off": (
        "OptInRequired",
        "The account is not subscribed",
        403,
        {},
        "enable it in the AWS console",
    ),
    "an internal error of AWS": (
        "ServiceException",
        "An internal error",
        500,
        {},
        "internal error in ListFunctions .*wait a minute",
    ),
}


@pytest.fixture(scope="module")
def client():
    return boto3.Session(**KEYS).client("lambda", config=Config(retries={"max_attempts": 0}))


def refused(client, code, message, status, more):
    """Return the error of a real client that got this answer."""
    with Stubber(client) as stubbed:
        stubbed.add_client_error("list_functions", code, message, status)
        with pytest.raises(failed.ClientError) as caught:
            client.list_functions()
    caught.value.response.update(more)
    return caught.value


def is_one_sentence(words):
    assert words.endswith(".") and "\n" not in words
    assert ". " not in words and len(words) < 330
    assert ":" in words  # what is wrong: what to do
    return True


def test_what_aws_refuses_is_one_sentence_that_says_what_to_do(client):
    wrong = {}
    for name, (code, message, status, more, expected) in ANSWERS.items():
        words = errors.sentence(refused(client, code, message, status, more))
        assert is_one_sentence(words) and ACCOUNT not in words, name
        if not re.search(expected, words):
            wrong[name] = words
    assert wrong == {}


def raised(call):
    with pytest.raises((failed.BotoCoreError, failed.ClientError)) as caught:
        call()
    return caught.value


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """No credentials, no configuration of whoever runs the tests."""
    for name in (
        "AWS_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_ENDPOINT_URL",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return tmp_path


def listing(**options):
    config = Config(retries={"max_attempts": 0}, connect_timeout=2, read_timeout=0.3)
    return lambda: (
        boto3.Session()
        .client("lambda", **{"region_name": "eu-west-1", "config": config, **options})
        .list_functions()
    )


def test_missing_credentials(elsewhere):
    words = errors.sentence(raised(listing()))
    assert is_one_sentence(words) and "no AWS credentials" in words and "aws configure" in words


def test_half_of_the_credentials(elsewhere):
    (elsewhere / "credentials").write_text("[default]\naws_access_key_id = AKIAHALF\n")
    words = errors.sentence(raised(listing()))
    assert is_one_sentence(words) and "aws_secret_access_key is missing" in words


def test_an_unknown_profile(elsewhere, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "prodd")
    words = errors.sentence(raised(listing()))
    assert is_one_sentence(words) and "no profile 'prodd'" in words and "list-profiles" in words


def test_an_expired_single_sign_on_names_the_command_with_the_profile(elsewhere, monkeypatch):
    (elsewhere / "config").write_text(
        "[profile talk]\nsso_session = s\nsso_account_id = 000000000000\nsso_role_name = dev\n"
        "region = eu-west-1\n"
        "[sso-session s]\nsso_start_url = https://example.awsapps.com/start\n"
        "sso_region = eu-west-1\n"
    )
    monkeypatch.setenv("AWS_PROFILE", "talk")
    monkeypatch.setenv("HOME", str(elsewhere))
    words = errors.sentence(raised(listing()))
    assert is_one_sentence(words) and "aws sso login --profile talk" in words


def test_no_region(elsewhere):
    words = errors.sentence(raised(listing(region_name=None)))
    assert is_one_sentence(words) and "--region eu-west-1" in words


def test_a_region_that_is_no_name(elsewhere):
    words = errors.sentence(raised(listing(region_name="not a region")))
    assert is_one_sentence(words) and "'not a region' is not an AWS region" in words


def test_a_configuration_file_that_cannot_be_read(elsewhere):
    (elsewhere / "config").write_text("[profile\n")
    words = errors.sentence(raised(listing()))
    assert is_one_sentence(words) and "config cannot be read" in words


def test_credentials_of_a_program_that_fails(elsewhere):
    (elsewhere / "config").write_text(
        "[default]\ncredential_process = sh -c 'echo no such vault >&2; exit 1'\n"
    )
    words = errors.sentence(raised(listing()))
    assert is_one_sentence(words) and "no such vault" in words and "log in there again" in words


@pytest.fixture
def keyed(elsewhere, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEYS["aws_access_key_id"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x" * 20)


def test_an_address_that_nobody_answers_at(keyed):
    assert "embedded cloud on this machine does not answer" in errors.sentence(
        raised(listing(endpoint_url="http://127.0.0.1:9"))
    )


def test_a_name_that_no_server_knows(keyed, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    words = errors.sentence(raised(listing()))
    assert is_one_sentence(words) and words.startswith(
        "lambda.eu-west-1.amazonaws.com cannot be reached: check the network"
    )


def test_a_server_that_never_answers(keyed):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        words = errors.sentence(
            raised(listing(endpoint_url=f"http://127.0.0.1:{silent.getsockname()[1]}"))
        )
    assert is_one_sentence(words) and "did not answer in time" in words


def test_a_proxy_that_is_gone(keyed):
    away = Config(proxies={"https": "http://127.0.0.1:9"}, retries={"max_attempts": 0})
    words = errors.sentence(raised(listing(config=away)))
    assert is_one_sentence(words) and "HTTPS_PROXY" in words


def test_a_certificate_that_is_not_trusted():
    for error in (
        failed.SSLError(
            endpoint_url="https://lambda.eu-west-1.amazonaws.com/", error="self-signed certificate"
        ),
        urllib.error.URLError(ssl.SSLCertVerificationError("self-signed certificate")),
    ):
        words = errors.sentence(error)
        assert is_one_sentence(words) and "not trusted" in words and "AWS_CA_BUNDLE" in words


def test_a_function_url_that_cannot_be_reached():
    assert "check the network" in errors.sentence(
        urllib.error.URLError(socket.gaierror(-2, "Name or service not known"))
    )


def test_the_projects_own_sentences_are_shown_as_they_are():
    own = [
        guard.NotConnectedError(call="lambda Invoke"),
        guard.NotOursError(name="x", key="k", value="v", call="Invoke"),
        aws.StoppedError("Stopped: do this."),
        ledger.RecordError("Not written: do that."),
        EngineError("It did not start: look."),
    ]
    assert [errors.sentence(error) for error in own] == list(map(str, own))


UNKNOWN = [
    ValueError("x"),
    KeyError("x"),
    FileNotFoundError(2, "No such file"),
    TimeoutError("s3: no event reached"),
    ZeroDivisionError(),
    failed.ClientError(
        {"Error": {"Code": "ResourceNotFoundException", "Message": "x"}}, "GetFunction"
    ),
    failed.ParamValidationError(report="x"),
    urllib.error.HTTPError("http://x", 404, "Not Found", {}, None),
]


def test_an_error_of_the_code_itself_has_no_sentence():
    assert [error for error in UNKNOWN if errors.sentence(error) is not None] == []


def test_no_secret_of_the_error_gets_into_the_sentence():
    leaky = failed.CredentialRetrievalError(
        provider="vault", error_msg="aws_secret_access_key=" + "plain0" * 5
    )
    assert "plain0" not in errors.sentence(leaky)


def test_botocore_has_no_error_of_credentials_or_connection_without_a_sentence():
    every = [
        kind
        for kind in vars(failed).values()
        if isinstance(kind, type) and issubclass(kind, Exception)
    ]
    words = (
        "Credential",
        "SSO",
        "Login",
        "Token",
        "Profile",
        "Region",
        "Connect",
        "Timeout",
        "SSL",
        "Proxy",
        "HTTP",
    )
    concerned = [kind for kind in every if any(word in kind.__name__ for word in words)]
    without = {
        kind.__name__ for kind in concerned if not issubclass(kind, tuple(errors._BEFORE_AN_ANSWER))
    }
    assert without == {
        "UnknownCredentialError",
        "UnknownTokenProviderError",
        "ServiceNotInRegionError",
        "InvalidS3UsEast1RegionalEndpointConfigError",
        "InvalidSTSRegionalEndpointsConfigError",
    }  # (of a configuration that is wrong: their own message says so)


SETUP = """
from lambdadeck.aws import errors
from lambdadeck.shared import redaction
redaction.install(get_ipython()); errors.install(get_ipython())
import botocore.exceptions as failed
def denied():
    raise failed.ClientError({"Error": {"Code": "AccessDenied", "Message":
        "User: arn:aws:iam::987611224321:user/ada is not authorized to perform: lambda:Invoke"}},
        "Invoke")
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kernel")
    with Kernel(folder, folder) as kernel:
        kernel.run(SETUP)
        yield kernel


def ran(kernel, code):
    """Return the kernel's reply and all that the cell showed."""
    seen = []
    reply = kernel._client.execute_interactive(
        code, output_hook=seen.append, allow_stdin=False, timeout=120
    )
    return reply["content"], {message["msg_type"]: message["content"] for message in seen}


def test_a_cell_shows_the_sentence_to_eyes_and_ears_and_has_failed(kernel):
    reply, shown = ran(kernel, "denied()")
    alert = shown["display_data"]["data"]
    assert 'role="alert"' in alert["text/html"] and alert["text/plain"].startswith(
        "ada may not do lambda:Invoke"
    )
    assert reply["status"] == "error" and reply["ename"] == "ClientError"
    assert shown["error"]["evalue"].startswith("ada may not do") and shown["error"][
        "traceback"
    ] == ["ClientError: %tb shows where."]
    assert ACCOUNT not in json.dumps([reply, str(shown)])


def test_the_traceback_is_a_command_away(kernel):
    ran(kernel, "denied()")
    _, shown = ran(kernel, "%tb")
    text = strip_ansi("".join(shown["error"]["traceback"]))
    assert "ClientError" in text and "denied()" in text and "def denied" in text
    assert ACCOUNT not in str(shown)


def test_the_cell_after_a_failed_one_runs(kernel):
    ran(kernel, "denied()")
    reply, shown = ran(kernel, "1 + 1")
    assert reply["status"] == "ok" and shown["execute_result"]["data"]["text/plain"] == "2"


def test_an_unknown_error_keeps_its_traceback(kernel):
    invalid = "raise failed.ParamValidationError(report='x')"
    for code in ("open('/no/such/file')", "{}['key']", invalid):
        reply, shown = ran(kernel, code)
        assert reply["status"] == "error" and "display_data" not in shown, code
        assert len("".join(shown["error"]["traceback"]).splitlines()) >= 3, code


def test_an_export_never_takes_a_cell_with_a_sentence_for_a_good_one(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(SETUP), nbformat.v4.new_code_cell("denied()")]
    )
    with pytest.raises(CellExecutionError, match="ClientError"):
        NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    kinds = [output["output_type"] for output in notebook.cells[1].outputs]
    assert kinds == ["display_data", "error"]
