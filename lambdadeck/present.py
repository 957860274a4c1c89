"""The talk from start to end: engine, Jupyter, browser, and one Ctrl-C that ends them all. Run by scripts/present."""

import argparse
import http.client
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lambdadeck import aws, aws_start, jupyter
from lambdadeck.install import ROOT

PATIENCE_S = 60.0


@dataclass(frozen=True)
class Options:
    """What the command line asked for; port None means the first free one from 8888 on."""

    browser: bool
    port: int | None
    aws: bool = False
    profile: str | None = None
    region: str | None = None


class PresentError(Exception):
    """The talk cannot start, or cannot go on: the message says why and what to do."""


class Ended:
    """Whether the talk is over, to be waited for: set by a thread, or by a signal at whatever moment it comes.

    A threading.Event would now and then miss a signal that arrives just as the wait begins. A byte in a pipe stays there.
    """

    def __init__(self) -> None:
        self._seen, self._told = socket.socketpair()
        self._told.setblocking(False)

    def set(self) -> None:
        """It is over."""
        self._told.send(b"!")

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until it is over, at most timeout_s; returns whether it is."""
        return bool(select.select([self._seen], [], [], timeout_s)[0])

    def set_by(self, *numbers: signal.Signals) -> None:
        """From now on each of these signals sets it; nothing else happens on them."""
        signal.set_wakeup_fd(self._told.fileno(), warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, lambda *_: None)

    def __enter__(self) -> "Ended":
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(-1)
        self._seen.close()
        self._told.close()


def options(arguments: list[str]) -> Options:
    """Read the command line; --help and mistakes end the program as argparse does."""
    parser = argparse.ArgumentParser(
        prog="scripts/present",
        description="Open the deck as live slides, with a Lambda of its own on this machine. Ctrl-C ends everything.",
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the deck's address")
    parser.add_argument("--port", type=_port, help=f"the deck's port (default: the first free one from {jupyter.FIRST_PORT} on)")
    aws_start.add_options(parser)
    given = parser.parse_args(arguments)
    return Options(browser=not given.no_browser, port=given.port, aws=aws_start.is_asked(parser, given),
                   profile=given.profile, region=given.region)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: choose a number from 1024 to 65535, for example 8899")
    return int(text)


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1:port now."""
    with socket.socket() as probe:
        # As Jupyter does: a port in TIME_WAIT from the last talk is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def check_port(wanted: int | None) -> None:
    """Raises PresentError when the port that was asked for cannot be had."""
    if wanted is not None and not is_free(wanted):
        raise PresentError(
            f"Port {wanted} is taken or not allowed. Choose another with --port, for example --port {wanted + 11}, "
            "or leave --port out."
        )


def answers(url: str) -> bool:
    """Whether the address answers 200 now, asked without any proxy."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_for(address: Callable[[], str | None], ended: Ended, patience_s: float = PATIENCE_S) -> str | None:
    """The address once there is one and it answers 200; None if `ended` is set first; PresentError after patience_s."""
    deadline = time.monotonic() + patience_s
    while not ((url := address()) and answers(url)):
        if ended.wait(0.05):
            return None
        if time.monotonic() > deadline:
            raise PresentError(f"Jupyter did not answer within {patience_s:.0f} seconds: start again.")
    return url


def tail(log: Path, secret: str, lines: int = 15) -> str:
    """The last lines of a log, the secret blotted out."""
    text = log.read_text(errors="replace").replace(secret, "…")
    return "\n".join(text.splitlines()[-lines:])


def can_open_browser(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Whether opening a browser here opens a window, and not a text browser in this very terminal."""
    return platform == "darwin" or bool({"DISPLAY", "WAYLAND_DISPLAY", "BROWSER"} & environ.keys())


def say(text: str) -> None:
    """Print a line at once; a terminal that was closed is no reason to leave processes behind."""
    try:
        print(text, flush=True)
    except OSError:
        # SIGHUP: the window is gone and nobody reads. Later writes go nowhere, so that the exit is clean too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _ending(process: subprocess.Popen[bytes], patience_s: float = 5.0) -> Iterator[None]:
    """Ask the process to end on the way out; the watchdog deals with what does not listen."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _set_when_ended(process: subprocess.Popen[bytes], ended: Ended) -> threading.Thread:
    def watch() -> None:
        process.wait()
        ended.set()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread




def _open(url: str) -> None:
    """Open the browser on a thread of its own: some commands named by $BROWSER return only when their window closes."""

    def opening() -> None:
        if not (can_open_browser() and webbrowser.open(url)):
            say("No browser could be opened from here: open that address yourself.")

    threading.Thread(target=opening, daemon=True).start()


def present(asked: Options, root: Path, ended: Ended) -> int:
    """Run the talk until `ended` is set or Jupyter ends; returns the exit code; leaves no process behind."""
    # Imported here, because scripts/present answers --help before it is installed.
    from lambdadeck.local import watchdog

    check_port(asked.port)
    token, marker = secrets.token_urlsafe(24), secrets.token_hex(16)
    folder = Path(tempfile.mkdtemp(prefix="lambdadeck-"))
    with ExitStack() as stack:
        # Whatever way this process ends, the watchdog's pipe closes, and what carries the marker ends with it.
        stack.enter_context(watchdog.start(marker, folder))
        variables = aws.handed_on() if asked.aws else _engine(stack)
        server = jupyter.start(root, asked.port, token, folder, variables, {"LAMBDADECK_PRESENT": marker})
        stack.callback(_set_when_ended(server, ended).join)
        stack.enter_context(_ending(server))
        if url := wait_for(lambda: _address(folder, token), ended):
            say(f"The deck: {url}")
            say("Ctrl-C ends everything.")
            if asked.browser:
                _open(url)
            ended.wait()
        if server.poll() is not None:
            raise PresentError(_obituary(server, folder, token))
        say("\nEnding …")
    return 0


def _engine(stack: ExitStack) -> dict[str, str]:
    """Start the embedded cloud until the stack closes; what Jupyter's kernels need to find it."""
    from lambdadeck import cloud
    from lambdadeck.engine import EngineFailed

    try:
        engine = cloud.start()
    except EngineFailed as problem:
        raise PresentError(str(problem)) from problem
    stack.callback(engine.stop)
    return engine.environment


def _address(folder: Path, token: str) -> str | None:
    port = jupyter.port_of(folder)
    return jupyter.deck_url(port, token) if port else None


def _obituary(server: subprocess.Popen[bytes], folder: Path, token: str) -> str:
    return (
        f"Jupyter ended by itself (exit code {server.returncode}), so the talk ends too: start scripts/present again.\n"
        f"The last it said:\n{tail(folder / 'jupyter.log', token) or '(nothing)'}"
    )


def main(arguments: list[str]) -> int:
    """The whole of scripts/present, with a sentence instead of a traceback for what can go wrong."""
    asked = options(arguments)
    if asked.aws:
        try:
            check_port(asked.port)
            aws_start.begin(asked.profile, asked.region)
        except (aws.Stopped, PresentError) as problem:
            print(f"{problem}", file=sys.stderr, flush=True)
            return 1
        except KeyboardInterrupt:
            return 1
    with Ended() as ended:
        ended.set_by(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        say("Starting the deck …")
        try:
            return present(asked, ROOT, ended)
        except PresentError as problem:
            print(f"{problem}", file=sys.stderr, flush=True)
            return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
