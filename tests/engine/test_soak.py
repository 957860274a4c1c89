"""Many invocations from many threads: none lost, none doubled (long: `tests.support.soak`)."""

from lambdadeck import engine
from tests.support.lambdas import Lambdas
from tests.support.soak import soak


def test_a_thousand_invocations_over_eight_threads_lose_and_double_none():
    running = engine.start()
    found = soak(Lambdas(running), 1000, 8)
    running.stop()
    assert (found.lost, found.doubled) == (0, 0)
    assert 1000 <= found.counted <= 1000 + 8 * 4  # each ran once; the warm-up's calls count too
    assert (
        found.after.processes == found.before.processes
        and found.after.descriptors <= found.before.descriptors + 8
    )
