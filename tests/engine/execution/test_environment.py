"""The life cycle and the limits of an execution environment, seen through boto3."""

import asyncio
import re
import sys
import time

import psutil
import pytest

from lambdadeck import functions
from lambdadeck.engine.execution.environment import Environment
from lambdadeck.engine.execution.host import Host
from lambdadeck.engine.execution.launch import Launcher
from lambdadeck.engine.model import Credentials, FunctionSpec, Invocation, Settings
from tests.support.lambdas import processes, wait_until, zipped

ALIVE = """
    import uuid, os, time
    BORN = str(uuid.uuid4())
    def handler(event, context):
        kept = os.path.exists((os.environ.get("TMPDIR") or "/tmp") + "/kept")
        open((os.environ.get("TMPDIR") or "/tmp") + "/kept", "w").close()
        if event == "sleep":
            time.sleep(30)
        if event == "exit":
            os._exit(1)
        return {"born": BORN, "kept": kept}
"""


def ms(report: str, field: str) -> float:
    found = re.search(rf"\t{field}: ([\d.]+) ms", report)
    assert found, f"no {field} in {report!r}"
    return float(found[1])


def test_the_first_invocation_is_cold_and_the_next_reuses_its_environment(lambdas):
    name = lambdas.make(ALIVE)
    cold, warm = lambdas.call(name), lambdas.call(name)
    assert "Init Duration" in cold.report and "Init Duration" not in warm.report
    assert cold.payload["born"] == warm.payload["born"] and len(lambdas.streams(name)) == 1


def test_init_is_billed_as_aws_has_done_since_august_2025(lambdas):
    report = lambdas.call(lambdas.make(ALIVE)).report
    billed = ms(report, "Billed Duration")
    assert (
        billed == pytest.approx(ms(report, "Duration") + ms(report, "Init Duration"), abs=1.02)
        and billed % 1 == 0
    )


def test_a_timeout_answers_as_aws_and_resets_the_environment_keeping_tmp(lambdas):
    name = lambdas.make(ALIVE, Timeout=2)  # the INIT after the reset has to come in it, too
    before, late, after = lambdas.call(name), lambdas.call(name, "sleep"), lambdas.call(name)
    assert late.error == "Unhandled" and late.payload["errorType"] == "Sandbox.Timedout"
    assert late.payload["errorMessage"].endswith("Error: Task timed out after 2.00 seconds")
    assert "Task timed out after 2.00 seconds" in late.log and "Status: timeout" in late.report
    assert (
        ms(late.report, "Duration") > 1999 and ms(late.report, "Duration") < 10_000
    )  # of thirty seconds
    assert after.payload["born"] != before.payload["born"] and after.payload["kept"]
    assert len(lambdas.streams(name)) == 1


def test_a_crash_ends_the_environment_and_the_next_call_gets_a_new_one(lambdas):
    name = lambdas.make(ALIVE)
    before, crash, after = lambdas.call(name), lambdas.call(name, "exit"), lambdas.call(name)
    assert (
        crash.payload["errorType"] == "Runtime.ExitError"
        and "exit status 1" in crash.payload["errorMessage"]
    )
    assert after.error is None and after.payload["born"] != before.payload["born"]
    assert not after.payload["kept"] and len(lambdas.streams(name)) == 2


def test_between_invocations_a_background_thread_stands_still(lambdas):
    name = lambdas.make(
        """
        import threading, time
        from who import who
        ticks, longest, last = 0, 0, time.monotonic()
        def tick():
            global ticks, longest, last
            while True:
                time.sleep(0.001)
                now = time.monotonic()
                ticks, longest, last = ticks + 1, max(longest, now - last), now
        threading.Thread(target=tick, daemon=True).start()
        def handler(event, context):
            end = ticks + event
            while ticks < end:
                time.sleep(0.001)
            return [longest, who()]
    """,
        Timeout=30,
    )
    _, who = lambdas.call(name, 1).payload
    [process] = processes(who)
    wait_until(lambda: process.status() == psutil.STATUS_STOPPED)
    time.sleep(
        0.5
    )  # the passing of time is what is tested: running, the thread would tick hundreds of times
    longest, same = lambdas.call(name, 50).payload  # thawed it does tick
    assert same == who and longest >= 0.5


