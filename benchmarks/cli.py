"""The command line of scripts/bench; --help needs only the standard library."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import report
from benchmarks.measure import BenchError, Result, load, machine

PARTS = {"engine": "engine", "deck": "deck", "costs": "costs", "export": "export_page"}
DISTRIBUTIONS = ("boto3", "ministack", "awslambdaric", "uvicorn", "nbclassic", "nbconvert", "numpy")
EXPLAINED = """parts (all of them, without one):
  engine  cold start, warm Invoke, 50 parallel calls and memory, through boto3, beside ministack
          and Amazon's Runtime Interface Emulator (of the aws-sam-cli wheel, fetched once)
  deck    scripts/present beside a bare nbclassic; every cell of the deck
  costs   the cost model over the EC2 catalogue
  export  the HTML export beside stock nbconvert

The notes below each table say what is compared. A ratio is ours ÷ theirs: lower is better. A cold
start is the first Invoke of a new, Active function; the emulator's is the first Invoke of a newly
started emulator, because its INIT happens then. All figures are medians of one run in which the
contenders take turns. The load average is printed too: repeat a run on a busy machine."""


@dataclass(frozen=True)
class BenchOptions:
    """What the command line asked for."""

    parts: tuple[str, ...]
    quick: bool
    runs: int
    json: Path | None


def options(arguments: list[str]) -> BenchOptions:
    """Read the command line; --help and mistakes end the program as argparse does."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        epilog=EXPLAINED,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measure the project beside what people would use instead.",
    )
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (default: all)"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="a smoke run: does it measure at all? Its figures mean nothing",
    )
    parser.add_argument(
        "--runs",
        type=int,
        default=1,
        metavar="N",
        help="repeat; keys are medians of the runs (default: 1)",
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write everything to FILE, as one object"
    )
    given = parser.parse_args(arguments)
    unknown = [part for part in given.parts if part not in PARTS]
    if unknown:
        parser.error(f"There is no part {unknown[0]!r}: choose from {', '.join(PARTS)}.")
    if given.runs < 1:
        parser.error(f"--runs {given.runs} measures nothing: choose 1 or more.")
    return BenchOptions(
        tuple(dict.fromkeys(given.parts)) or tuple(PARTS), given.quick, given.runs, given.json
    )


def run(part: str, quick: bool) -> tuple[Result, bool]:
    """Run a part once, with the load average around it; False if it could not be measured."""
    module, before = importlib.import_module(f"benchmarks.{PARTS[part]}"), load()
    try:
        result, measured = module.measure(quick), True
    except BenchError as problem:
        result, measured = (
            Result(dict.fromkeys(module.KEYS), {}, [f"NOT MEASURED: {problem}"]),
            False,
        )
    details = {**result.details, "load_before": before, "load_after": load()}
    return replace(result, details=details, notes=[*result.notes, _about_load(before)]), measured


def _about_load(before: float, cores: int = os.cpu_count() or 1) -> str:
    said = f"Load average before: {before} on {cores} cores."
    return (
        said
        if before <= cores / 4
        else f"{said} That is a busy machine: repeat the run when it is quiet."
    )


def facts(asked: BenchOptions) -> dict[str, object]:
    """Return what belongs beside the figures: date, machine, versions."""
    from importlib.metadata import version

    from benchmarks.emulator import VERSION

    versions = {name: version(name) for name in DISTRIBUTIONS} | {"aws-sam-cli": VERSION}
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": asked.quick,
        "runs": asked.runs,
        "machine": machine(),
        "versions": versions,
    }


def main(arguments: list[str]) -> int:
    """Run scripts/bench; return 1 if a part could not be measured."""
    asked, complete = options(arguments), True
    runs: dict[str, list[Result]] = {part: [] for part in asked.parts}
    for number in range(asked.runs):
        for part in asked.parts:
            print(f"Measuring {part} ({number + 1} of {asked.runs}) …", file=sys.stderr, flush=True)
            result, measured = run(part, asked.quick)
            runs[part].append(result)
            complete = complete and measured
            if number + 1 == asked.runs:  # now: a later part may fail
                print(report.as_text(part, runs[part]), flush=True)
    found = facts(asked)
    print(
        f"{found['date']} · {found['machine']}"
        + (" · SMOKE RUN, no figure to quote" if asked.quick else "")
    )
    if asked.json:
        asked.json.write_text(json.dumps(report.as_object(runs, found), indent=1) + "\n")
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
