"""The direct path of an Invoke through the HTTP server, if the engine itself fails."""

import asyncio

import uvicorn
from uvicorn.server import ServerState

from lambdadeck.engine.http.invoke_protocol import InvokeProtocol
from lambdadeck.engine.http.message import Response

REQUEST = (
    b"POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
)


class Early:
    """Replies, and has something to do after that, which fails."""

    async def direct(self, request, reply):
        reply(Response(200, [], b"early"))
        raise KeyError("defect")


class Broken:
    """Fails before it has replied."""

    async def direct(self, request, reply):
        raise KeyError("defect")


def answers(app, count):
    """Return the first line of each answer to `count` requests over one connection."""

    async def run():
        config = uvicorn.Config(app, lifespan="off", log_config=None)
        config.load()
        server = await asyncio.get_running_loop().create_server(
            lambda: InvokeProtocol(config, ServerState(), {}), "127.0.0.1", 0
        )
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        lines = []
        for _ in range(count):
            writer.write(REQUEST)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.split(b"content-length: ")[1].split()[0]))
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
