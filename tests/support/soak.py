"""A soak test of the engine: no invocation lost, none doubled, nothing grown.

Usage: python -m tests.support.soak [INVOCATIONS] [THREADS]
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psutil

from lambdadeck import engine
from tests.support.lambdas import Lambdas

COUNTING = """
    from uuid import uuid4
    count, born = 0, str(uuid4())
    def handler(event, context):
        global count
        count += 1
        print("event", event)
        return {"event": event, "born": born, "count": count}
"""


@dataclass(frozen=True)
class Footprint:
    """What the engine's process holds: MB, open descriptors, threads, processes below it."""

    memory_mb: float
    descriptors: int
    threads: int
    processes: int
    zombies: int


@dataclass(frozen=True)
class Soaked:
    """What a soak found."""

    invocations: int
    seconds: float
    lost: int
    doubled: int
    environments: int
    counted: int
    before: Footprint
    after: Footprint


def footprint(pid: int) -> Footprint:
    """Measure the engine now."""
    process = psutil.Process(pid)
    below = process.children(recursive=True)
    return Footprint(
        round(process.memory_info().rss / 2**20, 1),
        process.num_fds(),
        process.num_threads(),
        len(below),
        sum(map(_is_zombie, below)),
    )


def _is_zombie(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def soak(lambdas: Lambdas, invocations: int, threads: int) -> Soaked:
    """Invoke one function that often from that many threads, each event another."""
    name = lambdas.make(COUNTING)
    with ThreadPoolExecutor(threads) as pool:
        list(
            pool.map(lambda n: lambdas.call(name, -n), range(1, threads * 4))
        )  # every environment is there
        before, begun = footprint(lambdas.engine.pid), time.perf_counter()
        answers = list(pool.map(lambda n: lambdas.call(name, n).payload, range(invocations)))
        seconds = time.perf_counter() - begun
    after = footprint(lambdas.engine.pid)
    seen = Counter(answer["event"] for answer in answers)
    highest: dict[str, int] = {}
    for answer in answers:
        highest[answer["born"]] = max(answer["count"], highest.get(answer["born"], 0))
    return Soaked(
        invocations,
        round(seconds, 1),
        invocations - len(seen),
        sum(n - 1 for n in seen.values()),
        len(highest),
        sum(highest.values()),
        before,
        after,
    )


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    running = engine.start()
    print(soak(Lambdas(running), *(numbers + [10_000, 8][len(numbers) :])))
    running.stop()
