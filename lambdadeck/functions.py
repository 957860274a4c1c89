"""Pack a folder, deploy it as a function, invoke it, remove it: all plain boto3."""

import base64
import hashlib
import io
import json
import time
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from lambdadeck import report as report_line
from lambdadeck.aws import guard, role
from lambdadeck.engine.languages.build import compiled
from lambdadeck.report import Report
from lambdadeck.shared import redaction
from lambdadeck.shared.paths import ASSETS

FUNCTIONS = ASSETS / "functions"
_LEFT_OUT = {"__pycache__", ".ipynb_checkpoints", ".DS_Store"}
_POLL = {"Delay": 0.1, "MaxAttempts": 600}  # botocore pauses for 1 to 5 seconds
_FIRST_S = 0.03  # nothing is ready sooner: a look at once would cost one more pause
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip can hold: same files, same bytes

# Plain boto3 calls in a cell that runs before cloud.connect() must not reach AWS. Opens nothing:
# it takes effect when boto3 makes its default session.
guard.close()


@dataclass(frozen=True)
class InvokeResult:
    """The result of one Invoke: `payload` decoded from JSON, `wall_ms` measured by the caller.

    `error` is "type: message" if the function failed, else None. `log` is the last 4 KB of the
    log, `report` its REPORT line (None if AWS sent none). `status` is the HTTP status.
    """

    payload: Any
    report: Report | None
    log: str
    error: str | None
    wall_ms: float
    status: int

    def __str__(self) -> str:
        answer = redaction.text(self.error or json.dumps(self.payload, ensure_ascii=False))
        if self.report is None:
            return answer
        lines = report_line.line(self.log).replace(" Billed", "\nBilled")  # fits a slide
        return f"{answer}\n{lines}"

    __repr__ = __str__


def pack(folder: Path | str) -> bytes:
    """Zip a folder (or one file) so that the same content always gives the same bytes.

    Java and C# are compiled first. FileNotFoundError if it does not exist, ValueError if it is
    empty.
    """
    root = Path(folder)
    if not root.exists():
        raise FileNotFoundError(f"There is no function code at {root}. Demo functions: {_demos()}.")
    members = sorted(_members(compiled(root)))
    if not members:
        raise ValueError(f"{root} is empty: a function needs at least the file of its handler.")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for name, path in members:
            target.writestr(_entry(name, path), path.read_bytes())
    return archive.getvalue()


def deploy(
    name: str,
    folder: Path | str | None = None,
    *,
    handler: str = "app.handler",
    runtime: str = "python3.13",
    memory_mb: int = 128,
    timeout_s: int = 3,
    environment: dict[str, str] | None = None,
    client: Any = None,
) -> str:
    """Create or update the function, wait until it is ready, and return its ARN.

    The code is `folder` (or one file), by default the demo of that name in assets/functions. A new
    value of the variable DEPLOYMENT makes Lambda use new execution environments, even if nothing
    else changed. Errors are botocore's ClientError; on AWS also guard.NotOursError if the account
    has a function of that name that the talk did not make.
    """
    client = client or boto3.client("lambda")
    code = pack(folder if folder is not None else FUNCTIONS / name)
    variables = {"DEPLOYMENT": uuid.uuid4().hex, **(environment or {})}
    settings = {
        "FunctionName": name,
        "Role": role.ensure(name),
        "Handler": handler,
        "Runtime": runtime,
        "MemorySize": memory_mb,
        "Timeout": timeout_s,
        "Environment": {"Variables": variables},
    }
    present = _configuration(client, name)
    if present is not None:
        return _update(client, settings, code, present)
    arn = str(client.create_function(**settings, Code={"ZipFile": code})["FunctionArn"])
    wait(client, "function_active_v2", FunctionName=name)
    return arn


