"""Many invocations at once, and the timeline of what served them."""

from __future__ import annotations

import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from lambdadeck import functions
from lambdadeck.report import Report


@dataclass(frozen=True)
class Shot:
    """One invocation of a burst: milliseconds since the burst began, and who served it."""

    start_ms: float
    end_ms: float
    environment: str
    cold: bool
    report: Report


def burst(name: str, count: int, payload: object = None, *, client: Any = None) -> list[Shot]:
    """Invoke `count` times at once; the shots, sorted by start.

    The function must name its execution environment in its answer ({"environment": ...}), because
    AWS tells the caller nothing of it. ValueError if it does not, RuntimeError if it fails.
    """
    if count < 1:
        raise ValueError(f"A burst needs at least one invocation, not {count}.")
    if client is None:
        with contextlib.closing(_client(count)) as own:
            return burst(name, count, payload, client=own)
    together = threading.Barrier(count + 1)  # the callers, and we who note when it began
    with ThreadPoolExecutor(count) as pool:
        futures = [pool.submit(_shoot, name, payload, client, together) for _ in range(count)]
        together.wait()
        began = time.perf_counter()
        answers = [future.result() for future in futures]
    shots = [_shot(name, began, *answer) for answer in answers]
    return sorted(shots, key=lambda shot: (shot.start_ms, shot.end_ms))


def _client(count: int) -> Any:
    # A young account on AWS has room for ten at once: what is throttled asks again.
    return boto3.client(
        "lambda",
        config=Config(max_pool_connections=count, retries={"mode": "standard", "max_attempts": 9}),
    )


def _shoot(
    name: str, payload: object, client: Any, together: threading.Barrier
) -> tuple[float, float, functions.Invocation]:
    together.wait()
    start = time.perf_counter()
    answer = functions.invoke(name, payload, client=client)
    return start, time.perf_counter(), answer


def _shot(name: str, began: float, start: float, end: float, answer: functions.Invocation) -> Shot:
    if answer.error or answer.report is None:
        raise RuntimeError(f"{name} failed in the burst: {answer.error or 'no REPORT line came'}")
    if not isinstance(answer.payload, dict) or "environment" not in answer.payload:
        raise ValueError(f"{name} must answer {{'environment': ...}}, as the demo sleeper does.")
    return Shot(
        start_ms=max(0.0, (start - began) * 1000),
        end_ms=(end - began) * 1000,
        environment=str(answer.payload["environment"]),
        cold=answer.report.cold,
        report=answer.report,
    )
