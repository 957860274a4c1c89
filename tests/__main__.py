"""What scripts/test runs: the machine's packages if asked for, then pytest with whatever else was said."""

import os
import sys
from pathlib import Path

import pytest

from tests.support import machine

# Most tests wait for processes and browsers: on two cores three workers are faster than two.
EVERYTHING = ["-n", "3", "--dist", "loadscope", "--no-loadscope-reorder"]


def main(arguments: list[str]) -> int:
    """--install (or CI=true) installs missing system packages; everything else is pytest's."""
    os.chdir(Path(__file__).parents[1])
    os.environ.pop("PYTHONPATH", None)  # from scripts/test: what a test starts must not need it
    may_install = "--install" in arguments or os.environ.get("CI") == "true"
    lacking = machine.missing()
    if lacking and may_install:
        machine.install(lacking)
    elif lacking:
        print(machine.advice(lacking), flush=True)
    return int(
        pytest.main([argument for argument in arguments if argument != "--install"] or EVERYTHING)
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
