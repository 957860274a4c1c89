"""Lab 1, glance under the bonnet: the machine, cold and warm, frozen, timed out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lambdadeck import glance
from lambdadeck.labs import probes
from lambdadeck.labs.model import (
    MISS,
    RIGHT,
    Check,
    Choice,
    Lab,
    Mutation,
    Number,
    Option,
    Question,
)

_COLD = (
    "START RequestId: 1 Version: $LATEST\nEND RequestId: 1\nREPORT RequestId: 1\tDuration: 2.10 ms\t"
    "Billed Duration: 91 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\tInit Duration: 88.40 ms\t\n"
)
_SLOW = (  # warm, and slower than any cold start of this notebook
    "START RequestId: 2 Version: $LATEST\nEND RequestId: 2\nREPORT RequestId: 2\tDuration: 2954.02 ms\t"
    "Billed Duration: 2955 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\t\n"
)
_TALKS = (  # warm, and its own code prints the words
    "START RequestId: 3 Version: $LATEST\nInit Duration: 88.40 ms was what I had once\nEND RequestId: 3\nREPORT RequestId: 3\t"
    "Duration: 2.10 ms\tBilled Duration: 3 ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB\t\n"
)
_OF_THE_MACHINE = "round(__import__('os').sysconf('SC_PAGE_SIZE') * __import__('os').sysconf('SC_PHYS_PAGES') / 2**20)"  # MB, as glance.py


def _machine(name: str) -> str:
    """Their function tells its own limit and environment: asked of AWS, and compared."""
    answer = probes.answered(name)
    limit, environment = probes.field(answer, "memory_mb"), probes.field(answer, "environment")
    if limit != probes.configuration(name)["MemorySize"]:
        return "machine-memory" if limit == glance.probe()["memory MB"] else "limit"
    if environment == name:
        return "function-name"
    again = probes.field(probes.answered(name), "environment")
    if not isinstance(environment, str) or "[$LATEST]" not in environment or environment != again:
        return MISS
    with probes.resized(name, 192) as size:  # a number that was written down is no longer true
        return RIGHT if probes.field(probes.answered(name), "memory_mb") == size else "limit"


def _cold(cold_starts: Callable[[list[str]], Any]) -> str:
    """Their Python, called with logs whose cold starts are known."""
    if probes.returned(cold_starts, [_TALKS]) != 0:
        return "own-output" if probes.returned(cold_starts, [_COLD]) == 1 else MISS
    if probes.returned(cold_starts, [_SLOW, _SLOW]) != 0:
        return "slow-is-cold"
    if probes.returned(cold_starts, [_SLOW, _COLD]) == 0:
        return "first-only"
    cases = {(): 0, (_COLD,): 1, (_COLD, _SLOW): 1, (_COLD, _SLOW, _COLD, _COLD, _TALKS): 3}
    return (
        RIGHT
        if all(probes.returned(cold_starts, list(logs)) == count for logs, count in cases.items())
        else MISS
    )


def _saved(name: str) -> str:
    """Their function answers once its work is done: each text is in the answer of its own event."""
    first = probes.field(probes.answered(name, {"text": "first"}), "saved")
    if not first:
        return "answers-first"
    second = probes.field(probes.answered(name, {"text": "second"}), "saved")
    return RIGHT if first[-1:] == ["first"] and second[-2:] == ["first", "second"] else MISS


def _durable(name: str) -> str:
    """Their count, before and after a time-out: it goes on, and it starts at the event, not at the clock."""
    before = [probes.field(probes.answered(name), "count") for _ in range(2)]
    if before[1] is None or before[1] != before[0] + 1:
        return MISS
    ended = probes.invoked(name, {"wait": 9})
    if "timed out" not in (ended.error or ""):
        return "no-time-out"
    after = probes.field(probes.answered(name), "count")
    if after == 1 or after < before[1]:
        return "memory"
    return RIGHT if after == before[1] + 2 else "late"


LAB = Lab(
    number=1,
    slug="glance-under-the-bonnet",
    title="Glance under the bonnet",
    minutes=20,
    predictions=(
        Choice(
            "memory",
            {
                "a": "128 MB, its limit",
                "b": "the memory of the machine",
                "c": "nothing: it must not look",
            },
            lambda inside: (
                "a"
                if inside["memory MB"] == 128
                else "b"
                if isinstance(inside["memory MB"], int)
                else "c"
            ),
        ),
        Number("faster", "times"),
        Number("ticks", "ticks"),
        Choice(
            "time-out",
            {
                "a": "both go on",
                "b": "both start over",
                "c": "memory starts over, /tmp goes on",
                "d": "/tmp starts over, memory goes on",
            },
            lambda after: {
                (True, True): "a",
                (False, False): "b",
                (False, True): "c",
                (True, False): "d",
            }[after["memory"] > 1, after["disk"] > 1],
        ),
    ),
    checks=(
        Check(
            "machine",
            "make a function tell its memory limit and its execution environment",
            _machine,
            blank="Fill in the two blanks of whoami.py, run that cell and the deployment, then this one.",
            hints=(
                "Everything that Lambda tells a call about itself is in `context`. Print dir(context) in the handler, "
                "and read the log.",
                "The name of an environment is the name of its log stream, which stays the same while it is warm. "
                "Two attributes of context speak of logs: you want the stream, not the group.",
            ),
            misconceptions={
                "machine-memory": "That is the memory of the machine, as sysconf sees it. The limit of the function is another "
                "number: Lambda hands it over with each call.",
                "limit": "The limit must be the one that the function is configured with, as a whole number, whatever it is: "
                "context has it (as text in some runtimes, so make it an int).",
                "function-name": "That names the function. All its environments share that name: look for what only one of them has.",
            },
            mutations=(
                Mutation("int(context.memory_limit_in_mb)", "256", "limit"),
                Mutation(
                    "int(context.memory_limit_in_mb)", "context.memory_limit_in_mb[:2]", "limit"
                ),
                Mutation("int(context.memory_limit_in_mb)", _OF_THE_MACHINE, "machine-memory"),
                Mutation("context.log_stream_name", "context.function_name", "function-name"),
                Mutation("context.log_stream_name", "context.aws_request_id"),
            ),
        ),
        Check(
            "cold",
            "count cold starts in logs",
            _cold,
            blank="Say in place of ... when a log is one of a cold start.",
            hints=(
                "Compare the two REPORT lines above: one of them has a field that the other has not.",
                "report.parse(log) reads that line for you; its result has init_ms, and says whether the call was cold.",
            ),
            misconceptions={
                "own-output": "A function may print anything, also the words that you look for. Only the REPORT line is Lambda's: "
                "look there.",
                "slow-is-cold": "A call can be slow and warm: it may wait for a database. Not the duration tells a cold start, but INIT.",
                "first-only": "Not only the first call is cold: every environment has a first call of its own, whenever it is made.",
            },
            mutations=(
                Mutation("report.parse(log).cold", '"Init Duration" in log', "own-output"),
                Mutation(
                    "report.parse(log).cold", "report.parse(log).duration_ms > 50", "slow-is-cold"
                ),
                Mutation(
                    "report.parse(log).cold for log in logs",
                    "report.parse(log).cold for log in logs[:1]",
                    "first-only",
                ),
                Mutation("report.parse(log).cold", "not report.parse(log).cold"),
                Mutation("report.parse(log).cold", "report.parse(log).init_ms == 0"),
            ),
        ),
        Check(
            "saved",
            "keep work from being frozen half done",
            _saved,
            blank="One line is missing in saver.py: what has to happen before the answer?",
            hints=(
                "The thread needs 0.4 seconds, the handler none: look at which of them is first. What can a handler do about that?",
                "A thread can be waited for: help(threading.Thread) tells by which method.",
            ),
            misconceptions={
                "answers-first": "The answer goes out before the thread is done, and then the environment is frozen, thread and all. "
                "Sleeping a little less or more in the handler is luck: wait for the thread itself."
            },
            mutations=(
                Mutation("thread.join()", "pass", "answers-first"),
                Mutation("thread.join()", "time.sleep(0.01)", "answers-first"),
                Mutation("thread.join()", "thread.join(timeout=0.01)", "answers-first"),
                Mutation("thread.join()", "saved.append('done')"),
            ),
        ),
        Check(
            "durable",
            "choose what survives a time-out, and prove it",
            _durable,
            blank="durable.py is yours to write: deploy it with a time-out of one second, then run this cell.",
            hints=(
                "Two events in a row must answer counts in a row: {'count': 1}, then {'count': 2}, without a time-out in between.",
                "Read the number from the file (0 when there is none), add one, write it back, then wait, then answer.",
            ),
            misconceptions={
                "memory": "After the time-out your count began anew: it was in the memory of a process that is gone. "
                "Which of the two counters above went on?",
                "no-time-out": "The check sent {'wait': 9} and expected a time-out: the handler has to wait that many seconds, "
                "and the function needs timeout_s=1.",
                "late": "The event that ran into the time-out was not counted. Count first, then wait.",
            },
            mutations=(
                Mutation(
                    "count = count + 1\n    file.write_text(str(count))",
                    "count = globals()['n'] = globals().get('n', 0) + 1",
                    "memory",
                ),
                Mutation(
                    'file.write_text(str(count))\n    time.sleep(event.get("wait", 0))',
                    'time.sleep(event.get("wait", 0))\n    file.write_text(str(count))',
                    "late",
                ),
                Mutation('time.sleep(event.get("wait", 0))', "pass", "no-time-out"),
                Mutation("count = count + 1", "count = count + 2"),
                Mutation("file.write_text(str(count))", "pass"),
            ),
        ),
    ),
    questions=(
        Question(
            "one-more",
            "A function has answered a hundred events, one after the other. Now two events arrive at the same moment. What happens?",
            (
                Option(
                    "Both run in the warm environment, one after the other.",
                    "Events do not queue for an environment: if none is "
                    "idle, Lambda makes another one at once.",
                ),
                Option(
                    "Both run in the warm environment, at the same time.",
                    "An environment handles one event at a time. That is why "
                    "globals need no locks.",
                ),
                Option(
                    "One finds the warm environment, the other starts cold.",
                    "One event, one environment: the second needs one "
                    "of its own, and pays for INIT.",
                    right=True,
                ),
            ),
        ),
        Question(
            "global",
            "A global holds the number of visitors so far. In a test it counts perfectly. What will it do in production?",
            (
                Option(
                    "Count each environment's own visitors, and sometimes start at zero.",
                    "Every environment has its own process "
                    "and so its own global, and it ends with the process.",
                    right=True,
                ),
                Option(
                    "Count all visitors: there is only one function.",
                    "There is one function and any number of environments, and "
                    "they share no memory.",
                ),
                Option(
                    "Always say one: each call gets a fresh process.",
                    "Warm calls find the process of the call before. That is why "
                    "the test looked so good.",
                ),
            ),
        ),
        Question(
            "thread",
            "A handler starts a thread that takes two seconds, and answers at once. When is the thread's work done?",
            (
                Option(
                    "Two seconds later: the environment is still there.",
                    "It is there, but frozen: no thread of it runs until the next event comes.",
                ),
                Option(
                    "Never: the thread is ended with the answer.",
                    "It is not ended. When the next event thaws the environment it "
                    "goes on where it stood.",
                ),
                Option(
                    "While later events are handled, if any come.",
                    "It gets only the time in which the environment is awake. "
                    "If no event comes, it is never done.",
                    right=True,
                ),
            ),
        ),
        Question(
            "slow",
            "A call took three seconds. How do you find out whether a cold start is to blame?",
            (
                Option(
                    "By the duration: no warm call takes that long.",
                    "A warm call may wait for anything: a database, a lock, "
                    "another service. Duration alone says nothing of INIT.",
                ),
                Option(
                    "By the Init Duration in its REPORT line.",
                    "Lambda writes it into the REPORT line of each call that had to "
                    "wait for a new environment.",
                    right=True,
                ),
                Option(
                    "By calling again: if that is fast, it was a cold start.",
                    "The second call may be fast for other reasons, "
                    "a cache for instance, and the first one's REPORT line has the answer already.",
                ),
            ),
        ),
    ),
)
