"""An ASGI application on a thread and an event loop of its own."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from lambdadeck.engine.http.message import Receive, Response, Scope, Send

T = TypeVar("T")
Application = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]


class AppThread:
    """Serves requests of any event loop on the application's own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()

    def start(self, app: Application) -> None:
        """Run the application's start-up; return when it is ready."""
        self._app = app
        ready = threading.Event()
        threading.Thread(target=self._serve, args=(ready,), daemon=True).start()
        ready.wait()

    def _serve(self, ready: threading.Event) -> None:
        to_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        to_app.put_nowait({"type": "lifespan.startup"})

        async def from_app(message: Any) -> None:
            if message["type"] == "lifespan.startup.complete":
                ready.set()

        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._app({"type": "lifespan"}, to_app.get, from_app))

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something on the application's event loop."""
        return await _on(self._loop, work)

    def soon(self, work: Callable[[], None]) -> None:
        """Call something on the application's event loop, before any later request."""
        self._loop.call_soon_threadsafe(work)

    async def answer(self, scope: Scope, body: bytes) -> Response:
        """Answer one request whose body has been read; call it on the application's loop."""
        start: dict[str, Any] = {"status": 500, "headers": []}
        chunks: list[bytes] = []
        messages = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return messages.pop() if messages else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                chunks.append(message.get("body", b""))

        await self._app(scope, receive, send)
        return Response(start["status"], list(start["headers"]), b"".join(chunks))

    async def websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a WebSocket: messages cross between the two event loops."""
        front = asyncio.get_running_loop()

        async def crossing_receive() -> Any:
            return await _on(front, receive())

        async def crossing_send(message: Any) -> None:
            await _on(front, send(message))

        await self.run(self._app(scope, crossing_receive, crossing_send))


async def _on(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))
