"""The embedded Lambda, ministack, Amazon's emulator and an echo server, all called by boto3."""

from __future__ import annotations

import io
import json
import secrets
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from botocore.config import Config

from benchmarks import processes
from benchmarks.measure import BenchError
from lambdadeck.engine import start as start_engine

SOURCE = """import os, time
calls, space = 0, "/proc/self/ns/pid"
def handler(event, context):
    global calls
    calls += 1
    time.sleep(event.get("sleep_s", 0))
    space_of_pid = os.readlink(space) if os.path.lexists(space) else ""
    return {"pid": os.getpid(), "space": space_of_pid, "calls": calls}
"""
ROLE = "arn:aws:iam::000000000000:role/bench"
PARALLEL = 50
_SETTINGS = Config(retries={"max_attempts": 0}, max_pool_connections=PARALLEL, read_timeout=150)


@dataclass(frozen=True)
class Burst:
    """Parallel calls: seconds from first to last, number of environments, MB of each (of 50)."""

    seconds: float
    environments: int
    environment_mb: float


def client(
    port: int, access_key: str = "AKIABENCH", secret_key: str = "bench", region: str = "eu-west-1"
) -> Any:
    """Return a boto3 client for a local port, with the same settings for all, no retries."""
    return boto3.Session(access_key, secret_key, region_name=region).client(
        "lambda", endpoint_url=f"http://127.0.0.1:{port}", config=_SETTINGS
    )


class Answer(NamedTuple):
    """The process that answered, by its id in its PID namespace, and how often it has."""

    pid: int
    space: str = ""
    calls: int = 1


def invoke(client: Any, name: str, sleep_s: float = 0) -> Answer:
    """Invoke; return the process that answered; raise BenchError if it failed."""
    answer = client.invoke(FunctionName=name, Payload=b'{"sleep_s": %g}' % sleep_s)
    body = json.loads(answer["Payload"].read())
    if "FunctionError" in answer or "pid" not in body:
        raise BenchError(
            f"{name} answered {body} instead of its process id: this cannot be measured."
        )
    return Answer(**body)


def first_ms(client: Any, name: str) -> float:
    """Return the milliseconds of a first invocation, over a fresh connection.

    Raise BenchError if a process answers that has run the function before.
    """
    client.close()
    begun = time.perf_counter()
    answer = invoke(client, name)
    took = (time.perf_counter() - begun) * 1000
    if answer.calls != 1:
        raise BenchError(
            f"Process {answer.pid} answered the first invocation of {name} and had run it before: "
            "that is no cold start."
        )
    return took


class Control:
    """A contender with a control plane: functions are created by boto3."""

    def __init__(self, client: Any) -> None:
        self.client, self.name = client, f"bench-{secrets.token_hex(4)}"
        self._create(self.name)
        self._answer = invoke(client, self.name)

    def warm(self) -> None:
        invoke(self.client, self.name)

    def cold_ms(self) -> float:
        """Time the first invocation of a function that is new and Active."""
        with self._fresh() as name:
            return first_ms(self.client, name)

    def environment_mb(self) -> float:
        """Memory of the one environment of the warm function."""
        return processes.memory_mb(processes.environment_of(*self._answer[:2]))

    def burst(self, count: int = PARALLEL, sleep_s: float = 1) -> Burst:
        """So many invocations at once of a function that has no environment yet."""
        with self._fresh() as name, ThreadPoolExecutor(count) as threads:
            begun = time.perf_counter()
            answers = threads.map(lambda _: invoke(self.client, name, sleep_s)[:2], range(count))
            seen = set(answers)
            took = time.perf_counter() - begun
            some = sorted(seen)[:PARALLEL]
            alive = [ids for one in some if (ids := processes.environment_of(*one))]
            memory_mb = processes.memory_mb([pid for ids in alive for pid in ids])
            return Burst(took, len(seen), memory_mb / len(alive))

    @contextmanager
    def _fresh(self) -> Iterator[str]:
        name = f"bench-{secrets.token_hex(4)}"
        self._create(name)
        try:
            yield name
        finally:
            self.client.delete_function(FunctionName=name)

    def _create(self, name: str) -> None:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as target:
            target.writestr("app.py", SOURCE)
        runtime = f"python{sys.version_info.major}.{sys.version_info.minor}"
        self.client.create_function(
            FunctionName=name,
            Role=ROLE,
            Runtime=runtime,
            Handler="app.handler",
            Timeout=120,
            MemorySize=128,
            Code={"ZipFile": archive.getvalue()},
        )
        self.client.get_waiter("function_active_v2").wait(
            FunctionName=name, WaiterConfig={"Delay": 0.05}
        )


