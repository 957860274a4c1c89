"""The engine part: the embedded Lambda beside Amazon's emulator and ministack, in turns."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from benchmarks import contenders, emulator, processes
from benchmarks.contenders import Control, Emulator
from benchmarks.measure import BenchError, Result, median, ratio, summary, timed_ms
from lambdadeck.engine.execution import launch

KEYS = (
    "warm_ratio_rie",
    "cold_ratio_rie",
    "warm_ratio_ministack",
    "cold_ratio_ministack",
    "parallel50_s",
    "parallel50_environments",
    "parallel1000_s",
    "parallel1000_environments",
    "environment_mb",
)
NOTES = [
    "Warm: Invoke of a function with an environment. The contenders take turns in blocks of calls.",
    "Cold, embedded and ministack: the first Invoke of a new, Active function. Cold, emulator: the "
    "first Invoke of a newly started emulator, with its INIT. All over a fresh connection; it is "
    "an error if a program answers that was running already. The embedded Lambda keeps one empty "
    "container waiting with a fork of an interpreter that has imported Python's client and knows "
    "no function; every environment has a container and a fork of its own.",
    "rie runs `python -m awslambdaric app.handler` with this .venv's Python; rie_isolated runs the "
    "command that the embedded Lambda runs where it cannot fork: the difference is the command's.",
    "parallel50_s: 50 simultaneous calls of one second to a function without environments. The "
    "emulator serves one at a time.",
    "parallel1000_s: 1,000 simultaneous calls of two seconds to a function without environments; "
    "parallel1000_environments served them. Fewer than 1,000: an environment was free again "
    "before the last call came.",
    "environment_mb: memory of an environment's processes, mean of the 50, with the init of its "
    "container; for the emulator with its own process, one for each environment. echo: boto3 "
    "against a server that always answers the same.",
]


class Warm(Protocol):
    """Whoever answers a warm invocation."""

    def warm(self) -> None: ...


@dataclass(frozen=True)
class RunSize:
    """Numbers of blocks, calls a block (`slow_calls`: ministack's), cold starts and bursts."""

    blocks: int = 50
    calls: int = 20
    slow_calls: int = 4
    colds: int = 30
    bursts: int = 3
    parallel: int = contenders.PARALLEL
    sleep_s: float = 1.0
    thousand: int = 1000
    thousand_sleep_s: float = 2.0


QUICK = RunSize(2, 3, 1, colds=1, bursts=1, parallel=3, sleep_s=0.1, thousand=3)


def measure(quick: bool = False, plan: RunSize | None = None) -> Result:
    """Measure the engine; without the emulator its keys are None and a note says why."""
    plan, notes = plan or (QUICK if quick else RunSize()), list(NOTES)
    with processes.scratch() as folder, ExitStack() as stack:
        clouds = {
            "embedded": stack.enter_context(contenders.embedded()),
            "ministack": stack.enter_context(contenders.ministack(folder)),
        }
        emulators = _emulators(folder, notes)
        warm, alone_mb = _warm(
            clouds, emulators, stack.enter_context(contenders.floor(folder)), plan
        )
        cold = _interleaved_colds({**clouds, **emulators}, plan)
        bursts = {
            name: [
                cloud.burst(plan.parallel, plan.sleep_s)
                for _ in range(plan.bursts if name == "embedded" else 1)
            ]
            for name, cloud in clouds.items()
        }
        thousand = _thousand(clouds["embedded"], plan, notes)
        raw = {
            "warm_ms": summary(warm),
            "cold_ms": summary(cold),
            "environment_alone_mb": alone_mb,
            "parallel": {name: [asdict(burst) for burst in made] for name, made in bursts.items()},
            "thousand": thousand and asdict(thousand),
            "memory": processes.memory_kind(),
            "plan": asdict(plan),
        }
    return Result(_keys(warm, cold, bursts["embedded"], thousand), raw, notes)


def _emulators(folder: Path, notes: list[str]) -> dict[str, Emulator]:
    try:
        binary = emulator.binary()
    except BenchError as problem:
        notes.append(f"Not measured beside Amazon's emulator: {problem}")
        return {}
    runtime = launch.link_python_runtime(folder / "runtime")
    isolated = launch.python_command(runtime, folder / "rie_isolated")
    by_hand = [sys.executable, "-m", "awslambdaric", "app.handler"]
    return {
        "rie": Emulator(binary, by_hand, folder / "rie"),
        "rie_isolated": Emulator(binary, isolated, folder / "rie_isolated"),
    }


def _warm(
    clouds: Mapping[str, Control], emulators: Mapping[str, Emulator], floor: Warm, plan: RunSize
) -> tuple[dict[str, list[float]], dict[str, float]]:
    with ExitStack() as stack:
        servers = {name: stack.enter_context(rie.running()) for name, rie in emulators.items()}
        pids = {name: contenders.invoke(rie.client, rie.name) for name, rie in emulators.items()}
        times = _interleaved_warm({**clouds, **emulators, "echo": floor}, plan)
        memory = {name: cloud.environment_mb() for name, cloud in clouds.items()}
        memory |= {
            name: processes.memory_mb([pid.pid, servers[name]]) for name, pid in pids.items()
        }
    return times, {name: round(mb, 2) for name, mb in memory.items()}


def _interleaved_warm(all_of_them: Mapping[str, Warm], plan: RunSize) -> dict[str, list[float]]:
    times: dict[str, list[float]] = defaultdict(list)
    for _ in range(plan.blocks):
        for name, contender in all_of_them.items():
            contender.warm()  # not counted: the CPU caches hold another contender's data
            calls = plan.slow_calls if name == "ministack" else plan.calls
            times[name] += [timed_ms(contender.warm) for _ in range(calls)]
    return times


def _interleaved_colds(
    all_of_them: Mapping[str, Control | Emulator], plan: RunSize
) -> dict[str, list[float]]:
    times: dict[str, list[float]] = defaultdict(list)
    for _ in range(plan.colds):
        for name, contender in all_of_them.items():
            times[name].append(contender.cold_ms())
    return times


def _thousand(cloud: Control, plan: RunSize, notes: list[str]) -> contenders.Burst | None:
    """Make the large burst; None, with a note, if this machine throttles it."""
    try:
        return cloud.burst(plan.thousand, plan.thousand_sleep_s)
    except cloud.client.exceptions.TooManyRequestsException:
        notes.append(f"No burst of {plan.thousand:,}: this machine has not enough memory or files.")
        return None


def _keys(
    warm: Mapping[str, list[float]],
    cold: Mapping[str, list[float]],
    bursts: list[contenders.Burst],
    thousand: contenders.Burst | None,
) -> dict[str, float | str | None]:
    warm_ms = {name: median(series) for name, series in warm.items()}
    cold_ms = {name: median(series) for name, series in cold.items()}
    return {
        "warm_ratio_rie": ratio(warm_ms["embedded"], warm_ms.get("rie")),
        "cold_ratio_rie": ratio(cold_ms["embedded"], cold_ms.get("rie")),
        "warm_ratio_ministack": ratio(warm_ms["embedded"], warm_ms["ministack"]),
        "cold_ratio_ministack": ratio(cold_ms["embedded"], cold_ms["ministack"]),
        "parallel50_s": median([burst.seconds for burst in bursts]),
        "parallel50_environments": min(burst.environments for burst in bursts),
        "parallel1000_s": thousand.seconds if thousand else None,
        "parallel1000_environments": thousand.environments if thousand else None,
        "environment_mb": median([burst.environment_mb for burst in bursts]),
    }
