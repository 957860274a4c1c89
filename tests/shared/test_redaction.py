"""Redaction: no planted secret survives it, and no ordinary figure is touched."""

import base64
import itertools
import json
import os
import secrets
import string
from types import SimpleNamespace

import boto3
import botocore.session
import pytest
from botocore.auth import S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials, RefreshableCredentials
from hypothesis import assume, example, given
from hypothesis import strategies as st

from lambdadeck.shared import redaction
from lambdadeck.shared.redaction import SECRET
from tests.support.kernel import CellError, Kernel

# Made here, valid nowhere; put together so that no file holds them whole.
KEY_ID = "AKIA" + "QZ7NLIVEPLANTED2"
ROLE_KEY_ID = "ASIA" + "QZ7NLIVEPLANTED3"
SECRET_KEY = "pLaNt3d/" + "sEcR3tK3y+ofNobody0123456789abcd"
SESSION_TOKEN = "IQoJb3JpZ2luX2Vj" + "EPlantedSessionToken0123456789" * 6 + "/+=="
PRIVATE_KEY = (
    "-----BEGIN RSA PRIVATE KEY-----\n"
    + "MIIplantedplanted\n" * 3
    + "-----END RSA PRIVATE KEY-----"
)
WEB_TOKEN = ".".join(["eyJhbGciOiJub25lIn0", "eyJzdWIiOiJwbGFudGVkIn0", "cGxhbnRlZHNpZ25hdHVyZQ"])
ACCOUNT = "987611224321"
PLANTED = {
    "access key": KEY_ID,
    "role's key": ROLE_KEY_ID,
    "secret key": SECRET_KEY,
    "session token": SESSION_TOKEN,
    "private key": PRIVATE_KEY,
    "web token": WEB_TOKEN,
}

around = st.text(alphabet=" \n\t.,;:()[]<>'\"{}äλ—", max_size=20)
prose = st.text(alphabet=string.ascii_letters + string.digits + " .,:;-/\n()'äλ…", max_size=200)


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch):
    monkeypatch.setattr(redaction, "_known_accounts", set())


@given(around, st.sampled_from(sorted(PLANTED)), around)
def test_a_planted_secret_never_survives(before, which, after):
    shown = redaction.text(before + PLANTED[which] + after)
    assert PLANTED[which][:24] not in shown and SECRET in shown
    assert shown.startswith(before)


@given(
    st.lists(
        st.one_of(
            prose,
            st.sampled_from(
                [*PLANTED.values(), f"account {ACCOUNT}", f"arn:aws:iam::{ACCOUNT}:root"]
            ),
        )
    )
)
def test_redacting_twice_changes_nothing_more(parts):
    once = redaction.text(" ".join(parts))
    assert redaction.text(once) == once


ORDINARY = [
    "REPORT RequestId: 4b1d3c9e-1f1a-4c0f-9b5f-000011112222 Duration: 1.86 ms "
    "Billed Duration: 2 ms Memory Size: 128 MB",
    "$0.0000166667 a GB-second, $0.20 for 1 million requests, 100000000000 requests, "
    "$123456789013.00",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "sha256 " + "0f" * 32,
    "4vDWgXS/WSDrvLVdvV6qKcTe8xYBUbRNCqXtIC1xM0Q=",
    "lambda-live-111122223333",
    "1700000000000",
    "49590338271490256608559692538361571095921575989136588898",
    "arn:aws:lambda:eu-west-1:000000000000:function:greet",
    "arn:aws:iam::123456789012:role/lambda-live",
    "The account's signature is checked; the session token: temporary. access token authentication",
    '<input type="range" max="100000000000">',
    "/usr/lib/python3.13/site-packages/botocore/client.py",
    "account 12345678901",
    "https://aws.amazon.com/lambda/pricing/?nc2=type_a",
    "C:/Users/Ada/Documents/AWSLambdaLive2017/Slides",
    "2026-11-23T20:15:02.123456789012Z",
    "0.123456789012",
    "123,456,789,012",
]


def test_ordinary_text_is_left_alone():
    assert [redaction.text(words) for words in ORDINARY] == ORDINARY


@given(
    st.one_of(
        st.integers(),
        st.floats(),
        st.uuids(),
        st.datetimes(),
        st.dates(),
        st.fractions(),
        st.decimals(),
    ),
    around,
)
@example(100_000_000_000, " requests ")
def test_no_figure_is_taken_for_a_secret(figure, before):
    assume(not before.rstrip("( [{").endswith(("'", '"', "/")))
    assert redaction.text(f"{before} {figure}") == f"{before} {figure}"


