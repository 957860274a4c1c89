"""The direct path of an Invoke through the HTTP server, if the engine itself fails."""

import asyncio

import uvicorn
from uvicorn.server import ServerState

from lambdadeck.engine.http.bodies import Budget
from lambdadeck.engine.http.invoke_protocol import InvokeProtocol
from lambdadeck.engine.http.message import Response
from lambdadeck.engine.http.refusals import Admission

REQUEST = (
    b"POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
)


class Open:
    """Admits every Invoke."""

    def __init__(self):
        self.invokes = Budget(100, 100)

    def admit(self, request):
        return Admission(None, None)


class Shut(Open):
    """Refuses every Invoke before its body."""

    def admit(self, request):
        return Admission(None, Response(403, [], b"no"))


class Early(Open):
    """Replies, and has something to do after that, which fails."""

    async def direct(self, request, claim, reply):
        reply(Response(200, [], b"early"))
        raise KeyError("defect")


class Broken(Open):
    """Fails before it has replied."""

    async def direct(self, request, claim, reply):
        raise KeyError("defect")


def answers(app, count, request=REQUEST, rest=b""):
    """Return the first line of each answer to `count` requests over one connection.

    `rest` is the part of a request that is sent only after its answer.
    """

    async def run():
        config = uvicorn.Config(app, lifespan="off", log_config=None)
        config.load()
        server = await asyncio.get_running_loop().create_server(
            lambda: InvokeProtocol(config, ServerState(), {}), "127.0.0.1", 0
        )
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        lines = []
        for _ in range(count):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.split(b"content-length: ")[1].split()[0]))
            writer.write(rest)
            lines.append(head.split(b"\r\n")[0])
        writer.close()
        server.close()
        await server.wait_closed()
        return lines

    return asyncio.run(run())


def test_a_defect_of_the_engine_is_answered_and_logged(caplog):
    assert answers(Broken(), 2) == [b"HTTP/1.1 500 Internal Server Error"] * 2
    assert caplog.text.count("KeyError: 'defect'") == 2


def test_a_defect_after_the_answer_is_logged_and_answers_nothing_more(caplog):
    assert answers(Early(), 3) == [b"HTTP/1.1 200 OK"] * 3
    assert caplog.text.count("KeyError: 'defect'") == 3


def test_a_refused_invoke_is_answered_before_its_body_is_read_and_keeps_the_connection():
    body = b"x" * 1000
    announced = REQUEST.replace(b"Length: 0", b"Length: 1000")
    app = Shut()
    assert answers(app, 3, announced, body) == [b"HTTP/1.1 403 Forbidden"] * 3
    assert app.invokes.free == 100


def test_invokes_whose_bodies_exceed_their_budget_are_refused_and_release_it():
    class Answering(Open):
        async def direct(self, request, claim, reply):
            reply(Response(200, [], request.body))

    app = Answering()
    small = REQUEST.replace(b"Length: 0", b"Length: 60") + b"x" * 60
    assert answers(app, 2, small) == [b"HTTP/1.1 200 OK"] * 2
    large = REQUEST.replace(b"Length: 0", b"Length: 101") + b"x" * 101
    assert answers(app, 2, large) == [b"HTTP/1.1 413 Request Entity Too Large"] * 2
    assert app.invokes.free == 100
