"""Many invocations from many threads: none lost, none doubled.

Long: `tests.support.soak`, and `tests.support.mixed` with deployments.
"""

from lambdadeck import engine
from tests.support.lambdas import Lambdas
from tests.support.mixed import Mixed
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


def test_calls_during_deployments_are_answered_once_by_code_that_was_deployed_then():
    running = engine.start()
    found = Mixed(Lambdas(running), 300, 6, pause_s=0.1).run()
    running.stop()
    assert found.wrong == []
    assert found.kinds["answer"] > 200 and found.deployments.total() >= 2
