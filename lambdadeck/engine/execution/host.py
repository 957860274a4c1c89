"""Start runtimes on this machine, in the sandbox if there is one."""

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from lambdadeck.engine.execution.process import Spawned, spawn
from lambdadeck.engine.execution.sandbox import OPT, RUNTIME_DIR, TASK_ROOT, Order, Sandbox
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

    def start(
        self, spec: FunctionSpec, command: Command, namespace: int | None, output: int
    ) -> Spawned:
        """Start a runtime; `namespace` is a mount namespace that a reset has kept."""
        if self.sandbox is None:
            return spawn(command.words, command.variables, spec.code, output)
        pid = self.sandbox.spawn(self._order(spec, command), output, namespace)
        return pid, lambda: os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def _order(self, spec: FunctionSpec, command: Command) -> Order:
        """Return the command for the sandbox: /var/task, /var/runtime, /opt and its own /tmp."""
        runtime = command.runtime or python_runtime(self.scratch)
        shown = {TASK_ROOT: str(spec.code), RUNTIME_DIR: str(runtime)}
        if spec.layers and os.path.isdir(OPT):
            shown[OPT] = str(spec.layers[0])

        def moved(text: str) -> str:
            for target, source in shown.items():
                text = text.replace(source, target)
            return text

        words = [moved(word) for word in command.words]
        variables = {name: moved(value) for name, value in command.variables.items()}
        if "TMPDIR" not in spec.environment:
            variables.pop("TMPDIR", None)
        outside = [word for word in words if word.startswith("/")]
        paths = [Path(word) for word in outside if not word.startswith(tuple(shown))]
        folders = {str(path if path.is_dir() else path.parent) for path in paths if path.exists()}
        keep = sorted({sys.prefix, sys.base_prefix, *folders})  # visible inside the sandbox too
        return Order(words, variables, shown, spec.ephemeral_mb, keep)
