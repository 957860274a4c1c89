"""scripts/labs: make the learners' notebooks out of those in notebooks/solutions/."""

import argparse
import sys
from pathlib import Path

from lambdadeck.install import ROOT
from lambdadeck.labs import generate

NOTEBOOKS = ROOT / "notebooks"


def options(arguments: list[str]) -> argparse.Namespace:
    """Read the command line; --help and mistakes end the program as argparse does."""
    parser = argparse.ArgumentParser(
        prog="scripts/labs",
        description="Make the learners' notebooks out of notebooks/solutions/: blanks in place of solutions, solutions behind a click.",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; fail if a notebook is not what its solutions make",
    )
    return parser.parse_args(arguments)


def write(folder: Path = NOTEBOOKS) -> list[Path]:
    """Make the notebooks that have drifted; returns them. LabError leaves all as they were."""
    for source in generate.targets(folder):
        source.write_text(generate.stripped(source.read_text("utf-8")), "utf-8")
    ready = {
        target: generate.made_of(source) for source, target in generate.targets(folder).items()
    }
    stale = [target for target in generate.drifted(folder) if target in ready]
    for target in stale:
        target.write_text(ready[target], "utf-8")
    return stale


def main(arguments: list[str], folder: Path = NOTEBOOKS) -> int:
    """The whole of scripts/labs; returns its exit code."""
    asked = options(arguments)
    try:
        if not asked.check:
            _say("made", write(folder))
        left = generate.drifted(folder)
    except generate.LabError as problem:
        print(problem, file=sys.stderr)
        return 1
    for path in left:
        print(
            f"{path.name} is not what notebooks/solutions/ makes: run scripts/labs.",
            file=sys.stderr,
        )
    return 1 if left else 0


def _say(what: str, paths: list[Path]) -> None:
    print("\n".join(f"{what} {path.name}" for path in paths) or "nothing has changed")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
