"""What scripts/test runs: it installs missing system packages if asked, then starts pytest."""

import os
import sys
from pathlib import Path

import pytest

from tests.support import machine

# Most tests wait for processes and browsers: on two cores four workers are faster than two.
EVERYTHING = ["-n", "4", "--dist", "loadscope", "--no-loadscope-reorder"]

UNHURRIED = ["-o", "faulthandler_timeout=3600"]  # a case of --full may take half an hour


def main(arguments: list[str]) -> int:
    """Run pytest with the arguments; --install or CI=true installs system packages first.

    --full tries every case of every corpus, not a sample.
    """
    os.chdir(Path(__file__).parents[1])
    os.environ.pop("PYTHONPATH", None)  # from scripts/test: what a test starts must not need it
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of processes compile the same files
    is_ci = os.environ.get("CI") == "true"
    if lacking := machine.missing():
        if "--install" in arguments or (is_ci and machine.can_install()):
            machine.install(lacking)
        else:
            print(machine.advice(lacking), flush=True)
    rest = [argument for argument in arguments if argument != "--install"]
    if rest == ["--full"]:
        rest += EVERYTHING
    if "--full" in rest:
        rest += UNHURRIED
    return int(pytest.main(rest or EVERYTHING))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
