"""Find the talks that run on this machine, and how boto3 reaches the embedded cloud of each.

Nothing is stored for this: the cloud's keys are in the environment of the Jupyter process that
scripts/present started, which the operating system shows only to its user, and end with it.
"""

import os
from dataclasses import dataclass, field

import psutil

from lambdadeck.aws import StoppedError


@dataclass(frozen=True)
class Session:
    """One scripts/present: its process, its folder, and the variables that lead boto3 to it."""

    pid: int
    variables: dict[str, str] = field(repr=False)
    folder: str = ""


def talks() -> list[Session]:
    """Return the talks of this user that run against an embedded cloud."""
    return [talk for process in psutil.process_iter() if (talk := _talk(process))]


def choose(found: list[Session], pid: int | None = None, folder: str = "") -> Session:
    """Return the talk with this pid, or else the one of this folder.

    StoppedError, with a sentence, if there is none or more than one.
    """
    wanted = [talk for talk in found if (talk.folder == folder if pid is None else talk.pid == pid)]
    if len(wanted) == 1:
        return wanted[0]
    if not found:
        raise StoppedError(
            "No scripts/present runs against the embedded cloud here, so nothing of it is left: "
            "what it made ends with it. (In another Jupyter, run teardown.run() in a cell; for "
            "AWS, use --aws.)"
        )
    named = " or ".join(f"--talk {talk.pid} (in {talk.folder})" for talk in found)
    raise StoppedError(f"{_why(wanted, pid)}: name one with {named}.")


def _why(wanted: list[Session], pid: int | None) -> str:
    if pid is not None:
        return f"No talk {pid} runs here"
    none = "No talk of this folder runs, but others do"
    return "Several talks of this folder run" if wanted else none


def _talk(process: psutil.Process) -> Session | None:
    try:
        if process.uids().real != os.getuid() or "jupyter_server" not in process.cmdline():
            return None
        environ, parent, folder = process.environ(), process.ppid(), process.cwd()
    except psutil.Error:  # another user's, or it has ended
        return None
    if "LAMBDADECK_PRESENT" not in environ or "LAMBDADECK_START" not in environ:
        return None
    kept = ("AWS_", "LAMBDADECK_START", "LAMBDADECK_CLOUD", "NO_PROXY", "no_proxy")
    variables = {name: value for name, value in environ.items() if name.startswith(kept)}
    return Session(parent, variables, folder)
