"""The embedded cloud over real HTTP: whom it refuses, and that what it refuses did not happen."""

import http.client
import socket

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lambdadeck.engine.model import Settings
from tests.support.cases import each
from tests.support.lambdas import Lambdas

LIST = "/2015-03-31/functions/"


def ask(lambdas: Lambdas, method="GET", path=LIST, headers=None, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", lambdas.engine.settings.port, timeout=60)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), dict(answer.getheaders())
    finally:
        connection.close()


def test_an_unsigned_request_is_refused(lambdas):
    status, body, headers = ask(lambdas)
    assert status == 403 and "missing Authentication Token" in body
    assert not [name for name in headers if name.lower().startswith("access-control-")]


def test_a_page_from_another_origin_is_refused_even_its_preflight(lambdas):
    for method in ("GET", "POST", "OPTIONS", "PUT", "DELETE"):
        status, body, headers = ask(
            lambdas,
            method,
            headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
        )
        assert status == 403 and "web pages" in body
        assert not [name for name in headers if name.lower().startswith("access-control-")]


def test_a_foreign_host_is_refused(lambdas):
    status, body, _ = ask(lambdas, headers={"Host": "evil.example"})
    assert status == 403 and "Host" in body


@each(
    ("key", "secret", "code"),
    [
        ("AKIAIOSFODNN7EXAMPLE", None, "UnrecognizedClientException"),
        (None, "wrong", "SignatureDoesNotMatch"),
    ],
)
def test_a_wrong_key_and_a_wrong_secret_are_refused(lambdas, key, secret, code):
    deck = lambdas.engine.settings.deck
    for service, call in (
        ("lambda", "list_functions"),
        ("s3", "list_buckets"),
        ("sns", "list_topics"),
        ("dynamodb", "list_tables"),
        ("sqs", "list_queues"),
    ):
        client = boto3.client(
            service,
            endpoint_url=lambdas.engine.endpoint,
            region_name="eu-west-1",
            aws_access_key_id=key or deck.access_key,
            aws_secret_access_key=secret or deck.secret_key,
            config=Config(retries={"max_attempts": 0}),
        )
        with pytest.raises(ClientError) as refused:
            getattr(client, call)()
        assert refused.value.response["Error"]["Code"] == code
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@each(
    "path",
    [
        "/_ministack/reset",
        "/_ministack/config",
        "/_ministack/health",
        "/_localstack/health",
        "/health",
        "/_aws/sqs/messages",
        "/_ministack/rds/iam-auth",
    ],
)
def test_the_control_planes_own_doors_are_shut_to_the_unsigned(lambdas, path):
    name = lambdas.make("def handler(event, context): return 1")
    assert ask(lambdas, "POST", path, body="{}")[0] == 403
    assert lambdas.call(name).payload == 1


def test_it_listens_on_loopback_alone(lambdas):
    with socket.socket() as other:
        other.settimeout(2)
        with pytest.raises(OSError, match=r"refused|timed out|unreachable"):
            other.connect((_own_address(), lambdas.engine.settings.port))


def _own_address() -> str:
    """Return an address of this machine that is not 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it only asks for the route
            return probe.getsockname()[0]
        except OSError:
            return "127.0.0.2"


def test_a_signed_s3_upload_goes_through_the_guard_and_back(lambdas):
    s3 = lambdas.boto("s3")
    s3.create_bucket(
        Bucket="guarded", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    s3.put_object(Bucket="guarded", Key="a b/ü~.txt", Body=b"content", ContentType="text/plain")
    assert s3.get_object(Bucket="guarded", Key="a b/ü~.txt")["Body"].read() == b"content"
    assert [o["Key"] for o in s3.list_objects_v2(Bucket="guarded")["Contents"]] == ["a b/ü~.txt"]


def test_every_start_has_other_keys(lambdas):
    one, other = Settings(), Settings()
    assert one.deck != other.deck and one.role != other.role and one.start_id != other.start_id
    assert Settings.read(one.line()) == one


def test_one_environment_cannot_speak_for_another(lambdas):
    """A function looks for the Runtime APIs of its neighbours and tries to take their events."""
    neighbour = lambdas.make(
        "import os\ndef handler(event, context): return os.environ['AWS_LAMBDA_RUNTIME_API']"
    )
    address = lambdas.call(neighbour).payload
    thief = lambdas.make(
        """
        import http.client
        def handler(event, context):
            tried = []
            answer = f"/2018-06-01/runtime/invocation/{context.aws_request_id}/response"
            for method, path in (("GET", "/2018-06-01/runtime/invocation/next"),
                                 ("POST", "/2018-06-01/runtime/init/error"),
                                 ("POST", answer)):
                connection = http.client.HTTPConnection(event, timeout=15)
                try:
                    connection.request(method, path, b"{}" if method == "POST" else None)
                    tried.append(connection.getresponse().status)
                except TimeoutError:
                    tried.append("it waits for an event")
                except OSError:
                    tried.append(403)
            return tried
    """,
        Timeout=20,
        MemorySize=1769,
    )
    assert lambdas.call(thief, address).payload == [403, 403, 403]
    assert lambdas.call(neighbour).payload == address  # it has lost nothing


def test_a_runtime_api_refuses_this_process_too(lambdas):
    address = lambdas.call(
        lambdas.make("import os\ndef handler(e, c): return os.environ['AWS_LAMBDA_RUNTIME_API']")
    ).payload
    connection = http.client.HTTPConnection(address, timeout=60)
    try:
        connection.request("GET", "/2018-06-01/runtime/invocation/next")
        assert connection.getresponse().status == 403
    except ConnectionError:
        pass  # hung up before the answer could be read: refused all the same
    finally:
        connection.close()
