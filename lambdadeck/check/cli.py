"""Check whether the talk can be given on this machine now (scripts/check), one line a finding."""

import argparse
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from lambdadeck import __version__
from lambdadeck.check.findings import Light, Printer, as_json, exit_code, red, verdict
from lambdadeck.cloud import options as cloud_options
from lambdadeck.shared.paths import DECK
from lambdadeck.stage import ports

if TYPE_CHECKING:  # scripts/check answers --help before anything is installed
    from lambdadeck.check.cells import CellPlace

STOPPED = 130  # as shells report Ctrl-C


class CheckOptions(argparse.Namespace):
    """The command line's options."""

    notebook: Path
    port: int | None
    json: Path | None
    aws: bool
    profile: str | None
    region: str | None


def options(arguments: list[str]) -> CheckOptions:
    """Parse the command line; --help and errors exit as argparse does."""
    parser = argparse.ArgumentParser(
        prog="scripts/check",
        description="Check packages, room, screen, browser, languages, port and slides, "
        "run every cell once without network, and record its output. Takes under a minute.",
        epilog="Exit code 0 unless the core talk cannot run: a missing language, screen or AWS "
        "is amber, with the fix.",
    )
    add = parser.add_argument
    add("notebook", nargs="?", type=Path, default=DECK, help="another notebook than the talk")
    add("--port", type=ports.number, help="the port that you will give to scripts/present")
    add("--json", type=Path, metavar="FILE", help="also write all findings to this file")
    cloud_options.add_options(parser, "also look up the AWS account: one free call")
    given = parser.parse_args(arguments, CheckOptions())
    if not given.notebook.is_file():
        parser.error(f"there is no notebook {given.notebook}")
    if not given.aws and (given.profile or given.region):
        parser.error("--profile and --region belong to --aws")
    return given


def check(asked: CheckOptions, printer: Printer) -> None:
    """Check everything, in the order of dependence."""
    from lambdadeck.check import machine

    printer.found(machine.packages())
    if printer.findings[0].light is Light.RED:
        return  # every later check would fail for the same reason
    places = _read(asked.notebook, printer)
    _machine(asked, printer)
    if places is not None:
        from lambdadeck.check import cells

        cells.run(asked.notebook.resolve(), places, printer)
    if asked.aws:
        from lambdadeck.check import aws

        printer.doing("asking AWS for the account …")
        printer.found(aws.account(asked.profile, asked.region))


def _machine(asked: CheckOptions, printer: Printer) -> None:
    from lambdadeck.check import jupyter, machine, screen

    printer.found(machine.room(), *machine.load(), *machine.power())
    printer.doing("looking for screens …")
    printer.found(screen.screen(), machine.browser())
    printer.doing("looking for languages …")
    printer.found(*machine.languages(), *machine.python())
    printer.found(machine.containers(), machine.prices(), machine.lab())
    printer.doing("starting Jupyter …")
    printer.found(*jupyter.slides(asked.port))


def _read(notebook: Path, printer: Printer) -> "dict[str, CellPlace] | None":
    """Return the places of the talk's cells; prints why and returns None if that fails."""
    from lambdadeck.check import cells
    from lambdadeck.notebook import execute
    from lambdadeck.notebook.errors import NotebookError

    try:
        return cells.places(execute.read(notebook))
    except NotebookError as error:
        todo = "git status shows what was changed"
        printer.found(red("notebook", str(error).removesuffix("."), todo))
        return None


def main(arguments: list[str]) -> int:
    """Run scripts/check; returns the exit code."""
    asked = options(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    printer, begun = Printer(), time.monotonic()
    try:
        check(asked, printer)
        took = f"lambdadeck {__version__}, {time.monotonic() - begun:.0f} s"
        printer.line(f"\n{verdict(printer.findings)} ({took})")
        if asked.json:
            asked.json.write_text(as_json(printer.findings), encoding="utf-8")
    except KeyboardInterrupt:
        printer.line("\nStopped; no process is left.")
        return STOPPED
    except BrokenPipeError:  # nobody reads: discard what Python would print at exit, too
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return STOPPED
    except OSError as error:
        print(f"{error}", file=sys.stderr, flush=True)
        return 1
    return exit_code(printer.findings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