class Emulator:
    """Amazon's emulator: one process a function, whose INIT happens in the first invocation."""

    name = "function"

    def __init__(
        self,
        binary: Path,
        runtime: Sequence[str],
        folder: Path,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self._port, self._folder = processes.free_port(), folder
        folder.mkdir()
        (folder / "app.py").write_text(SOURCE)
        addresses = [
            "--runtime-interface-emulator-address",
            f"127.0.0.1:{self._port}",
            "--runtime-api-address",
            f"127.0.0.1:{processes.free_port()}",
        ]
        self._command = [str(binary), *addresses, *runtime]
        self._variables = processes.environment(
            AWS_LAMBDA_FUNCTION_TIMEOUT="120",
            AWS_LAMBDA_FUNCTION_MEMORY_SIZE="128",
            LAMBDA_TASK_ROOT=str(folder),
            _HANDLER="app.handler",
            AWS_ACCESS_KEY_ID="bench",
            AWS_SECRET_ACCESS_KEY="bench",
            AWS_SESSION_TOKEN="bench",
            **(variables or {}),
        )
        self.client = client(self._port)

    @contextmanager
    def running(self) -> Iterator[int]:
        """Run the emulator until the block ends; yield its process id."""
        log = self._folder.with_suffix(".log")
        with processes.running(self._command, self._folder, self._variables, log) as process:
            processes.wait_until_listening(self._port, process, log)
            yield process.pid

    def warm(self) -> None:
        invoke(self.client, self.name)

    def cold_ms(self) -> float:
        """Time the first invocation of an emulator that is new and listens."""
        with self.running():
            return first_ms(self.client, self.name)


class Floor:
    """The echo server: what boto3, HTTP and this machine cost without any Lambda."""

    def __init__(self, port: int) -> None:
        self.client = client(port)

    def warm(self) -> None:
        invoke(self.client, "echo")


@contextmanager
def embedded() -> Iterator[Control]:
    """Run the project's own engine, started as scripts/present starts it."""
    engine = start_engine()
    try:
        keys = engine.settings.deck
        yield Control(client(engine.settings.port, keys.access_key, keys.secret_key))
    finally:
        engine.stop()


@contextmanager
def ministack(folder: Path) -> Iterator[Control]:
    """Run ministack with its defaults on loopback, without its SFTP and IoT listeners."""
    port, log = processes.free_port(), folder / "ministack.log"
    variables = processes.environment(
        BIND_HOST="127.0.0.1",
        GATEWAY_PORT=str(port),
        SFTP_ENABLED="0",
        IOT_MTLS_ENABLED="0",
        TMPDIR=str(folder),
        AWS_DEFAULT_REGION="eu-west-1",
    )
    with processes.running(
        [sys.executable, "-m", "ministack.app"], folder, variables, log
    ) as process:
        processes.wait_until_listening(port, process, log)
        yield Control(client(port))


@contextmanager
def floor(folder: Path) -> Iterator[Floor]:
    """Run the echo server."""
    port, log = processes.free_port(), folder / "echo.log"
    command = [sys.executable, str(Path(__file__).with_name("echo.py")), str(port)]
    with processes.running(command, folder, processes.environment(), log) as process:
        processes.wait_until_listening(port, process, log)
        yield Floor(port)
