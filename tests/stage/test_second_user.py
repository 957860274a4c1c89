"""Another user of the machine opens nothing: by ps, ports, sockets, folders or the API's answers.

As root the test is that user, by a number that nobody has. An ordinary user cannot become another
one: then the ports are asked all the same, and the modes of files and sockets are read.
"""

import json
import os
import stat
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import boto3
import psutil
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from lambdadeck import functions
from lambdadeck.aws import role
from tests.support import second_user
from tests.support.lambdas import wait_until
from tests.support.presenting import connections, post

NOBODY = 64_017  # no account of this number is needed, and none exists
ADMIN = ("/2015-03-31/functions/", "/_ministack/health", "/v2/apis", "/some-bucket")
JUPYTER = "/api/contents"
JUPYTERS = (
    *(JUPYTER, "/api/kernels", "/api/sessions", "/files/README.md", "/nbclassic/tree"),
    *(f"/lambdadeck/{part}/notebooks/aws-lambda.ipynb" for part in ("talk", "recordings")),
)


@pytest.fixture(scope="module")
def talk(deck):
    """Return the environment of a talk in which a kernel runs and things were made."""
    (jupyter,) = deck.named("jupyter_server")
    given = jupyter.environ()
    kernel = json.loads(post(deck.url_said, "api/kernels", {"name": "python3"}))["id"]
    wait_until(lambda: len(listening(deck.named(kernel))[1]) >= 5)  # its five channels
    yield given
    post(deck.url_said, f"api/kernels/{kernel}", {}, "DELETE")


def client(given, service):
    return boto3.client(
        service,
        endpoint_url=given["AWS_ENDPOINT_URL"],
        region_name=given["AWS_DEFAULT_REGION"],
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
    )


def said(given):
    """Make one of what has an address or an id; return every text that the API answers."""
    lambdas, queues, apis = (client(given, name) for name in ("lambda", "sqs", "apigatewayv2"))
    name = f"second-user-{os.getpid()}"
    code = {"ZipFile": functions.pack(functions.FUNCTIONS / "greet")}
    spec = {"Runtime": "python3.13", "Handler": "app.handler", "Role": role.LOCAL, "Code": code}
    answers = [lambdas.create_function(FunctionName=name, **spec)]
    lambdas.get_waiter("function_active_v2").wait(FunctionName=name)
    answers += [
        lambdas.create_function_url_config(FunctionName=name, AuthType="NONE"),
        lambdas.get_function(FunctionName=name),
        lambdas.list_functions(),
        queues.create_queue(QueueName=name),
        api := apis.create_api(Name=name, ProtocolType="HTTP"),
        apis.get_apis(),
        client(given, "sts").get_caller_identity(),
        client(given, "sts").get_session_token(),
        client(given, "cognito-idp").create_user_pool(PoolName=name),
    ]
    apis.delete_api(ApiId=api["ApiId"])
    queues.delete_queue(QueueUrl=answers[4]["QueueUrl"])
    client(given, "cognito-idp").delete_user_pool(UserPoolId=answers[-1]["UserPool"]["Id"])
    lambdas.delete_function(FunctionName=name)
    return sorted({word for answer in answers for text in texts(answer) for word in words(text)})


def texts(value):
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else value if type(value) is list else ():
        yield from texts(item)


def words(text):
    """Return a text, and the parts of an address or ARN."""
    parts = text.replace("?", "/").replace("=", "/").replace("&", "/").replace(":", "/").split("/")
    return {word for word in (text, *parts) if len(word) >= 8 and word.isascii()}


def replays(given, jupyter_port, word):
    """Return requests that use a word as each kind of credential, for what is not its own."""
    port = urlsplit(given["AWS_ENDPOINT_URL"]).port
    bearer = {"Authorization": f"Bearer {word}"}
    for path in ADMIN:
        yield port, "GET", path, {"Host": f"{word}.localhost:{port}"}
        yield port, "GET", path, {"Host": f"x.lambda-url.eu-west-1.{word}.localhost:{port}"}
    for key in (word, given["AWS_ACCESS_KEY_ID"]):
        yield port, "GET", ADMIN[0], signed(given, key, word)
    yield port, "GET", ADMIN[0], {"X-Amz-Security-Token": word, **bearer}
    yield port, "GET", f"/_public/{quote(word)}/lambda-url/{'a' * 32}/", {}
    yield port, "GET", f"{ADMIN[0]}?X-Amz-Security-Token={quote(word)}", {}
    yield jupyter_port, "GET", f"{JUPYTER}?token={quote(word)}", {}
    yield jupyter_port, "GET", JUPYTER, {"Authorization": f"token {word}"}
    yield jupyter_port, "GET", JUPYTER, {"Cookie": f"username-127-0-0-1-{jupyter_port}={word}"}