def test_code_is_read_only_and_tmp_is_the_functions_own(lambdas):
    name = lambdas.make(
        """
        import os
        def handler(event, context):
            try:
                open(os.environ["LAMBDA_TASK_ROOT"] + "/new", "w").close()
                wrote = True
            except OSError:
                wrote = False
            folder = os.environ.get("TMPDIR") or "/tmp"
            disk = os.statvfs(folder).f_blocks * os.statvfs(folder).f_frsize
            return {"wrote": wrote, "tmp": os.listdir(folder), "disk": disk}
    """,
        EphemeralStorage={"Size": 600},
    )
    seen = lambdas.call(name).payload
    if not sandboxed(lambdas):
        pytest.skip("this machine allows no namespaces: TMPDIR stands in for a private /tmp")
    kept = [
        name for name in seen["tmp"] if not sys.prefix.startswith(f"/tmp/{name}/")
    ]  # a clone that lies in /tmp
    assert (seen["wrote"], kept, seen["disk"]) == (False, [], 600 * 1024 * 1024)


def test_a_full_tmp_is_an_error_of_the_function(lambdas):
    if not sandboxed(lambdas):
        pytest.skip("this machine allows no namespaces: TMPDIR stands in for a private /tmp")
    name = lambdas.make(
        """
        def handler(event, context):
            with open("/tmp/big", "wb") as big:
                for _ in range(600):
                    big.write(bytes(1 << 20))
    """,
        Timeout=60,
        MemorySize=1769,
    )
    assert "No space left on device" in lambdas.call(name).payload["errorMessage"]


def sandboxed(lambdas):
    name = lambdas.make(
        "import os\ndef handler(event, context): return os.environ['LAMBDA_TASK_ROOT']"
    )
    return lambdas.call(name).payload == "/var/task"


def test_a_function_over_its_memory_is_killed_at_its_memory_size(lambdas):
    name = lambdas.make(
        """
        def handler(event, context):
            hog = []
            while True:
                hog.append(bytearray(1 << 20))
    """,
        Timeout=30,
        MemorySize=256,
    )
    killed = lambdas.call(name)
    assert killed.payload["errorType"] == "Runtime.ExitError"
    assert killed.payload["errorMessage"].endswith(
        "Error: Runtime exited with error: signal: killed"
    )
    assert "\tMax Memory Used: 256 MB\t" in killed.report


def test_a_function_that_hogs_memory_in_init_is_killed_too(lambdas):
    name = lambdas.make(
        "hog = [bytearray(1 << 20) for _ in range(4000)]\ndef handler(event, context): return 1",
        Timeout=30,
    )
    assert lambdas.call(name).payload["errorMessage"].endswith("signal: killed")


@pytest.mark.parametrize("memory_mb", [128, 512])
def test_cpu_is_shared_out_by_memory_size(lambdas, memory_mb):
    name = lambdas.make(
        """
        import time
        def handler(event, context):
            cpu, wall = time.process_time(), time.time()
            while time.process_time() - cpu < 0.1:
                pass
            return time.time() - wall
    """,
        MemorySize=memory_mb,
        Timeout=20,
    )
    ideal = (0.1 - 0.01) * 1769 / memory_mb
    # on a busy machine the engine may throttle late, but not three times in a row
    assert any(lambdas.call(name).payload > ideal * 0.8 for _ in range(3))


SLOW_AT_FIRST = """
import os, time
flag = os.environ["TMPDIR"] + "/tried"
if not os.path.exists(flag):
    open(flag, "w").close()
    time.sleep(60)
def handler(event, context):
    return "at the second try"
"""


