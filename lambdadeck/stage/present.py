"""The talk from start to end: engine, Jupyter, browser, and one Ctrl-C that ends them all. Run by scripts/present."""

import argparse
import http.client
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
import webbrowser
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lambdadeck import aws
from lambdadeck.cloud import options as cloud_options
from lambdadeck.shared import redaction
from lambdadeck.shared.paths import ROOT
from lambdadeck.stage import jupyter, ports
from lambdadeck.stage.shutdown import Shutdown, ending, set_when_ended

PATIENCE_S = 60.0


@dataclass(frozen=True)
class Options:
    """What the command line asked for; port None means the first free one from 8888 on."""

    browser: bool
    port: int | None
    aws: bool = False
    profile: str | None = None
    region: str | None = None
    variant: jupyter.Variant = jupyter.CLASSIC
    warm: bool = False


class PresentError(Exception):
    """The talk cannot start, or cannot go on: the message says why and what to do."""


def options(arguments: list[str]) -> Options:
    """Read the command line; --help and mistakes end the program as argparse does."""
    parser = argparse.ArgumentParser(
        prog="scripts/present",
        description="Open the deck as live slides, with a Lambda of its own on this machine. Ctrl-C ends everything.",
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the deck's address")
    parser.add_argument(
        "--port",
        type=ports.number,
        help=f"the deck's port (default: the first free one from {ports.FIRST_PORT} on)",
    )
    parser.add_argument(
        "--lab",
        action="store_true",
        help="the slides in JupyterLab, and the labs: a second address opens lab 1, with the others beside it",
    )
    parser.add_argument(
        "--warm",
        action="store_true",
        help="first run every cell once, aside: compilers and caches are warm, outputs recorded",
    )
    cloud_options.add_options(parser)
    given = parser.parse_args(arguments)
    return Options(
        browser=not given.no_browser,
        port=given.port,
        aws=cloud_options.is_asked(parser, given),
        profile=given.profile,
        region=given.region,
        variant=jupyter.LAB if given.lab else jupyter.CLASSIC,
        warm=given.warm,
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


def wait_for(
    url: str, server: subprocess.Popen[bytes], ended: Shutdown, patience_s: float = PATIENCE_S
) -> bool:
    """Wait until the address answers 200; False if `ended` is set or the server ends first; PresentError after patience_s."""
    deadline = time.monotonic() + patience_s
    while not answers(url):
        if ended.wait(0.05) or server.poll() is not None:
            return False
        if time.monotonic() > deadline:
            raise PresentError(
                f"Jupyter did not answer within {patience_s:.0f} seconds: start again."
            )
    return True


@dataclass(frozen=True)
class Served:
    """A Jupyter that was started: its process, port and token, and whether the deck answered."""

    process: subprocess.Popen[bytes]
    port: int
    token: str
    answered: bool


def serve(
    wanted: int | None,
    begin: Callable[[int, str], subprocess.Popen[bytes]],
    folder: Path,
    stack: ExitStack,
    ended: Shutdown,
    variant: jupyter.Variant = jupyter.CLASSIC,
) -> Served:
    """Start Jupyter until the deck answers, or `ended` is set, or Jupyter has ended; the stack ends it.

    `begin(port, token)` starts it, with its log in the folder. Without a wanted port, and when somebody else was faster with the one chosen, it is
    started again on what is free then: two decks may be opened at once. PortError as of ports.choose, PresentError as of wait_for.
    """
    while True:
        # A new token each time: the last one may have been told to whoever took the port.
        port, token = ports.choose(wanted), secrets.token_urlsafe(24)
        process = begin(port, token)
        stack.enter_context(ending(process))
        answered = wait_for(jupyter.deck_url(port, token, variant=variant), process, ended)
        if (
            answered
            or process.poll() is None
            or wanted is not None
            or not jupyter.missed(port, folder)
        ):
            return Served(process, port, token, answered)


def tail(log: Path, secret: str, lines: int = 15) -> str:
    """The last lines of a log, the secret blotted out, and what else must not be shown."""
    text = redaction.text(log.read_text(errors="replace").replace(secret, "…"))
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


def _open(url: str) -> None:
    """Open the browser on a thread of its own: some commands named by $BROWSER return only when their window closes."""

    def opening() -> None:
        if not (can_open_browser() and webbrowser.open(url)):
            say("No browser could be opened from here: open that address yourself.")

    threading.Thread(target=opening, daemon=True).start()


def present(asked: Options, root: Path, ended: Shutdown) -> int:
    """Run the talk until `ended` is set or Jupyter ends; returns the exit code; leaves no process behind."""
    # Imported here, because scripts/present answers --help before it is installed.
    from lambdadeck.engine import watchdog

    ports.choose(asked.port)  # what cannot be had is said before anything is started
    marker = secrets.token_hex(16)
    folder = Path(tempfile.mkdtemp(prefix="lambdadeck-"))
    with ExitStack() as stack:
        # Whatever way this process ends, the watchdog's pipe closes, and what carries the marker ends with it.
        stack.enter_context(watchdog.start(marker, folder))
        variables = aws.handed_on() if asked.aws else _engine(stack)
        if asked.warm:
            jupyter.preload(folder)
        added = variables, {"LAMBDADECK_PRESENT": marker}
        served = serve(
            asked.port,
            lambda port, token: jupyter.start(
                root, port, token, folder, *added, variant=asked.variant
            ),
            folder,
            stack,
            ended,
            asked.variant,
        )
        with ending(served.process):  # before the stack waits for the thread that waits for it
            stack.callback(set_when_ended(served.process, ended).join)
            if served.answered:
                _go_on(asked, served, marker, ended)
            if served.process.poll() is not None:
                raise PresentError(_obituary(served.process, folder, served.token))
            say("\nEnding …")
    return 0


def _go_on(asked: Options, served: Served, marker: str, ended: Shutdown) -> None:
    """Warm up if asked to, say where the deck is, open it, and wait for the end."""
    if asked.warm:
        _warm_up(marker, ended)
    if ended.wait(0):
        return
    url = jupyter.deck_url(served.port, served.token, variant=asked.variant)
    say(f"The deck: {url}")
    if asked.variant.labs:
        say(
            f"The labs, from the first: {jupyter.url(served.port, served.token, asked.variant.labs)}"
        )
    say("Ctrl-C ends everything.")
    if asked.browser:
        _open(url)
    ended.wait()


def _engine(stack: ExitStack) -> dict[str, str]:
    """Start the embedded cloud until the stack closes; what Jupyter's kernels need to find it."""
    from lambdadeck import cloud
    from lambdadeck.engine import EngineError

    try:
        engine = cloud.start()
    except EngineError as problem:
        raise PresentError(str(problem)) from problem
    stack.callback(engine.stop)
    return engine.environment


def _warm_up(marker: str, ended: Shutdown) -> None:
    """Run lambdadeck/stage/warm_up.py until it is done or `ended` is set; it says itself how far it is."""
    say("Warming up: every cell once, about half a minute …")
    environment = os.environ | {"LAMBDADECK_PRESENT": marker}
    process = subprocess.Popen(
        [sys.executable, "-m", "lambdadeck.stage.warm_up"],
        stdin=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    with ending(process):
        while process.poll() is None and not ended.wait(0.1):
            pass


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
            ports.choose(asked.port)
            cloud_options.begin(asked.profile, asked.region)
        except (aws.Stopped, ports.PortError) as problem:
            print(f"{problem}", file=sys.stderr, flush=True)
            return 1
        except KeyboardInterrupt:
            return 1
    with Shutdown() as ended:
        ended.set_by(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        say("Starting the deck …")
        try:
            return present(asked, ROOT, ended)
        except (PresentError, ports.PortError) as problem:
            print(f"{problem}", file=sys.stderr, flush=True)
            return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
