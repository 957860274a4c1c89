"""Run the talk: engine, Jupyter and browser, all ended by one Ctrl-C (scripts/present)."""

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
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lambdadeck import aws
from lambdadeck.cloud import options as cloud_options
from lambdadeck.shared import redaction
from lambdadeck.shared.paths import ROOT
from lambdadeck.stage import jupyter, occasion, ports
from lambdadeck.stage.shutdown import Shutdown, ending, set_when_ended

if TYPE_CHECKING:
    from lambdadeck.engine import Engine

PATIENCE_S = 60.0


class PresentOptions(argparse.Namespace):
    """The command line's options; port None means the first free one from 8888 on."""

    browser: bool
    port: int | None
    aws: bool
    profile: str | None
    region: str | None
    variant: jupyter.Variant
    warm: bool


class PresentError(Exception):
    """The talk cannot start or continue; the message says why and what to do."""


def options(arguments: list[str]) -> PresentOptions:
    """Parse the command line; --help and errors exit as argparse does."""
    parser = argparse.ArgumentParser(
        prog="scripts/present",
        description="Open the deck as live slides, with an embedded Lambda on this machine. "
        "Ctrl-C ends everything.",
    )
    add = parser.add_argument
    alone = "print the deck's address only"
    add("--no-browser", action="store_false", dest="browser", help=alone)
    port = f"the deck's port (default: the first free one from {ports.FIRST_PORT} on)"
    add("--port", type=ports.number, help=port)
    labs = "show the slides in JupyterLab, and print the address of the labs"
    add("--lab", action="store_const", const=jupyter.LAB, dest="variant", help=labs)
    parser.set_defaults(variant=jupyter.CLASSIC)
    warm = "first run every cell once in its own cloud: warms caches, records outputs"
    add("--warm", action="store_true", help=warm)
    occasion.add_options(parser, os.environ)
    costs = "the cells run against real AWS, after a question; costs money"
    cloud_options.add_options(parser, costs)
    given = parser.parse_args(arguments, PresentOptions())
    given.aws = cloud_options.is_asked(parser, given)
    return given


def answers(url: str) -> bool:
    """Return whether the address answers 200 now, without any proxy."""
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
    url: str, server: subprocess.Popen[bytes], shutdown: Shutdown, patience_s: float = PATIENCE_S
) -> bool:
    """Wait until the address answers 200; False on shutdown; PresentError after patience_s."""
    deadline = time.monotonic() + patience_s
    while not answers(url):
        if shutdown.wait(0.05) or server.poll() is not None:
            return False
        if time.monotonic() > deadline:
            said = f"Jupyter did not answer within {patience_s:.0f} seconds"
            raise PresentError(f"{said}: start again.")
    return True


@dataclass(frozen=True)
class Served:
    """A Jupyter that was started; `answered` says whether the deck opened."""

    process: subprocess.Popen[bytes]
    port: int
    token: str
    answered: bool


def serve(
    wanted: int | None,
    begin: Callable[[int, str], subprocess.Popen[bytes]],
    folder: Path,
    stack: ExitStack,
    shutdown: Shutdown,
    variant: jupyter.Variant = jupyter.CLASSIC,
) -> Served:
    """Start Jupyter by `begin(port, token)` and wait until the deck answers; the stack ends it.

    Retries on the next port if another program takes the chosen one first. Returns early on
    shutdown or if Jupyter exits. PortError as in ports.choose, PresentError as in wait_for.
    """
    while True:
        # A new token each time: the program that took the port may have seen the last one.
        port, token = ports.choose(wanted), secrets.token_urlsafe(24)
        process = begin(port, token)
        stack.enter_context(ending(process))
        answered = wait_for(jupyter.deck_url(port, token, variant=variant), process, shutdown)
        is_final = answered or process.poll() is None or wanted is not None
        if is_final or not jupyter.port_was_taken(port, folder):
            return Served(process, port, token, answered)


def tail(log: Path, secret: str, lines: int = 15) -> str:
    """Return the last lines of a log, redacted."""
    text = redaction.text(log.read_text(errors="replace").replace(secret, "…"))
    return "\n".join(text.splitlines()[-lines:])


