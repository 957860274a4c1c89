"""The talks that run on this machine now, and how to reach the embedded cloud of one: for scripts/teardown.

Nothing is kept for this, in no file and on no port: the keys of an embedded cloud stand in the environment of the Jupyter
that scripts/present started, where the kernel of the operating system shows them to the user who started it and to nobody
else. When the talk ends they are gone with it, however it ends.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import psutil

from lambdadeck.aws import Stopped


@dataclass(frozen=True)
class Talk:
    """One scripts/present: its process, the folder that it shows, and the variables by which boto3 finds its cloud."""

    pid: int
    variables: dict[str, str] = field(repr=False)
    folder: str = ""


def talks() -> list[Talk]:
    """Those of this user that run against an embedded cloud."""
    return [talk for process in psutil.process_iter() if (talk := _talk(process))]


def choose(found: list[Talk], pid: int | None = None, folder: str = "") -> Talk:
    """The one that is meant: number `pid`, or else the one of this folder.

    aws.Stopped, with a sentence, when there is none or more than one: another folder's talk is reset by its number only.
    """
    wanted = [talk for talk in found if (talk.folder == folder if pid is None else talk.pid == pid)]
    if len(wanted) == 1:
        return wanted[0]
    if not found:
        raise Stopped(
            "No scripts/present runs against the embedded cloud here, so nothing of it is left: what it made ends "
            "with it. (In another Jupyter, run teardown.run() in a cell; for AWS, use --aws.)"
        )
    raise Stopped(f"{_why(wanted, pid)}: name one with {' or '.join(map(_named, found))}.")


def _why(wanted: list[Talk], pid: int | None) -> str:
    if pid is not None:
        return f"No talk {pid} runs here"
    return (
        "Several talks of this folder run"
        if wanted
        else "No talk of this folder runs, but others do"
    )


def _named(talk: Talk) -> str:
    return f"--talk {talk.pid} (in {talk.folder})"


def _talk(process: psutil.Process) -> Talk | None:
    """The talk whose Jupyter this process is."""
    try:
        if process.uids().real != os.getuid() or "jupyter_server" not in process.cmdline():
            return None
        environ, parent, folder = process.environ(), process.ppid(), process.cwd()
    except psutil.Error:  # another user's, or gone meanwhile
        return None
    if "LAMBDADECK_PRESENT" not in environ or "LAMBDADECK_START" not in environ:
        return None
    kept = ("AWS_", "LAMBDADECK_START", "LAMBDADECK_CLOUD", "NO_PROXY", "no_proxy")
    return Talk(
        parent, {name: value for name, value in environ.items() if name.startswith(kept)}, folder
    )
