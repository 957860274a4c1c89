"""Start runtimes on this machine, in the sandbox if there is one."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lambdadeck.engine.execution.process import Spawned, spawn
from lambdadeck.engine.execution.sandbox import OPT, RUNTIME_DIR, TASK_ROOT, Order, Sandbox
from lambdadeck.engine.model import INIT_LIMIT_S, FunctionSpec

LogSink = Callable[[FunctionSpec, str, list[str]], None]


@dataclass(frozen=True)
class Launch:
    """A command, its environment variables, and its label in the log."""

    command: list[str]
    environment: dict[str, str]
    label: str


@dataclass(frozen=True)
class Host:
    """What an execution environment needs of its machine.

    `launch` takes the function, the Runtime API's address, the log stream's name and the folder for
    /tmp; it raises OSError if the machine has no such runtime.
    """

    scratch: Path
    launch: Callable[[FunctionSpec, str, str, Path], Launch]
    log: LogSink
    sandbox: Sandbox | None = None
    runtime_dir: Path | None = None  # shown at /var/runtime in the sandbox
    keep: tuple[str, ...] = ()  # folders that every runtime needs, even inside the sandbox
    init_limit_s: float = INIT_LIMIT_S

    def start(
        self, spec: FunctionSpec, launch: Launch, namespace: int | None, output: int
    ) -> Spawned:
        """Start a runtime; `namespace` is a mount namespace that a reset has kept."""
        if self.sandbox is None:
            return spawn(launch.command, launch.environment, spec.code, output)
        pid = self.sandbox.spawn(self.order(spec, launch), output, namespace)
        return Spawned(pid, lambda: os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))

    def order(self, spec: FunctionSpec, launch: Launch) -> Order:
        """Return the launch for the sandbox: /var/task, /var/runtime, /opt and its own /tmp."""
        shown = {TASK_ROOT: str(spec.code)}
        if self.runtime_dir:
            shown[RUNTIME_DIR] = str(self.runtime_dir)
        if spec.layers and os.path.isdir(OPT):
            shown[OPT] = str(spec.layers[0])

        def moved(text: str) -> str:
            for target, source in shown.items():
                text = text.replace(source, target)
            return text

        command = [moved(word) for word in launch.command]
        variables = {name: moved(value) for name, value in launch.environment.items()}
        if "TMPDIR" not in spec.environment:
            variables.pop("TMPDIR", None)
        named = [
            Path(word)
            for word in command
            if word.startswith("/") and not word.startswith(tuple(shown))
        ]
        folders = {str(path if path.is_dir() else path.parent) for path in named if path.exists()}
        return Order(command, variables, shown, spec.ephemeral_mb, sorted({*self.keep, *folders}))
