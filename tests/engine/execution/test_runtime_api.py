"""The Runtime API alone: real sockets, an environment that notes what it is told."""

import asyncio
import base64
import json
import socket
from collections.abc import Awaitable, Callable
from contextlib import ExitStack

import pytest

from lambdadeck.engine.execution.errors import RESPONSE_LIMIT, response_too_large, truncated
from lambdadeck.engine.execution.runtime_api import HEAD_LIMIT, RuntimeApi
from lambdadeck.engine.model import Invocation

NEXT = "/2018-06-01/runtime/invocation/next"


class Noting:
    """An environment that believes or disbelieves every peer, or does not know yet."""

    def __init__(self, trust: bool | None = True) -> None:
        self.trust, self.told, self.looks = trust, [], 0

    def owns(self, peer: tuple[str, int], ours: tuple[str, int]) -> bool | None:
        self.looks += 1
        return self.trust

    def asked_next(self) -> None:
        self.told.append("next")

    def responded(self, request_id: str, body: bytes) -> bool:
        self.told.append(("response", request_id, body))
        return request_id == "known"

    def failed(self, request_id: str, body: bytes) -> bool:
        self.told.append(("error", request_id, body))
        return request_id == "known"

    def init_failed(self, body: bytes) -> None:
        self.told.append(("init", body))


def talk(conversation: Callable[..., Awaitable[None]], trust: bool | None = True) -> Noting:
    async def run() -> Noting:
        noting = Noting(trust)
        api = RuntimeApi(noting)
        await api.listen()
        port = int(api.address.split(":")[1])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            async with asyncio.timeout(60):
                await conversation(api, reader, writer)
        finally:
            writer.close()
            api.close()
        return noting

    return asyncio.run(run())


