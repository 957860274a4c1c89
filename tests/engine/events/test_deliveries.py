"""Messages over three mappings with injected failures."""

from tests.support.deliveries import deliver


def test_no_message_is_lost_doubled_or_out_of_order_although_batches_fail(lambdas, request):
    """A message comes once more than its batches fail, and groups keep their order."""
    total = 9_999 if request.config.getoption("--full") else 150
    found = deliver(lambdas, total)
    assert len(found.times) == total
    assert found.failures.total() > 0
    assert all(times == 1 + found.failures[name] for name, times in found.times.items())
    ordered = [group for group in found.order if not group.startswith("standard")]
    assert all(found.order[group] == sorted(found.order[group]) for group in ordered)
