"""Start runtimes on this machine, in the sandbox if there is one."""

import errno
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from lambdadeck.engine.execution import memory
from lambdadeck.engine.execution.order import LANG, OPT, RUNTIME_DIR, TASK_ROOT, Order
from lambdadeck.engine.execution.process import Spawned, spawn
from lambdadeck.engine.execution.sandbox import Sandbox
from lambdadeck.engine.languages.commands import Command
from lambdadeck.engine.model import INIT_LIMIT_S, FunctionSpec

STARTERS = 8  # runtimes that start at the same time
LogSink = Callable[[FunctionSpec, str, list[str]], None]


def python_runtime(scratch: Path) -> Path:
    """Return the folder of Python's runtime, which the sandbox shows at /var/runtime."""
    return scratch / "python-runtime"


@dataclass(frozen=True)
class Host:
    """What an execution environment needs of its machine.

    `launch` takes the function, the Runtime API's address, the log stream's name and the folder for
    /tmp; it raises OSError if the machine has no such runtime. Its command has all variables.
    """

    scratch: Path
    launch: Callable[[FunctionSpec, str, str, Path], Command]
    log: LogSink
    sandbox: Sandbox | None = None
    init_limit_s: float = INIT_LIMIT_S
    threads: ThreadPoolExecutor = field(  # starting blocks: a fork, a compiler
        default_factory=lambda: ThreadPoolExecutor(STARTERS, "start")
    )
    has_room: Callable[[], bool] = memory.has_room
    watched: set[object] = field(default_factory=set)  # environments in INIT or invocation

    def start(
        self, spec: FunctionSpec, command: Command, namespace: int | None, output: int
    ) -> Spawned:
        """Start a runtime; `namespace` is a mount namespace that a reset has kept.

        Raise OSError if there is no memory left for it.
        """
        if not self.has_room():
            raise OSError(errno.ENOMEM, "this machine has no memory left for another environment")
        if self.sandbox is None:
            return spawn(command.words, command.variables, spec.code, output)
        return self.sandbox.spawn(_order(spec, command), output, namespace)


def _order(spec: FunctionSpec, command: Command) -> Order:
    """Return the command for a container: /var/task, /var/runtime, /opt and its own /tmp."""
    modules = f"{RUNTIME_DIR}/node_modules"
    moved = {spec.code: TASK_ROOT, command.runtime: RUNTIME_DIR, command.modules: modules}
    moved |= dict.fromkeys(spec.layers[:1], OPT)

    def inside(text: str) -> str:
        for source, target in moved.items():
            text = text.replace(str(source), target) if source else text
        return text

    words = [inside(word) for word in command.words]
    variables = {name: inside(value) for name, value in command.variables.items()}
    if "TMPDIR" not in spec.environment:
        variables.pop("TMPDIR", None)
    shown = {target: os.path.realpath(source) for source, target in moved.items() if source}
    if command.toolchain is None:  # Python's stands there
        del shown[RUNTIME_DIR]
    else:
        toolchain = os.path.realpath(command.toolchain)
        shown |= {toolchain: toolchain, LANG: toolchain}
    return Order(words, variables, shown, spec.ephemeral_mb, command.prepared)
