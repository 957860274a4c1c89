"""Run a copy of the learner's function behind a handler of the check's own; remove it after."""

import base64
import hashlib
import io
import json
import secrets
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

from lambdadeck import functions
from lambdadeck.labs import probes

_MODULE = "lambdadeck_check"
_ORIGINAL = """import importlib
_module, _, _name = {handler}.rpartition(".")
handler = getattr(importlib.import_module(_module.replace("/", ".")), _name)
"""

# Background threads sleep three times as long; the handler does not sleep at all. So work that is
# waited for is done, and work that was done by luck is not.
SLOWED = """import threading, time
_sleep, _join = time.sleep, threading.Thread.join
def sleep(seconds):
    if threading.current_thread() is not threading.main_thread():
        _sleep(3 * seconds)
def join(thread, timeout=None):
    _join(thread, timeout and 0)
time.sleep, threading.Thread.join = sleep, join
{original}"""

# A subclass of ValueError is a ValueError.
AS_VALUE_ERROR = """{original}
_handler = handler
def handler(event, context):
    try:
        return _handler(event, context)
    except ValueError as error:
        raise ValueError(str(error)) from error
"""


@contextmanager
def copied(name: str, wrapper: str, **settings: Any) -> Iterator[str]:
    """Deploy a copy whose module is `wrapper` around the learner's own; yield its name."""
    client, config = boto3.client("lambda"), probes.configuration(name)
    original = _ORIGINAL.format(handler=json.dumps(config["Handler"]))
    code = _with_module(_packed(name, config), wrapper.format(original=original))
    copy = f"lambda-live-copy-{secrets.token_hex(4)}"
    kept = {key: config[key] for key in ("Runtime", "Role", "MemorySize", "Timeout")}
    if "Environment" in config:
        kept["Environment"] = {"Variables": config["Environment"].get("Variables", {})}
    client.create_function(
        FunctionName=copy, Handler=f"{_MODULE}.handler", Code={"ZipFile": code}, **(kept | settings)
    )
    try:
        functions.wait(client, "function_active_v2", FunctionName=copy)
        yield copy
    finally:
        functions.remove(copy)
        forget_logs(copy)


def forget_logs(start: str) -> None:
    """Delete the log groups of functions whose names begin like this."""
    logs = boto3.client("logs")
    for group in log_groups(start):
        logs.delete_log_group(logGroupName=group)


def log_groups(start: str) -> list[str]:
    """Return the log groups of functions whose names begin like this."""
    groups = boto3.client("logs").get_paginator("describe_log_groups")
    pages = groups.paginate(logGroupNamePrefix=f"/aws/lambda/{start}")
    return list(pages.search("logGroups[].logGroupName"))


def _with_module(code: bytes, text: str) -> bytes:
    archive = io.BytesIO(code)
    with zipfile.ZipFile(archive, "a") as target:
        target.writestr(f"{_MODULE}.py", text)
    return archive.getvalue()


def _packed(name: str, config: dict[str, Any]) -> bytes:
    """Return the code of the learner's function, from its file; raise NotTestedError if it differs.

    The embedded Lambda hands no code out.
    """
    file = Path(config["Handler"].rpartition(".")[0]).with_suffix(".py")
    code = functions.pack(file) if file.is_file() else b""
    if base64.b64encode(hashlib.sha256(code).digest()).decode() != config["CodeSha256"]:
        said = f"{file} is not what {name!r} runs: run the cell that deploys it, then this one."
        raise probes.NotTestedError(said)
    return code
