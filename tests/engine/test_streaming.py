"""Answers piece by piece: through a function URL, by InvokeWithResponseStream, and whole."""

import http.client
import json
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from tests.support.lambdas import ROLE, open_to_all, zipped
from tests.support.speaking import needs

HERE = "http://localhost:5173"
# Each part of a path is a way to answer; "stay" leaves the stream open until the time is out.
NODE = """
const ways = {
  about: (stream) => awslambda.HttpResponseStream.from(stream, {
    statusCode: 201, headers: { 'X-A': 'b' }, cookies: ['a=1'] }),
  type: (stream) => { stream.setContentType('text/css'); return stream; },
  one: (stream) => new Promise((resolve) => stream.write('one', () => resolve(stream))),
  object: (stream) => { stream.write({ a: 1 }); return stream; },
  end: (stream) => { stream.end(); return stream; },
  fail: () => { throw new TypeError('no'); },
  exit: () => process.exit(3),
  stay: () => new Promise((resolve) => setTimeout(resolve, 60000)),
};
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  for (const way of (event.rawPath || event.ways).split('/').slice(1)) {
    stream = await ways[way](stream);
  }
});"""
# A custom runtime in bash: it asks for an event, and answers in pieces, the second from its event.
CUSTOM = r"""#!/bin/bash
ask() { exec 3<>"/dev/tcp/${AWS_LAMBDA_RUNTIME_API/:/\/}"
printf "$1 /2018-06-01/runtime/$2 HTTP/1.1\r
Host: $AWS_LAMBDA_RUNTIME_API\r\n$3\r\n" >&3; }
while ask GET invocation/next; do
  while read -r line <&3 && line=${line%$'\r'} && [ "$line" ]; do
    case "${line,,}" in
      *request-id:*) id=${line#*: } ;;
      content-length:*) size=${line#*: } ;;
    esac
  done
  read -r -N "$size" event <&3
  ask POST "invocation/$id/response" "Lambda-Runtime-Function-Response-Mode: streaming\r
Content-Type: text/css\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n"
  read -r _ <&3 && read -r _ <&3
  printf '3\r\none\r\n' >&3
  [ "$event" = '"hang up"' ] && { exec 3>&-; continue; }
  printf '%x\r\n%s\r\n0\r\n\r\n' "$size" "$event" >&3
  read -r _ <&3
done
"""


@pytest.fixture(scope="module")
def streaming(lambdas):
    """Make a function of these files with a URL that streams; return its name and URL."""

    def make(name, files, runtime, **settings):
        lambdas.client.create_function(
            FunctionName=name,
            Runtime=runtime,
            Handler="app.handler",
            Role=ROLE,
            Code={"ZipFile": zipped(files)},
            MemorySize=512,
            **settings,
        )
        made = lambdas.client.create_function_url_config(
            FunctionName=name,
            AuthType="NONE",
            InvokeMode="RESPONSE_STREAM",
            Cors={"AllowOrigins": ["*"], "ExposeHeaders": ["x-a"]},
        )
        open_to_all(lambdas.client, name)
        return name, made["FunctionUrl"]

    return make


@pytest.fixture(scope="module")
def node(streaming):
    needs("nodejs")
    return streaming("streams", {"app.js": NODE}, "nodejs22.x", Timeout=2)