def invoke(name: str, payload: object = None, *, client: Any = None) -> InvokeResult:
    """Invoke synchronously with a JSON payload ({} if None); ask for the log's tail.

    If the function fails, the result has an `error`; if Lambda refuses the call, botocore's
    ClientError is raised.
    """
    client = client or boto3.client("lambda")
    event = json.dumps({} if payload is None else payload)
    start = time.perf_counter()
    answer = client.invoke(FunctionName=name, Payload=event, LogType="Tail")
    body = answer["Payload"].read().decode()
    wall_ms = (time.perf_counter() - start) * 1000
    log = base64.b64decode(answer.get("LogResult", "")).decode(errors="replace")
    value = _decoded(body)
    return InvokeResult(
        payload=value,
        report=report_line.parse(log) if "REPORT RequestId" in log else None,
        log=log,
        error=_error(value) if "FunctionError" in answer else None,
        wall_ms=wall_ms,
        status=answer["StatusCode"],
    )


def remove(name: str, *, client: Any = None) -> None:
    """Delete the function; do nothing if it does not exist."""
    client = client or boto3.client("lambda")
    with suppress(client.exceptions.ResourceNotFoundException):
        client.delete_function(FunctionName=name)


def wait(client: Any, waiter: str, **parameters: str) -> None:
    """Wait with a waiter of boto3 ("function_updated_v2", FunctionName=…), polling often."""
    time.sleep(_FIRST_S)
    client.get_waiter(waiter).wait(**parameters, WaiterConfig=_POLL)


@contextmanager
def started_ahead(
    client: Any, name: str, qualifier: str, patience_s: float = 300.0
) -> Iterator[None]:
    """Wait until all environments of a provisioned concurrency are READY; delete it at the end.

    RuntimeError with AWS's reason if one of them cannot start, or after `patience_s`.
    """
    which = {"FunctionName": name, "Qualifier": qualifier}
    until = time.monotonic() + patience_s
    try:
        while (now := client.get_provisioned_concurrency_config(**which))["Status"] != "READY":
            if now["Status"] == "FAILED":
                raise RuntimeError(f"Not all environments started: {now['StatusReason']}")
            if time.monotonic() > until:
                raise RuntimeError(f"Not all environments started within {patience_s:.0f} seconds.")
            time.sleep(_POLL["Delay"])
        yield
    finally:
        client.delete_provisioned_concurrency_config(**which)


def _update(client: Any, settings: dict[str, Any], code: bytes, present: dict[str, Any]) -> str:
    name = settings["FunctionName"]
    if present.get("State") == "Pending":  # a deployment was interrupted
        wait(client, "function_active_v2", FunctionName=name)
    if present.get("LastUpdateStatus") == "InProgress":
        wait(client, "function_updated_v2", FunctionName=name)
    client.update_function_configuration(**settings)
    wait(client, "function_updated_v2", FunctionName=name)
    if present["CodeSha256"] != base64.b64encode(hashlib.sha256(code).digest()).decode():
        client.update_function_code(FunctionName=name, ZipFile=code)
        wait(client, "function_updated_v2", FunctionName=name)
    return str(present["FunctionArn"])


def _configuration(client: Any, name: str) -> dict[str, Any] | None:
    try:
        return dict(client.get_function_configuration(FunctionName=name))
    except client.exceptions.ResourceNotFoundException:
        return None


def _members(root: Path) -> Iterator[tuple[str, Path]]:
    if root.is_file():
        yield root.name, root
        return
    for path in root.rglob("*"):
        relative = path.relative_to(root)
        if path.is_file() and not _LEFT_OUT & set(relative.parts):
            yield relative.as_posix(), path


def _entry(name: str, path: Path) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
    entry.external_attr = mode << 16  # Lambda unpacks as another user, who needs to read it
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix, on every machine
    return entry


def _demos() -> str:
    return ", ".join(sorted(path.name for path in FUNCTIONS.iterdir() if path.is_dir()))


def _decoded(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body  # a custom runtime may answer with something other than JSON


def _error(payload: Any) -> str:
    if not isinstance(payload, dict):
        return str(payload)
    parts = [payload.get("errorType"), payload.get("errorMessage")]
    return ": ".join(str(part) for part in parts if part) or json.dumps(payload)
