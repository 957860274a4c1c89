"""Provisioned concurrency: environments that are there before the first call."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from lambdadeck import cloud, engine
from tests.support.gate import PASS, gate
from tests.support.lambdas import Lambdas, processes, wait_until

KIND = (
    PASS
    + """
import os
from uuid import uuid4
from who import who
born = str(uuid4())
print("INIT", os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"])
def handler(event, context):
    if event: pass_gate(event)
    return [os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"], context.function_version, born, who()]
"""
)
FAILS = """
import os
assert os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"] == "on-demand"
def handler(event, context): return 1
"""
AHEAD, ON_DEMAND = "provisioned-concurrency", "on-demand"


def version(lambdas, source=KIND, name=""):
    """Return a function and a new version of it."""
    name = name or lambdas.make(source, Timeout=60)
    return name, lambdas.client.publish_version(FunctionName=name)["Version"]


def put(lambdas, name, qualifier, number):
    return lambdas.client.put_provisioned_concurrency_config(
        FunctionName=name, Qualifier=qualifier, ProvisionedConcurrentExecutions=number
    )


def config(lambdas, name, qualifier):
    return lambdas.client.get_provisioned_concurrency_config(FunctionName=name, Qualifier=qualifier)


def ready(lambdas, name, qualifier):
    wait_until(lambda: config(lambdas, name, qualifier)["Status"] == "READY")


def kind(lambdas, name, qualifier, event=0):
    return lambdas.call(name, event, Qualifier=qualifier).payload


def together(lambdas, name, qualifier, count):
    """Return the answers to simultaneous calls."""
    with ThreadPoolExecutor(count) as threads, gate() as closed:
        calls = [threads.submit(kind, lambdas, name, qualifier, closed.port) for _ in range(count)]
        closed.until_here(count)
        closed.open()
        return [call.result() for call in calls]


def test_environments_run_init_ahead_and_serve_first_the_rest_runs_on_demand(lambdas):
    name, first = version(lambdas)
    answer = put(lambdas, name, first, 2)
    assert (answer["Status"], answer["AllocatedProvisionedConcurrentExecutions"]) == (
        "IN_PROGRESS",
        0,
    )
    ready(lambdas, name, first)
    shown = config(lambdas, name, first)
    assert shown["AvailableProvisionedConcurrentExecutions"] == 2
    assert shown["AllocatedProvisionedConcurrentExecutions"] == 2
    log = lambdas.log(name)  # of both INITs: nobody has called
    assert sum(line.startswith("INIT_START") for line in log) == 2
    assert log.count(f"INIT {AHEAD}") == 2
    called = lambdas.call(name, 0, Qualifier=first)
    assert (called.payload[0], "Init Duration" in called.report) == (AHEAD, False)
    assert "INIT" not in called.log
    kinds = sorted(answer[0] for answer in together(lambdas, name, first, 3))
    assert kinds == [ON_DEMAND, AHEAD, AHEAD]
    assert kind(lambdas, name, "$LATEST")[0] == ON_DEMAND


def test_a_failed_init_is_told_and_calls_run_on_demand(lambdas):
    name, first = version(lambdas, FAILS)
    put(lambdas, name, first, 2)
    wait_until(lambda: config(lambdas, name, first)["Status"] != "IN_PROGRESS")
    shown = config(lambdas, name, first)
    assert (shown["Status"], shown["StatusReason"]) == ("FAILED", "FUNCTION_ERROR_INIT_FAILURE")
    assert shown["AllocatedProvisionedConcurrentExecutions"] == 0
    assert lambdas.call(name, Qualifier=first).payload == 1
    assert any(line.startswith("INIT_REPORT") for line in lambdas.log(name))


def test_reserved_equal_to_provisioned_throttles_latest(lambdas):
    name, first = version(lambdas)
    lambdas.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    assert kind(lambdas, name, "$LATEST")[0] == ON_DEMAND
    put(lambdas, name, first, 1)
    ready(lambdas, name, first)
    for _ in range(2):
        with pytest.raises(ClientError) as throttled:
            kind(lambdas, name, "$LATEST")
        reason = throttled.value.response["Reason"]
        assert reason == "ReservedFunctionConcurrentInvocationLimitExceeded"
        assert kind(lambdas, name, first)[0] == AHEAD
    lambdas.client.delete_provisioned_concurrency_config(FunctionName=name, Qualifier=first)
    wait_until(lambda: kind_or_none(lambdas, name) == ON_DEMAND)


def kind_or_none(lambdas, name):
    try:
        return kind(lambdas, name, "$LATEST")[0]
    except lambdas.client.exceptions.TooManyRequestsException:
        return None


def test_environments_move_with_the_alias(lambdas):
    name, first = version(lambdas)
    lambdas.client.create_alias(FunctionName=name, Name="live", FunctionVersion=first)
    put(lambdas, name, "live", 1)
    ready(lambdas, name, "live")
    old = kind(lambdas, name, "live")
    (process,) = processes(old[3])
    assert old == kind(lambdas, name, first)  # by both names, as on AWS
    lambdas.client.update_function_configuration(FunctionName=name, Description="new", Timeout=50)
    lambdas.client.get_waiter("function_updated_v2").wait(FunctionName=name)
    assert kind(lambdas, name, "live") == old  # $LATEST is another version
    _, second = version(lambdas, name=name)
    lambdas.client.update_alias(FunctionName=name, Name="live", FunctionVersion=second)
    assert config(lambdas, name, "live")["Status"] == "IN_PROGRESS"
    ready(lambdas, name, "live")
    assert kind(lambdas, name, "live")[:2] == [AHEAD, second]
    wait_until(lambda: not process.is_running())
    assert kind(lambdas, name, first)[:2] == [ON_DEMAND, first]


def test_an_environment_that_ends_is_replaced_and_a_smaller_number_ends_some(lambdas):
    name, first = version(lambdas)
    put(lambdas, name, first, 2)
    ready(lambdas, name, first)
    killed, kept = together(lambdas, name, first, 2)
    (process,) = processes(killed[3])
    os.kill(process.pid, signal.SIGKILL)

    def replaced():
        inits = [line for line in lambdas.log(name) if line.startswith("INIT_START")]
        shown = config(lambdas, name, first)
        return len(inits) == 3 and shown["AvailableProvisionedConcurrentExecutions"] == 2

    wait_until(replaced)
    answers = together(lambdas, name, first, 2)
    assert [answer[0] for answer in answers] == [AHEAD, AHEAD]
    assert kept in answers and killed[2] not in [answer[2] for answer in answers]
    running = [process for answer in answers for process in processes(answer[3])]
    assert len(running) == 2
    put(lambdas, name, first, 1)
    wait_until(lambda: [process.is_running() for process in running].count(True) == 1)
    lambdas.client.delete_function(FunctionName=name)
    wait_until(lambda: not any(process.is_running() for process in running))


def test_an_engine_that_was_killed_has_them_again():
    running = engine.start()
    try:
        lambdas = Lambdas(running)
        name, first = version(lambdas)
        put(lambdas, name, first, 1)
        ready(lambdas, name, first)
        pid = running.pid
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: running.pid != pid)
        wait_until(lambda: cloud.answers(running.endpoint))
        ready(lambdas, name, first)
        assert kind(lambdas, name, first)[0] == AHEAD
    finally:
        running.stop()
