"""Reuse, scale out, throttle, reap: the pool, with real environments through boto3 and alone."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from botocore.exceptions import ClientError

from lambdadeck.engine.execution.pool import Pool, TooManyRequestsError
from lambdadeck.engine.model import FunctionSpec, Invocation
from tests.support.gate import PASS, gate
from tests.support.lambdas import processes, wait_until

WAITER = (
    PASS
    + "from who import who\ndef handler(event, context):\n    if event: pass_gate(event)\n"
    + "    return who()"
)


def parallel(lambdas, name, count):
    """Return the answers to simultaneous calls."""
    with ThreadPoolExecutor(count) as threads, gate() as closed:
        calls = [threads.submit(lambdas.call, name, closed.port) for _ in range(count)]
        closed.until_here(count)
        closed.open()
        return {tuple(call.result().payload) for call in calls}


def test_each_concurrent_invocation_has_an_environment_of_its_own(lambdas):
    name = lambdas.make(WAITER, Timeout=60)
    first = parallel(lambdas, name, 8)
    assert len(first) == 8 == len(lambdas.streams(name))
    assert parallel(lambdas, name, 8) == first


def test_one_after_the_other_use_one_environment(lambdas):
    name = lambdas.make(WAITER)
    assert len({tuple(lambdas.call(name, 0).payload) for _ in range(30)}) == 1


def test_reserved_concurrency_throttles_with_its_reason(lambdas):
    name = lambdas.make(WAITER, Timeout=60)
    lambdas.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    with ThreadPoolExecutor(1) as threads, gate() as closed:
        threads.submit(lambdas.call, name, closed.port)
        closed.until_here()
        with pytest.raises(ClientError) as throttled:
            lambdas.call(name)
        closed.open()
    response = throttled.value.response
    assert (
        response["Error"]["Code"] == "TooManyRequestsException"
        and response["ResponseMetadata"]["HTTPStatusCode"] == 429
    )
    assert response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    lambdas.client.delete_function_concurrency(FunctionName=name)
    assert lambdas.call(name, 0).error is None


def test_a_concurrency_of_zero_lets_nothing_through(lambdas):
    name = lambdas.make(WAITER)
    lambdas.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        lambdas.call(name, 0)


def test_a_deleted_function_leaves_no_environment(lambdas):
    name = lambdas.make(WAITER)
    who = lambdas.call(name, 0).payload
    assert len(processes(who)) == 1
    lambdas.client.delete_function(FunctionName=name)
    wait_until(lambda: not processes(who))
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        lambdas.call(name, 0)


def test_an_environment_of_a_deleted_function_does_not_serve_its_successor(lambdas):
    name = lambdas.make(WAITER)
    with ThreadPoolExecutor(1) as threads, gate() as closed:
        old = threads.submit(lambdas.call, name, closed.port)
        closed.until_here()
        lambdas.client.delete_function(FunctionName=name)
        lambdas.make(WAITER, name=name)
        new = lambdas.call(name, 0).payload
        closed.open()
        deleted = old.result().payload
    wait_until(lambda: not processes(deleted))
    assert lambdas.call(name, 0).payload == new != deleted


# ---- alone: with environments that take no time ----


@dataclass(eq=False)
class Quick:
    """Stands for an environment; `hold` keeps its invocation open."""

    spec: FunctionSpec
    host: object
    alive: bool = True
    busy: bool = False
    idle_since: float = 0.0
    closed: bool = False
    hold: asyncio.Event = field(default_factory=asyncio.Event)

    async def invoke(self, invocation: Invocation, answered: object = None) -> "Quick":
        if invocation.event == b"hold":
            await self.hold.wait()
        return self

    def close(self) -> None:
        self.closed, self.alive = True, False


def spec(tmp_path, **changes):
    given = {
        "name": "f",
        "arn": "arn:f",
        "version": "1",
        "revision": "a",
        "runtime": "python3.13",
        "handler": "a.b",
        "region": "eu-west-1",
        "code": tmp_path,
    }
    return FunctionSpec(**{**given, **changes})


@pytest.fixture
def quick():
    return Pool(host=None, limit=3, idle_s=100, make=Quick)  # type: ignore[arg-type]


def test_the_account_limit_throttles_and_never_wedges(quick, tmp_path):
    async def run():
        held = [
            asyncio.create_task(quick.invoke(spec(tmp_path, arn=f"arn:{n}"), Invocation(b"hold")))
            for n in range(3)
        ]
        await asyncio.sleep(0)
        with pytest.raises(TooManyRequestsError) as throttled:
            await quick.invoke(spec(tmp_path), Invocation(b""))
        assert throttled.value.reason == "ConcurrentInvocationLimitExceeded"
        for environment in list(quick._busy):
            environment.hold.set()
        await asyncio.gather(*held)
        await quick.invoke(spec(tmp_path), Invocation(b""))

    asyncio.run(run())


def test_at_the_limit_the_longest_idle_environment_makes_room(quick, tmp_path):
    async def run():
        made = [
            await quick.invoke(spec(tmp_path, arn=f"arn:{n}"), Invocation(b"")) for n in range(3)
        ]
        for age, environment in enumerate(made):
            environment.idle_since = float(age)
        await quick.invoke(spec(tmp_path, arn="arn:new"), Invocation(b""))
        assert [environment.closed for environment in made] == [
            True,
            False,
            False,
        ] and quick.counts() == (0, 3)

    asyncio.run(run())


def test_the_warmest_environment_is_used_first(quick, tmp_path):
    async def run():
        held = [
            asyncio.create_task(quick.invoke(spec(tmp_path), Invocation(b"hold"))) for _ in range(2)
        ]
        await asyncio.sleep(0)
        first, last = list(quick._busy)
        first.hold.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        last.hold.set()
        await asyncio.gather(*held)
        assert await quick.invoke(spec(tmp_path), Invocation(b"")) is last

    asyncio.run(run())


def test_idle_environments_are_reaped_and_dead_ones_too(quick, tmp_path):
    async def run():
        old, young, dead = [
            await quick.invoke(spec(tmp_path, arn=f"arn:{n}"), Invocation(b"")) for n in range(3)
        ]
        old.idle_since, young.idle_since, dead.idle_since, dead.alive = 0.0, 150.0, 150.0, False
        quick.reap_once(now=200.0)
        assert (old.closed, young.closed, dead.closed) == (True, False, True)

    asyncio.run(run())


def test_a_new_revision_retires_the_environments_of_the_old(quick, tmp_path):
    async def run():
        old = await quick.invoke(spec(tmp_path), Invocation(b""))
        busy = asyncio.create_task(quick.invoke(spec(tmp_path), Invocation(b"hold")))
        await asyncio.sleep(0)
        (held,) = quick._busy
        new = await quick.invoke(spec(tmp_path, revision="b"), Invocation(b""))
        held.hold.set()
        await busy
        assert held is old and old.closed and not new.closed

    asyncio.run(run())
