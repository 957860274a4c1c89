"""The Lambda of a page, with a script in place of its workers: calls, life cycle, errors."""

import asyncio
import base64
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lambdadeck.engine.browser.service import Service, read
from lambdadeck.engine.browser.sessions import Connection

MB = 1024 * 1024
ROLE = "arn:aws:iam::000000000000:role/any"


def package(source: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("app.py", source)
    return archive.getvalue()


class ScriptedWorkers:
    """What the page answers: each environment is ready, and says what the event tells it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.running: set[str] = set()
        self.kept: bytes | None = None

    def ask(self, what: str, given: dict[str, Any]) -> Any:
        self.asked.append((what, given["name"]))
        if what == "end":  # nobody waits for the answer
            self.running.discard(given["name"])
            return None
        return self._answered(what, given)

    async def _answered(self, what: str, given: dict[str, Any]) -> dict[str, Any]:
        said: dict[str, Any] = {"kind": "next", "value": None, "output": b"", "heap": 30 * MB}
        said["boot_ms"] = 400
        if what == "start":
            self.running.add(given["name"])
        else:
            event = json.loads(given["body"])
            await asyncio.sleep(event.get("s", 0))
            said |= {"kind": "response", "value": json.dumps(event), "output": b"printed\n"}
            said |= event.get("says", {})
        return said

    def keep(self, content: bytes) -> None:
        self.kept = content


@pytest.fixture
def workers() -> ScriptedWorkers:
    return ScriptedWorkers()


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def connected(
    workers: ScriptedWorkers, loop: asyncio.AbstractEventLoop, folder: Path, limit: int = 2
) -> tuple[Any, Service]:
    """Return a client of a page's Lambda, and the Lambda."""
    service = Service(workers.ask, workers.keep, limit, folder)
    session = boto3.Session()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in Connection(service, loop.run_until_complete).environment().items():
            patch.setenv(name, value)
        Connection.current().watch(session)
        return session.client("lambda"), service


@pytest.fixture
def client(workers: ScriptedWorkers, loop: asyncio.AbstractEventLoop, tmp_path: Path) -> Any:
    made = connected(workers, loop, tmp_path)[0]
    create(made)
    return made


def create(client: Any, **more: Any) -> None:
    client.create_function(
        FunctionName="f",
        Runtime="python3.14",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": package("def handler(event, context): return event")},
        **more,
    )
    client.get_waiter("function_active_v2").wait(
        FunctionName="f", WaiterConfig={"Delay": 0, "MaxAttempts": 100}
    )


def invoked(client: Any, event: object) -> tuple[Any, str, str]:
    """Return the payload, FunctionError and log."""
    answer = client.invoke(FunctionName="f", Payload=json.dumps(event), LogType="Tail")
    log = base64.b64decode(answer["LogResult"]).decode()
    return json.load(answer["Payload"]), answer.get("FunctionError", ""), log


def test_the_first_invocation_is_cold_the_next_is_warm_in_the_same_worker(
    client: Any, workers: ScriptedWorkers
) -> None:
    payload, error, cold = invoked(client, {"a": 1})
    assert (payload, error) == ({"a": 1}, "")
    lines = cold.splitlines()
    assert [line.split()[0] for line in lines] == ["START", "printed", "END", "REPORT"]
    assert "Max Memory Used: 30 MB\tInit Duration: " in lines[-1]
    assert "Init Duration" not in invoked(client, {})[2]
    assert len(workers.running) == 1


def test_failures_have_the_shape_of_awss(client: Any) -> None:
    found = {}
    for name, says in {
        "timeout": {"kind": "late"},
        "exit": {"kind": "exit", "value": 3},
        "out of memory": {"kind": "killed", "heap": 129 * MB},
        "exception": {"kind": "error", "value": '{"errorType": "KeyError"}'},
    }.items():
        payload, error, log = invoked(client, {"says": says})
        message = re.sub("^RequestId: [0-9a-f-]+ ", "", payload.get("errorMessage", ""))
        found[name] = (error, payload["errorType"], message, "Status: " in log)
    assert found == {
        "timeout": (
            "Unhandled",
            "Sandbox.Timedout",
            "Error: Task timed out after 3.00 seconds",
            True,
        ),
        "exit": (
            "Unhandled",
            "Runtime.ExitError",
            "Error: Runtime exited with error: exit status 3",
            True,
        ),
        "out of memory": (
            "Unhandled",
            "Runtime.ExitError",
            "Error: Runtime exited with error: signal: killed",
            True,
        ),
        "exception": ("Unhandled", "KeyError", "", True),
    }


def test_a_timeout_keeps_the_environment_and_a_crash_ends_it(
    client: Any, workers: ScriptedWorkers
) -> None:
    invoked(client, {"says": {"kind": "late"}})
    assert "Init Duration" not in invoked(client, {})[2]
    assert len({name for _, name in workers.asked}) == 1
    invoked(client, {"says": {"kind": "exit", "value": 1}})
    assert "Init Duration" in invoked(client, {})[2]
    assert len({name for _, name in workers.asked}) == 2


def test_requests_are_validated_as_on_the_desktop(client: Any) -> None:
    refused = {}
    for name, call in {
        "unknown": lambda: client.get_function(FunctionName="none"),
        "runtime": lambda: create(client, Layers=["arn:aws:lambda:eu-west-1:0:layer:x:1"]),
        "again": lambda: create(client),
        "json": lambda: client.invoke(FunctionName="f", Payload="{"),
    }.items():
        with pytest.raises(ClientError) as raised:
            call()
        refused[name] = raised.value.response["Error"]["Code"]
    assert refused == {
        "unknown": "ResourceNotFoundException",
        "runtime": "ValidationException",
        "again": "ResourceConflictException",
        "json": "InvalidRequestContentException",
    }


def test_functions_survive_their_kernel(
    client: Any, workers: ScriptedWorkers, loop: asyncio.AbstractEventLoop, tmp_path: Path
) -> None:
    assert workers.kept
    later, service = connected(workers, loop, tmp_path / "later")
    service.restore(workers.kept)
    assert later.get_function_configuration(FunctionName="f")["State"] == "Active"
    assert invoked(later, {"b": 2})[0] == {"b": 2}


def test_no_more_environments_run_than_the_device_holds(
    client: Any, workers: ScriptedWorkers, loop: asyncio.AbstractEventLoop, tmp_path: Path
) -> None:
    later, service = connected(workers, loop, tmp_path / "later", limit=2)
    assert workers.kept
    service.restore(workers.kept)
    asked: list[Any] = []
    later.meta.events.register_first("before-send", lambda request, **_: asked.append(request))
    invoked(later, {"s": 0.05})

    async def burst() -> list[int]:
        three = [service.answer(read(asked[0])) for _ in range(3)]
        return [answer.status for answer in await asyncio.gather(*three)]

    assert sorted(loop.run_until_complete(burst())) == [200, 200, 429]


def test_logs_are_read_and_deleted_by_cloudwatchs_operations(
    client: Any, workers: ScriptedWorkers, loop: asyncio.AbstractEventLoop
) -> None:
    invoked(client, {})
    session = boto3.Session("a", "b", region_name="eu-west-1")
    session.events.register("before-send", Connection.current()._answer)
    logs, group = session.client("logs"), "/aws/lambda/f"
    [stream] = logs.describe_log_streams(logGroupName=group)["logStreams"]
    found = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])
    words = [event["message"].split()[0] for event in found["events"]]
    assert words == ["START", "printed", "END", "REPORT"]
    reports = logs.filter_log_events(logGroupName=group, filterPattern="REPORT")["events"]
    assert len(reports) == 1
    logs.delete_log_group(logGroupName=group)
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=group)
    assert list(pages.search("logGroups[].logGroupName")) == []
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.describe_log_streams(logGroupName=group)


def test_other_services_are_named_as_missing(
    workers: ScriptedWorkers, loop: asyncio.AbstractEventLoop, tmp_path: Path
) -> None:
    connected(workers, loop, tmp_path)
    session = boto3.Session("a", "b", region_name="eu-west-1")
    session.events.register("before-send", Connection.current()._answer)
    with pytest.raises(NotImplementedError, match=r"^s3 ListBuckets is not in this page"):
        session.client("s3").list_buckets()


def test_a_runtime_that_the_page_cannot_run_says_so(client: Any) -> None:
    client.update_function_configuration(FunctionName="f", Runtime="nodejs24.x")
    client.get_waiter("function_updated_v2").wait(
        FunctionName="f", WaiterConfig={"Delay": 0, "MaxAttempts": 100}
    )
    payload, error, _ = invoked(client, {})
    assert error == "Unhandled" and payload["errorType"] == "Runtime.InvalidEntrypoint"
    assert payload["errorMessage"].startswith("This page cannot run nodejs24.x: it runs Python.")
