"""Remove what the talk left in a cloud, and prove that nothing is left."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdadeck.teardown.rounds import TeardownResult


def run() -> "TeardownResult":
    """Remove what is left in the connected cloud; return what was removed and what is left."""
    from lambdadeck.teardown import rounds  # only here: scripts/teardown --help works without boto3

    return rounds.run()
