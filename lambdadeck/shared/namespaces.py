"""Linux namespaces: the system calls that Python 3.11 lacks."""

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x20000, 0x10000000, 0x40000000
CLONE_NEWPID, CLONE_NEWIPC = 0x20000000, 0x8000000
LIBC = ctypes.PyDLL(None, use_errno=True) if sys.platform == "linux" else None


def checked(result: int, call: str) -> int:
    """Return the result of a C call; raise OSError with errno if it is negative."""
    if result < 0:
        raise OSError(ctypes.get_errno(), f"{call}: {os.strerror(ctypes.get_errno())}")
    return result


def unshare(flags: int) -> None:
    """Move this process into new namespaces; raise OSError if the system refuses."""
    if LIBC is None:
        raise OSError("namespaces need Linux")
    checked(LIBC.unshare(flags), "unshare")


def enter(flags: int) -> None:
    """Move this process into new namespaces, in a new user namespace unless it has the rights.

    The process keeps its user and group ids. Raise OSError if the system refuses.
    """
    user, group = os.getuid(), os.getgid()
    if user == 0 and _has_rights(flags):
        return
    unshare(flags | CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _has_rights(flags: int) -> bool:
    try:
        unshare(flags)
    except OSError:
        return False
    return True
