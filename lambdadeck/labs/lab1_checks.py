"""The checks of lab 1: invoke the learner's functions, and feed their Python known logs."""

from collections.abc import Callable
from typing import Any

from lambdadeck import glance
from lambdadeck.labs import probes
from lambdadeck.labs.model import MISS, RIGHT

_LOG = (
    "START RequestId: 1 Version: $LATEST\n{said}END RequestId: 1\nREPORT RequestId: 1\t"
    "Duration: {ms} ms\tBilled Duration: {billed} ms\tMemory Size: 128 MB\t"
    "Max Memory Used: 36 MB\t{init}\n"
)
_INIT = "Init Duration: 88.40 ms"
_COLD = _LOG.format(said="", ms="2.10", billed=91, init=f"{_INIT}\t")
_SLOW = _LOG.format(said="", ms="2954.02", billed=2955, init="")  # warm, slower than a cold start
_TALKS = _LOG.format(said=f"{_INIT} was what I had once\n", ms="2.10", billed=3, init="")  # warm


def machine(name: str) -> str:
    """Compare what their function says of its limit and environment with what AWS says."""
    answer = probes.answered(name)
    limit, environment = probes.field(answer, "memory_mb"), probes.field(answer, "environment")
    if limit != probes.configuration(name)["MemorySize"]:
        return "machine-memory" if limit == glance.probe()["memory MB"] else "limit"
    if environment == name:
        return "function-name"
    again = probes.field(probes.answered(name), "environment")
    if not isinstance(environment, str) or "[$LATEST]" not in environment or environment != again:
        return MISS
    with probes.resized(name, 192) as size:  # a constant is now wrong
        return RIGHT if probes.field(probes.answered(name), "memory_mb") == size else "limit"


def cold(cold_starts: Callable[[list[str]], Any]) -> str:
    """Call their Python with logs whose cold starts are known."""
    if probes.returned(cold_starts, [_TALKS]) != 0:
        return "own-output" if probes.returned(cold_starts, [_COLD]) == 1 else MISS
    if probes.returned(cold_starts, [_SLOW, _SLOW]) != 0:
        return "slow-is-cold"
    if probes.returned(cold_starts, [_SLOW, _COLD]) == 0:
        return "first-only"
    cases = {(): 0, (_COLD,): 1, (_COLD, _SLOW): 1, (_COLD, _SLOW, _COLD, _COLD, _TALKS): 3}
    told = {logs: probes.returned(cold_starts, list(logs)) for logs in cases}
    return RIGHT if told == cases else MISS


def saved(name: str) -> str:
    """Invoke their function twice: each text must be in the result of its own event."""
    first = probes.field(probes.answered(name, {"text": "first"}), "saved")
    if not first:
        return "answers-first"
    second = probes.field(probes.answered(name, {"text": "second"}), "saved")
    return RIGHT if first[-1:] == ["first"] and second[-2:] == ["first", "second"] else MISS


def durable(name: str) -> str:
    """Compare their count before and after a timeout, whose event must be counted."""
    before = [probes.field(probes.answered(name), "count") for _ in range(2)]
    if before[1] is None or before[1] != before[0] + 1:
        return MISS
    ended = probes.invoked(name, {"wait": 9})
    if "timed out" not in (ended.error or ""):
        return "no-timeout"
    after = probes.field(probes.answered(name), "count")
    if after == 1 or after < before[1]:
        return "memory"
    return RIGHT if after == before[1] + 2 else "late"
