"""What the server and the process that makes containers tell each other."""

from dataclasses import dataclass

TASK_ROOT, RUNTIME_DIR, OPT, LANG = "/var/task", "/var/runtime", "/opt", "/var/lang"
OPEN_FILES = PROCESSES = 1024  # Lambda quotas: file descriptors, processes and threads
OPTIONS = ("-S", "-B")  # of Python's interpreter, also of the prepared one
CLONE_CALL = {"x86_64": 56, "aarch64": 220}
MESSAGE_LIMIT = 1 << 18


@dataclass(frozen=True)
class Order:
    """One runtime to start.

    `shown` maps target folders to what they show read-only: code, layers, toolchain, the runtime's
    files where they are not Python's. A `prepared` command is Python with our bootstrap: the
    container's process runs it without starting an interpreter.
    """

    command: list[str]
    environment: dict[str, str]
    shown: dict[str, str]
    tmp_mb: int
    prepared: bool = False