def ask(api, method, path, body=b"", **headers):
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {headers.pop('host', api.address)}",
        f"Content-Length: {len(body)}",
    ]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def answer(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    size = int(
        next(
            line.split(":")[1]
            for line in head.split("\r\n")
            if line.lower().startswith("content-length")
        )
    )
    return head, await reader.readexactly(size)


def test_an_event_waits_for_the_runtime_and_the_runtime_for_an_event():
    async def conversation(api, reader, writer):
        for first in ("event", "runtime"):
            if first == "event":
                api.deliver(Invocation(b'{"n": 1}', "id-1", trace_id="Root=1"), 99, "arn:f")
                assert api.holding
                writer.write(ask(api, "GET", NEXT))
            else:
                writer.write(ask(api, "GET", NEXT))
                while len(noted(api)) < 2:
                    await asyncio.sleep(0.005)
                api.deliver(Invocation(b'{"n": 1}', "id-1", trace_id="Root=1"), 99, "arn:f")
            head, body = await answer(reader)
            assert head.startswith("HTTP/1.1 200") and body == b'{"n": 1}' and not api.holding
            for line in (
                "Lambda-Runtime-Aws-Request-Id: id-1",
                "Lambda-Runtime-Deadline-Ms: 99",
                "Lambda-Runtime-Invoked-Function-Arn: arn:f",
                "Lambda-Runtime-Trace-Id: Root=1",
            ):
                assert line in head

    def noted(api):
        return api.environment.told

    assert talk(conversation).told == ["next", "next"]


def test_answers_and_errors_are_taken_for_the_known_request_only():
    async def conversation(api, reader, writer):
        for kind in ("response", "error"):
            for request_id, status in (("known", "202"), ("other", "400")):
                if status == "400" and kind == "error":
                    continue  # the refusal before has hung up
                writer.write(
                    ask(api, "POST", f"/2018-06-01/runtime/invocation/{request_id}/{kind}", b"body")
                )
                head, _ = await answer(reader)
                assert head.split()[1] == status
                if status == "400":
                    return

    assert talk(conversation).told == [
        ("response", "known", b"body"),
        ("response", "other", b"body"),
    ]


def test_an_init_error_is_passed_on():
    async def conversation(api, reader, writer):
        writer.write(ask(api, "POST", "/2018-06-01/runtime/init/error", b'{"errorType": "x"}'))
        assert (await answer(reader))[0].startswith("HTTP/1.1 202")

    assert talk(conversation).told == [("init", b'{"errorType": "x"}')]


def test_a_body_over_the_limit_is_told_and_not_kept():
    async def conversation(api, reader, writer):
        writer.write(
            ask(
                api,
                "POST",
                "/2018-06-01/runtime/invocation/known/response",
                b"x" * (RESPONSE_LIMIT + 1),
            )
        )
        head, body = await answer(reader)
        assert (
            head.startswith("HTTP/1.1 413")
            and str(RESPONSE_LIMIT) in json.loads(body)["errorMessage"]
        )

    assert talk(conversation).told == [("error", "known", response_too_large())]


STREAMED = """POST /2018-06-01/runtime/invocation/known/response HTTP/1.1\r
Host: {}\r
Lambda-Runtime-Function-Response-Mode: streaming\r
Content-Type: text/css\r
Transfer-Encoding: chunked\r
\r
3\r
one\r
"""
FAULT = b'{"errorType": "E", "errorMessage": "mid"}'
TRAILERS = b"Lambda-Runtime-Function-Error-Type: E\r\nLambda-Runtime-Function-Error-Body: "


@pytest.mark.parametrize(
    ("end", "passes_on", "told"),
    [
        (b"3\r\ntwo\r\n0\r\n\r\n", True, ("response", "known", b"")),
        (b"3\r\ntwo\r\n0\r\n\r\n", False, ("response", "known", b"onetwo")),
        (
            b"0\r\n" + TRAILERS + base64.b64encode(FAULT) + b"\r\n\r\n",
            True,
            ("error", "known", FAULT),
        ),
        (b"0\r\n" + TRAILERS + b"?\r\n\r\n", True, ("error", "known", b'{"errorType": "E"}')),
        (b"", True, ("error", "known", truncated())),
    ],
    ids=["ended", "for a caller who waits", "an error", "an error without words", "hung up"],
)
def test_a_stream_is_passed_on_in_pieces_and_may_end_with_an_error(end, passes_on, told):
    pieces = []

    async def conversation(api, reader, writer):
        take = (lambda media, piece: pieces.append((media, piece))) if passes_on else None
        api.deliver(Invocation(b"1", "known", piece=take), 99, "arn:f")
        writer.write(STREAMED.format(api.address).encode())
        while passes_on and not pieces:
            await asyncio.sleep(0.005)
        assert api.environment.told == []
        writer.write(end)
        if not end:
            writer.close()
        while not api.environment.told:
            await asyncio.sleep(0.005)

    assert talk(conversation).told == [told]
    assert (
        pieces == [("text/css", b"one"), ("text/css", b"two")][: passes_on * (1 + (b"two" in end))]
    )


def test_a_runtime_that_is_faster_than_its_start_waits_until_its_process_id_is_known():
    async def conversation(api, reader, writer):
        writer.write(ask(api, "GET", NEXT))
        await asyncio.sleep(0)
        while api.environment.looks < 2:
            await asyncio.sleep(0)
        assert api.environment.told == []
        api.environment.trust = True
        api.deliver(Invocation(b"7", "known"), 1, "arn")
        head, body = await answer(reader)
        assert head.startswith("HTTP/1.1 200") and body == b"7"

    assert talk(conversation, None).told == ["next"]


def test_a_stranger_is_refused_before_it_has_said_anything():
    async def conversation(api, reader, writer):
        head, body = await answer(reader)
        assert (
            head.startswith("HTTP/1.1 403")
            and "another execution environment" in json.loads(body)["errorMessage"]
        )

    assert talk(conversation, trust=False).told == []


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "127.0.0.1"},
        {"Origin": "https://evil.example"},
        {"Sec_Fetch_Site": "none"},
    ],
    ids=str,
)
def test_a_browser_and_a_foreign_host_are_refused(headers):
    async def conversation(api, reader, writer):
        writer.write(ask(api, "GET", NEXT, **headers))
        assert (await answer(reader))[0].startswith("HTTP/1.1 403")

    assert talk(conversation).told == []


@pytest.mark.parametrize(
    "request_line",
    ["GET /", "GET /2018-06-01/runtime/nothing", "DELETE " + NEXT, "POST /2018-06-01/x"],
)
def test_what_is_not_in_the_runtime_api_is_named(request_line):
    async def conversation(api, reader, writer):
        method, path = request_line.split()
        writer.write(ask(api, method, path))
        head, body = await answer(reader)
        assert head.startswith("HTTP/1.1 404") and path in json.loads(body)["errorMessage"]

    assert talk(conversation).told == []


def test_what_is_no_http_is_hung_up_on():
    async def conversation(api, reader, writer):
        writer.write(b"\x00\x01 nonsense\r\n\r\n")
        assert b"400" in await reader.read()

    assert talk(conversation).told == []


def test_a_head_without_an_end_is_hung_up_on():
    async def conversation(api, reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nX: " + b"x" * HEAD_LIMIT)
        assert b" 431 " in await reader.read()

    talk(conversation)


def test_a_connection_that_comes_while_the_api_closes_is_closed_and_asked_nothing():
    """A hundred may be accepted at once: each of them polled for its owner forever."""

    async def conversation(api, reader, writer):
        port = int(api.address.split(":")[1])
        with ExitStack() as kept:
            late = [kept.enter_context(socket.socket()) for _ in range(20)]
            for one in late:
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", port))
            await asyncio.sleep(0)  # they are accepted, and not made yet
            api.close()
            assert await reader.read() == b""
            while api.connections:
                await asyncio.sleep(0)

    talk(conversation, trust=None)
