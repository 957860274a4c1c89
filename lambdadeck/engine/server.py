"""The engine's process: `python -m lambdadeck.engine.server SOCKET`.

SOCKET is the file descriptor of the starter's listening socket. It reads Settings as one line of
JSON from its standard input and prints a line when it is ready. It ends when its standard input
closes, so it never outlives its starter. If it is killed by SIGKILL, a watchdog cleans up.
"""

import asyncio
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
import threading
import traceback
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import uvicorn

from lambdadeck.engine import watchdog
from lambdadeck.engine.application import Application
from lambdadeck.engine.execution import start_guard
from lambdadeck.engine.http.invoke_protocol import InvokeProtocol
from lambdadeck.engine.model import Settings

OPEN_FILES = 10_240  # where the system names no limit: more than macOS allows is an error
RELEASE_S = 1.0  # a signal that ends the starter too may be here first
SWITCH_S = 0.001  # the event loop waits no longer for threads that unpack


class _Server(uvicorn.Server):
    """Leaves signals to main(): SIGINT belongs to the starter, and SIGTERM ends the process."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]  # same use
        return nullcontext()


async def serve(
    given: Settings, sock: socket.socket, scratch: Path, ended: threading.Event
) -> None:
    """Answer the connections of a listening socket until `ended` is set."""
    application = Application(given, scratch)
    await application.open()
    config = uvicorn.Config(
        application,
        http=InvokeProtocol,
        proxy_headers=False,
        ws="wsproto",
        lifespan="off",
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_keep_alive=300,
        log_config=None,
    )
    server = _Server(config)
    asyncio.get_running_loop().run_in_executor(None, _wait_then_exit, ended, server)
    asyncio.get_running_loop().call_soon(_announce)
    try:
        await server.serve(sockets=[sock])
    finally:
        application.close()


def _inherited(descriptor: int) -> socket.socket:
    """Return the starter's socket, which no process of a function inherits."""
    os.set_inheritable(descriptor, False)
    # asyncio sets TCP_NODELAY only on sockets that name their protocol; without it each answer
    # waits 40 ms for an ACK.
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=descriptor)


def _raise_open_files() -> None:
    """Use as many files as the system allows: each environment needs five."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _announce() -> None:
    print("ready", flush=True)


def _wait_then_exit(ended: threading.Event, server: uvicorn.Server) -> None:
    ended.wait()
    server.should_exit = server.force_exit = True


def main(descriptor: str) -> None:
    """Read Settings, serve, end with the starter."""
    sock = _inherited(int(descriptor))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the starter handles Ctrl-C: it closes our stdin
    start_guard.install()
    _raise_open_files()
    sys.setswitchinterval(SWITCH_S)
    given = Settings.read(sys.stdin.readline())
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]  # credentials of the host stay out of the engine
    scratch = Path(tempfile.mkdtemp(prefix="lambdadeck-"))
    dog = watchdog.Kept(given.role.marker, scratch)
    ended, released = threading.Event(), threading.Event()

    def until_stdin_closes() -> None:
        sys.stdin.buffer.read()
        released.set()
        ended.set()

    threading.Thread(target=until_stdin_closes, daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    code = 1
    try:
        asyncio.run(serve(given, sock, scratch, ended))
        code = 0
    except Exception:  # noqa: BLE001  # the last words go to the starter, whatever happened
        traceback.print_exc()
    finally:
        dog.end()
        mine = given.state if not given.keeps_state else ""
        if mine and code == 0 and released.wait(RELEASE_S):  # else it is needed by a restart
            shutil.rmtree(mine, ignore_errors=True)
        sys.stderr.flush()
        os._exit(code)  # do not wait for the control plane's daemon threads


if __name__ == "__main__":
    main(*sys.argv[1:])