@given(st.integers(min_value=10**12), prose)
def test_more_than_twelve_digits_are_no_account_number(number, before):
    assert str(number) in redaction.text(f"account {number}")


def test_an_account_number_shows_its_last_four_digits_and_what_is_around_it_keeps_its_shape():
    cases = [
        (
            f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:greet",
            "arn:aws:lambda:eu-west-1:…4321:function:greet",
        ),
        (f"arn:aws-cn:iam::{ACCOUNT}:role/x", "arn:aws-cn:iam::…4321:role/x"),
        (
            f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/queue",
            "https://sqs.eu-west-1.amazonaws.com/…4321/queue",
        ),
        (f"http://127.0.0.1:4566/{ACCOUNT}/queue", "http://127.0.0.1:4566/…4321/queue"),
        (
            f"https://{ACCOUNT}.signin.aws.amazon.com/console",
            "https://…4321.signin.aws.amazon.com/console",
        ),
        (f"{{'Account': '{ACCOUNT}'}}", "{'Account': '…4321'}"),
        (f"account {ACCOUNT}.", "account …4321."),
        ("Account ID: 9876-1122-4321", "Account ID: …4321"),
        (f'"accountId": "{ACCOUNT}"', '"accountId": "…4321"'),
        (f"<th>Account</th><td>{ACCOUNT}</td>", "<th>Account</th><td>…4321</td>"),
        (f"&#x27;{ACCOUNT}&#x27;", "&#x27;…4321&#x27;"),
    ]
    assert [redaction.text(words) for words, _ in cases] == [shown for _, shown in cases]


def test_the_account_in_use_is_shortened_wherever_it_stands():
    redaction.keep_account_out(ACCOUNT)
    assert redaction.text(f"{ACCOUNT} bucket-{ACCOUNT}-x") == "…4321 bucket-…4321-x"
    redaction.keep_account_out("123456789012")
    assert redaction.text("123456789012 and 000000000000") == "123456789012 and 000000000000"


def test_what_its_name_calls_a_secret_is_one():
    names = [
        "AWS_SECRET_ACCESS_KEY",
        "aws_secret_access_key",
        "SecretAccessKey",
        "AWS_SESSION_TOKEN",
        "SessionToken",
        "X-Amz-Security-Token",
        "secret_key",
        "IdToken",
        "RefreshToken",
    ]
    forms = [
        "{}={}",
        "{}: {}",
        "'{}': '{}'",
        '"{}": "{}"',
        '{{\\"{}\\": \\"{}\\"}}',
        "{} {}",
        "<th>{}</th><td>{}</td>",
        "&#x27;{}&#x27;: &#x27;{}&#x27;",
        "\x1b[32m{}\x1b[39m=\x1b[33m'{}'",
    ]
    value, wrong = "plain0plain0plain0plain0", []
    for name, form in itertools.product(names, forms):
        shown = redaction.text(form.format(name, value))
        if value in shown or shown != form.format(name, SECRET):
            wrong.append(shown)
    assert wrong == []


@pytest.mark.parametrize("token", [None, SESSION_TOKEN])
def test_a_signed_request_shows_no_credential_in_headers_or_address(token):
    keys = Credentials(KEY_ID, SECRET_KEY, token)
    headed = AWSRequest("POST", "https://lambda.eu-west-1.amazonaws.com/", {}, b"")
    SigV4Auth(keys, "lambda", "eu-west-1").add_auth(headed)
    presigned = AWSRequest("GET", "https://bucket.s3.amazonaws.com/key", {}, b"")
    S3SigV4QueryAuth(keys, "s3", "eu-west-1").add_auth(presigned)
    for raw in (
        str(dict(headed.headers)),
        str(headed.headers),
        presigned.url,
        json.dumps(dict(headed.headers)),
    ):
        shown = redaction.text(raw)
        assert KEY_ID not in shown and SECRET in shown and "AWS4-HMAC-SHA256" in shown
        assert not token or token[:24] not in shown
        assert not [
            part for part in shown.replace("=", " ").replace("'", " ").split() if len(part) == 64
        ]


