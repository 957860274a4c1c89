"""The engine alone: `python -m lambdadeck.engine [--port N] [--region NAME] [-- COMMAND …]`."""

import argparse
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from lambdadeck.engine.supervisor import Engine, EngineError, start

DESCRIPTION = """Start an embedded Lambda on 127.0.0.1. Without COMMAND, print the variables to
export and serve until Ctrl-C. With COMMAND, run it with these variables, and end with it."""


def main(arguments: Sequence[str]) -> int:
    """Serve, or run the command; return the exit code."""
    options = _options(arguments)
    try:
        engine = start(region=options.region, port=options.port, state=options.state)
    except EngineError as error:
        print(f"{error}\nIs port {options.port} taken? Leave out --port.", file=sys.stderr)
        return 1
    try:
        return _run(engine, options.command) if options.command else _serve(engine)
    finally:
        engine.stop()


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m lambdadeck.engine", description=DESCRIPTION)
    parser.add_argument("--port", type=int, default=0, help="port (default: a free one)")
    parser.add_argument("--region", default="eu-west-1", help="region (default: eu-west-1)")
    parser.add_argument(
        "--state", type=Path, metavar="FOLDER", help="keep functions, layers and mappings there"
    )
    parser.add_argument("command", nargs="*", metavar="COMMAND", help="after --: what to run")
    return parser.parse_args(arguments)


def _serve(engine: Engine) -> int:
    ended, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)  # it is written at once, whichever thread gets the signal
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    for name, value in engine.environment.items():
        print(f"export {name}={shlex.quote(value)}")
    print("# Ctrl-C ends the engine.", flush=True)
    os.read(ended, 1)
    return 0


def _run(engine: Engine, command: list[str]) -> int:
    """Run the command; Ctrl-C reaches it, and the engine ends after it."""
    try:
        process = subprocess.Popen(command, env={**os.environ, **engine.environment})
    except OSError as error:
        print(f"Cannot run {command[0]}: {error.strerror}.", file=sys.stderr)
        return 127
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while True:
        try:
            code = process.wait()
        except KeyboardInterrupt:  # the command has got it too
            continue
        return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
