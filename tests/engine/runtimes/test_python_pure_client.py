"""The stand-in for awslambdaric's native half: the real bootstrap runs with it, as on macOS."""

import asyncio
import json
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

from lambdadeck.engine.execution import launch
from lambdadeck.engine.execution.runtime_api import RuntimeApi
from lambdadeck.engine.model import Invocation
from tests.engine.execution.test_runtime_api import Noting

SOURCE = (
    "def handler(event, context):\n    if event == 'fail': raise ValueError('né\\n' * 3)\n"
    "    return [event, context.aws_request_id]"
)


class Answers(Noting):
    """Takes every answer of the request `known`."""

    def __init__(self) -> None:
        super().__init__()
        self.answered: asyncio.Queue = asyncio.Queue()

    def responded(self, request_id, body):
        self.answered.put_nowait(("response", json.loads(body)))
        return True

    def failed(self, request_id, body):
        self.answered.put_nowait(("error", json.loads(body)))
        return True


@pytest.fixture
def without_native_half(tmp_path) -> Path:
    without = tuple(name for name in launch.PYTHON_DISTRIBUTIONS if name != "awslambdaric")
    folder = launch.link_python_runtime(tmp_path / "runtime", without)
    (folder / "awslambdaric").symlink_to(
        Path(str(distribution("awslambdaric").locate_file("awslambdaric")))
    )
    return folder


def test_awslambdaric_runs_on_it(without_native_half, tmp_path):
    (tmp_path / "app.py").write_text(SOURCE)

    async def run():
        noting = Answers()
        api = RuntimeApi(noting)
        await api.listen()
        process = subprocess.Popen(
            launch.python_command(without_native_half, tmp_path),
            env={"_HANDLER": "app.handler", "AWS_LAMBDA_RUNTIME_API": api.address},
            stdout=subprocess.DEVNULL,
            stderr=sys.stderr,
        )
        try:
            async with asyncio.timeout(20):
                for event in ("ok", "fail", "x" * 100_000):
                    api.deliver(
                        Invocation(json.dumps(event).encode(), "id-7"), 2_000_000_000_000, "arn"
                    )
                    yield await noting.answered.get()
        finally:
            process.kill()
            process.wait()
            api.close()

    async def collect():
        return [answer async for answer in run()]

    ok, failed, large = asyncio.run(collect())
    assert ok == ("response", ["ok", "id-7"]) and large[1][0] == "x" * 100_000
    assert (
        failed[0] == "error"
        and failed[1]["errorType"] == "ValueError"
        and failed[1]["errorMessage"] == "né\n" * 3
    )