def test_init_has_a_limit_and_then_one_more_try_inside_the_timeout(tmp_path, monkeypatch):
    (tmp_path / "app.py").write_text(SLOW_AT_FIRST)
    watched = []
    monkeypatch.setattr(Environment, "_watch", _counting(Environment._watch, watched))
    launcher = Launcher(
        tmp_path, "http://127.0.0.1:9", Credentials("key", "secret"), lambda spec, own: None
    )
    host = Host(tmp_path, launcher, lambda spec, stream, lines: None, init_limit_s=0.5)
    spec = FunctionSpec(
        "f", "arn:f", "1", "r", "python3.13", "app.handler", "eu-west-1", tmp_path, timeout_s=30
    )

    async def run():
        environment = Environment(spec, host)
        outcome = await environment.invoke(Invocation(b"{}"))
        await asyncio.sleep(0.02)  # a watch that has been begun may come once more
        watched.clear()
        await asyncio.sleep(0.1)
        process = environment.process
        environment.close()
        while process and process.cpu_s():  # until it is reaped
            await asyncio.sleep(0.005)
        return outcome

    outcome = asyncio.run(run())
    assert outcome.payload == b'"at the second try"' and outcome.init_ms is None
    report = outcome.log.splitlines()[-1]
    found = re.search(
        r"INIT_REPORT Init Duration: (.+) ms\tPhase: init\tStatus: timeout", outcome.log
    )
    assert found and 500 <= float(found[1]) < 10_000
    assert "Init Duration" not in report
    assert watched == [], "nothing watches the memory of an idle environment"


def _counting(call, calls):
    def counted(*arguments):
        calls.append(arguments)
        call(*arguments)

    return counted


def test_init_has_ten_seconds_unless_the_settings_say_otherwise(tmp_path):
    assert Host(tmp_path, None, None).init_limit_s == 10.0 == Settings().init_limit_s


def test_a_change_of_configuration_or_code_starts_new_environments(lambdas):
    name = lambdas.make(ALIVE)
    born = lambdas.call(name).payload["born"]
    lambdas.client.update_function_configuration(FunctionName=name, Timeout=7)
    configured = lambdas.call(name).payload["born"]
    functions.wait(lambdas.client, "function_updated_v2", FunctionName=name)
    lambdas.client.update_function_code(
        FunctionName=name, ZipFile=zipped({"app.py": "def handler(e, c): return 'new code'"})
    )
    assert configured != born and lambdas.call(name).payload == "new code"


def test_a_tag_changes_nothing_that_an_environment_would_notice(lambdas):
    name = lambdas.make(ALIVE)
    born = lambdas.call(name).payload["born"]
    arn = lambdas.client.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    lambdas.client.tag_resource(Resource=arn, Tags={"team": "talk"})
    assert lambdas.call(name).payload["born"] == born


def test_a_function_reaches_the_same_cloud_by_plain_boto3(lambdas):
    name = lambdas.make(
        """
        import boto3
        client = boto3.client("lambda")
        def handler(event, context):
            return client.get_function_configuration(FunctionName=context.function_name)["Runtime"]
    """,
        Timeout=20,
        MemorySize=1769,
    )
    assert lambdas.call(name).payload == "python3.13"


def test_a_newer_runtime_runs_on_what_is_there_and_says_so(lambdas):
    lambdas.call(name := lambdas.make(ALIVE, runtime="python3.14"))
    first = lambdas.log(name)[0]
    assert re.match(r"INIT_START Runtime Version: python:3\.\d+", first)
    if sys.version_info[:2] != (3, 14):
        assert "asked for python3.14, which is not on this machine" in first


def test_the_context_tells_request_time_left_and_memory(lambdas):
    name = lambdas.make(
        """
        def handler(event, context):
            return [context.aws_request_id, context.get_remaining_time_in_millis(),
                    context.memory_limit_in_mb, context.function_name, context.function_version,
                    context.invoked_function_arn, context.log_group_name]
    """,
        Timeout=9,
    )
    called = lambdas.call(name)
    request_id, left, memory, function, version, arn, group = called.payload
    assert (
        f"REPORT RequestId: {request_id}\t" in called.log
        and 1000 < left <= 9000
        and int(memory) == 128
    )
    assert (function, version, group) == (name, "$LATEST", f"/aws/lambda/{name}")
    assert arn == f"arn:aws:lambda:eu-west-1:000000000000:function:{name}"