def can_open_browser(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Return whether a browser would open a window, not a text browser in this terminal."""
    return platform == "darwin" or bool({"DISPLAY", "WAYLAND_DISPLAY", "BROWSER"} & environ.keys())


def say(text: str) -> None:
    """Print a line immediately, also if the terminal was closed."""
    try:
        print(text, flush=True)
    except OSError:
        # The terminal was closed (SIGHUP): discard all later output, too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _open(url: str) -> None:
    """Open the browser on a thread: some $BROWSER commands wait for their window to close."""

    def opening() -> None:
        if not (can_open_browser() and webbrowser.open(url)):
            say("Could not open a browser: open that address yourself.")

    threading.Thread(target=opening, daemon=True).start()


def present(asked: PresentOptions, root: Path, shutdown: Shutdown) -> int:
    """Run the talk until shutdown or Jupyter ends; returns the exit code; leaves no process."""
    # Imported here: scripts/present answers --help before anything is installed.
    from lambdadeck.engine import watchdog

    ports.choose(asked.port)  # fail before anything is started
    marker = secrets.token_hex(16)
    folder = Path(tempfile.mkdtemp(prefix="lambdadeck-"))
    with ExitStack() as stack:
        # However this process ends, the watchdog then kills every process with the marker.
        stack.enter_context(watchdog.start(marker, folder, jupyter.runtime(folder)))
        # It starts beside Jupyter.
        engine = None if asked.aws else _engine(stack)
        variables = engine.environment if engine else aws.handed_on()
        if asked.warm:
            jupyter.preload(folder)
        added = variables, {"LAMBDADECK_PRESENT": marker}

        def begin(port: int, token: str) -> subprocess.Popen[bytes]:
            return jupyter.start(root, port, token, folder, *added, variant=asked.variant)

        served = serve(asked.port, begin, folder, stack, shutdown, asked.variant)
        with ending(served.process):  # before the stack joins the thread that waits for it
            stack.callback(set_when_ended(served.process, shutdown).join)
            if engine:
                _await(engine)
            if served.answered:
                _show(asked, served, marker, folder, shutdown)
            if served.process.poll() is not None:
                raise PresentError(_last_words(served.process, folder, served.token))
            say("\nEnding …")
    return 0


def _show(
    asked: PresentOptions, served: Served, marker: str, folder: Path, shutdown: Shutdown
) -> None:
    """Warm up if asked to, print the deck's address, open it, and wait for the shutdown."""
    if asked.warm:
        _warm_up(marker, shutdown)
    if shutdown.wait(0):
        return
    url = jupyter.deck_url(served.port, served.token, variant=asked.variant)
    say(f"The deck: {url}")
    if asked.variant.labs:
        say(f"The labs: {jupyter.url(served.port, served.token, asked.variant.labs)}")
    say("Ctrl-C ends everything.")
    if asked.browser:
        path = f"{asked.variant.slides}/{jupyter.NOTEBOOK}"
        _open(jupyter.redirect_file(folder, served.port, served.token, path).as_uri())
    shutdown.wait()


def _engine(stack: ExitStack) -> "Engine":
    """Begin to start the embedded cloud, which lives until the stack closes."""
    from lambdadeck.engine import start

    engine = start(wait=False)
    stack.callback(engine.stop)
    return engine


def _await(engine: "Engine") -> None:
    from lambdadeck.engine import EngineError

    try:
        engine.wait()
    except EngineError as error:
        raise PresentError(str(error)) from error


def _warm_up(marker: str, shutdown: Shutdown) -> None:
    """Run lambdadeck.stage.warm_up, which prints its progress, until it ends or on shutdown."""
    say("Warming up: every cell runs once, about half a minute …")
    environment = os.environ | {"LAMBDADECK_PRESENT": marker}
    process = subprocess.Popen(
        [sys.executable, "-m", "lambdadeck.stage.warm_up"],
        stdin=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    with ending(process):
        while process.poll() is None and not shutdown.wait(0.1):
            pass


def _last_words(server: subprocess.Popen[bytes], folder: Path, token: str) -> str:
    return (
        f"Jupyter exited (exit code {server.returncode}): run scripts/present again.\n"
        f"Its last output:\n{tail(folder / 'jupyter.log', token) or '(nothing)'}"
    )


def _remember(asked: PresentOptions) -> None:
    """Keep speaker, event, date and route, and say how to set the first two."""
    # Imported here: scripts/present answers --help before anything is installed.
    from lambdadeck.shared import state

    try:
        occasion.remember(asked, state.folder())
    except OSError as error:
        raise PresentError(f"Cannot remember speaker and event: {error}") from error
    if missing := {"speaker", "event"} - occasion.load(state.folder()).keys():
        options = " and ".join(f"--{name}" for name in sorted(missing, reverse=True))
        say(f"The first slide lacks {options}: set once, they are remembered.")


def main(arguments: list[str]) -> int:
    """Run scripts/present; prints a sentence for expected errors; returns the exit code."""
    asked = options(arguments)
    try:
        if asked.aws:
            ports.choose(asked.port)
            cloud_options.begin(asked.profile, asked.region)
        _remember(asked)
        with Shutdown() as shutdown:
            shutdown.set_by(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
            say("Starting the deck …")
            return present(asked, ROOT, shutdown)
    except (aws.StoppedError, PresentError, ports.PortError) as error:
        print(f"{error}", file=sys.stderr, flush=True)
    except KeyboardInterrupt:  # instead of an answer to the question
        pass
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
