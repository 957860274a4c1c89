"""Make the learners' notebooks from notebooks/solutions/."""

import argparse
import sys
from pathlib import Path

from lambdadeck.labs import generate
from lambdadeck.shared.paths import NOTEBOOKS


def main(arguments: list[str], folder: Path = NOTEBOOKS) -> int:
    """Run scripts/labs; return its exit code."""
    parser = argparse.ArgumentParser(prog="scripts/labs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, report what is stale")
    check = parser.parse_args(arguments).check
    try:
        stale = generate.stale(folder)
    except generate.LabError as error:
        print(error, file=sys.stderr)
        return 1
    made = {} if check else {path: text for path, text in stale.items() if text is not None}
    for path, text in made.items():
        path.write_text(text, "utf-8")
        print("made", path.relative_to(folder))
    left = [path for path in stale if path not in made]
    for path in left:
        print(
            f"{path.name} does not match notebooks/solutions/: run scripts/labs.", file=sys.stderr
        )
    if not stale:
        print("nothing has changed")
    return 1 if left else 0
