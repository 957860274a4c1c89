"""The checks of lab 1: invoke the learner's functions, and feed their Python known logs."""

import time
from collections.abc import Callable
from typing import Any

import boto3

from lambdadeck import glance
from lambdadeck.labs import calls, copies, probes
from lambdadeck.labs.model import MISS, RIGHT, Judgment, Phrase
from lambdadeck.labs.probes import NotTestedError

PATIENCE_S = 5.0  # until CloudWatch Logs lists a log stream
_LOG = (
    "{said}START RequestId: 1 Version: $LATEST\n{printed}END RequestId: 1\nREPORT RequestId: 1\t"
    "Duration: {ms} ms\tBilled Duration: {billed} ms\tMemory Size: 128 MB\t"
    "Max Memory Used: 36 MB\t{init}\n"
)
_BEGAN, _INIT = "INIT_START Runtime Version: python:3.13\n", "Init Duration: {} ms"


def _cold(init_ms: float) -> str:
    init = f"{_INIT.format(init_ms)}\t"
    return _LOG.format(said=_BEGAN, printed="", ms="2.10", billed=91, init=init)


_COLD, _QUICK = _cold(88.4), _cold(0.42)
_SLOW = _LOG.format(said="", printed="", ms="2954.02", billed=2955, init="")  # warm, and slow
_TALKS = _LOG.format(  # warm
    said="",
    printed=f"{_BEGAN}{_INIT.format(88.4)} was what I had once\n",
    ms="2",
    billed=2,
    init="",
)


def machine(name: str) -> str:
    """Compare what their function says of its limit and environment with what AWS says."""
    first, size = _whoami(name), probes.configuration(name)["MemorySize"]
    if first["memory_mb"] != size:
        of_machine = first["memory_mb"] == glance.probe()["memory MB"]
        return _told("machine-memory" if of_machine else "limit", name, first, size)
    if first["environment"] == name:
        return _told("function-name", name, first, size)
    if first["environment"] != _whoami(name)["environment"]:
        return _told(MISS, name, first, size)
    with probes.reconfigured(name, MemorySize=192):  # a constant is now wrong
        other = _whoami(name)
    if other["memory_mb"] != 192:
        return _told("limit", name, other, 192, changed=True)
    if other["environment"] == first["environment"] or not _is_stream(name, other["environment"]):
        return _told(MISS, name, other, 192, changed=True)
    return RIGHT


def _whoami(name: str) -> dict[str, Any]:
    answer = probes.answered(name)
    return {key: probes.field(answer, key) for key in ("memory_mb", "environment")}


def _told(outcome: str, name: str, answer: object, size: int, changed: bool = False) -> Judgment:
    wanted = Phrase(f"memory_mb {size}, and a name that only this environment has")
    if not changed:
        return probes.missed(outcome, name, {}, answer, wanted)
    block, call = f"probes.reconfigured({name!r}, MemorySize={size})", f"functions.invoke({name!r})"
    return Judgment(outcome, probes.inside(block, f"print({call}.payload)"), answer, wanted)


def _is_stream(name: str, environment: object) -> bool:
    group = probes.configuration(name).get("LoggingConfig", {}).get("LogGroup")
    logs, until = boto3.client("logs"), time.monotonic() + PATIENCE_S
    while isinstance(environment, str) and "[$LATEST]" in environment:
        found = logs.describe_log_streams(
            logGroupName=group or f"/aws/lambda/{name}", logStreamNamePrefix=environment
        )
        if any(each["logStreamName"] == environment for each in found["logStreams"]):
            return True
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return False


def cold(cold_starts: Callable[[list[str]], Any]) -> str:
    """Call their Python with logs whose cold starts are known."""
    if wrong := calls.differs(cold_starts, ([_TALKS],), 0, "own-output"):
        return calls.differs(cold_starts, ([_COLD],), 1) or wrong
    if wrong := calls.differs(cold_starts, ([_SLOW, _SLOW],), 0, "slow-is-cold"):
        return wrong
    if calls.same(calls.returned(cold_starts, [_SLOW, _COLD]), 0):
        return calls.missed("first-only", cold_starts, ([_SLOW, _COLD],), 0, 1)
    known = {(): 0, (_COLD,): 1, (_QUICK,): 1, (_COLD, _SLOW, _COLD, _QUICK, _TALKS): 3}
    for logs, count in known.items():
        if wrong := calls.differs(cold_starts, (list(logs),), count):
            return wrong
    return RIGHT


def saved(name: str) -> str:
    """Invoke their function twice, then a copy whose threads are slow and whose handler is not."""
    if wrong := _saved(name):
        return wrong
    with copies.copied(name, copies.SLOWED, Timeout=30) as copy:
        wrong = _saved(copy, f"copies.copied({name!r}, copies.SLOWED, Timeout=30) as copy")
    return wrong or RIGHT


def _saved(name: str, block: str = "") -> str:
    """Return the mistake: each text must be in the result of its own event."""
    texts: list[str] = []
    for text in ("first", "second"):
        texts.append(text)
        event = {"text": text}
        result = probes.field(probes.answered(name, event), "saved")
        if not isinstance(result, list) or result[-len(texts) :] != texts:
            outcome = "answers-first" if not result or text not in result else MISS
            wanted = Phrase(f"a list that ends in {texts}")
            if not block:
                return probes.missed(outcome, name, event, {"saved": result}, wanted)
            lines = [
                f"print(functions.invoke(copy, {{'text': {each!r}}}).payload)" for each in texts
            ]
            return Judgment(outcome, probes.inside(block, *lines), {"saved": result}, wanted)
    return ""


def durable(name: str) -> str:
    """Compare their count before and after a timeout, whose event must be counted."""
    try:
        return _durable(name)
    except NotTestedError as error:
        if "timed out" not in str(error):
            raise
        return _durable(name)  # a busy machine may take a second from any event


def _durable(name: str) -> str:
    first = _count(name)
    second = _count(name)
    if first is None or second != first + 1:
        return probes.missed(MISS, name, {}, {"count": second}, Phrase(f"one more than {first}"))
    ended = probes.invoked(name, {"wait": 9})
    if "timed out" not in (ended.error or ""):
        got = ended.error or ended.payload
        return probes.missed("no-timeout", name, {"wait": 9}, got, Phrase("a timeout"))
    after = _count(name)
    if after == second + 2:
        return RIGHT
    outcome = "memory" if after == 1 or after < second else "late" if after == second + 1 else MISS
    cell = f"functions.invoke({name!r}, {{'wait': 9}})\nfunctions.invoke({name!r})"
    return Judgment(outcome, cell, {"count": after}, {"count": second + 2})


def _count(name: str) -> Any:
    return probes.field(probes.answered(name), "count")
