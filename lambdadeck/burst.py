"""Invoke a function many times at once, and note which environment served each invocation."""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from lambdadeck import aws, functions
from lambdadeck.aws import guard
from lambdadeck.functions import InvokeResult
from lambdadeck.report import Report

# What one environment of a burst takes of a machine that also has to answer in time.
A_CORE, EACH_MB, OTHER_FILES = 64, 8, 200
_Timed = tuple[float, float, InvokeResult]  # start and end by the monotonic clock, in seconds


@dataclass(frozen=True)
class Shot:
    """One invocation of a burst: milliseconds since the burst began, and the environment."""

    start_ms: float
    end_ms: float
    environment: str
    cold: bool
    report: Report


def burst(name: str, count: int, payload: object = None, *, client: Any = None) -> list[Shot]:
    """Invoke `count` times at once and return the shots, sorted by start.

    The function must name its execution environment in its answer ({"environment": ...}), because
    AWS does not tell the caller. ValueError if it does not; RuntimeError if it fails, or if this
    machine cannot start enough threads: then nothing was invoked.
    """
    if count < 1:
        raise ValueError(f"A burst needs at least one invocation, not {count}.")
    if client is None:
        with contextlib.closing(_client(count)) as own:
            return burst(name, count, payload, client=own)
    go = threading.Event()
    calls = [Future[_Timed]() for _ in range(count)]
    _start(calls, go, lambda: functions.invoke(name, payload, client=client))
    began = time.perf_counter()
    go.set()
    wait(calls)
    shots = [_shot(name, began, *call.result()) for call in calls]
    return sorted(shots, key=lambda shot: (shot.start_ms, shot.end_ms))


def fitting(wanted: int, *, client: Any = None) -> int:
    """Return how many of the wanted invocations can run at once; if fewer, say why.

    The account has a limit, and LOCAL also the machine: cores, free memory, open files. A page has
    workers for few environments.
    """
    client = client or boto3.client("lambda")
    account = client.get_account_settings()["AccountLimit"]
    limits = {"The account's concurrency": int(account["UnreservedConcurrentExecutions"])}
    if aws.is_page():
        limits["This page has workers for few environments"] = _workers()
    elif guard.is_local(urlsplit(client.meta.endpoint_url).hostname or ""):
        limits |= _machine()
    why, most = min(limits.items(), key=lambda limit: limit[1])
    if most < wanted:
        print(f"{why}: {most:,} of {wanted:,} at once.")
    return max(1, min(wanted, most))


def _workers() -> int:
    from lambdadeck.engine import browser  # only a page has it loaded

    return browser.limit()


def _machine() -> dict[str, int]:
    import resource  # a page has neither

    import psutil

    cores, files = os.cpu_count() or 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    free_mb = psutil.virtual_memory().available >> 20
    return {
        f"This machine has {cores} cores": cores * A_CORE,
        f"This machine has {free_mb:,} MB free": free_mb // 2 // EACH_MB,
        f"A process here may open {files:,} files": files - OTHER_FILES,
    }


def _client(count: int) -> Any:
    # A new AWS account allows 10 concurrent invocations: retry the throttled ones.
    retries = {"mode": "standard", "max_attempts": 9}
    return boto3.client("lambda", config=Config(max_pool_connections=count, retries=retries))


def _start(
    calls: Sequence[Future[_Timed]], go: threading.Event, invoke: Callable[[], InvokeResult]
) -> None:
    """Start a thread for each call; if one cannot start, cancel all and raise RuntimeError."""
    for started, call in enumerate(calls):
        try:
            threading.Thread(target=_run, args=(call, go, invoke), daemon=True).start()
        except RuntimeError as error:
            for waiting in calls:
                waiting.cancel()
            go.set()
            raise RuntimeError(
                f"This machine can start only {started} of the burst's {len(calls)} threads, so "
                "nothing was invoked: choose a smaller burst, or raise the limit of processes "
                "(ulimit -u; in a container, its pids limit)."
            ) from error


def _run(call: Future[_Timed], go: threading.Event, invoke: Callable[[], InvokeResult]) -> None:
    go.wait()
    if not call.set_running_or_notify_cancel():
        return
    start = time.perf_counter()
    try:
        result = invoke()
    except BaseException as error:  # noqa: BLE001  (raised again in the caller's thread)
        call.set_exception(error)
    else:
        call.set_result((start, time.perf_counter(), result))


def _shot(name: str, began: float, start: float, end: float, answer: InvokeResult) -> Shot:
    if answer.error or answer.report is None:
        raise RuntimeError(f"{name} failed in the burst: {answer.error or 'no REPORT line came'}")
    if not isinstance(answer.payload, dict) or "environment" not in answer.payload:
        raise ValueError(f"{name} must answer {{'environment': ...}}, as the demo sleeper does.")
    return Shot(
        start_ms=(start - began) * 1000,
        end_ms=(end - began) * 1000,
        environment=str(answer.payload["environment"]),
        cold=answer.report.cold,
        report=answer.report,
    )
