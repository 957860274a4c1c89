"""Let nobody in this process start a program except the engine's own execution.

ministack can start programs in many places; each would run outside an execution environment, with
the user's files and variables.
"""

import _posixsubprocess
import sys
from types import FrameType
from typing import Any

_STARTS = ("subprocess.Popen", "os.fork", "os.forkpty", "os.exec", "os.spawn", "os.posix_spawn")
STARTS = frozenset((*_STARTS, "os.system", "pty.spawn"))
OURS = (
    "lambdadeck.engine.execution.",
    "lambdadeck.engine.languages.",
    "lambdadeck.engine.watchdog",
)


class ForeignProcessError(PermissionError):
    """Code that is not the engine's own execution wanted to start a program."""


def install() -> None:
    """Refuse foreign starts from now on; an audit hook cannot be removed.

    multiprocessing's way of starting an interpreter raises no event, so it is wrapped.
    """
    sys.addaudithook(check)
    fork_exec = _posixsubprocess.fork_exec

    def checked(*arguments: Any) -> int:
        _refuse_foreign(arguments[0], sys._getframe(1))
        return fork_exec(*arguments)

    _posixsubprocess.fork_exec = checked


def check(event: str, arguments: tuple[Any, ...]) -> None:
    """Raise ForeignProcessError if `event` starts a program that is not ours."""
    if event in STARTS:
        _refuse_foreign(arguments[0] if arguments else event, sys._getframe(1))


def _refuse_foreign(what: Any, frame: FrameType) -> None:
    who = _who(frame)
    if not f"{who}.".startswith(OURS):
        raise ForeignProcessError(
            f"{who} may not start {what!r}: the engine runs programs only in execution "
            "environments."
        )


def _who(frame: FrameType | None) -> str:
    """Return the module that starts a program: the first one outside the standard library."""
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name.partition(".")[0] not in sys.stdlib_module_names or name == "__main__":
            return name
        frame = frame.f_back
    return "the standard library"