def test_jupyters_token_goes_from_addresses_and_headers():
    token = secrets.token_urlsafe(24)
    assert token not in redaction.text(
        f"http://127.0.0.1:8888/nbclassic/notebooks/a.ipynb?token={token}"
    )
    assert token not in redaction.text(f"Authorization: token {token}")


def test_secrets_in_the_environment_are_known_by_value(monkeypatch):
    keys = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    for name in (*keys, "JUPYTER_TOKEN", "GITHUB_TOKEN", "DB_PASSWORD"):
        value = "just-some-words-" + secrets.token_hex(4)
        monkeypatch.setenv(name, value)
        assert redaction.text(f"printed {value} bare") == f"printed {SECRET} bare", name


def test_colors_hide_no_secret():
    colors = ["\x1b[1m", "\x1b[33m", "\x1b[0;31m", "\x1b[38;5;128m"]
    shown = [
        (which, color)
        for which, color in itertools.product(PLANTED, colors)
        if PLANTED[which][:24] in redaction.text(f"{color}{PLANTED[which]}\x1b[0m")
    ]
    assert shown == []


def test_a_known_value_is_found_in_an_address_too(monkeypatch):
    monkeypatch.setenv("DB_PASSWORD", "with/slash+and=more")
    assert redaction.text("?x=with%2Fslash%2Band%3Dmore&y=1") == f"?x={SECRET}&y=1"


def test_boto3s_keys_are_known_by_value_and_looking_never_refreshes_them(monkeypatch):
    session = SimpleNamespace(_session=botocore.session.get_session())
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    session._session._credentials = Credentials("key-from-a-file", "secret-from-a-file", None)
    assert redaction.text("secret-from-a-file") == SECRET

    def refresh():
        raise AssertionError("asked the network")

    expired = "2020-01-01T00:00:00Z"
    stale = RefreshableCredentials.create_from_metadata(
        {
            "access_key": "stale-key-id",
            "secret_key": "stale-secret-key",
            "token": "stale-token",
            "expiry_time": expired,
        },
        refresh,
        "sso",
    )
    session._session._credentials = stale
    assert redaction.text("stale-secret-key stale-token") == f"{SECRET} {SECRET}"


def test_pictures_stay_as_they_are_and_text_around_them_does_not():
    picture = base64.b64encode(os.urandom(3000)).decode()
    shown = redaction.bundle(
        {
            "image/png": picture,
            "text/html": f'<img src="data:image/png;base64,{picture}"> {KEY_ID}',
            "image/svg+xml": f"<text>{KEY_ID}</text>",
            "application/json": {"Account": ACCOUNT, "n": 100000000000},
        }
    )
    assert shown["image/png"] == picture and picture in shown["text/html"]
    assert KEY_ID not in str(shown) and shown["application/json"] == {
        "Account": "…4321",
        "n": 100000000000,
    }


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=7),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    )
)
def test_data_without_secrets_keeps_its_value(value):
    assert redaction.data(value) == value


def test_a_notebooks_outputs_are_redacted_in_place():
    shown = [
        {"output_type": "stream", "name": "stdout", "text": KEY_ID},
        {"output_type": "error", "ename": "E", "evalue": KEY_ID, "traceback": [KEY_ID]},
        {
            "output_type": "display_data",
            "data": {"text/plain": KEY_ID, "image/png": "x"},
            "metadata": {},
        },
    ]
    redaction.outputs(shown)
    assert KEY_ID not in str(shown) and str(shown).count(SECRET) == 4


HOME = "/home/planted.name"


@pytest.fixture
def at_home(monkeypatch):
    """Set the home of a user whose name must not be shown."""
    monkeypatch.setenv("HOME", HOME)
    return HOME


def test_the_home_folder_is_a_tilde_and_another_folder_is_not(at_home):
    cases = [
        (f"{HOME}/talk/notebooks", "~/talk/notebooks"),
        (f"in {HOME}.", "in ~."),
        (f'"{HOME}/a b"', '"~/a b"'),
        (f"file://{HOME}/talk", "file://~/talk"),
        (f"\x1b[32m{HOME}/app.py:12\x1b[0m", "\x1b[32m~/app.py:12\x1b[0m"),
        (f"<td>{HOME}</td>", "<td>~</td>"),
        (f"{HOME}s/talk and {HOME}.old", f"{HOME}s/talk and {HOME}.old"),
        (f"/mnt{HOME} and https://example.org{HOME}", f"/mnt{HOME} and https://example.org{HOME}"),
    ]
    expected = [shown for _, shown in cases]
    assert [redaction.places(words) for words, _ in cases] == expected
    assert [redaction.places(shown) for shown in expected] == expected


