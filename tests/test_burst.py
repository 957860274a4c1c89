"""A burst: every invocation once, side by side, and the environment that served it."""

import threading
import uuid
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from lambdadeck import functions
from lambdadeck.burst import burst, fitting
from tests.support.aws_account import recorder, refusal

COUNT = 6


@pytest.fixture(scope="module")
def client(lambdas):
    return lambdas.boto("lambda", max_pool_connections=COUNT)


@pytest.fixture
def sleeper(client) -> Iterator[str]:
    name = f"sleeper-{uuid.uuid4().hex}"
    functions.deploy(name, functions.FUNCTIONS / "sleeper", client=client)
    yield name
    functions.remove(name, client=client)


def test_each_concurrent_invocation_gets_an_environment_of_its_own(client, sleeper):
    shots = burst(sleeper, COUNT, {"seconds": 0.5}, client=client)
    assert len(shots) == COUNT
    assert len({shot.environment for shot in shots}) == COUNT
    assert all(shot.cold for shot in shots)
    assert len({shot.report.request_id for shot in shots}) == COUNT


def test_the_invocations_overlap(client, sleeper):
    shots = burst(sleeper, COUNT, {"seconds": 0.5}, client=client)
    assert max(shot.start_ms for shot in shots) < min(shot.end_ms for shot in shots)
    assert all(shot.end_ms - shot.start_ms >= 500 for shot in shots)


def test_shots_are_sorted_by_start_and_begin_at_zero_or_later(client, sleeper):
    starts = [shot.start_ms for shot in burst(sleeper, COUNT, {"seconds": 0}, client=client)]
    assert starts == sorted(starts)
    assert starts[0] >= 0


def test_a_larger_burst_finds_the_environments_of_a_smaller_one_warm(client, sleeper):
    warm = {shot.environment for shot in burst(sleeper, 2, {"seconds": 0.3}, client=client)}
    shots = burst(sleeper, COUNT, {"seconds": 0.5}, client=client)
    assert {shot.environment for shot in shots if not shot.cold} == warm
    assert sum(shot.cold for shot in shots) == COUNT - 2


def test_without_a_client_it_makes_one_that_has_room_for_all(lambdas, sleeper, monkeypatch):
    for name, value in lambdas.engine.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    assert len(burst(sleeper, 2)) == 2


def test_a_function_that_does_not_name_its_environment_is_refused(client):
    name = f"greet-{uuid.uuid4().hex}"
    functions.deploy(name, functions.FUNCTIONS / "greet", client=client)
    with pytest.raises(ValueError, match="must answer"):
        burst(name, 1, client=client)
    functions.remove(name, client=client)


def test_a_function_that_fails_in_the_burst_is_named_with_its_error(client):
    name = f"killer-{uuid.uuid4().hex}"
    functions.deploy(name, functions.FUNCTIONS / "killer", client=client)
    with pytest.raises(RuntimeError, match=f"{name} failed in the burst: Runtime.ExitError"):
        burst(name, 2, {"end": True}, client=client)
    functions.remove(name, client=client)


def test_a_burst_of_nothing_is_refused(client):
    with pytest.raises(ValueError, match="at least one"):
        burst("any", 0, client=client)


def test_a_machine_with_too_few_threads_is_an_error_that_says_how_many_and_nothing_hangs(
    monkeypatch,
):
    started, start = [], threading.Thread.start

    def start_a_few(thread):
        if len(started) == 20:
            raise RuntimeError("can't start new thread")  # what CPython raises for EAGAIN
        start(thread)
        started.append(thread)

    monkeypatch.setattr(threading.Thread, "start", start_a_few)
    with pytest.raises(RuntimeError, match="only 20 of the burst's 50 threads, so nothing was inv"):
        burst("any", 50, client=object())
    for thread in started:
        assert thread.daemon
        thread.join(10)
        assert not thread.is_alive()


def test_a_function_that_is_not_there_is_an_error_and_nothing_hangs(client):
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        burst("not-there", 3, client=client)


def test_what_a_small_account_throttles_is_asked_again(lambdas, sleeper, monkeypatch):
    with recorder(lambdas.engine.endpoint) as seen:
        throttled = iter([refusal("TooManyRequestsException", "Rate Exceeded.", 429)] * 3)
        seen.answer = lambda call: next(throttled, None)
        for name, value in (
            lambdas.engine.environment | {"AWS_ENDPOINT_URL": seen.address}
        ).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
        assert len(burst(sleeper, 2, {"seconds": 0})) == 2
        assert len(seen.calls) == 5


def test_a_burst_that_fits_is_as_large_as_wanted(client, capsys):
    assert fitting(3, client=client) == 3
    assert capsys.readouterr().out == ""


def test_one_that_does_not_fit_says_what_limits_it(client, capsys):
    fits = fitting(1_000_000, client=client)
    assert 1 <= fits <= 1000
    assert capsys.readouterr().out.endswith(f": {fits:,} of 1,000,000 at once.\n")


def test_on_aws_the_account_alone_limits_it(capsys):
    limits = {"AccountLimit": {"UnreservedConcurrentExecutions": 10}}
    aws = SimpleNamespace(
        get_account_settings=lambda: limits,
        meta=SimpleNamespace(endpoint_url="https://lambda.eu-west-1.amazonaws.com"),
    )
    assert fitting(1000, client=aws) == 10
    assert capsys.readouterr().out == "The account's concurrency: 10 of 1,000 at once.\n"