def signed(given, key, secret):
    request = AWSRequest("GET", given["AWS_ENDPOINT_URL"] + ADMIN[0])
    SigV4Auth(Credentials(key, secret), "lambda", "eu-west-1").add_auth(request)
    return dict(request.headers)


def listening(processes):
    """Return the TCP ports and the Unix sockets on which the processes listen."""
    found = connections(processes, "all")
    ports = {one.laddr.port for one in found if one.status == psutil.CONN_LISTEN}
    sockets = {str(one.laddr) for one in found if one.family.name == "AF_UNIX" and one.laddr}
    return sorted(ports), sorted(sockets)


def folders():
    """Return the temporary folders of all talks and engines of this user."""
    own = [*Path(tempfile.gettempdir()).glob("lambdadeck-*"), *Path("/tmp").glob("ld-*")]
    return [str(path) for path in own if path.is_dir() and path.stat().st_uid == os.getuid()]


def as_second_user(asked):
    """Run the look of tests/support/second_user.py as another user."""
    python = next(
        (
            path
            for path in ("/usr/bin/python3", "/usr/local/bin/python3")
            if os.access(path, os.X_OK)
        ),
        None,
    )
    if os.geteuid() != 0 or python is None:
        pytest.skip("another user needs root, and a Python that all users may run")
    done = subprocess.run(
        [python, "-I", "-c", Path(second_user.__file__).read_text()],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=300,
        cwd="/",
        env={},
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def secrets_of(given, url):
    """Return what nobody else may learn: the keys of the talk, and Jupyter's token."""
    names = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID")
    return [given[name] for name in names if given.get(name)] + parse_qs(urlsplit(url).query)[
        "token"
    ]


def test_another_user_sees_no_secret_and_opens_neither_file_nor_socket(deck, talk):
    processes = deck.processes()
    ports, sockets = listening(processes)
    files = [
        path for folder in folders() for path in (folder, f"{folder}/runtime", f"{folder}/token")
    ]
    known = {
        urlsplit(deck.url_said).port: JUPYTERS,
        urlsplit(talk["AWS_ENDPOINT_URL"]).port: ("/", *ADMIN),
    }
    asked = {
        "pids": [process.pid for process in processes],
        "paths": files,
        "sockets": sockets,
        "requests": [(port, "GET", path, {}) for port in ports for path in known.get(port, "/")],
    }
    assert known.keys() <= set(ports) and files and sockets
    found = as_second_user(asked)
    shown = " ".join(found["commands"].values())
    assert "jupyter_server" in shown  # it can see them
    assert not [secret for secret in secrets_of(talk, deck.url_said) if secret in shown]
    assert found["environments"] == found["opened"] == found["connected"] == []
    opened = [
        one
        for one in zip(asked["requests"], found["answers"], strict=True)
        if one[1] not in (302, 403, second_user.CLOSED)
    ]
    assert not opened


def test_nothing_that_the_api_says_is_a_credential_for_anything_else(deck, talk):
    """Whoever asks: the ports do not know users."""
    jupyter_port = urlsplit(deck.url_said).port
    answered = said(talk)
    assert len(answered) > 40
    requests = [one for word in answered for one in replays(talk, jupyter_port, word)]
    own = signed(talk, talk["AWS_ACCESS_KEY_ID"], talk["AWS_SECRET_ACCESS_KEY"])
    control = urlsplit(talk["AWS_ENDPOINT_URL"]).port, "GET", ADMIN[0], own
    *statuses, opens = second_user.answers([*requests, control])
    assert opens == 200  # the requests are right but for their credentials
    opened = [
        one for one, status in zip(requests, statuses, strict=True) if status not in (302, 403)
    ]
    assert not opened, opened[:5]


def test_files_and_sockets_are_their_users_alone_by_mode(deck, talk):
    """What another user cannot even try: this holds without one, too."""
    _, sockets = listening(deck.processes())
    paths = [path for path in sockets if path.startswith("/")]
    assert not [path for path in sockets if path.startswith("@")]  # abstract ones have no mode
    unsafe = [path for path in [*folders(), *paths] if not is_private(Path(path))]
    assert not unsafe


def is_private(path):
    """Return whether the path, or a folder above it, shuts all other users out."""
    above = [path, *path.parents]
    return any(not one.exists() or stat.S_IMODE(one.stat().st_mode) & 0o077 == 0 for one in above)
