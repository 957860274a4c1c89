"""scripts/check: whether the talk can be given on this machine, now. One line for each thing, and what to do about it."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lambdadeck.check.findings import Light, Printer, as_json, exit_code, red, verdict
from lambdadeck.shared.paths import DECK
from lambdadeck.stage import ports

if TYPE_CHECKING:  # scripts/check answers --help before anything is installed
    from lambdadeck.check.cells import Place

STOPPED = 130  # as a shell says it of Ctrl-C


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    notebook: Path
    port: int | None
    json: Path | None
    aws: bool
    profile: str | None
    region: str | None


def options(arguments: list[str]) -> Options:
    """Read the command line; --help and mistakes end the program as argparse does."""
    parser = argparse.ArgumentParser(
        prog="scripts/check",
        description="Before a talk: look at packages, room, screen, browser, languages, port and slides, run every cell once "
        "without network, and keep what it showed for the stage. Takes under a minute.",
        epilog="Exit code 0 unless the core talk cannot run: a missing language, screen or AWS is amber, with what to do.",
    )
    parser.add_argument(
        "notebook", nargs="?", type=Path, default=DECK, help="another notebook than the talk"
    )
    parser.add_argument(
        "--port", type=ports.number, help="the port that you will give to scripts/present"
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write all findings to this file as well"
    )
    parser.add_argument(
        "--aws",
        action="store_true",
        help="look up the AWS account, too: one call, free, which changes nothing",
    )
    parser.add_argument("--profile", help="with --aws: the profile of your AWS configuration")
    parser.add_argument("--region", help="with --aws: the region, for example eu-west-1")
    given = parser.parse_args(arguments)
    if not given.notebook.is_file():
        parser.error(f"there is no notebook {given.notebook}")
    if not given.aws and (given.profile or given.region):
        parser.error("--profile and --region belong to --aws")
    return Options(**vars(given))


def check(asked: Options, printer: Printer) -> None:
    """Look at everything, in the order in which one thing needs the other."""
    from lambdadeck.check import machine

    printer.found(machine.packages())
    if printer.findings[0].light is Light.RED:
        return  # nothing below would say anything else
    places = _read(asked.notebook, printer)
    _machine(asked, printer)
    if places is not None:
        from lambdadeck.check import cells

        cells.run(asked.notebook.resolve(), places, printer)
    if asked.aws:
        from lambdadeck.check import aws

        printer.doing("asking AWS who is calling …")
        printer.found(aws.account(asked.profile, asked.region))


def _machine(asked: Options, printer: Printer) -> None:
    from lambdadeck.check import jupyter, machine, screen

    printer.found(machine.room(), *machine.load(), *machine.power())
    printer.doing("asking for the screen's size …")
    printer.found(screen.screen(), machine.browser())
    printer.doing("asking for languages …")
    printer.found(*machine.languages(), *machine.python())
    printer.found(machine.prices(), machine.lab())
    printer.doing("starting Jupyter …")
    printer.found(*jupyter.slides(asked.port))


def _read(notebook: Path, printer: Printer) -> dict[str, Place] | None:
    """The places of the talk's cells; None when the notebook cannot be read, which is said at once."""
    from lambdadeck.check import cells
    from lambdadeck.notebook import execute
    from lambdadeck.notebook.errors import NotebookError

    try:
        return cells.places(execute.read(notebook))
    except NotebookError as problem:
        printer.found(
            red("notebook", str(problem).removesuffix("."), "git status shows what was changed")
        )
        return None


def main(arguments: list[str]) -> int:
    """The whole of scripts/check; returns the exit code."""
    asked = options(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    printer, begun = Printer(), time.monotonic()
    try:
        check(asked, printer)
        printer.line(f"\n{verdict(printer.findings)} ({time.monotonic() - begun:.0f} s)")
        if asked.json:
            asked.json.write_text(as_json(printer.findings), encoding="utf-8")
    except KeyboardInterrupt:
        printer.line("\nStopped; nothing is left running.")
        return STOPPED
    except BrokenPipeError:  # whoever read this has gone; so goes what would be said at the exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return STOPPED
    except OSError as problem:
        print(f"{problem}", file=sys.stderr, flush=True)
        return 1
    return exit_code(printer.findings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