def read(url, path):
    """Return status, headers, and body of a response; one that is broken off ends in !."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    connection.request("GET", parts.path + path, headers={"Origin": HERE})
    answer = connection.getresponse()
    assert answer.headers["Access-Control-Allow-Origin"] == HERE
    try:
        body = answer.read()
    except http.client.IncompleteRead as broken:
        body = broken.partial + b"!"
    connection.close()
    return answer.status, answer.headers, body


def events(client, name, payload, **options):
    """Return the pieces and the last event of a streamed Invoke."""
    answer = client.invoke_with_response_stream(
        FunctionName=name, Payload=json.dumps(payload), **options
    )
    *chunks, last = answer["EventStream"]
    return [chunk["PayloadChunk"]["Payload"] for chunk in chunks], last["InvokeComplete"]


def test_a_url_sends_what_a_handler_has_written_before_it_is_over(node):
    failed = 502, "text/plain", b"Internal Server Error"
    stream = "application/octet-stream"
    for path, expected in {
        "about/one/one/end": (201, stream, b"oneone"),
        "type/one/end": (200, "text/css", b"one"),
        "object/end": (200, stream, b'{"a":1}'),
        "end": (200, stream, b""),
        "about/end": (200, stream, b""),  # AWS's client writes the metadata with the first piece
        "fail": failed,
        "exit": failed,
        "stay": failed,
        "one/fail": (200, stream, b"one"),  # the status has been sent
        "one/exit": (200, stream, b"one!"),
        "one/stay": (200, stream, b"one!"),  # a piece came although the function never ended
    }.items():
        status, headers, body = read(node[1], path)
        assert (status, headers["Content-Type"], body) == expected, path
        if status == 201:
            assert (headers["X-A"], headers["Set-Cookie"]) == ("b", "a=1")
            assert headers["Access-Control-Expose-Headers"] == "x-a"


def test_an_invoke_gets_each_piece_as_an_event_and_the_error_in_the_last(node, lambdas):
    for ways, pieces, code in (
        ("/one/one/end", [b"one", b"one"], None),
        ("/one/fail", [b"one"], "TypeError"),
        ("/one/exit", [b"one"], "Runtime.ExitError"),
        ("/one/stay", [b"one"], "Sandbox.Timedout"),
    ):
        got, last = events(lambdas.client, node[0], {"ways": ways})
        assert (b"".join(got), last.get("ErrorCode")) == (b"".join(pieces), code), ways
        assert ("ErrorDetails" in last) == (code is not None) and "LogResult" not in last
    assert "LogResult" in events(lambdas.client, node[0], {"ways": "/end"}, LogType="Tail")[1]


def test_a_caller_who_does_not_stream_gets_the_whole(node, lambdas):
    answer = lambdas.client.invoke(FunctionName=node[0], Payload=b'{"ways": "/one/one/end"}')
    assert answer["Payload"].read() == b"oneone"
    failed = lambdas.client.invoke(FunctionName=node[0], Payload=b'{"ways": "/one/fail"}')
    assert failed["FunctionError"] == "Unhandled"
    assert json.loads(failed["Payload"].read())["errorMessage"] == "no"


def test_a_custom_runtime_streams_too_and_may_hang_up(streaming, lambdas):
    name, url = streaming("streams-bash", {"bootstrap": CUSTOM}, "provided.al2023")
    assert events(lambdas.client, name, "two") == ([b"one", b'"two"'], {})
    _, last = events(lambdas.client, name, "hang up")
    assert last["ErrorCode"] == "Runtime.TruncatedResponse"
    status, headers, body = read(url, "x")
    assert (status, headers["Content-Type"], body[:4]) == (200, "text/css", b"one{")


def test_a_runtime_that_does_not_stream_answers_in_one_piece(lambdas):
    name = lambdas.make("def handler(event, context): return 1 // event")
    assert events(lambdas.client, name, 1) == ([b"1"], {})
    (error,), last = events(lambdas.client, name, 0)
    assert last == {"ErrorCode": "ZeroDivisionError", "ErrorDetails": error.decode()}


def test_a_streamed_invoke_is_refused_as_invoke_is(lambdas):
    name = lambdas.make("def handler(event, context): pass")
    stream = lambdas.client.invoke_with_response_stream
    assert stream(FunctionName=name, InvocationType="DryRun")["StatusCode"] == 204
    lambdas.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    for code, given in {
        "ResourceNotFoundException": {"FunctionName": "nobody"},
        "InvalidRequestContentException": {"FunctionName": name, "Payload": b"{"},
        "ValidationException": {"FunctionName": name, "InvocationType": "Event"},
        "TooManyRequestsException": {"FunctionName": name},
    }.items():
        with pytest.raises(ClientError) as refused:
            stream(**given)
        assert refused.value.response["Error"]["Code"] == code