def test_the_checkout_and_the_virtual_environment_are_shown_by_their_names_alone(
    monkeypatch, tmp_path
):
    monkeypatch.setattr(redaction.paths, "ROOT", tmp_path / "planted" / "lambda-live")
    monkeypatch.setattr(redaction.sys, "prefix", "/srv/planted/venv")
    (tmp_path / "planted" / "lambda-live").mkdir(parents=True)
    words = redaction.places(
        f"{tmp_path}/planted/lambda-live/notebooks /srv/planted/venv/bin/python /var/task /opt "
        "/tmp/x"
    )
    assert words == "…/lambda-live/notebooks …/venv/bin/python /var/task /opt /tmp/x"


def test_what_is_kept_or_sent_round_names_no_folder_of_its_sender_and_what_is_shown_live_may(
    at_home,
):
    picture = "data:image/png;base64,AAAA"
    shown = [
        {"output_type": "stream", "name": "stdout", "text": f"{at_home}/x"},
        {
            "output_type": "error",
            "ename": "E",
            "evalue": at_home,
            "traceback": [f"File {at_home}/x.py:3"],
        },
        {
            "output_type": "display_data",
            "metadata": {},
            "data": {
                "text/html": f'<td>{at_home}</td><img src="{picture}">',
                "image/png": at_home,
                "application/json": {"rows": [[at_home, 1]]},
            },
        },
    ]
    live = redaction.data(shown)
    redaction.outputs(shown)
    assert (
        "planted" in str(live) and str(shown).count("planted") == 1
    )  # the picture's dots, which are no text
    assert picture in str(shown) and shown[2]["data"]["application/json"] == {"rows": [["~", 1]]}


PLANTS = f"planted = {[*PLANTED.values(), f'arn:aws:iam::{ACCOUNT}:root']!r}"
CHANNELS = {
    "print": "print(*planted, sep='\\n')",
    "standard error": "import sys; print(planted, file=sys.stderr)",
    "the system's own": "import os; os.system('echo ' + planted[0])",
    "a logger": "import logging; logging.warning('%s', planted)",
    "a result": "planted",
    "HTML": "from IPython.display import HTML; HTML('<p>' + ' '.join(planted))",
    "an update": "from IPython.display import display\n"
    "display('x', display_id='1').update(planted)",
    "a widget": "import ipywidgets; ipywidgets.HTML(' '.join(planted))",
    "an error": "raise ValueError(planted)",
    "a thread": "import threading; t = threading.Thread(target=print, args=planted)\n"
    "t.start(); t.join()",
}


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kernel")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(
            "PYTEST_CURRENT_TEST"
        )  # with it, a kernel does not catch what its children print
        started = Kernel(folder, folder)
    with started as kernel:
        kernel.run(
            "from lambdadeck.shared import redaction as r\n"
            "r.install(get_ipython()); r.install(get_ipython())"
        )
        kernel.run(PLANTS)
        yield kernel


@pytest.mark.parametrize("channel", CHANNELS)
def test_whatever_a_cell_shows_in_whatever_way_is_redacted(kernel, channel):
    seen = []

    def see(message):
        if message["msg_type"] != "execute_input":
            seen.append(message)

    reply = kernel._client.execute_interactive(
        CHANNELS[channel], output_hook=see, allow_stdin=False, timeout=120
    )
    while SECRET not in str(
        [reply["content"], seen]
    ):  # what a child prints may come when its cell has ended
        see(kernel._client.get_iopub_msg(timeout=60))
    everything = str([reply["content"], seen]).replace("\\n", "\n")
    for value in (*(value[:24] for value in PLANTED.values()), ACCOUNT):
        assert value not in everything


def test_a_cell_still_fails_and_shows_figures_and_pictures(kernel):
    with pytest.raises(CellError, match="ZeroDivisionError"):
        kernel.run("1 / 0")
    shown = kernel.run(
        "from IPython.display import Image, display\n"
        "display(Image(data=bytes(range(256)), format='png'))\n100000000000"
    )
    assert shown[0]["data"]["image/png"].strip() == base64.b64encode(bytes(range(256))).decode()
    assert shown[1]["data"]["text/plain"] == "100000000000"
