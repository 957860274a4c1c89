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
    containers = 8 + 2  # of the threads; one that waits, one that is being made
    assert found.after.processes <= 4 + 2 * containers
    assert found.after.descriptors <= found.before.descriptors + 8 * 8
